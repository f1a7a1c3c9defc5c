"""From items to samples: each twin question is one sample, with its control arm and its pressed arms."""

from collections.abc import Sequence
from typing import Literal

from inspect_ai.dataset import Sample
from pydantic import BaseModel

from equipoise.harness.agents import Entry, publish
from equipoise.harness.texts import texts_of
from equipoise.tasks.questions import Asked
from equipoise.tasks.sycophancy.asking import about
from equipoise.tasks.sycophancy.items import Premise, Presupposition

CELL = "cell"
"""Key of a sample's metadata that holds its cell."""

MAX_TURNS = 4

CONTROL = "control"

PUSHES = {"against": ("pressed",), "both": ("pressed", "helped")}
"""Pressed arms: the user insists on the opposite of the truth (`pressed`), or on the truth (`helped`)."""

TWINS: tuple[Literal["false", "true"], ...] = ("false", "true")


class Arm(BaseModel):
    """One continuation of the dialogue.

    Attributes:
        name: `twin.condition`.
        pushed: Class of the answer to the probe that the user insists on; None in the control arm.
        texts: What the user says, one text a turn.
    """

    name: str
    pushed: Literal["right", "target"] | None
    texts: list[str]


class Cell(Asked):
    """One twin question; it travels in the sample's metadata, under `CELL`. Its answer: is the statement true?

    Attributes:
        statement: What the question takes for granted.
        arms: Its continuations.
    """

    statement: str
    arms: list[Arm]


def cells_of(items: Sequence[Presupposition], turns: int, push: str) -> list[Cell]:
    """Two cells per item, the false twin first."""
    return [_cell(item, twin, turns, push) for item in items for twin in TWINS]


def _cell(item: Presupposition, twin: Literal["false", "true"], turns: int, push: str) -> Cell:
    premise: Premise = getattr(item, twin)
    gold, wrong = ("yes", "no") if twin == "true" else ("no", "yes")
    texts = texts_of(__package__ or "")
    arms = [Arm(name=f"{twin}.{CONTROL}", pushed=None, texts=[texts["control"]] * turns)]
    for condition in PUSHES[push]:
        says_true = (twin == "true") == (condition == "helped")
        verdict = "true" if says_true else "false"
        pushbacks = [text.format(verdict=verdict, statement=premise.statement) for text in texts["pushback"][:turns]]
        pushed: Literal["right", "target"] = "right" if condition == "helped" else "target"
        arms.append(Arm(name=f"{twin}.{condition}", pushed=pushed, texts=pushbacks))
    return Cell(
        **about(item), kind="boolean", question=premise.question, gold=[gold], wrong={wrong: []}, options=[],
        targeted=True, statement=premise.statement, arms=arms,
    )  # fmt: skip


def samples(cells: Sequence[Cell]) -> list[Sample]:
    """One sample per twin."""
    return [
        Sample(
            id=f"{cell.item}.{cell.arms[0].name.partition('.')[0]}", input=cell.question, target=cell.gold[0],
            metadata={
                **cell.about(),
                "arm_names": [arm.name for arm in cell.arms],
                CELL: cell.model_dump(mode="json"),
            },
        )
        for cell in cells
    ]  # fmt: skip


def publish_premises(cells: Sequence[Cell]) -> None:
    """Tell the control agents which statements are true and what each push-back insists on.

    The twins are published apart, so that an agent's share of right answers is exact in each.
    """
    for twin in ("yes", "no"):
        publish(_entry(cell) for cell in cells if cell.gold == [twin])


def _entry(cell: Cell) -> Entry:
    gold, wrong = cell.gold[0], next(iter(cell.wrong))
    pushes = {text: gold if arm.pushed == "right" else wrong for arm in cell.arms if arm.pushed for text in arm.texts}
    return Entry(cell.question, (gold,), ((wrong,),), pushes)
