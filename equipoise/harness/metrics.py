"""Metrics: pure functions from the long table to results with intervals.

A task family registers its function here; the tables of every other task get the plain mean of each measure.
"""

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from typing import Any, cast

import numpy as np
import pandas as pd

from equipoise.harness.agents.policy import CONTROLS
from equipoise.harness.stats import DRAWS, clopper_pearson, cluster_weights, interval


@dataclass(frozen=True)
class Metric:
    """One number with its interval and the rows behind it.

    Attributes:
        task, model, arm: What it is about; `arm` names both arms where two enter (`both.logical.seeded`).
        measure: Name of the metric.
        by: What it is broken down by, `turn=4` or `domain=trivia,turn=4`; empty if by nothing.
        estimate: The value; NaN if no row allows one.
        low, high: 95 % interval, bootstrap over item families.
        n: Rows used.
        missing: Rows that would have been used but have no value.
        items, families: How many of them the rows come from.
        worst_low, worst_high: Value if every missing row were 0, or 1 (rates only, else NaN).
        headline: Whether it belongs into a short summary.
    """

    task: str
    model: str
    arm: str
    measure: str
    by: str
    estimate: float
    low: float
    high: float
    n: int
    missing: int
    items: int = 0
    families: int = 0
    worst_low: float = float("nan")
    worst_high: float = float("nan")
    headline: bool = False

    def record(self) -> dict[str, Any]:
        """As a JSON object; NaN becomes null."""
        return {k: None if isinstance(v, float) and not np.isfinite(v) else v for k, v in asdict(self).items()}


MetricFunction = Callable[..., list[Metric]]
"""(rows of one task and model, draws, seed) -> metrics."""

_families: dict[str, MetricFunction] = {}


def register_metrics(task: str, function: MetricFunction) -> None:
    """Use the function for the tables of a task (its name without the package prefix)."""
    _families[task] = function


def compute_metrics(table: pd.DataFrame, draws: int = DRAWS, seed: int = 0) -> list[Metric]:
    """All metrics of a long table, task by task and model by model.

    Args:
        table: In the long-table schema.
        draws: Bootstrap draws; 0 = no intervals.
        seed: Seed of the bootstrap.
    """
    found: list[Metric] = []
    groups: Any = table.groupby(["task", "model"], observed=True, sort=True)
    ordered = sorted(groups, key=lambda group: (str(group[0][0]), is_control(group[0][1]), str(group[0][1])))
    for (task, _), rows in ordered:
        function = _families.get(str(task).rsplit("/", 1)[-1], mean_metrics)
        found += function(rows, draws=draws, seed=seed)
    return found


def is_control(model: object) -> bool:
    """Whether a model is one of the control agents; they stand below the models that are measured."""
    return str(model) in CONTROLS


def mean_metrics(table: pd.DataFrame, draws: int = DRAWS, seed: int = 0) -> list[Metric]:
    """The mean of every measure by arm and turn (and judge), epochs averaged within the item first."""
    sample = Sample(table, draws, seed)
    found = []
    keys = ["arm", "measure", "judge", "turn"] if "judge" in table else ["arm", "measure", "turn"]
    for group, rows in table.groupby(keys, observed=True, sort=True):
        key = cast("tuple[Any, ...]", group)
        arm, measure, turn = str(key[0]), str(key[1]), int(key[-1])
        by = ",".join(part for part in (f"judge={key[2]}" if len(key) == 4 and key[2] else "", f"turn={turn}") if part)
        found.append(sample.mean(rows, arm=arm, measure=measure, by=by))
    return found


class Column:
    """Item-level values of one quantity, ready to be summed by family under every bootstrap draw.

    Attributes:
        values: One value per item (epochs averaged), NaN where the item has none.
        n, missing: Rows behind them.
        sums, counts: Shape (draws + 1,): weighted sum of the values and number of items.
    """

    def __init__(self, sample: "Sample", values: np.ndarray[Any, Any], n: int, missing: int) -> None:
        self.values, self.n, self.missing = values, n, missing
        there = np.isfinite(values)
        families = sample.family_of_item
        size = sample.weights.shape[1]
        self.items = int(there.sum())
        self.families = len(np.unique(families[there]))
        self.sums = sample.weights @ np.bincount(families, np.where(there, values, 0.0), minlength=size)
        self.counts = sample.weights @ np.bincount(families, there.astype(float), minlength=size)

    @property
    def means(self) -> np.ndarray[Any, Any]:
        """Mean over items in every draw, shape (draws + 1,)."""
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.asarray(self.sums / self.counts)

    @property
    def is_share(self) -> bool:
        """Whether all values lie in [0, 1]."""
        values = self.values[np.isfinite(self.values)]
        return bool(values.size) and bool(((values >= 0) & (values <= 1)).all())

    @property
    def at_an_end(self) -> bool:
        """Whether the mean is exactly 0 or 1, so that resampling cannot move it."""
        return bool(self.items) and float(self.means[0]) in (0.0, 1.0)

    def bounds(self) -> tuple[float, float]:
        """95 % interval of the mean of a share: bootstrap, or exact over the families at 0 and 1."""
        if self.at_an_end:
            return clopper_pearson(float(self.means[0]) * self.families, self.families)
        return interval(self.means)


class Sample:
    """The rows of one task and model: item and family codes, and the bootstrap weights that all metrics share.

    Sharing the draws keeps every difference and ratio between two columns paired.
    """

    def __init__(self, table: pd.DataFrame, draws: int, seed: int) -> None:
        first: Any = table.iloc[0] if len(table) else {}
        self.task, self.model = str(first.get("task", "")), str(first.get("model", ""))
        codes, self.items = pd.factorize(table["item"].astype(object), sort=True)
        self.item = pd.Series(codes, index=table.index)
        family, names = pd.factorize(table["family"].astype(object), sort=True)
        self.family_of_item = np.zeros(len(self.items), dtype=np.int64)
        self.family_of_item[codes] = family
        self.weights = cluster_weights(len(names), draws, seed)

    def column(self, rows: pd.DataFrame, values: "pd.Series[float] | None" = None) -> Column:
        """Rows as a column: their values (or the given ones) averaged within the item."""
        value = (rows["value"] if values is None else values).to_numpy(dtype=float)
        item = self.item.loc[rows.index].to_numpy()
        return self.from_items(item, value)

    def from_items(self, item: np.ndarray[Any, Any], value: np.ndarray[Any, Any]) -> Column:
        """A column from item codes and values, row by row."""
        there = np.isfinite(value)
        size = len(self.items)
        total = np.bincount(item[there], value[there], minlength=size)
        count = np.bincount(item[there], minlength=size)
        with np.errstate(invalid="ignore", divide="ignore"):
            means = total / count
        return Column(self, means, int(there.sum()), int((~there).sum()))

    def mean(self, rows: "pd.DataFrame | Column", arm: str, measure: str, by: str, headline: bool = False) -> Metric:
        """The mean over items as a metric; a share of exactly 0 or 1 gets an exact interval over its families."""
        column = rows if isinstance(rows, Column) else self.column(rows)
        bounds, worst = None, (float("nan"), float("nan"))
        if column.is_share:
            worst = worst_case(column)
            bounds = column.bounds() if column.at_an_end else None
        return self.metric(column.means, [column], arm, measure, by, headline, bounds, worst)

    def difference(
        self, left: Column, right: Column, arm: str, measure: str, by: str, headline: bool = False
    ) -> Metric:
        """The mean difference within items that have both; equal differences throughout get an exact interval."""
        pair = Column(self, left.values - right.values, left.n + right.n, left.missing + right.missing)
        low, high = interval(pair.means)
        if low == high and pair.families:
            slack = clopper_pearson(0, pair.families)[1]
            low, high = max(low - slack, -1.0), min(high + slack, 1.0)
        return self.metric(pair.means, [pair], arm, measure, by, headline, (low, high))

    def metric(
        self, draws: np.ndarray[Any, Any], columns: Iterable[Column], arm: str, measure: str, by: str,
        headline: bool = False, bounds: tuple[float, float] | None = None,
        worst: tuple[float, float] = (float("nan"), float("nan")),
    ) -> Metric:  # fmt: skip
        """A metric from its value in every draw and the columns that it is made of.

        Args:
            draws: The estimate, then its value in every bootstrap draw.
            columns: What the value was computed from.
            arm: As in `Metric`, like the next three.
            measure: Its name.
            by: Breakdown.
            headline: Whether it belongs into a short summary.
            bounds: Interval to use instead of the bootstrap's.
            worst: Worst-case values.
        """
        used = list(columns)
        low, high = interval(draws) if bounds is None or len(draws) == 1 else bounds
        return Metric(
            task=self.task,
            model=self.model,
            arm=arm,
            measure=measure,
            by=by,
            estimate=float(draws[0]),
            low=low,
            high=high,
            n=sum(column.n for column in used),
            missing=sum(column.missing for column in used),
            items=max((column.items for column in used), default=0),
            families=min((column.families for column in used), default=0),
            worst_low=worst[0],
            worst_high=worst[1],
            headline=headline,
        )


def worst_case(column: Column) -> tuple[float, float]:
    """The mean over rows if every missing row were 0, and if every one were 1."""
    rows = column.n + column.missing
    if not rows or not column.n:
        return float("nan"), float("nan")
    mean = float(np.nanmean(column.values))
    return mean * column.n / rows, (mean * column.n + column.missing) / rows


def conditions(
    metrics: Iterable[Metric],
) -> list[tuple[str, list[str], list[tuple[str, list[Metric | None]]]]]:
    """Metrics as small tables, one per condition: (condition, measures, rows of (model, one metric per measure)).

    A condition is an arm without its direction (`logical.seeded`), so that both directions stand in one row.
    """
    cells: dict[str, dict[tuple[str, str], Metric]] = {}
    for metric in metrics:
        name = metric.arm.split(".", 1)[-1]
        key = f"{name} ({metric.by})" if metric.by else name
        cells.setdefault(key, {})[metric.model, metric.measure] = metric
    tables = []
    for condition, found in cells.items():
        measures = list(dict.fromkeys(measure for _, measure in found))
        models = list(dict.fromkeys(model for model, _ in found))
        tables.append((condition, measures, [(model, [found.get((model, m)) for m in measures]) for model in models]))
    return tables
