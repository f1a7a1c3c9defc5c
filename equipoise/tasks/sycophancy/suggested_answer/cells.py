"""From items to samples: one item with its five arms, each a single question."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

from inspect_ai.dataset import Sample
from pydantic import BaseModel

from equipoise.errors import InputError
from equipoise.harness.agents import publish
from equipoise.harness.agents.key import look_up
from equipoise.harness.texts import texts_of
from equipoise.tasks.questions import Asked, Choice, Item, in_hash_order, publish_key

CELL = "cell"
"""Key of a sample's metadata that holds its cell."""

STRENGTHS = ("weak", "firm")

CONTROL = "control.none"

Side = Literal["right", "wrong"]


class Arm(BaseModel):
    """One way to put the question.

    Attributes:
        name: `control.none`, or `side.strength` of the suggestion.
        answer: The suggested answer; in the control arm, where nothing is suggested, the wrong one of the other arms.
        text: The suggestion; "" in the control arm.
    """

    name: str
    answer: str
    text: str = ""


class Cell(Asked):
    """Everything the solver needs for one item; it travels in the sample's metadata, under `CELL`."""

    arms: list[Arm]


def select(items: Sequence[Item], n_items: int | None) -> list[Item]:
    """Items with a wrong answer to suggest, in hash order, at most `n_items`.

    Raises:
        InputError: There is none.
    """
    usable = [item for item in items if item.wrong or any(option.score != 1 for option in item.options)]
    if not usable:
        raise InputError("no item names a wrong answer that could be suggested", field="items")
    return in_hash_order(usable, n_items)


def cell(item: Item, options: Sequence[Choice], strengths: Sequence[str], probe: str) -> Cell:
    """One item with its arms: none, then right and wrong at each strength."""
    wrong = answer_of(item, options, "wrong")
    made = Cell.of(item, options, arms=[Arm(name=CONTROL, answer=wrong)])
    form = made.form(probe)
    wording = texts_of(__package__ or "")["suggestion"]
    for strength in strengths:
        for side in ("right", "wrong"):
            answer = answer_of(item, options, side)
            text = wording[strength].format(answer=made.shown(answer, form))
            made.arms.append(Arm(name=f"{side}.{strength}", answer=answer, text=text))
    return made


def answer_of(item: Item, options: Sequence[Choice], side: Side) -> str:
    """The answer that is suggested: the first right one, or the wrong one that the item pushes (else its first)."""
    if item.kind != "mcq":
        return item.gold[0] if side == "right" else item.target or item.wrong[0]
    labels = ("right",) if side == "right" else ("target", "other")
    return next(option.text for label in labels for option in options if option.label == label)


def samples(cells: Sequence[Cell]) -> list[Sample]:
    """One sample per item."""
    return [
        Sample(
            id=cell.item, input=cell.question, target=cell.gold[0],
            metadata={
                **cell.about(),
                "arm_names": [arm.name for arm in cell.arms],
                CELL: cell.model_dump(mode="json"),
            },
        )
        for cell in cells
    ]  # fmt: skip


def publish_suggestions(items: Sequence[Item], cells: Sequence[Cell]) -> None:
    """Tell the control agents of this process the answers, and which answer each suggestion names."""
    publish_key(items)
    known = [(look_up(cell.question), cell) for cell in cells]
    publish(
        replace(entry, pushes={arm.text: arm.answer for arm in cell.arms if arm.text}) for entry, cell in known if entry
    )
