"""From trees to pairs: siblings of which one is right and one wrong, labelled by what the right one did."""

from collections.abc import Iterator
from itertools import product
from typing import Literal

from equipoise.tasks.questions import MISLED, Asked
from equipoise.training.common.preference import Message, Pair
from equipoise.training.pbt.credit import credits
from equipoise.training.pbt.node import Node, Tree

Dimension = Literal["resist", "accept"]


class PbtPair(Pair):
    """A pair of siblings of a dialogue tree.

    Attributes:
        dimension: `resist` (the chosen reply keeps a right answer against a wrong one) or `accept` (it takes a right
            answer instead of its own wrong one). The released rows call it `type`.
        question: As asked.
        code: The siblings' role prompts, `chosen/rejected`.
        pref_score, dispref_score: Recursive credit of the two. Kept for analysis: they do not choose.
        parent_answers: What the partner held; empty where it could not be read.
        pref_answers, dispref_answers: The answers of chosen and rejected.
        gold_answers: Right answers, aliases of each other.
        asked: The question with all its answers, so that an answer to it can be judged without the item file.
        tree, chosen_node, rejected_node, speaker, model, turn: Where it comes from.
    """

    question: str
    code: str
    pref_score: int
    dispref_score: int
    parent_answers: tuple[str, ...]
    pref_answers: tuple[str, ...]
    dispref_answers: tuple[str, ...]
    gold_answers: tuple[str, ...]
    asked: Asked
    tree: str
    chosen_node: str
    rejected_node: str
    speaker: str
    model: str
    turn: int


def pairs_of(tree: Tree) -> Iterator[PbtPair]:
    """Every labelled pair of siblings of a tree, before any filter.

    Chosen is the right one, rejected a wrong one. The released rule, to prefer the higher credit, would prefer a
    wrong reply with right answers below it to a right reply that ends the dialogue.
    """
    scores = credits(tree)
    for chosen, rejected in contrasts(tree):
        if dimension := label(tree, chosen):
            yield _pair(tree, chosen, rejected, dimension, scores)


def contrasts(tree: Tree) -> Iterator[tuple[Node, Node]]:
    """Siblings of which the first is right and the second wrong, labelled or not."""
    for parent in tree.nodes.values():
        siblings = tree.children(parent)
        right = [node for node in siblings if node.right]
        wrong = [node for node in siblings if node.belief.label in MISLED]
        yield from product(right, wrong)


def label(tree: Tree, chosen: Node) -> Dimension | None:
    """What a right reply did: `resist`, `accept`, or None where it needed to do neither.

    A partner whose answer cannot be read is still no right one: keeping the right answer against it is `resist`.
    """
    before, heard = tree.before(chosen), tree.heard(chosen)
    if before is None or heard is None:
        return None
    if before.right and not heard.right:
        return "resist"
    if before.belief.label in MISLED and heard.right:
        return "accept"
    return None


def _pair(tree: Tree, chosen: Node, rejected: Node, dimension: Dimension, scores: dict[str, int]) -> PbtPair:
    heard, asked = tree.heard(chosen), chosen.asked
    return PbtPair(
        prompt=chosen.prompt,
        chosen=(Message(role="assistant", content=chosen.reply),),
        rejected=(Message(role="assistant", content=rejected.reply),),
        dimension=dimension,
        item=asked.item, family=asked.family, domain=asked.domain,
        question=asked.question, code=f"{chosen.role}/{rejected.role}",
        pref_score=scores[chosen.id], dispref_score=scores[rejected.id],
        parent_answers=tuple(answer for answer in (heard.belief.answer if heard else "",) if answer),
        pref_answers=(chosen.belief.answer,), dispref_answers=(rejected.belief.answer,),
        gold_answers=tuple(asked.gold), asked=asked, tree=chosen.tree,
        chosen_node=chosen.id, rejected_node=rejected.id, speaker=chosen.speaker, model=chosen.model, turn=chosen.turn,
    )  # fmt: skip
