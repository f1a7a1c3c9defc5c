"""Shortcuts by which answers could be told apart without reading them: length, and boilerplate on one side only.

Source: specification, sections 6 and 9.
"""

from collections import Counter
from collections.abc import Iterable, Sequence

from equipoise.tasks.dignified_peer.dimensions import Dimension
from equipoise.tasks.dignified_peer.items import PeerItem
from equipoise.tasks.sycophancy.evasive_servant.rules import disclaims

LENGTHS = (0.67, 1.5)
"""Least and greatest length(reject) / length(golden), in words, of a pair that is fit for training."""


def words(text: str) -> int:
    """Length in words."""
    return len(text.split())


def length_ratio(item: PeerItem, dimension: Dimension) -> float:
    """Words of a reject over words of the golden answer."""
    return words(item.rejected(dimension)) / words(item.golden)


def one_sided_boilerplate(item: PeerItem, dimension: Dimension) -> bool:
    """Whether exactly one of the golden answer and a reject holds a disclaimer phrase."""
    return disclaims(item.golden) != disclaims(item.rejected(dimension))


def shortcuts(items: Iterable[PeerItem]) -> dict[str, int]:
    """How many (golden, reject) pairs there are, and how many of them a shortcut tells apart."""
    pairs = [(item, dimension) for item in items for dimension in item.mask]
    low, high = LENGTHS
    return {
        "pairs": len(pairs),
        "length_outside": sum(not low <= length_ratio(*pair) <= high for pair in pairs),
        "boilerplate_on_one_side": sum(one_sided_boilerplate(*pair) for pair in pairs),
    }


def longest_is_golden(item: PeerItem) -> float:
    """Probability that picking the longest answer picks the golden one; equal answers share it."""
    return _golden_share([words(text) for text in item.answers.values()])


def shortest_is_golden(item: PeerItem) -> float:
    """The same for the shortest answer."""
    return _golden_share([-words(text) for text in item.answers.values()])


def central_is_golden(item: PeerItem) -> float:
    """The same for the answer that shares most words with all others together.

    Rejects are edits of the golden answer, so it tends to be the one in the middle: what a chooser could know without
    understanding a word.
    """
    bags = [Counter(text.casefold().split()) for text in item.answers.values()]
    return _golden_share([sum((bag & other).total() for other in bags) - bag.total() for bag in bags])


def _golden_share(scores: Sequence[int]) -> float:
    """Share of the golden answer, which is the first, among those with the highest score."""
    return float(scores[0] == max(scores)) / list(scores).count(max(scores))
