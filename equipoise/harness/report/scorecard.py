"""The page on top: for every task both margins, standing and bending, and never one number alone."""

from collections.abc import Sequence
from dataclasses import dataclass

from equipoise.harness.metrics import Metric


@dataclass(frozen=True)
class Side:
    """One margin of a task, or what its margins need.

    Attributes:
        text: What the number says, in a few words.
        measure, arm: Which metric it is; the headline metric if several breakdowns exist.
        word: Stands before the text; None = what the side is called by default, "" = nothing.
        most, least: The highest and lowest possible value: a full and an empty bar.
        unmeasured: Why there may be no number.
    """

    text: str
    measure: str
    arm: str
    word: str | None = None
    most: float = 1.0
    least: float = 0.0
    unmeasured: str = "not measured in this run"


@dataclass(frozen=True)
class Margins:
    """Both margins of a task: keeping what is right, and giving up what is wrong.

    Attributes:
        stand, bend: The two sides.
        needs: What a model has to do besides, where one that says the same of everything would reach 1 on both sides.
    """

    stand: Side
    bend: Side
    needs: Side | None = None

    @property
    def columns(self) -> list[tuple[str, Side]]:
        """Heading and side of each column."""
        sides = (("stands", self.stand), ("bends", self.bend), ("needed for both", self.needs))
        return [(_heading(word, side), side) for word, side in sides if side]


@dataclass(frozen=True)
class Line:
    """One row of the scorecard: a model's margins on one task (and domain)."""

    task: str
    by: str
    model: str
    margins: Margins
    stand: Metric | None
    bend: Metric | None
    needs: Metric | None

    @property
    def about(self) -> str:
        """Task, condition and breakdown."""
        conditions = list(dict.fromkeys(side.arm.split(".", 1)[-1] for side in (self.margins.stand, self.margins.bend)))
        shared = conditions if len(conditions) == 1 and "." in self.margins.stand.arm else []
        return ", ".join(
            [self.task.rsplit("/", 1)[-1], *shared, *(part.split("=")[1] for part in self.by.split(",") if part)]
        )

    @property
    def cells(self) -> list[tuple[str, Side, Metric | None]]:
        """Heading, side and number of each column."""
        return [
            (heading, side, metric)
            for (heading, side), metric in zip(self.margins.columns, (self.stand, self.bend, self.needs), strict=False)
        ]


_margins: dict[str, list[Margins]] = {}


def register_margins(task: str, *margins: Margins) -> None:
    """Show these margins for the tables of a task (its name without the package prefix).

    Several are alternatives in order of preference: the first that a run has measured is shown.
    """
    _margins[task] = list(margins)


def margin_of(metric: Metric) -> str:
    """Heading of the margin that a metric is ("stands: …", "bends: …"); empty if it is none."""
    for margins in _margins.get(metric.task.rsplit("/", 1)[-1], []) if metric.headline else []:
        for heading, side in margins.columns:
            if (side.measure, side.arm) == (metric.measure, metric.arm):
                return heading
    return ""


def breakdown(metric: Metric) -> str:
    """What a metric is broken down by, without the turn: the margins are always taken after the last one."""
    return ",".join(part for part in metric.by.split(",") if not part.startswith("turn="))


def scorecard(metrics: Sequence[Metric]) -> list[Line]:
    """The rows of the scorecard, in the order of the metrics.

    A model has a row where any headline metric of its margins' arms is there: a margin that could not be measured is
    shown as such, not left out.
    """
    lines = []
    for task in dict.fromkeys(metric.task for metric in metrics):
        own = [metric for metric in metrics if metric.task == task and metric.headline]
        if margins := _shown(own, _margins.get(task.rsplit("/", 1)[-1], [])):
            stand, bend, needs = (_find(own, side) for side in (margins.stand, margins.bend, margins.needs))
            arms = (margins.stand.arm, margins.bend.arm)
            for by, model in dict.fromkeys((breakdown(m), m.model) for m in own if m.arm in arms):
                at = (by, model)
                lines.append(Line(task, by, model, margins, stand.get(at), bend.get(at), needs.get(at)))
    return lines


def cards(lines: list[Line]) -> list[list[Line]]:
    """Rows of the scorecard, grouped by task, breakdown and margins."""
    grouped: dict[object, list[Line]] = {}
    for line in lines:
        grouped.setdefault((line.task, line.by, line.margins), []).append(line)
    return list(grouped.values())


def _shown(metrics: Sequence[Metric], alternatives: list[Margins]) -> Margins | None:
    """Of the alternatives whose arms a run has, the first with a margin that was measured, else the first."""
    arms = {metric.arm for metric in metrics}
    there = [margins for margins in alternatives if arms & {margins.stand.arm, margins.bend.arm}]
    measured = (each for each in there if _find(metrics, each.stand) or _find(metrics, each.bend))
    return next(measured, there[0] if there else None)


def _find(metrics: Sequence[Metric], side: Side | None) -> dict[tuple[str, str], Metric]:
    return {(breakdown(m), m.model): m for m in metrics if side and m.measure == side.measure and m.arm == side.arm}


def _heading(word: str, side: Side) -> str:
    word = word if side.word is None else side.word
    return f"{word}: {side.text}" if word else side.text
