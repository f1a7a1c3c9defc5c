"""What each judge of a panel does: how often it fails, how it uses the scale, how it differs from the others."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from equipoise.harness.stats import ClusterMean, cluster_mean, mean_interval, share_interval
from equipoise.harness.table import MISSING
from equipoise.judges.agreement.moments import correlations, pair_moments
from equipoise.judges.agreement.panel import Panel
from equipoise.judges.agreement.resample import Array, Codes, Estimate, Record, cluster_sums, estimate

FEW_VALUES = 3
"""Different values a scale needs before its ends are extreme: of two values each one is an end."""


@dataclass(frozen=True)
class JudgeSummary(Record):
    """One judge in a panel.

    Attributes:
        judge: Its name.
        asked, votes: Units it was asked about, and those it gave a value for.
        missing_rate: Share of the units it was asked about without a value (Wilson interval).
        missing: The same by reason, for the reasons that occur.
        mean: Mean vote (t interval).
        sd: Standard deviation of its votes.
        severity: Mean of the other judges' mean vote minus its own, over the units it shares with any of them (t
            interval): above 0 = it gives lower votes than the others. In a panel without gaps the severities sum to 0.
        with_rest: Correlation of its votes with the other judges' mean vote (bootstrap interval).
        extremes: Share of its votes at either end of the scale (Wilson interval); the ends are the lowest and highest
            vote of the whole panel, NaN if the panel used fewer than three values.

    All intervals are clustered by item family.
    """

    judge: str
    asked: int
    votes: int
    missing_rate: Estimate
    missing: dict[str, Estimate]
    mean: Estimate
    sd: float
    severity: Estimate
    with_rest: Estimate
    extremes: Estimate


class Summaries:
    """The summaries of a panel's judges; the correlations come from bootstrap draws, the rest from formulas."""

    def __init__(self, panel: Panel) -> None:
        self._panel, self._rest = panel, rest_means(panel.votes)
        self._moments = pair_moments(panel.votes, self._rest, panel.clusters)

    def statistic(self, weights: Array) -> Array:
        """Weights of the clusters, (rows, clusters) -> each judge's correlation with the rest."""
        return correlations(self._moments(weights))

    def read(self, values: Array) -> tuple[JudgeSummary, ...]:
        """The summaries, from the correlations in the sample and in every draw (if any)."""
        intervals = len(values) > 1
        return tuple(self._judge(j, values[:, j], intervals) for j in range(len(self._panel.judges)))

    def _judge(self, j: int, with_rest: Array, intervals: bool) -> JudgeSummary:
        panel, votes = self._panel, self._panel.votes[:, j]
        given = votes[np.isfinite(votes)]
        asked, reasons = panel.reasons[:, j] >= 0, panel.reasons[:, j]

        def rate(found: NDArray[np.bool_]) -> Estimate:
            return _mean(np.where(asked, found, np.nan), panel.clusters, True, intervals, "asked about no unit")

        shared = np.isfinite(votes) & np.isfinite(self._rest[:, j])
        few = f"the panel used fewer than {FEW_VALUES} values"
        return JudgeSummary(
            judge=panel.judges[j],
            asked=int(asked.sum()),
            votes=len(given),
            missing_rate=rate(reasons > 0),
            missing={MISSING[code]: rate(reasons == code) for code in np.unique(reasons[reasons > 0])},
            mean=_mean(votes, panel.clusters, False, intervals, "no vote"),
            sd=float(given.std(ddof=1)) if len(given) > 1 else float("nan"),
            severity=_mean(self._rest[:, j] - votes, panel.clusters, False, intervals, "no unit shared with others"),
            with_rest=estimate(with_rest, int(shared.sum()), "the judge or the rest do not vary on shared units"),
            extremes=_mean(self._extreme(votes), panel.clusters, True, intervals, few),
        )

    def _extreme(self, votes: Array) -> Array:
        values = np.unique(self._panel.votes[np.isfinite(self._panel.votes)])
        if len(values) < FEW_VALUES:
            return np.full(votes.shape, np.nan)
        return np.where(np.isfinite(votes), (votes == values[0]) | (votes == values[-1]), np.nan)


def rest_means(votes: Array) -> Array:
    """For each vote's place the mean of the unit's other votes; NaN without any. Shape (units, judges)."""
    there = np.isfinite(votes)
    known = np.where(there, votes, 0.0)
    others = there.sum(axis=1, keepdims=True) - there
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(others > 0, (known.sum(axis=1, keepdims=True) - known) / others, np.nan)


def _mean(values: Array, clusters: Codes, is_share: bool, intervals: bool, reason: str) -> Estimate:
    """The mean over units that have a value, with the interval for clustered shares or means."""
    mean = _cluster_mean(values, clusters)
    low, high = (share_interval if is_share else mean_interval)(mean) if intervals else (np.nan, np.nan)
    value = float(mean.estimate)
    return Estimate(value, float(low), float(high), int(mean.items), reason if np.isnan(value) else "")


def _cluster_mean(values: Array, clusters: Codes) -> ClusterMean:
    there = np.isfinite(values)
    known = np.where(there, values, 0.0)
    sums = cluster_sums(np.stack([known, there.astype(float)], axis=1), clusters)
    return cluster_mean(sums[:, 0], sums[:, 1], known @ known)
