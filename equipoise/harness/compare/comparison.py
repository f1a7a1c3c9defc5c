"""Two runs beside each other: every metric's difference with its interval, item by item."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field, fields, replace
from math import isfinite, nan
from typing import Any

import pandas as pd

from equipoise.harness.compare.adjusted import Adjusted, adjusted_differences
from equipoise.harness.compare.judged import key_of, without_each_judge
from equipoise.harness.compare.pairing import Pair, pair
from equipoise.harness.compare.sides import Shared, Side, share_tasks
from equipoise.harness.metrics import Metric, compute_metrics
from equipoise.harness.report.scorecard import margin_of
from equipoise.harness.stats import DRAWS
from equipoise.harness.stats.multiplicity import benjamini_hochberg, holm
from equipoise.harness.stats.paired_binary import mcnemar_mid_p
from equipoise.harness.stats.permutation import SignFlips

BREAKDOWNS = ("task", "arm", "domain", "turn", "judge")


@dataclass(frozen=True)
class Comparison:
    """One metric of baseline and candidate, over the items that both have a value for.

    Attributes:
        task, arm, measure, by: Which metric.
        margin: What it says of the task's two sides (`stands`, `bends`, …); empty if it is none of its margins.
        headline: Whether it is one of the task's headline metrics.
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
        found = {each.name: getattr(self, each.name) for each in fields(self) if each.name != "pair"}
        return {k: None if isinstance(v, float) and not isfinite(v) else v for k, v in found.items()}


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
    baseline: Side, candidate: Side, by: Collection[str] = ("task", "arm"), draws: int = DRAWS, seed: int = 0
) -> Compared:
    """Compare two models item by item.

    Args:
        baseline: What is compared with.
        candidate: What is compared.
        by: Breakdowns to show, of `BREAKDOWNS`; the headline metrics are always shown.
        draws: Bootstrap draws, for metrics that need them.
        seed: Of the bootstrap and of the permutation test.
    """
    shared = share_tasks(baseline, candidate)
    found: list[Comparison] = []
    for task in shared:
        if not task.reason:
            pairs = [each for each in pair_metrics(task, draws, seed) if _is_shown(each, by)]
            ranges = without_each_judge(task, pairs)
            for each in pairs:
                low, high = ranges.get(key_of(each.baseline), (nan, nan))
                found.append(replace(compared(each, seed), without_judge_low=low, without_judge_high=high))
    return Compared(baseline, candidate, shared, _adjusted(found), adjusted_differences(baseline, candidate))


def pair_metrics(task: Shared, draws: int = DRAWS, seed: int = 0, conditional: bool = True) -> list[Pair]:
    """Every metric that both runs have, paired.

    Args:
        task: In both runs.
        draws: Bootstrap draws.
        seed: Of the bootstrap.
        conditional: See `pair`.
    """
    sides = [{key_of(m): m for m in compute_metrics(rows, draws, seed)} for rows in (task.baseline, task.candidate)]
    names = [set(rows["item"].astype(str).unique()) for rows in (task.baseline, task.candidate)]
    asked = names[1] | set(task.candidate["family"].astype(str).unique())  # some metrics are about families
    found = []
    for key, metric in sides[0].items():
        other = sides[1].get(key)
        if other is not None and _can_pair(metric, other, names[0] == names[1]):
            found.append(pair(metric, other, asked, conditional))
    return found


def _can_pair(one: Metric, other: Metric, same_items: bool) -> bool:
    """Weighted sums pair over whatever items are shared; bootstrap draws only if the items are the same."""
    if one.evidence is None or other.evidence is None:
        return False
    if one.evidence.weights:
        return one.evidence.weights == other.evidence.weights
    return same_items and one.evidence.draws is not None and other.evidence.draws is not None


def _is_shown(each: Pair, by: Collection[str]) -> bool:
    metric = each.baseline
    parts = {part.split("=")[0] for part in metric.by.split(",") if part}
    return metric.headline or (bool(parts) and parts <= set(by))


def compared(each: Pair, seed: int = 0) -> Comparison:
    """A pair's difference with interval and p values."""
    one, other = each.baseline, each.candidate
    found = Comparison(
        one.task, one.arm, one.measure, one.by, margin_of(one), one.headline, one.estimate, other.estimate,
        items=each.n_items, clusters=each.n_clusters, missing_baseline=each.missing[0],
        missing_candidate=each.missing[1], pair=each,
    )  # fmt: skip
    if not each.n_items:
        return replace(found, reason="no item has a value in both runs")
    contrast = each.contrast()
    low, high = contrast.interval()
    return replace(
        found, difference=float(contrast.estimate), low=float(low), high=float(high), p=float(contrast.p_differs()),
        p_permutation=_permutation(each, seed), p_mcnemar=_mcnemar(each),
    )  # fmt: skip


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
