"""The long table of one task and model as cells: what a family's metrics are made of."""

from typing import Any

import numpy as np
import pandas as pd

from equipoise.harness.metrics import Column, Metric, Sample

Array = np.ndarray[Any, Any]

Cell = tuple[str, int, str]
"""Arm, turn and measure."""

LOST = "sample"
"""Measure of the rows that stand for a sample which ended with an error or at a limit (at turn 0 of its arms)."""


class Cells:
    """Columns of (arm, turn, measure) cells, looked up instead of filtered again and again.

    Args:
        table: Rows of one task and one model.
        draws: Bootstrap draws over item families; 0 = no intervals.
        seed: Seed of the bootstrap, for metrics that have no formula.

    Attributes:
        arms: Names of the arms, sorted.
        domains: Names of the domains, sorted; `[""]` if the table has none.
    """

    def __init__(self, table: pd.DataFrame, draws: int, seed: int) -> None:
        self.sample = Sample(table, draws, seed)
        self._domain = table["domain"].astype(object).to_numpy() if "domain" in table else np.full(len(table), "")
        self.domains: list[str] = sorted(map(str, pd.unique(self._domain)))
        self._item = self.sample.item.to_numpy()
        self._value = table["value"].to_numpy(dtype=float)
        self._epoch = table["epoch"].to_numpy() if "epoch" in table else np.ones(len(table), dtype=int)
        groups: Any = table.groupby(["arm", "turn", "measure"], observed=True, sort=True).indices
        self._index: dict[tuple[str, int, str], Array] = {
            (str(arm), int(turn), str(measure)): rows for (arm, turn, measure), rows in groups.items()
        }
        self.arms = sorted({arm for arm, _, _ in self._index})

    def last_turn(self, measure: str, arm: str | None = None) -> int:
        """Highest turn at which the measure was taken (in an arm); 0 if nowhere."""
        turns = (turn for a, turn, m in self._index if m == measure and arm in (None, a))
        return max(turns, default=0)

    def rows(self, arm: str, turn: int, measure: str, domain: str = "") -> Array:
        """Positions of a cell's rows; `domain` "" = all of them."""
        positions = self._index.get((arm, turn, measure), np.empty(0, dtype=int))
        return positions[self._domain[positions] == domain] if domain else positions

    def column(self, arm: str, turn: int, measure: str, domain: str = "") -> Column:
        """A cell as item-level values (epochs and judges averaged within the item)."""
        return self._column(self.rows(arm, turn, measure, domain), [arm], domain)

    def joined(self, cells: list[Cell], domain: str = "") -> Column:
        """Several cells as one column: an item's values are averaged over them."""
        rows = [self.rows(arm, turn, measure, domain) for arm, turn, measure in cells]
        return self._column(np.concatenate(rows), list(dict.fromkeys(arm for arm, _, _ in cells)), domain)

    def given(self, cells: Cell | list[Cell], where: Cell, equals: float, domain: str = "") -> Column:
        """Rows of one or several cells whose item and epoch have the given value in another cell.

        Where that value is missing, or it is there and the cells have no row, the column counts the row as unknown.

        Args:
            cells: What is averaged.
            where: The cell that the condition is about.
            equals: Its value.
            domain: One domain, "" = all.
        """
        condition = self.rows(*where, domain)
        kept = condition[self._value[condition] == equals]
        rows = np.concatenate([self.rows(*cell, domain) for cell in (cells if isinstance(cells, list) else [cells])])
        column = self._column(rows[np.isin(self._run(rows), self._run(kept))], [], domain)
        if rows.size:
            owed = kept[~np.isin(self._run(kept), self._run(rows))]
            unread = condition[np.isnan(self._value[condition])]
            column.unknown = self.sample.count(self._item[np.concatenate([owed, unread])])
        return column

    def ever(self, arm: str, turns: range, measure: str, domain: str = "") -> Column:
        """Whether the measure was 1 at any of the turns: 1 if so, else missing if any of them is missing."""
        flat = np.concatenate([self.rows(arm, turn, measure, domain) for turn in turns] or [np.empty(0, dtype=int)])
        runs, inverse = np.unique(self._run(flat), return_inverse=True)
        value = self._value[flat]
        hit = np.zeros(len(runs))
        np.maximum.at(hit, inverse, np.where(value > 0, 1.0, 0.0))
        unknown = np.bincount(inverse, np.isnan(value).astype(float), minlength=len(runs)) > 0
        ever = np.where(hit > 0, 1.0, np.where(unknown, np.nan, 0.0))
        return self._with_lost(self.sample.from_items(runs // self._runs_per_item, ever), [arm], domain)

    def mean(
        self, name: str, arm: str, turn: int, measure: str, domain: str = "", headline: bool = False
    ) -> list[Metric]:
        """The mean of a cell as a metric called `name`; nothing if the cell is empty."""
        return self.mean_of(name, self.column(arm, turn, measure, domain), arm, label(domain, turn), headline)

    def mean_of(self, name: str, column: Column, arm: str, by: str, headline: bool = False) -> list[Metric]:
        """The mean of a column as a metric; nothing if it has no row at all."""
        return [self.sample.mean(column, arm, name, by, headline)] if column.n or column.missing else []

    def difference(
        self, name: str, left: Column, right: Column, arm: str, by: str, headline: bool = False
    ) -> list[Metric]:
        """The mean of left - right within items; nothing if no item has both."""
        if not np.isfinite(left.values - right.values).any():
            return []
        return [self.sample.difference(left, right, arm, name, by, headline)]

    def signal(self, hit: Column, alarm: Column, arm: str, by: str, headline: bool = False) -> list[Metric]:
        """D' and c of two columns (see `Sample.signal`); nothing if one of them is empty."""
        return self.sample.signal(hit, alarm, arm, by, headline) if hit.items and alarm.items else []

    @property
    def _runs_per_item(self) -> int:
        return int(self._epoch.max()) + 1

    def _run(self, rows: Array) -> Array:
        """Item and epoch of each row as one number."""
        return np.asarray(self._item[rows] * self._runs_per_item + self._epoch[rows])

    def _column(self, rows: Array, arms: list[str], domain: str) -> Column:
        return self._with_lost(self.sample.from_items(self._item[rows], self._value[rows]), arms, domain)

    def _with_lost(self, column: Column, arms: list[str], domain: str) -> Column:
        """Count the arms' samples that ended with an error or at a limit as missing."""
        for arm in arms:
            column.absent = column.absent + self.sample.count(self._item[self.rows(arm, 0, LOST, domain)])
        return column


def label(domain: str = "", turn: int | None = None) -> str:
    """What a metric is broken down by: `domain=trivia,turn=4`."""
    parts = (f"domain={domain}" if domain else "", f"turn={turn}" if turn is not None else "")
    return ",".join(part for part in parts if part)
