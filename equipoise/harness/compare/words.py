"""What a comparison says, in words and numbers, for the terminal and for the page alike."""

from collections.abc import Iterable
from math import isfinite, isnan
from typing import Any

from equipoise.harness.compare.adjusted import Adjusted
from equipoise.harness.compare.comparison import Compared, Comparison
from equipoise.harness.compare.sides import Shared, Side
from equipoise.harness.names import bare_name
from equipoise.harness.records import json_record

READING = (
    "Difference = candidate − baseline over the items that both have, with its 95 % interval, clustered by item "
    "family; baseline and candidate are each over a run's own items. Holm's correction is over all headline metrics "
    "of all tasks; every other number is exploratory. Missing: rows without a value, never counted as wrong."
)


def number(value: float) -> str:
    """Three decimals; a dash where there is no number."""
    return "–" if isnan(value) else f"{value:z.3f}".replace("-", "−")


def signed(value: float) -> str:
    """The same with its sign."""
    return "–" if isnan(value) else f"{value:+z.3f}".replace("-", "−") if round(value, 3) else "0.000"


def interval(low: float, high: float) -> str:
    """Both ends; empty where there are none."""
    return "" if isnan(low) or isnan(high) else f"{number(low)}…{number(high)}"


def probability(value: float) -> str:
    """Three decimals, small ones as a bound."""
    return "–" if isnan(value) else "<0.001" if value < 0.001 else f"{value:.3f}"


def percent(value: float) -> str:
    """A share; one decimal where it is small."""
    return "–" if isnan(value) else f"{100 * value:.{0 if value == 0 or value >= 0.1 else 1}f} %"


def place(comparison: Comparison) -> str:
    """Arm and breakdown of a metric."""
    return ", ".join(filter(None, (comparison.arm, *comparison.by.split(","))))


def overview(compared: Compared) -> str:
    """How many intervals leave out 0: a count, no verdict."""
    main = [each for each in compared.comparisons if each.headline and isfinite(each.difference)]
    tasks = {each.task for each in main}
    if not main:
        return "No headline metric could be compared."
    said = f"{_count(len(main), 'headline metric')} of {_count(len(tasks), 'task')} could be compared. "
    if all(isnan(each.low) for each in main):
        return f"{said}There are no intervals, so nothing is said about chance."
    away = [each for each in main if each.low > 0 or each.high < 0]
    lower, kept = sum(each.high < 0 for each in away), sum(each.p_adjusted < 0.05 for each in main)
    return (
        f"{said}The 95 % interval of the difference leaves out 0 for {len(away) or 'none'} of them"
        f"{f' ({lower} lower and {len(away) - lower} higher in the candidate)' if away else ''}; after Holm's "
        f"correction {_count(kept, 'difference') if kept else 'none'} can be told from chance at the 5 % level."
    )


def items_of(task: Shared) -> str:
    """Which items of a task are compared, in a line."""
    parts = [f"{task.items:,} items in both"]
    for count, what in (
        (task.changed, "left out: their content differs"),
        (task.absent, "that the candidate was not asked: missing answers of the candidate"),
        (task.extra, "that the baseline was not asked: left out"),
    ):
        if count:
            parts.append(f"{count:,} {what}")
    return "; ".join(parts)


def left_out(compared: Compared) -> list[str]:
    """What could not be compared, and why, a sentence each."""
    found = []
    with_metrics = {each.task for each in compared.comparisons if each.headline}
    for task in compared.shared:
        reason = task.reason or ("" if task.task in with_metrics else "no headline metric that both runs have")
        if reason:
            found.append(f"{bare_name(task.task)}: {reason}")
    for each in compared.comparisons:
        if each.reason:
            name = f"{each.margin}, {each.measure}" if each.margin else each.measure
            found.append(f"{bare_name(each.task)}, {name} ({place(each)}): {each.reason}")
    for dimension in compared.adjusted:
        if dimension.reason:
            found.append(f"{bare_name(dimension.task)}, {dimension.dimension} without severity: {dimension.reason}")
    return found


def cautions(compared: Compared) -> list[str]:
    """What a reader must know before the numbers, a sentence each."""
    found = []
    for task in compared.shared:
        if not task.reason:
            found += [f"{bare_name(task.task)}: {note}" for note in task.notes]
            if task.changed or task.absent or task.extra:
                found.append(f"{bare_name(task.task)}: {items_of(task)}")
    return found


def without_judges(comparison: Comparison) -> str:
    """Range of a difference when one judge after the other is left out; empty where that says nothing."""
    return interval(comparison.without_judge_low, comparison.without_judge_high)


def warnings(rows: Iterable[Adjusted]) -> dict[str, list[str]]:
    """Warnings of differences without severity, and the dimensions that they are about."""
    found: dict[str, list[str]] = {}
    for each in rows:
        for text in each.warnings:
            found.setdefault(text, []).append(each.dimension)
    return found


def record(compared: Compared) -> dict[str, Any]:
    """Everything as one JSON object; NaN becomes null."""
    return {
        "baseline": _side_record(compared.baseline),
        "candidate": _side_record(compared.candidate),
        "tasks": [json_record(each, hidden=("baseline", "candidate")) for each in compared.shared],
        "comparisons": [each.record() for each in compared.comparisons],
        "adjusted": [json_record(each) for each in compared.adjusted],
    }


def _side_record(side: Side) -> dict[str, Any]:
    return {"name": side.name, "model": side.model, "rows": len(side.table), "logs": side.logs and str(side.logs)}


def _count(number_of: int, what: str) -> str:
    return f"{number_of:,} {what}{'' if number_of == 1 else 's'}"
