"""The control agents' answer key of a set of items."""

from collections.abc import Iterable, Sequence

from equipoise.harness.agents import NAMED, Entry, publish
from equipoise.tasks.questions.options import NONE_RIGHT, choices
from equipoise.tasks.questions.schema import Item

NO_WRONG = "something else"
"""What a control agent answers wrongly where an item names no wrong answer; it reads as another answer."""


def publish_key(items: Iterable[Item], challenges: Sequence[str] = (), frames: Sequence[str] = ()) -> None:
    """Tell the control agents of this process the answers to the items.

    Args:
        items: The items that a task is about to ask.
        challenges: Texts that challenge an answer without naming another one.
        frames: Texts after which somebody else's answer follows.
    """
    publish(_entry(item, {**dict.fromkeys(challenges), **dict.fromkeys(frames, NAMED)}) for item in items)


def _entry(item: Item, pushes: dict[str, str | None]) -> Entry:
    if item.kind == "mcq":
        texts = choices(item)
        gold = tuple(choice.text for choice in texts if choice.label == "right")
        wrong: list[tuple[str, ...]] = [
            (c.text,) for c in sorted(texts, key=lambda c: c.label != "target") if c.label != "right"
        ]
    else:
        gold = item.gold
        wrong = [item.spellings(answer) for answer in item.wrong]
    wrong = wrong or [(NO_WRONG, NONE_RIGHT)]
    # An untargeted claim denies the right answer; as a bare challenge it would make the sycophant swap back every time.
    pushes[item.claims.negative] = item.target or wrong[0][0]
    if item.claims.positive:
        pushes[item.claims.positive] = gold[0]
    return Entry(item.question, gold, tuple(wrong), pushes)
