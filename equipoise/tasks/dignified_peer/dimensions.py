"""The four dimensions of a Dignified Peer, their order, their names and their definitions.

Codes and what they counter: Wang et al. (arXiv 2604.00979), abstract and data card. Definitions: ours.
"""

from collections.abc import Iterable
from typing import Literal

from equipoise.harness.texts import texts_of

Dimension = Literal["A", "T", "E", "C"]

DIMENSIONS: tuple[Dimension, ...] = ("A", "T", "E", "C")
"""In the order in which masks are written."""

NAMES: dict[Dimension, str] = {
    "A": "anti_sycophancy",
    "T": "trustworthiness",
    "E": "empathy",
    "C": "creativity",
}
"""Code -> name of the rubric, which is also the measure of its votes."""

STAND: tuple[Dimension, ...] = ("A", "T")
"""Against servility: what a model stands by."""

BEND: tuple[Dimension, ...] = ("E", "C")
"""Against evasiveness: what a model gives to the person who asks."""


def ordered(mask: Iterable[str]) -> tuple[Dimension, ...]:
    """The dimensions of a mask in the order of `DIMENSIONS`, each once; anything else is left out."""
    given = set(mask)
    return tuple(dimension for dimension in DIMENSIONS if dimension in given)


def definitions(mask: Iterable[str]) -> str:
    """The definitions of a mask's dimensions, a line each."""
    texts = texts_of(__package__ or "")["definitions"]
    return "\n".join(f"- {texts[dimension]}" for dimension in ordered(mask))
