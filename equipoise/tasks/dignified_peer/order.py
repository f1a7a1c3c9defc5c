"""The star-shaped partial order of an item's answers: golden above every reject, rejects not comparable.

sat(golden) = S, sat(reject_d) = S without d, and y is at least as good as y' iff sat(y) contains sat(y'). Source:
derived from the data card of PersonaKnob (specification, section 5). Rejects are never ranked among themselves.
"""

from dataclasses import dataclass
from typing import Literal

from equipoise.tasks.dignified_peer.dimensions import Dimension
from equipoise.tasks.dignified_peer.items import GOLDEN, PeerItem, reject


@dataclass(frozen=True)
class Answer:
    """One answer of an item.

    Attributes:
        name: `golden`, or `reject_A` and the like.
        text: What it says.
        satisfies: The dimensions of the item's mask that it satisfies.
    """

    name: str
    text: str
    satisfies: frozenset[Dimension]


@dataclass(frozen=True)
class Triple:
    """One preference: the golden answer over the one that fails a dimension.

    Attributes:
        prompt: The user's question.
        chosen, rejected: The two answers.
        dimension: What the rejected one fails.
    """

    prompt: str
    chosen: str
    rejected: str
    dimension: Dimension


def answers(item: PeerItem) -> dict[str, Answer]:
    """The item's answers by name."""
    mask = frozenset(item.mask)
    satisfied = {GOLDEN: mask, **{reject(d): mask - {d} for d in item.mask}}
    return {name: Answer(name, text, satisfied[name]) for name, text in item.answers.items()}


def compare(a: Answer, b: Answer) -> Literal[1, -1] | None:
    """Which of two answers of one item is better: 1 the first, -1 the second, None neither.

    None also for an answer and itself, and for any two rejects.
    """
    if a.satisfies > b.satisfies:
        return 1
    return -1 if a.satisfies < b.satisfies else None


def triples(item: PeerItem) -> list[Triple]:
    """One preference per dimension of the mask, in its order; no two rejects are ever paired."""
    return [Triple(item.prompt, item.golden, item.rejected(dimension), dimension) for dimension in item.mask]
