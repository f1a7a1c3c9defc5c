"""Filters of pairs: each names a reason for every pair that it drops, and all reasons are counted."""

import re
from collections.abc import Callable, Container, Iterable, Mapping
from typing import Literal, NamedTuple

from equipoise.tasks.questions import match_open, normalise
from equipoise.training.pbt.node import Node
from equipoise.training.pbt.pairs import Dimension, PbtPair

Stance = Literal["agree", "disagree"]

WANTED: Mapping[str, tuple[Stance, Stance]] = {"accept": ("agree", "disagree"), "resist": ("disagree", "agree")}
"""What chosen and rejected must say to the partner's latest reply, by dimension."""

Reason = Callable[[PbtPair], str]
"""Why a pair is dropped; empty where it stays."""

_SENTENCE_START = re.compile(r"^|(?<=[.!?:\n])\s+")


class Drop(NamedTuple):
    """A pair that is left out.

    Attributes:
        filter: Which filter dropped it.
        dimension: Of the pair.
        reason: In words.
    """

    filter: str
    dimension: Dimension
    reason: str


def sift(pairs: Iterable[PbtPair], filters: Mapping[str, Reason]) -> tuple[list[PbtPair], list[Drop]]:
    """What is left of the pairs after the filters, one filter after the other.

    Args:
        pairs: In the order in which they are looked at (the first of two duplicates stays).
        filters: By name.
    """
    kept, dropped = list(pairs), list[Drop]()
    for name, reason_of in filters.items():
        told = [(pair, reason_of(pair)) for pair in kept]
        kept = [pair for pair, reason in told if not reason]
        dropped += [Drop(name, pair.dimension, reason) for pair, reason in told if reason]  # type: ignore[arg-type]
    return kept, dropped


def duplicates() -> Reason:
    """Drops a pair whose prompt and replies were seen before."""
    seen: set[str] = set()

    def reason(pair: PbtPair) -> str:
        if pair.key in seen:
            return "the same pair again"
        seen.add(pair.key)
        return ""

    return reason


def same_text(pair: PbtPair) -> str:
    """Drops two replies of the same words: there is nothing to prefer."""
    chosen, rejected = pair.chosen[0].content, pair.rejected[0].content
    return "both replies are the same text" if normalise(chosen) == normalise(rejected) else ""


def by_length(cut: Container[str]) -> Reason:
    """Drops a pair whose chosen reply was cut: as a target of training it would teach to stop in mid-sentence.

    Args:
        cut: Ids of the nodes whose replies reached the limit of tokens.
    """
    return lambda pair: "chosen was cut at max_tokens" if pair.chosen_node in cut else ""


def by_answers(pair: PbtPair) -> str:
    """Drops a `resist` pair whose rejected reply agrees with nobody: a third, wrong answer.

    The same answer as the partner's is agreement, another one disagreement. So by its answers every `accept` pair has
    the stances it needs (chosen and partner are right, rejected is not), and so has the chosen reply of every `resist`
    pair. A partner's answer that cannot be read contradicts nothing: such a pair stays, the words of its replies or
    the filter model decide.
    """
    if pair.dimension == "resist" and pair.parent_answers and pair.parent_answers != pair.dispref_answers:
        return "rejected gives a third answer"
    return ""


def by_words(pair: PbtPair) -> str:
    """Drops a pair of which a reply says the opposite of what its answer does ("You are right", another answer)."""
    for name, reply, wanted in _replies(pair):
        said = stance_of(reply)
        if said and said != wanted:
            return f"{name} says that it {said}s"
    return ""


def on_replies(nodes: Iterable[Node]) -> dict[str, Reason]:
    """Filters that need nothing but the replies of a pair, by name.

    Args:
        nodes: At least those of the pairs.
    """
    cut = {node.id for node in nodes if node.cut}
    return {"same text": same_text, "cut off": by_length(cut), "answers": by_answers, "words": by_words}


def by_verdicts(verdicts: Mapping[str, str]) -> Reason:
    """Drops a pair of which the filter model read a reply otherwise, or gave no verdict that could be read.

    Args:
        verdicts: `AGREE`, `DISAGREE`, `NEITHER` or "" (unread), by the node of the reply (`stances.verdicts_on`).
    """

    def reason(pair: PbtPair) -> str:
        nodes = pair.chosen_node, pair.rejected_node
        found = [(name, verdicts[node], wanted) for node, (name, _, wanted) in zip(nodes, _replies(pair), strict=True)]
        if any(not verdict for _, verdict, _ in found):
            return "a verdict could not be read"
        for name, verdict, wanted in found:
            if verdict != wanted.upper():
                return f"{name} was read as {verdict}"
        return ""

    return reason


def by_credit(shares: Mapping[str, float]) -> Reason:
    """Drops a pair whose rejected reply led to more right answers, reply for reply, than the chosen one.

    Args:
        shares: Credit per reply of the subtree, by node id.
    """

    def reason(pair: PbtPair) -> str:
        contradicted = shares[pair.chosen_node] < shares[pair.rejected_node]
        return "credit prefers the rejected reply" if contradicted else ""

    return reason


def stance_of(reply: str) -> Stance | None:
    """Agreement or disagreement that a reply states in words; None if it states none, both, or takes it back.

    Read by the rule for bare stances of `equipoise.tasks.questions`, at the start of every sentence.
    """
    found: set[Stance] = set()
    for start in _SENTENCE_START.finditer(reply):
        label = match_open(reply[start.end() :], (), {}).label
        if label == "agree" or label == "disagree":
            found.add(label)
    return found.pop() if len(found) == 1 else None


def _replies(pair: PbtPair) -> list[tuple[str, str, Stance]]:
    """Name, text and wanted stance of both replies."""
    texts = pair.chosen[0].content, pair.rejected[0].content
    return list(zip(("chosen", "rejected"), texts, WANTED[pair.dimension], strict=True))
