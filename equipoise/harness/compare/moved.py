"""The items that moved most between two runs, and where their dialogues are; chosen by a printed rule."""

import hashlib
from dataclasses import dataclass
from math import isfinite

import numpy as np
import pandas as pd

from equipoise.harness.compare.comparison import Comparison
from equipoise.harness.compare.sides import Shared

MOST = 3
"""Items of one metric in one direction."""

ROW = ["arm", "epoch", "turn", "measure", "judge"]
"""What a row of an item is, apart from its value."""


@dataclass(frozen=True)
class Place:
    """Where a dialogue is in the logs; `log` is empty if the run does not hold it."""

    log: str
    arm: str
    epoch: int


@dataclass(frozen=True)
class Moved:
    """One item with its value of a metric in both runs.

    Attributes:
        item: Its name.
        baseline, candidate, difference: The metric's value of this item, epochs averaged.
        places: Where to look, in the baseline and in the candidate.
    """

    item: str
    baseline: float
    candidate: float
    difference: float
    places: tuple[Place, Place]


@dataclass(frozen=True)
class MovedMost:
    """The items of one metric that moved most.

    Attributes:
        comparison: The metric.
        down, up: Items that are lower or higher in the candidate, the farthest first.
        lower, higher, same: How many items there are in all.
    """

    comparison: Comparison
    down: tuple[Moved, ...]
    up: tuple[Moved, ...]
    lower: int
    higher: int
    same: int


def rule(most: int = MOST) -> str:
    """How the items and their dialogues were chosen, for readers."""
    return (
        f"Per metric and direction the {most} items with the largest difference; ties in the order of the SHA-256 hash "
        "of the item's name. Where an item has several dialogues behind the metric, the arm and epoch whose rows "
        "differ most between the runs, ties in the order of their names."
    )


def moved_most(comparison: Comparison, task: Shared, most: int = MOST) -> MovedMost | None:
    """The items of one metric that moved most.

    Args:
        comparison: The metric, with its pair.
        task: The task that it belongs to.
        most: Items in each direction.

    Returns:
        None if the metric is no mean of item values (d', c, correlations).
    """
    pair = comparison.pair
    if pair is None or not np.isfinite(pair.differences).any():
        return None
    values = np.sum([term.weight * term.values for term in pair.terms], axis=0)
    names = [str(item) for item in pair.items]
    size: list[float] = np.round(pair.differences, 9).tolist()  # sums in another order are no difference
    known = [at for at, each in enumerate(size) if isfinite(each)]
    order = sorted(known, key=lambda at: (-abs(size[at]), _hash(names[at])))
    down, up = [at for at in order if size[at] < 0], [at for at in order if size[at] > 0]
    spans = spans_of(task)

    def moved(at: int) -> Moved:
        numbers = float(values[0, at]), float(values[1, at]), float(pair.differences[at])
        return Moved(names[at], *numbers, places(task, comparison, names[at], spans))

    return MovedMost(
        comparison, tuple(map(moved, down[:most])), tuple(map(moved, up[:most])), len(down), len(up),
        len(known) - len(down) - len(up),
    )  # fmt: skip


def _hash(item: str) -> str:
    return hashlib.sha256(item.encode("utf-8", "replace")).hexdigest()


def spans_of(task: Shared) -> dict[str, float]:
    """Range of every measure over both runs; NaN where it has only one value."""
    both = pd.concat(
        [rows[["measure", "value"]].astype({"measure": object}) for rows in (task.baseline, task.candidate)]
    )
    values = both.groupby("measure")["value"]
    return {str(measure): float(span) or np.nan for measure, span in (values.max() - values.min()).items()}


def places(task: Shared, comparison: Comparison, item: str, spans: dict[str, float]) -> tuple[Place, Place]:
    """The dialogues of one item to lay beside each other: the arm and epoch in which the runs' rows differ most.

    Rows are those behind the metric as far as their names tell: of its arm (else of its condition, else of any), its
    turn and judge, and its measure. Differences of a measure count in shares of its range over both runs.

    Args:
        task: With the rows of both runs.
        comparison: The metric.
        item: Name of an item that both runs have.
        spans: Range of every measure.
    """
    sides = [_about(rows[rows["item"] == item], comparison) for rows in (task.baseline, task.candidate)]
    both = sides[0].merge(sides[1], on=ROW, suffixes=("", "_other"))
    if both.empty:
        return _first(sides[0]), _first(sides[1])
    both["gap"] = ((both["value_other"] - both["value"]).abs() / both["measure"].map(spans)).fillna(0).round(9)
    gaps = both.groupby(["arm", "epoch"], as_index=False).agg({"gap": "mean", "log": "first", "log_other": "first"})
    chosen = gaps.sort_values(["gap", "arm", "epoch"], ascending=[False, True, True]).iloc[0]
    arm, epoch = str(chosen["arm"]), int(chosen["epoch"])
    return Place(str(chosen["log"]), arm, epoch), Place(str(chosen["log_other"]), arm, epoch)


def _about(rows: pd.DataFrame, comparison: Comparison) -> pd.DataFrame:
    """The rows behind a metric, as far as names tell; a name that no row has narrows nothing."""
    rows = rows[[*ROW, "value", "log"]].astype(dict.fromkeys(("arm", "measure", "judge", "log"), object))
    rows = rows.assign(condition=[_condition(arm) for arm in rows["arm"]])
    named = [part.partition("=")[::2] for part in comparison.by.split(",")]
    wanted = [("arm", comparison.arm), ("condition", _condition(comparison.arm)), ("measure", comparison.measure)]
    for column, name in (*wanted, *named):
        if column in rows:
            there = rows[column].astype(str) == name
            rows = rows[there] if there.any() else rows
    return rows


def _condition(arm: str) -> str:
    """An arm without its direction, as in `conditions` of the metrics."""
    return arm.split(".", 1)[-1]


def _first(rows: pd.DataFrame) -> Place:
    """The first dialogue of a run that shares none with the other."""
    if rows.empty:
        return Place("", "", 1)
    log, arm, epoch = min(zip(rows["log"], rows["arm"], rows["epoch"], strict=True), key=lambda row: row[1:])
    return Place(str(log), str(arm), int(epoch))
