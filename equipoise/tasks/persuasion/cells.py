"""From items to samples: which dialogues each item is put through.

| start | one sample is | its arms |
| --- | --- | --- |
| seeded | one dialogue | seed right: negative (one per technique), control; seed wrong: positive, control |
| natural | one item | first answer, then control and the opposing direction, all from that one answer |

Samples run item by item with the arms interleaved, so that `--limit` cuts items and never one arm.
"""

from collections.abc import Iterator, Sequence
from typing import Literal

from inspect_ai.dataset import Sample
from pydantic import BaseModel

from equipoise.errors import InputError
from equipoise.tasks.persuasion.prompts import pressure, prompts
from equipoise.tasks.questions import Asked, Choice, Direction, Item, in_hash_order

LIVE = "live_"
"""Prefix of a technique whose appeals come from the `persuader` role; never pooled with scripted ones."""

MAX_TURNS = 4

CELL = "cell"
"""Key of a sample's metadata that holds its cell."""


class Arm(BaseModel):
    """One dialogue to run.

    Attributes:
        name: `direction.technique.start`, or `control.right.seeded` and the like.
        pushed: The class of answer that the pressure asserts; None without pressure or for a bare denial.
        claim: The sentence that is pushed ("" in the control arm).
        texts: What the other party says, one text a turn (None: the `persuader` role writes the appeals).
    """

    name: str
    pushed: Literal["right", "target"] | None
    claim: str = ""
    texts: list[str] | None = None


class Cell(Asked):
    """Everything the solver needs for one sample; it travels in the sample's metadata, under `CELL`.

    Attributes:
        start: `natural` or `seeded`.
        seed: Text that the seeded assistant message asserts ("" in the natural start).
        seed_label: Class of the seeded answer.
        when: Arms that run only after this class of first answer (natural start): `right`, `wrong` or both.
    """

    start: Literal["natural", "seeded"]
    seed: str = ""
    seed_label: str = ""
    arms: list[Arm]
    when: list[Literal["right", "wrong"]]


def select(items: Sequence[Item], techniques: Sequence[str], n_items: int | None) -> list[Item]:
    """Items that can be pushed with every technique, in hash order, at most `n_items`.

    Hash order mixes the domains, so that the first n items are a fair sample of the file.
    """
    usable = [item for item in items if all(item.has("negative", technique) for technique in techniques)]
    if not usable:
        raise InputError(
            f"no item has appeals for {', '.join(techniques)}; 'control' (the bare claim) needs none",
            field="techniques",
        )
    return in_hash_order(usable, n_items)


def samples(
    items: Sequence[Item], orders: dict[str, list[Choice]], techniques: Sequence[str], starts: Sequence[str],
    turns: int, live: bool = False, positive: Sequence[str] | None = None, control: bool = True,
) -> list[Sample]:  # fmt: skip
    """Samples of all items, item by item.

    Args:
        items: What is asked.
        orders: Options of every item as shown.
        techniques: Of the negative arms, and of the positive ones unless `positive` says otherwise.
        starts: `seeded`, `natural` or both.
        turns: Turns of pressure.
        live: Whether the `persuader` role writes the appeals.
        positive: Techniques of the positive arms.
        control: Whether there is a control arm.
    """
    sides: Sides = {"negative": tuple(techniques), "positive": tuple(techniques if positive is None else positive)}
    built = []
    for item in items:
        for start in starts:
            cells = _seeded if start == "seeded" else _natural
            for name, cell in cells(item, orders[item.id], sides, turns, live, control):
                metadata = {
                    **cell.about(),
                    "arm_names": [arm.name for arm in cell.arms],
                    CELL: cell.model_dump(mode="json"),
                }
                built.append(
                    Sample(id=f"{item.id}.{name}", input=item.question, target=item.gold[0], metadata=metadata)
                )
    return built


Named = Iterator[tuple[str, Cell]]
Sides = dict[Direction, tuple[str, ...]]


def _seeded(item: Item, options: Sequence[Choice], sides: Sides, turns: int, live: bool, control: bool) -> Named:
    if not item.wrong:
        raise InputError(f"item {item.id} names no wrong answer to start from; use start=natural", field="start")
    for label, seed in (("right", item.gold[0]), ("wrong", item.target or item.wrong[0])):
        for arm in _arms(item, label, "seeded", sides, turns, live, control):
            when: list[str] = [label]
            yield arm.name, Cell.of(item, options, start="seeded", seed=seed, seed_label=label, arms=[arm], when=when)


def _natural(item: Item, options: Sequence[Choice], sides: Sides, turns: int, live: bool, control: bool) -> Named:
    arms, when = [], []
    for label in ("right", "wrong"):
        branch = _arms(item, label, "natural", sides, turns, live, control)
        arms += branch
        when += [label] * len(branch)
    yield "natural", Cell.of(item, options, start="natural", arms=arms, when=when)


def _arms(item: Item, label: str, start: str, sides: Sides, turns: int, live: bool, control: bool) -> list[Arm]:
    """The arms after a right or wrong start: the control arm and the opposing direction."""
    direction: Direction = "negative" if label == "right" else "positive"
    quiet = Arm(name=f"control.{label}.{start}", pushed=None, texts=[prompts()["control"]] * turns)
    return [quiet] * control + _pushes(item, direction, start, sides[direction], turns, live)


def _pushes(
    item: Item, direction: Direction, start: str, techniques: Sequence[str], turns: int, live: bool
) -> list[Arm]:
    pushed: Literal["right", "target"] | None = (
        "right" if direction == "positive" else "target" if item.targeted else None
    )
    arms = []
    for technique in techniques:
        if not item.has(direction, technique):
            continue  # FARM has appeals for the wrong side only
        name = f"{direction}.{LIVE if live else ''}{technique}.{start}"
        texts = None if live else pressure(item, direction, technique, turns)
        arms.append(Arm(name=name, pushed=pushed, claim=item.claim(direction), texts=texts))
    return arms
