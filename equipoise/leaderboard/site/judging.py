"""The page on judges: their severity by dimension, and how far they agree by measure."""

from itertools import groupby

from equipoise.leaderboard.site.numbers import ends_of, known
from equipoise.leaderboard.site.source import Row, Source
from equipoise.leaderboard.site.view import View

OPEN_MEASURES = 30
"""Rows of the agreement table above which every task is folded."""


def without_points(row: Row, *names: str) -> Row:
    """A row whose intervals are gone where both ends are the same: what is fixed, as a reference is, has none.

    Args:
        row: With `low` and `high`.
        names: Other intervals: `NAME_low` and `NAME_high`.
    """
    for low, high in [("low", "high"), *((f"{name}_low", f"{name}_high") for name in names)]:
        if known(getattr(row, low)) and getattr(row, low) == getattr(row, high):
            setattr(row, low, None)
            setattr(row, high, None)
    return row


def severity_groups(source: Source, view: View) -> list[Row]:
    """Judges with their severity, one group per task and dimension, the severest first."""
    query = "SELECT * FROM severity WHERE edition = ? ORDER BY task, dimension, severity DESC, judge"
    groups = []
    for (task, dimension), group in groupby(
        source.rows(query, view.edition.edition), lambda row: (row.task, row.dimension)
    ):
        own = [without_points(row) for row in group]
        ends = ends_of([value for row in own for value in (row.low, row.severity, row.high)])
        groups.append(Row(task=view.titles.get(task, task), dimension=dimension, rows=own, ends=ends))
    return groups


def agreement_groups(source: Source, view: View) -> list[Row]:
    """The agreement of the panel: one group per task with one row per measure, its statistics side by side."""
    query = "SELECT * FROM agreement WHERE edition = ? ORDER BY task, measure, statistic"
    groups: dict[str, Row] = {}
    for (task, measure), group in groupby(
        source.rows(query, view.edition.edition), lambda row: (row.task, row.measure)
    ):
        own = list(group)
        found = {row.statistic: row for row in own}
        floor, ceiling = (_estimate(found, f"effective.{end}") for end in ("floor", "ceiling"))
        # Votes that correlate negatively have no common truth: then there is no such number.
        worth = (floor, ceiling) if floor is not None and ceiling is not None and floor <= ceiling else None
        row = Row(measure=measure, units=own[0].units, judges=own[0].judges, alpha=found.get("alpha.ordinal"),
                  correlation=_estimate(found, "correlation"), effective=worth)  # fmt: skip
        groups.setdefault(task, Row(task=view.titles.get(task, task), rows=[])).rows.append(row)
    return list(groups.values())


def _estimate(found: dict[str, Row], statistic: str) -> float | None:
    value = found[statistic].estimate if statistic in found else None
    return value if known(value) else None
