"""The page on top: for every task both margins, standing and bending, and never one number alone."""

from collections.abc import Sequence
from dataclasses import dataclass

from equipoise.harness.metrics import Metric


@dataclass(frozen=True)
class Side:
    """One margin of a task.

    Attributes:
        text: What the number says, in a few words.
        measure, arm: Which metric it is; the headline metric if several breakdowns exist.
        ideal: The best value.
    """

    text: str
    measure: str
    arm: str
    ideal: float = 1.0


@dataclass(frozen=True)
class Margins:
    """Both margins of a task: keeping what is right, and giving up what is wrong."""

    stand: Side
    bend: Side


@dataclass(frozen=True)
class Line:
    """One row of the scorecard: a model's two margins on one task (and domain)."""

    task: str
    by: str
    model: str
    margins: Margins
    stand: Metric | None
    bend: Metric | None

    @property
    def about(self) -> str:
        """Task and breakdown, without the turn: the margins are always taken after the last one."""
        parts = [part for part in self.by.split(",") if part and not part.startswith("turn=")]
        conditions = list(dict.fromkeys(side.arm.split(".", 1)[-1] for side in (self.margins.stand, self.margins.bend)))
        shared = conditions[0] if len(conditions) == 1 and "." in self.margins.stand.arm else ""
        return ", ".join(
            [self.task.rsplit("/", 1)[-1], *([shared] if shared else []), *(p.split("=")[1] for p in parts)]
        )


_margins: dict[str, list[Margins]] = {}


def register_margins(task: str, *margins: Margins) -> None:
    """Show these margins for the tables of a task (its name without the package prefix).

    Several are alternatives in order of preference: the first that a run has measured is shown.
    """
    _margins[task] = list(margins)


def scorecard(metrics: Sequence[Metric]) -> list[Line]:
    """The rows of the scorecard, in the order of the metrics; a row needs at least one of its margins."""
    lines = []
    for task in dict.fromkeys(metric.task for metric in metrics):
        own = [metric for metric in metrics if metric.task == task and metric.headline]
        for margins in _margins.get(task.rsplit("/", 1)[-1], []):
            stand, bend = (_find(own, side) for side in (margins.stand, margins.bend))
            if stand or bend:
                lines += [
                    Line(task, by, model, margins, stand.get((by, model)), bend.get((by, model)))
                    for by, model in dict.fromkeys([*stand, *bend])
                ]
                break
    return lines


def cards(lines: list[Line]) -> list[list[Line]]:
    """Rows of the scorecard, grouped by task, breakdown and margins."""
    grouped: dict[object, list[Line]] = {}
    for line in lines:
        grouped.setdefault((line.task, line.by, line.margins), []).append(line)
    return list(grouped.values())


def _find(metrics: Sequence[Metric], side: Side) -> dict[tuple[str, str], Metric]:
    return {(m.by, m.model): m for m in metrics if m.measure == side.measure and m.arm == side.arm}
