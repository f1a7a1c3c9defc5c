"""Metrics: pure functions from the long table to results with intervals.

A task family registers its function here; the tables of every other task get the plain mean of each measure.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, cast

import numpy as np
import pandas as pd

from equipoise.harness.agents.policy import CONTROLS
from equipoise.harness.records import json_record
from equipoise.harness.stats import (
    DRAWS,
    Bounds,
    Scale,
    bias,
    cluster_weights,
    combination_interval,
    discernment,
    interval,
    item_mean,
    log_linear,
    mean_interval,
    share_interval,
    z_term,
)


@dataclass(frozen=True)
class Metric:
    """One number with its interval and the rows behind it.

    Attributes:
        task, model, arm: What it is about; `arm` names both arms where two enter (`both.logical.seeded`).
        measure: Name of the metric.
        by: What it is broken down by, `turn=4` or `domain=trivia,turn=4`; empty if by nothing.
        estimate: The value; NaN if no row allows one.
        low, high: 95 % interval, clustered by item family.
        n: Rows used.
        missing: Rows that would have been used but have no value.
        items, families: How many of them the rows come from.
        worst_low, worst_high: Value if every missing row were 0, or 1 (rates only, else NaN).
        headline: Whether it belongs into a short summary.
        evidence: What it was computed from; not part of the record.
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
    evidence: "Evidence | None" = field(default=None, repr=False, compare=False)

    def record(self) -> dict[str, Any]:
        """As a JSON object; NaN becomes null."""
        return json_record(self, hidden=("evidence",))


@dataclass(frozen=True)
class Evidence:
    """What a metric was computed from, so that those of two runs can be paired item by item.

    Attributes:
        columns: Item-level values.
        weights: The metric is this weighted sum of the columns' means (of their z scores, on that scale); empty if it
            is no such sum.
        scale: What the columns' means are.
        within: Whether an item counts only if it has a value in every column.
        ends: Lowest and highest possible value of an item in each column; None = not known.
        draws: Value in every bootstrap draw, the sample's own first, where there are no weights.
        dropped: Share of what was sampled that is in no draw, because something of it is missing.
    """

    columns: tuple["Column", ...]
    weights: tuple[float, ...] = ()
    scale: Scale = "mean"
    within: bool = False
    ends: tuple[float, float] | None = None
    draws: np.ndarray[Any, Any] | None = None
    dropped: float = 0.0


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
        draws: Bootstrap draws, for metrics whose interval is one; 0 = no intervals at all.
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
    """Item-level values of one quantity, summed by family.

    Attributes:
        names: Of the items, in the order of the values.
        values: One value per item (epochs averaged), NaN where the item has none.
        present, absent: Rows of each item with and without a value.
        unknown: Rows of which it is not known whether they belong here, since what decides that could not be read.
        items, families: How many have a value.
        mean: The mean over items, ready for intervals.
    """

    def __init__(
        self,
        sample: "Sample",
        values: np.ndarray[Any, Any],
        present: np.ndarray[Any, Any],
        absent: np.ndarray[Any, Any],
    ) -> None:
        self.values, self.present, self.absent, self.unknown = values, present, absent, np.zeros_like(absent)
        self._sample, self.names = sample, sample.items
        self.mean = item_mean(values, sample.family_of_item, sample.n_families)
        self.items, self.families = int(self.mean.items), int(self.mean.clusters)

    @property
    def family_names(self) -> Any:
        """Names of the items' families."""
        return self._sample.families[self._sample.family_of_item]

    @property
    def n(self) -> int:
        """Rows with a value."""
        return int(self.present.sum())

    @property
    def missing(self) -> int:
        """Rows without one."""
        return int(self.absent.sum())

    @property
    def estimate(self) -> float:
        """Mean over items; NaN without any."""
        return float(self.mean.estimate)

    @cached_property
    def sums(self) -> np.ndarray[Any, Any]:
        """Weighted sum of the values in every bootstrap draw, shape (draws + 1,); the first is the sample's own."""
        return self._drawn(np.where(np.isfinite(self.values), self.values, 0.0))

    @cached_property
    def counts(self) -> np.ndarray[Any, Any]:
        """Number of items in every bootstrap draw, shape (draws + 1,)."""
        return self._drawn(np.isfinite(self.values))

    def _drawn(self, each: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        by_family = np.bincount(self._sample.family_of_item, each, minlength=self._sample.n_families)
        return np.asarray(self._sample.weights @ by_family)

    @property
    def means(self) -> np.ndarray[Any, Any]:
        """Mean over items in every bootstrap draw, shape (draws + 1,)."""
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.asarray(self.sums / self.counts)

    @property
    def is_share(self) -> bool:
        """Whether all values lie in [0, 1]."""
        values = self.values[np.isfinite(self.values)]
        return bool(values.size) and bool(((values >= 0) & (values <= 1)).all())

    def bounds(self) -> Bounds:
        """95 % interval of the mean: Wilson's for a share, t for anything else, both clustered by family."""
        return share_interval(self.mean) if self.is_share else mean_interval(self.mean)


class Sample:
    """The rows of one task and model: item and family codes, and the bootstrap weights that all metrics share.

    Means, and sums and differences of two, get their intervals from formulas; the bootstrap is for what has none, such
    as ratios. Sharing its draws keeps every function of several columns paired. They are made when first asked for.
    """

    def __init__(self, table: pd.DataFrame, draws: int, seed: int) -> None:
        first: Any = table.iloc[0] if len(table) else {}
        self.task, self.model = str(first.get("task", "")), str(first.get("model", ""))
        codes, self.items = pd.factorize(table["item"].astype(object), sort=True)
        self.item = pd.Series(codes, index=table.index)
        family, names = pd.factorize(table["family"].astype(object), sort=True)
        self.family_of_item = np.zeros(len(self.items), dtype=np.int64)
        self.family_of_item[codes] = family
        self.families, self.n_families = names, len(names)
        self.draws, self.seed = draws, seed

    @cached_property
    def weights(self) -> np.ndarray[Any, Any]:
        """How often each family is drawn, shape (draws + 1, families); the first row is the sample itself."""
        return cluster_weights(self.n_families, self.draws, self.seed)

    def count(self, item: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        """How often each item occurs among item codes."""
        return np.bincount(item, minlength=len(self.items))

    def column(self, rows: pd.DataFrame, values: "pd.Series[float] | None" = None) -> Column:
        """Rows as a column: their values (or the given ones) averaged within the item."""
        value = (rows["value"] if values is None else values).to_numpy(dtype=float)
        item = self.item.loc[rows.index].to_numpy()
        return self.from_items(item, value)

    def from_items(self, item: np.ndarray[Any, Any], value: np.ndarray[Any, Any]) -> Column:
        """A column from item codes and values, row by row."""
        there = np.isfinite(value)
        total = np.bincount(item[there], value[there], minlength=len(self.items))
        present = self.count(item[there])
        with np.errstate(invalid="ignore", divide="ignore"):
            means = total / present
        return Column(self, means, present, self.count(item[~there]))

    def mean(self, rows: "pd.DataFrame | Column", arm: str, measure: str, by: str, headline: bool = False) -> Metric:
        """The mean over items as a metric; a share also gets its worst case."""
        column = rows if isinstance(rows, Column) else self.column(rows)
        worst = worst_case(column) if column.is_share else (float("nan"), float("nan"))
        return self.metric(column.estimate, [column], arm, measure, by, headline, column.bounds(), worst, (1.0,))

    def difference(
        self, left: Column, right: Column, arm: str, measure: str, by: str, headline: bool = False
    ) -> Metric:
        """The mean difference within items that have both: of shares by Newcombe's method, else t; both clustered."""
        values = left.values - right.values
        pair = Column(self, values, left.present + right.present, left.absent + right.absent)
        both = np.isfinite(pair.values)
        arms = [Column(self, np.where(both, side.values, np.nan), side.present, side.absent) for side in (left, right)]
        if all(arm.is_share for arm in arms):
            bounds = combination_interval((arms[0].mean, arms[1].mean), (1, -1))
        else:
            bounds = mean_interval(pair.mean)
        found = self.metric(pair.estimate, [pair], arm, measure, by, headline, bounds)
        return replace(found, evidence=Evidence((left, right), (1.0, -1.0), _scale(arms), within=True))

    def signal(self, hit: Column, alarm: Column, arm: str, by: str, headline: bool = False) -> list[Metric]:
        """D' = z(H) - z(FA) and c = -(z(H) + z(FA)) / 2, log-linear correction always.

        Args:
            hit: Items where the response is right; not empty.
            alarm: Items where the same response is wrong; not empty. They may be the same items.
            arm: As in `Metric`, like the next.
            by: Breakdown.
            headline: Whether both belong into a short summary.

        References:
            Hautus (1995), Behavior Research Methods 27, 46-51; the interval: `combination_interval`.
        """
        both = [hit, alarm]
        rates = [log_linear(column.estimate * column.items, column.items) for column in both]
        found = []
        for name, function, weights in (("d_prime", discernment, (1.0, -1.0)), ("c", bias, (-0.5, -0.5))):
            bounds = combination_interval((hit.mean, alarm.mean), weights, z_term)
            value = self.metric(float(function(*rates)), both, arm, name, by, headline, bounds)
            found.append(replace(value, evidence=Evidence((hit, alarm), weights, "z")))
        return found

    def metric(
        self, draws: "np.ndarray[Any, Any] | float", columns: Iterable[Column], arm: str, measure: str, by: str,
        headline: bool = False, bounds: Bounds | tuple[float, float] | None = None,
        worst: tuple[float, float] = (float("nan"), float("nan")), weights: Sequence[float] = (),
    ) -> Metric:  # fmt: skip
        """A metric from its estimate and interval, or from its value in every bootstrap draw.

        Args:
            draws: The estimate, alone or with its value in every bootstrap draw behind it.
            columns: What the value was computed from.
            arm: As in `Metric`, like the next three.
            measure: Its name.
            by: Breakdown.
            headline: Whether it belongs into a short summary.
            bounds: Its interval; without one it is the percentile interval of the draws, which covers less than 95 %
                in small samples.
            worst: Worst-case values.
            weights: One per column, if the estimate is the weighted sum of their means; two runs can then be compared
                without a bootstrap.
        """
        used, values = list(columns), np.atleast_1d(draws)
        low, high = interval(values) if bounds is None else bounds
        return Metric(
            task=self.task,
            model=self.model,
            arm=arm,
            measure=measure,
            by=by,
            estimate=float(values[0]),
            low=float(low) if self.draws else float("nan"),
            high=float(high) if self.draws else float("nan"),
            n=sum(column.n for column in used),
            missing=sum(column.missing for column in used),
            items=max((column.items for column in used), default=0),
            families=min((column.families for column in used), default=0),
            worst_low=worst[0],
            worst_high=worst[1],
            headline=headline,
            evidence=Evidence(
                tuple(used), tuple(weights), _scale(used), draws=values if len(values) > 1 and not weights else None
            ),
        )


def _scale(columns: Sequence[Column]) -> Scale:
    return "share" if all(column.is_share for column in columns) else "mean"


def worst_case(column: Column) -> tuple[float, float]:
    """The mean over rows if every missing row were 0, and if every one were 1."""
    rows = column.n + column.missing
    if not rows or not column.n:
        return float("nan"), float("nan")
    return column.estimate * column.n / rows, (column.estimate * column.n + column.missing) / rows


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
