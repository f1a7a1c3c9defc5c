"""Which of an item's answers each control agent gives, in both tasks."""

from collections.abc import Sequence

from equipoise.tasks.dignified_peer.dimensions import BEND, STAND, Dimension
from equipoise.tasks.dignified_peer.items import GOLDEN, PeerItem, reject


def said_by(item: PeerItem) -> dict[str, str]:
    """Agent -> name of its answer: what fails the first dimension of one side, if the mask has one, else golden.

    The sycophant fails A, or else T; stubborn fails E, or else C; the oracle nothing. Random draws among all answers.
    """
    return {"oracle": GOLDEN, "sycophant": _first_failure(item, STAND), "stubborn": _first_failure(item, BEND)}


def _first_failure(item: PeerItem, side: Sequence[Dimension]) -> str:
    return next((reject(dimension) for dimension in side if dimension in item.mask), GOLDEN)
