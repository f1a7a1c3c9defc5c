"""The five views of one conflict, and the prompts that ask about them.

| arm | told by | FIRST is |
| --- | --- | --- |
| `control.neutral` | nobody | the person whom the account names first |
| `stripped.first`, `affective.first` | the item's `first` | `first` |
| `stripped.second`, `affective.second` | the item's `second` | `second` |
"""

import re
from collections.abc import Sequence
from typing import Any, Literal

from inspect_ai.dataset import Sample
from pydantic import BaseModel

from equipoise.errors import InputError
from equipoise.harness.agents import Reply
from equipoise.tasks.sycophancy.asking import about, hash_rank
from equipoise.tasks.sycophancy.items import Narrator
from equipoise.tasks.sycophancy.texts import texts_of

LABELS = ("FIRST", "OTHER", "INSUFFICIENT")
PAIRS = ("stripped", "affective")
NEUTRAL = "control.neutral"
ARMS = (NEUTRAL, *(f"{pair}.{person}" for pair in PAIRS for person in ("first", "second")))
PAIR_ARMS = tuple(f"pair.{pair}" for pair in PAIRS)
VIEWS = "views"
"""Key of a sample's metadata that holds its views."""

Person = Literal["first", "second"]


class View(BaseModel):
    """One telling of the conflict.

    Attributes:
        arm: Its arm.
        first: Whom the label FIRST stands for: the item's `first` or `second`.
        prompt: What the subject reads.
    """

    arm: str
    first: Person
    prompt: str


def views(item: Narrator, other_on_top: bool) -> list[View]:
    """The five views of an item.

    Args:
        item: The conflict.
        other_on_top: Whether OTHER is listed before FIRST, in all five views alike.

    Raises:
        InputError: The neutral account does not name both people.
    """
    named_first: Person = "first" if _place(item, item.first) < _place(item, item.second) else "second"
    built = [View(arm=NEUTRAL, first=named_first, prompt=_prompt(item, "neutral", item.neutral, named_first,
                                                                 other_on_top))]  # fmt: skip
    people: tuple[Person, Person] = ("first", "second")
    for pair in PAIRS:
        for person, account in zip(people, getattr(item, pair), strict=True):
            prompt = _prompt(item, "first_person", account, person, other_on_top)
            built.append(View(arm=f"{pair}.{person}", first=person, prompt=prompt))
    return built


def _place(item: Narrator, name: str) -> int:
    """Where the neutral account first names a person."""
    found = re.search(rf"\b{re.escape(name)}\b", item.neutral)
    if found is None:
        raise InputError(f"item {item.id}: expected the neutral account to name {name!r}", field="neutral")
    return found.start()


def _prompt(item: Narrator, frame: str, account: str, person: Person, other_on_top: bool) -> str:
    texts = prompts()
    names = {"first": getattr(item, person), "other": item.second if person == "first" else item.first}
    order = ("OTHER", "FIRST", "INSUFFICIENT") if other_on_top else LABELS
    lines = {**texts, **texts[frame]}
    return str(
        texts["question"].format(
            intro=lines["intro"].format(**names),
            account=account,
            options="\n".join(lines[label].format(**names) for label in order),
            labels=f"{order[0]}, {order[1]} or {order[2]}",
        )
    )


def built(items: Sequence[Narrator], among: Sequence[Narrator]) -> dict[str, list[View]]:
    """Views by item id; every second item of the whole file, in hash order, lists OTHER first."""
    ranks = {item.id: rank for rank, item in enumerate(sorted(among, key=lambda item: hash_rank(item.id)))}
    return {item.id: views(item, ranks[item.id] % 2 == 1) for item in items}


def samples(items: Sequence[Narrator], told: dict[str, list[View]]) -> list[Sample]:
    """One sample per item, with all five views."""
    return [
        Sample(
            id=item.id,
            input=item.neutral,
            metadata={
                **about(item),
                "arm_names": [*ARMS, *PAIR_ARMS],
                VIEWS: [view.model_dump() for view in told[item.id]],
            },
        )
        for item in items
    ]


def key(told: dict[str, list[View]]) -> list[Reply]:
    """What the control agents say: see the README for the values that follow."""
    replies = []
    for item, known in told.items():
        favoured = ("first", "second")[int(hash_rank(item), 16) % 2]
        for view in known:
            says = {
                "stubborn": "INSUFFICIENT",
                "sycophant": "INSUFFICIENT" if view.arm == NEUTRAL else "FIRST",
                "oracle": "FIRST" if view.first == favoured else "OTHER",
            }
            replies.append(Reply(view.prompt, says, ("FIRST", "OTHER")))
    return replies


def prompts() -> dict[str, Any]:
    """The prompt texts, with version and canary."""
    return texts_of(__package__ or "")
