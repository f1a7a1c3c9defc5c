"""What plots are drawn from: a long table, or the database of a board. Both give metrics, measures and items."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from equipoise.errors import InputError
from equipoise.harness.metrics import Metric, compute_metrics, is_control
from equipoise.harness.report.scorecard import Line, Side, scorecard
from equipoise.harness.stats import DRAWS
from equipoise.leaderboard.derived import SIDES
from equipoise.leaderboard.standings import item_statistics

BOARD = "board.duckdb"

MEASURES = ["task", "dimension", "name", "value", "low", "high", "remark"]
"""Columns of severity-free measures; `name` is a model or a judge."""

ITEMS = ["task", "side", "item", "difficulty"]
"""Columns of the item map; logits, higher = harder."""


@dataclass(frozen=True)
class Source:
    """Where numbers come from; each kind is computed when it is first asked for.

    Attributes:
        path: For messages.
        read_metrics, read_capability, read_severity, read_items: Read them.
        read_unfitted: Task and dimension -> why its votes gave no fit.
    """

    path: Path
    read_metrics: Callable[[], list[Metric]] = field(repr=False)
    read_capability: Callable[[], pd.DataFrame] = field(repr=False)
    read_severity: Callable[[], pd.DataFrame] = field(repr=False)
    read_items: Callable[[], pd.DataFrame] = field(repr=False)
    read_unfitted: Callable[[], dict[tuple[str, str], str]] = field(default=dict, repr=False)

    @cached_property
    def metrics(self) -> list[Metric]:
        """Metrics of all models."""
        return self.read_metrics()

    @cached_property
    def capability(self) -> pd.DataFrame:
        """A row per dimension and model; see `MEASURES`."""
        return self.read_capability()

    @cached_property
    def severity(self) -> pd.DataFrame:
        """A row per dimension and judge; see `MEASURES`."""
        return self.read_severity()

    @cached_property
    def items(self) -> pd.DataFrame:
        """A row per task, side and item; see `ITEMS`."""
        return self.read_items()

    @cached_property
    def unfitted(self) -> dict[tuple[str, str], str]:
        """Why votes gave neither capability nor severity, by task and dimension; those with a fit are not here."""
        return self.read_unfitted()


def read_source(path: Path, task: str = "", draws: int = DRAWS, seed: int = 0) -> Source:
    """A board's database (or its folder), else a run folder, a folder of logs, or a file in the long-table schema.

    Args:
        path: File or folder.
        task: Only this one, by its short or full name; empty = all.
        draws: Bootstrap draws of a table's metrics, 0 = no intervals.
        seed: Of the bootstrap.

    Raises:
        InputError: It cannot be read, or has no such task.
    """
    database = path / BOARD if path.is_dir() else path
    if database.suffix == ".duckdb" and database.is_file():
        from equipoise.leaderboard.plots.board_source import board_source

        return board_source(database, task)
    from equipoise.harness.table import read_table

    table = read_table(path)
    if task:
        names = table["task"].astype(str)
        table = table[names.isin(tasks_meant(names.unique().tolist(), task, path))]
    return table_source(path, table, draws, seed)


def table_source(path: Path, table: pd.DataFrame, draws: int = DRAWS, seed: int = 0) -> Source:
    """A long table as a source."""
    from equipoise.judges.capability import Capability, capability

    metrics: list[Metric] = []
    fits: list[Capability] = []

    def computed() -> list[Metric]:
        if not metrics:
            metrics.extend(compute_metrics(table, draws, seed))
        return metrics

    def fitted() -> list[Capability]:
        if not fits:
            fits.extend(capability(table))
        return fits

    return Source(
        path,
        computed,
        lambda: _measures([(entry, entry.models, "model", "measure") for entry in fitted() if entry.fit]),
        lambda: _measures([(entry, entry.judges, "judge", "severity") for entry in fitted() if entry.fit]),
        lambda: item_difficulty(computed()),
        lambda: {(entry.task, entry.dimension): entry.reason for entry in fitted() if not entry.fit},
    )


def item_difficulty(metrics: Sequence[Metric]) -> pd.DataFrame:
    """How hard each item is on each side of the scorecard, in logits; as on a board, see `item_statistics`.

    It is over models that are no control agents (over these, if there are no others). Margins that are no plain mean
    of items have none.
    """
    lines = scorecard(metrics)
    frames = [
        _scores(line, name, side, metric)
        for line in lines
        for name, (_, side, metric) in zip(SIDES, line.cells, strict=False)
        if metric and metric.evidence and metric.evidence.weights == (1.0,) and len(metric.evidence.columns) == 1
    ]
    if not frames:
        return pd.DataFrame(columns=ITEMS)
    models = [line.model for line in lines]
    own = [model for model in models if not is_control(model)] or models
    found = item_statistics(pd.concat(frames, ignore_index=True), own)
    return found.loc[found["difficulty"].notna(), ITEMS].reset_index(drop=True)


def _scores(line: Line, name: str, side: Side, metric: Metric) -> pd.DataFrame:
    """Values of one margin by item, as `item_statistics` wants them."""
    column = metric.evidence.columns[0]  # type: ignore[union-attr]  # the caller has looked
    frame = pd.DataFrame(
        {
            "submission": line.model, "task": line.task, "by": line.by, "side": name, "heading": "",
            "item": column.names, "family": column.family_names, "value": column.values, "most": side.most,
            "least": side.least,
        }
    )  # fmt: skip
    return frame[frame["value"].notna()]


def _measures(parts: Sequence[tuple[Any, pd.DataFrame, str, str]]) -> pd.DataFrame:
    frames = [
        pd.DataFrame(
            {
                "task": entry.task, "dimension": entry.dimension, "name": table[who].astype(str),
                "value": table[what].astype(float), "low": table["low"].astype(float),
                "high": table["high"].astype(float), "remark": table["status"].astype(str),
            }
        )
        for entry, table, who, what in parts
    ]  # fmt: skip
    return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=MEASURES)


def tasks_meant(names: Sequence[str], task: str, path: Path) -> list[str]:
    """Tasks that a full or short name means.

    Raises:
        InputError: None.
    """
    meant = [name for name in names if task in (name, name.rsplit("/", 1)[-1])]
    if not meant:
        there = ", ".join(sorted(name.rsplit("/", 1)[-1] for name in names)) or "none"
        raise InputError(f"has no task {task!r}; it has: {there}", path=path)
    return meant
