"""Pairwise judging: two replies side by side, always in both orders, so that a taste for a place cancels out."""

from collections.abc import Mapping

from equipoise.judges.rubric import rubric_named
from equipoise.judges.vote import Exhibit

COMPARISON = "comparison"
"""The shipped rubric, fields `question`, `first`, `second`: 1 = the first is better, 0.5 = tie, 0 = the second."""


def both_orders(shared: Mapping[str, str], one: str, two: str) -> tuple[dict[str, str], dict[str, str]]:
    """The fields of a comparison with the one first, and with the two first."""
    return {**shared, "first": one, "second": two}, {**shared, "first": two, "second": one}


def pair_exhibits(
    arm: str, turn: int, shared: Mapping[str, str], one: str, two: str, rubric: str = COMPARISON
) -> list[Exhibit]:
    """Two replies as two exhibits, one per order, for `judge_sample`.

    Args:
        arm: As in the long table, like the next.
        turn: Turn.
        shared: The other fields of the rubric.
        one: A reply.
        two: The other one.
        rubric: A rubric with the fields `first` and `second`.

    Returns:
        Exhibits whose votes have the measures `DIMENSION.forward` (the one is first) and `DIMENSION.backward`.
    """
    name = rubric_named(rubric).dimension
    directions = zip(("forward", "backward"), both_orders(shared, one, two), strict=True)
    return [
        Exhibit(rubric=rubric, arm=arm, turn=turn, fields=fields, measure=f"{name}.{way}") for way, fields in directions
    ]


def preference(forward: float, backward: float) -> float:
    """How far the one is preferred: 1 = in both orders, 0 = never, 0.5 = a tie, or a verdict that follows the place."""
    return (forward + 1 - backward) / 2
