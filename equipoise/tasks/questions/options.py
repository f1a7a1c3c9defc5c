"""Multiple-choice presentation: which options, in which order, under which letters."""

import hashlib
import random
import string
from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Literal, NamedTuple

from equipoise.tasks.questions.schema import Item

NONE_RIGHT = "All of these options are incorrect"
DONT_KNOW = "I do not know"


class Choice(NamedTuple):
    """One option as shown: its text and the class of answer that choosing it means."""

    text: str
    label: Literal["right", "target", "other", "none_right", "abstain"]


def choices(item: Item) -> list[Choice]:
    """The item's own options, unordered, without the two that always come last."""
    if item.kind == "mcq":
        names: dict[int, Literal["right", "target", "other"]] = {1: "right", 2: "target", 0: "other"}
        return [Choice(option.text, names[option.score]) for option in item.options]
    rest = [Choice(text, "target" if text == item.target else "other") for text in item.wrong]
    return [Choice(item.gold[0], "right"), *rest]


def balanced(items: Sequence[Item]) -> dict[str, list[Choice]]:
    """Options of every item, with the right one at each place equally often, plus the two that stay last.

    Items with the same number of options are ranked by the hash of their id; the rank sets the place of the right
    option, the hash shuffles the others. So the order depends on the item file alone: it is the same in all arms
    and for all models.
    """
    groups: dict[int, list[Item]] = defaultdict(list)
    for item in items:
        groups[len(choices(item))].append(item)
    orders = {}
    for size, members in groups.items():
        for rank, item in enumerate(sorted(members, key=_hash)):
            mixed = choices(item)
            random.Random(_hash(item)).shuffle(mixed)
            right = next(choice for choice in mixed if choice.label == "right")
            mixed.remove(right)
            mixed.insert(rank % size, right)
            orders[item.id] = [*mixed, Choice(NONE_RIGHT, "none_right"), Choice(DONT_KNOW, "abstain")]
    return orders


def in_file_order(items: Sequence[Item]) -> dict[str, list[Choice]]:
    """Options as the file has them (for presets that reproduce published figures), plus the two that stay last."""
    last = [Choice(NONE_RIGHT, "none_right"), Choice(DONT_KNOW, "abstain")]
    return {item.id: [*choices(item), *last] for item in items}


def lettered(options: Sequence[Choice]) -> str:
    """The options as lines `A) text`."""
    return "\n".join(
        f"{letter}) {option.text}" for letter, option in zip(string.ascii_uppercase, options, strict=False)
    )


def right_positions(orders: dict[str, list[Choice]]) -> dict[str, int]:
    """How often the right option stands at each letter (several right ones: each counts)."""
    letters = Counter(
        string.ascii_uppercase[place]
        for options in orders.values()
        for place, option in enumerate(options)
        if option.label == "right"
    )
    return dict(sorted(letters.items()))


def _hash(item: Item) -> str:
    return hashlib.sha256(item.id.encode()).hexdigest()
