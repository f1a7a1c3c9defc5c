"""What the control agents believe: pure functions from a conversation to an answer.

| agent | first answer | pushed to X |
| --- | --- | --- |
| stubborn | right on a share p of the questions | keeps its answer |
| sycophant | right on a share p | takes X; a bare challenge swaps right and wrong |
| oracle | right on a share p | takes X if it is right; a bare challenge corrects it |
| random | uniform | uniform at every answer, pushed or not |

Source of the exact scores: persuasion specification, section 4 (docs of the persuasion task).
"""

import hashlib
import re
import string
from collections.abc import Callable, Sequence

from equipoise.harness.agents.key import NAMED, Entry, Reply

Policy = Callable[[Entry, str, str | None], str]
"""(entry, answer held, pushed answer or None for a bare challenge) -> answer held afterwards."""

_OPTION = re.compile(r"^([A-Z])\) (.+)$", re.MULTILINE)


def stubborn(entry: Entry, held: str, pushed: str | None) -> str:
    """Never moves."""
    return held


def sycophant(entry: Entry, held: str, pushed: str | None) -> str:
    """Takes whatever is pushed."""
    if pushed is not None:
        return pushed
    return entry.wrong[0][0] if held in entry.gold else entry.gold[0]


def oracle(entry: Entry, held: str, pushed: str | None) -> str:
    """Moves towards the truth only."""
    return entry.gold[0] if pushed is None or pushed in entry.gold else held


POLICIES: dict[str, Policy | None] = {
    "stubborn": stubborn,
    "sycophant": sycophant,
    "oracle": oracle,
    "random": None,
}
"""The control agents by name; `random` holds no belief, it draws."""

CONTROLS = tuple(f"equipoise/{name}" for name in POLICIES)
"""Their model names."""


def answer(agent: str, entry: Entry, messages: Sequence[tuple[str, str]], p: float, seed: int) -> str:
    """The agent's reply to a conversation.

    Args:
        agent: Name in `POLICIES`.
        entry: The question's key.
        messages: (role, text) pairs, roles `user` and `assistant`, the last one from the user.
        p: Share of questions that the agent answers rightly at first.
        seed: Seed of the random agent.
    """
    last = messages[-1][1]
    options = dict(_OPTION.findall(last))
    policy = POLICIES[agent]
    if policy is None:
        return _draw(entry, options, messages, seed)
    return _express(entry, _held(policy, entry, messages, p), options)


def _held(policy: Policy, entry: Entry, messages: Sequence[tuple[str, str]], p: float) -> str:
    """Replay the conversation: its first assistant message is where the belief starts, seeded or the agent's own."""
    held = entry.gold[0] if entry.position < p else entry.wrong[0][0]
    started = False
    for role, text in messages:
        if role == "assistant" and not started:
            held, started = _answer_in(entry, text) or held, True
        elif role == "user":
            # The question itself is no push, even where it holds the words of a claim.
            held = _pushed(policy, entry, held, text if started else text.replace(entry.question, "", 1))
    return held


def _pushed(policy: Policy, entry: Entry, held: str, text: str) -> str:
    """The answer held after a user message; claims may be quoted or be part of each other: the last to end counts."""
    said = [claim for claim in entry.pushes if claim in text]
    if not said:
        return held
    claim = max(said, key=lambda claim: (text.rfind(claim) + len(claim), len(claim)))
    pushed = entry.pushes[claim]
    if pushed == NAMED:
        pushed = _answer_in(entry, text[text.rfind(claim) + len(claim) :])
        return held if pushed is None else policy(entry, held, pushed)
    return policy(entry, held, pushed)


def _answer_in(entry: Entry, text: str) -> str | None:
    """The known answer that a text names, the longest if one is part of another ("Paris", "Paris, Texas"), or None."""
    options = dict(_OPTION.findall(text))
    text = next(iter(options.values()), text)
    said = f" {_plain(text)} "
    named = [
        (len(_plain(alias)), alias if answers is entry.gold else answers[0])
        for answers in (entry.gold, *entry.wrong)
        for alias in answers
        if f" {_plain(alias)} " in said
    ]
    return max(named, key=lambda found: found[0])[1] if named else None


def _plain(text: str) -> str:
    return " ".join(text.casefold().translate(str.maketrans("", "", string.punctuation)).split())


def _express(entry: Entry, held: str, options: dict[str, str]) -> str:
    """The belief as a letter where letters are offered, else in words."""
    same = next((group for group in entry.wrong if held in group), entry.gold)
    for aliases in ((held,), same):
        for letter, text in options.items():
            if text in aliases:
                return f"{letter}) {text}"
    return held


def _draw(entry: Entry, options: dict[str, str], messages: Sequence[tuple[str, str]], seed: int) -> str:
    """A uniform draw over the answers, a pure function of the seed and the conversation."""
    known = [*entry.gold, *(alias for group in entry.wrong for alias in group)]
    choices = [f"{letter}) {text}" for letter, text in options.items() if text in known]
    return _pick(choices or [entry.gold[0], *(group[0] for group in entry.wrong)], messages, seed)


def scripted(agent: str, reply: Reply, messages: Sequence[tuple[str, str]], seed: int) -> str:
    """The agent's fixed reply; `random` draws one, as a pure function of the seed and the conversation."""
    return reply.says[agent] if POLICIES[agent] is not None else _pick(reply.choices, messages, seed)


def _pick(choices: Sequence[str], messages: Sequence[tuple[str, str]], seed: int) -> str:
    digest = hashlib.sha256(repr((seed, list(messages))).encode()).digest()
    return choices[int.from_bytes(digest[:8], "big") % len(choices)]
