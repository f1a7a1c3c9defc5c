"""Two runs beside each other: every metric's difference with its interval, item by item."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field, replace
from math import nan
from typing import Any

import pandas as pd

from equipoise.harness.compare.adjusted import Adjusted, adjusted_differences
from equipoise.harness.compare.judged import without_each_judge
from equipoise.harness.compare.pairing import Pair
from equipoise.harness.compare.sides import Shared, Side, share_tasks
from equipoise.harness.compare.task_metrics import Key, TaskMetrics, key_of
from equipoise.harness.metrics import Metric
from equipoise.harness.records import json_record
from equipoise.harness.report.scorecard import margin_of
from equipoise.harness.stats import DRAWS
from equipoise.harness.stats.multiplicity import benjamini_hochberg, holm
from equipoise.harness.stats.paired_binary import mcnemar_mid_p
from equipoise.harness.stats.permutation import SignFlips

BREAKDOWNS = ("task", "arm", "domain", "turn", "judge")
"""What differences can be broken down by; every one is of one task and one arm."""


@dataclass(frozen=True)
class Comparison:
    """One metric of baseline and candidate, over the items that both have a value for.

    Attributes:
        task, arm, measure, by: Which metric.
        margin: What it says of the task's two sides (`stands`, `bends`, …); empty if it is none of its margins.
        headline: Whether it is one of the task's headline metrics, or the task has none.
        baseline, candidate: Its value in either run, each over the run's own items.
        difference: Candidate - baseline over the shared items.
        low, high: 95 % interval of the difference, clustered by item family.
        p: Two-sided, of no difference; below .05 exactly where the interval leaves out 0.
        p_adjusted: Holm's over all headline metrics; Benjamini and Hochberg's q over the others, which are exploratory.
        p_permutation: Two-sided, of the sign-flip test over item families; NaN where the metric is no mean of items.
        p_mcnemar: Mid-p, if all values are 0 or 1 and no family has two items; else NaN.
        items, clusters: Shared items and their families.
        missing_baseline, missing_candidate: Share of rows without a value, 0 to 1.
        without_judge_low, without_judge_high: Range of the difference when one judge after the other is left out; NaN
            where no judge, or one alone, was asked.
        reason: Why there is no difference; empty if there is one.
        pair: The items behind it.
    """

    task: str
    arm: str
    measure: str
    by: str
    margin: str
    headline: bool
    baseline: float
    candidate: float
    difference: float = nan
    low: float = nan
    high: float = nan
    p: float = nan
    p_adjusted: float = nan
    p_permutation: float = nan
    p_mcnemar: float = nan
    items: int = 0
    clusters: int = 0
    missing_baseline: float = nan
    missing_candidate: float = nan
    without_judge_low: float = nan
    without_judge_high: float = nan
    reason: str = ""
    pair: Pair | None = field(default=None, repr=False, compare=False)

    def record(self) -> dict[str, Any]:
        """As a JSON object; NaN becomes null."""
        return json_record(self, hidden=("pair",))


@dataclass(frozen=True)
class Compared:
    """All comparisons of two runs.

    Attributes:
        baseline, candidate: The sides.
        shared: The tasks of both, with what could not be compared and what a reader must know.
        comparisons: One per metric, the headline metrics first within each task.
        adjusted: Differences without the judges' severity.
    """

    baseline: Side
    candidate: Side
    shared: list[Shared]
    comparisons: list[Comparison]
    adjusted: list[Adjusted]


def compare(
    baseline: Side, candidate: Side, by: Collection[str] = ("task", "arm"), everything: bool = False,
    draws: int = DRAWS, seed: int = 0,
) -> Compared:  # fmt: skip
    """Compare two models item by item.

    Args:
        baseline: What is compared with.
        candidate: What is compared.
        by: Breakdowns of the headline metrics to show besides, of `BREAKDOWNS`.
        everything: Whether to show all metrics with all breakdowns.
        draws: Bootstrap draws, for metrics that need them.
        seed: Of the bootstrap and of the permutation test.
    """
    shared = share_tasks(baseline, candidate)
    found: list[Comparison] = []
    for task in shared:
        if not task.reason:
            both = TaskMetrics(task, draws, seed)
            metrics = both.baseline.values()
            shown = {key_of(m) for m in metrics if everything or _is_shown(m, metrics, by)}
            main = {key for key, metric in both.baseline.items() if metric.headline} or set(both.baseline)
            found += _compared_task(both, shown | main, main, seed)
    return Compared(baseline, candidate, shared, _adjusted(found), adjusted_differences(baseline, candidate))


def _compared_task(both: TaskMetrics, shown: set[Key], main: set[Key], seed: int) -> list[Comparison]:
    pairs = {key: found for key in both.baseline if key in shown and (found := both.pair(key))}
    ranges = without_each_judge(both.task, list(pairs.values()))
    rows = []
    for key, metric in both.baseline.items():
        if key in pairs:
            low, high = ranges.get(key, (nan, nan))
            each = replace(compared(pairs[key], seed), without_judge_low=low, without_judge_high=high)
            rows.append(replace(each, headline=key in main))
        elif key in main and (reason := _unpaired(metric, both.candidate.get(key))):
            rows.append(replace(_blank(metric, both.candidate.get(key)), reason=reason))
    return rows


def _unpaired(one: Metric, other: Metric | None) -> str:
    """Why a headline metric has no difference; empty for one that has no interval in either run by its nature."""
    if other is None:
        return "the candidate has no such metric"
    drawn = one.evidence is not None and one.evidence.draws is not None
    return "its interval is a bootstrap, which needs the same items in both runs" if drawn else ""


def _is_shown(metric: Metric, all_metrics: Collection[Metric], by: Collection[str]) -> bool:
    """Whether a metric is a breakdown that is asked for of a headline metric; the last turn is no breakdown."""
    parts = dict(part.partition("=")[::2] for part in metric.by.split(",") if part)
    mains = [m for m in all_metrics if m.headline and (m.measure, m.arm) == (metric.measure, metric.arm)]
    last = {part for m in mains for part in m.by.split(",") if part.startswith("turn=")}
    kinds = {kind for kind, value in parts.items() if f"{kind}={value}" not in last}
    return bool(mains and kinds) and kinds <= set(by)


def compared(each: Pair, seed: int = 0) -> Comparison:
    """A pair's difference with interval and p values."""
    found = replace(
        _blank(each.baseline, each.candidate), items=each.n_items, clusters=each.n_clusters,
        missing_baseline=each.missing[0], missing_candidate=each.missing[1], pair=each,
    )  # fmt: skip
    if not each.n_items:
        return replace(found, reason="no item has a value in both runs")
    contrast = each.contrast()
    low, high = contrast.interval()
    return replace(
        found, difference=float(contrast.estimate), low=float(low), high=float(high), p=float(contrast.p_differs()),
        p_permutation=_permutation(each, seed), p_mcnemar=_mcnemar(each),
    )  # fmt: skip


def _blank(one: Metric, other: Metric | None) -> Comparison:
    """A comparison that knows either run by itself only."""
    value = other.estimate if other else nan
    return Comparison(one.task, one.arm, one.measure, one.by, margin_of(one), one.headline, one.estimate, value)


def _permutation(each: Pair, seed: int) -> float:
    there = pd.notna(each.differences)
    if not there.any():
        return nan
    return float(SignFlips(each.differences[there], each.family[there], seed=seed).test().p)


def _mcnemar(each: Pair) -> float:
    """Only for a plain rate whose items are independent."""
    there = pd.notna(each.differences)
    plain = len(each.terms) == 1 and len(set(each.family[there])) == there.sum() > 0
    if not plain or not pd.Series(each.terms[0].values[:, there].ravel()).isin([0, 1]).all():
        return nan
    values = each.differences[there]
    return float(mcnemar_mid_p((values < 0).sum(), (values > 0).sum()))


def _adjusted(found: list[Comparison]) -> list[Comparison]:
    """Holm over the headline metrics, false discovery rate over the others."""
    main = [each.headline for each in found]
    adjusted: dict[bool, Iterator[float]] = {
        kind: iter(function([each.p for each in found if each.headline is kind]))
        for kind, function in ((True, holm), (False, benjamini_hochberg))
    }
    return [replace(each, p_adjusted=float(next(adjusted[kind]))) for each, kind in zip(found, main, strict=True)]


def in_tasks(found: Iterable[Comparison]) -> dict[str, list[Comparison]]:
    """Comparisons by task; margins first, then the other headline metrics."""
    grouped: dict[str, list[Comparison]] = {}
    for each in sorted(found, key=lambda c: (not c.margin, not c.headline)):
        grouped.setdefault(each.task, []).append(each)
    return grouped
