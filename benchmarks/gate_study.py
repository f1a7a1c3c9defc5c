"""The release gate on thousands of simulated pairs of runs at once, for the studies of its error rates.

Such a comparison is one `Sampled`, a `Pair` whose items carry leading axes, so that the gate's own contrasts, fillings
and p values decide on all of them together. Independent items with few different outcomes are held as counts of
outcomes, which give the same means, variances and covariances as the items themselves.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from math import nan
from typing import Any

import numpy as np

from equipoise.harness.compare.pairing import Fill, Pair, Term
from equipoise.harness.gate.policy import Benchmark, Policy, default_policy
from equipoise.harness.metrics import Evidence, Metric
from equipoise.harness.stats import ClusterMean, Contrast, Scale, cluster_mean
from equipoise.harness.stats.multiplicity import holm

Array = np.ndarray[Any, Any]


@dataclass(frozen=True)
class Sampled(Pair):
    """A pair with one comparison in every place of some leading axes.

    The values of a term have shape (2, ..., items), or (2, outcomes) with the number of items of each outcome.

    Attributes:
        counts: Items of each outcome, shape (..., outcomes), all of them families of their own; None = the values are
            those of items.
    """

    counts: Array | None = None

    def contrast(self, weights: tuple[float, float] = (-1.0, 1.0), fill: Fill = "none") -> Contrast:
        """As of a pair; never one of bootstrap draws."""
        found = super().contrast(weights, fill)
        assert isinstance(found, Contrast)
        return found

    def _mean(self, values: Array) -> ClusterMean:
        if self.counts is not None:
            return mean_of_outcomes(values, self.counts)
        there = np.isfinite(values)
        known = np.where(there, values, 0.0)
        sums, items = (_by_family(each, self.family) for each in (known, there.astype(float)))
        return cluster_mean(sums, items, (known**2).sum(axis=-1))

    @cached_property
    def missing_shares(self) -> Array:
        """Share of rows without a value in each run, shape (2, ...); of the worst term."""
        weights = 1.0 if self.counts is None else self.counts
        shares = []
        for term in self.terms:
            rows = np.broadcast_to(term.absent + term.present, term.values.shape)
            asked = (weights * (rows[0] > 0)).sum(axis=-1)
            shares.append([(weights * np.nan_to_num(each)).sum(axis=-1) / asked for each in term.missing_share])
        return np.asarray(np.max(shares, axis=0))

    @property
    def missing(self) -> tuple[float, float]:
        """The largest over all places, which tells whether anything is missing anywhere."""
        one, two = self.missing_shares.reshape(2, -1).max(axis=1)
        return float(one), float(two)


def sampled(
    *columns: Array, weights: Sequence[float] = (1.0,), counts: Array | None = None, family: Array | None = None,
    scale: Scale = "share", ends: tuple[float, float] | None = None,
) -> Sampled:  # fmt: skip
    """A metric in both runs, one column per term.

    Args:
        columns: Baseline and candidate, shape (2, ..., items) or (2, outcomes); NaN = missing.
        weights: The metric is this weighted sum of the columns' means.
        counts: See `Sampled`.
        family: Code of each item's family; None = one of its own.
        scale: Of the metric.
        ends: Lowest and highest value of an item.
    """
    items = columns[0].shape[-1]
    evidence = Evidence((), tuple(weights), scale, within=len(columns) > 1, ends=ends)
    metric = Metric("task", "model", "", "measure", "", nan, nan, nan, 0, 0, evidence=evidence)
    terms = tuple(
        Term(weight, column, np.isfinite(column) * 1.0, np.isnan(column) * 1.0)
        for weight, column in zip(weights, columns, strict=True)
    )
    codes = np.arange(items) if family is None else family
    return Sampled(metric, metric, np.arange(items), codes, terms, counts=counts)


def mean_of_outcomes(values: Array, counts: Array) -> ClusterMean:
    """What `cluster_mean` makes of independent items, from the number of items of each outcome.

    Items with equal outcomes have equal parts, so sqrt(count) times one of them stands for all in sums of products.

    Args:
        values: Of each outcome, shape (outcomes,); NaN = none.
        counts: Items, shape (..., outcomes).
    """
    there = np.isfinite(values)
    known, weights = np.where(there, values, 0.0), counts * there
    items = weights.sum(axis=-1)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = weights @ known / items
        parts = np.sqrt(weights) * (known - mean[..., None]) / np.sqrt(items * (items - 1))[..., None]
        spread = np.maximum(weights @ known**2 / items - mean**2, 0)
    return ClusterMean(mean, items, items, spread, parts, np.where(items > 1, items - 1, np.nan))


def _by_family(values: Array, family: Array) -> Array:
    """Sums over the last axis; families are in order."""
    return np.add.reduceat(values, np.flatnonzero(np.diff(family, prepend=-1)), axis=-1)


@dataclass(frozen=True)
class Verdicts:
    """What the gate says of every replication.

    Attributes:
        passed, breached: Of each comparison, shape (replications, comparisons).
    """

    passed: Array
    breached: Array

    @property
    def go(self) -> Array:
        """Replications with GO."""
        return np.asarray(self.passed.all(axis=1))

    @property
    def no_go(self) -> Array:
        """Replications with NO-GO."""
        return np.asarray(self.breached.any(axis=1))


def drop(limit: float | None = 0.05, relative: float | None = None, **fields: Any) -> Benchmark:
    """A benchmark of a policy."""
    return Benchmark(name="task", metric="measure", max_drop=limit, max_relative_drop=relative, **fields)


def verdicts(pairs: Sequence[Sampled], benchmarks: Sequence[Benchmark], policy: Policy | None = None) -> Verdicts:
    """The gate's decisions: every comparison passes by itself, breaches are protected together by Holm's procedure.

    Args:
        pairs: Leading axes (replications,) or (replications, comparisons).
        benchmarks: The limits of each.
        policy: Alpha, multiplicity and what may be missing; None = the default policy.
    """
    policy = policy or default_policy()
    sizes = [pair.contrast().estimate for pair in pairs]
    comparisons = sum(each.size // len(each) for each in sizes)
    tested = [_tested(pair, benchmark, policy, comparisons) for pair, benchmark in zip(pairs, benchmarks, strict=True)]
    p = np.concatenate([each.reshape(len(each), -1) for _, each in tested], axis=1)
    if policy.multiplicity == "holm":
        for row in np.flatnonzero((p <= policy.alpha).any(axis=1)):
            p[row] = holm(p[row])
    ends = np.cumsum([each[0].size for _, each in tested])[:-1]
    with np.errstate(invalid="ignore"):
        beyond = np.split(p <= policy.alpha, ends, axis=1)
    breached = [each.reshape(found.shape).any(axis=2) for each, (_, found) in zip(beyond, tested, strict=True)]
    passed = [passes.all(axis=2) for passes, _ in tested]
    broken = np.concatenate(breached, axis=1)
    return Verdicts(np.concatenate(passed, axis=1) & ~broken, broken)


def _tested(pair: Sampled, benchmark: Benchmark, policy: Policy, comparisons: int) -> tuple[Array, Array]:
    """Which limits pass, and the p values of a breach, both of shape (replications, comparisons, limits).

    A p value is at most alpha exactly where the interval at level 1 - 2 alpha ends on that side of the limit. So p
    values are only computed there and stand at 1 elsewhere, which no rejection depends on.
    """
    worst_case = policy.missing.bounds == "worst_case" and sum(pair.missing) > 0
    obstacle = _obstacle(pair, policy, comparisons)
    passes, p = [], []
    for _, _, weights, edge in benchmark.hypotheses:
        low = pair.contrast(weights, "lowest" if worst_case else "none").interval(1 - 2 * policy.alpha)[0]
        best = pair.contrast(weights, "highest" if worst_case else "none")
        with np.errstate(invalid="ignore"):
            near = (best.interval(1 - 2 * policy.alpha)[1] <= edge) & ~obstacle
            passes.append((low >= edge) & ~obstacle)
        found = np.where(obstacle, np.nan, 1.0)
        found[near] = at(best, near).p_below(edge)
        p.append(found)
    shape = (len(obstacle), -1, len(benchmark.hypotheses))
    return np.stack(passes, axis=-1).reshape(shape), np.stack(p, axis=-1).reshape(shape)


def _obstacle(pair: Sampled, policy: Policy, comparisons: int) -> Array:
    """Where too few items are there, or too many answers are missing, or too unequally."""
    shared = pair.contrast()
    present = np.min([mean.items for mean in shared.means], axis=0)
    with np.errstate(invalid="ignore"):
        found = (present < policy.min_items) | (shared.clusters < policy.min_clusters)
        found = found | ~np.isfinite(shared.interval(1 - 2 * policy.alpha)[0])
    if sum(pair.missing) > 0:
        found = found | (pair.missing_shares > policy.missing.max_missing).any(axis=0)
        one, two = (pair._mean(pair.terms[0].missing_share[side]) for side in (0, 1))
        low, high = Contrast((two, one), (1.0, -1.0)).interval(1 - policy.alpha / comparisons)
        found = found | (low > 0) | (high < 0)
    return np.broadcast_to(found, shared.estimate.shape)


def at(contrast: Contrast, places: Array) -> Contrast:
    """The contrast in some places of its leading axes."""
    shape = contrast.estimate.shape

    def chosen(mean: ClusterMean) -> ClusterMean:
        fields = [getattr(mean, name) for name in ("estimate", "items", "clusters", "spread", "parts", "df")]
        spread = [np.broadcast_to(each, (*shape, each.shape[-1]) if i == 4 else shape) for i, each in enumerate(fields)]
        return ClusterMean(*(each[places] for each in spread))

    return Contrast(tuple(chosen(mean) for mean in contrast.means), contrast.weights, contrast.scale)
