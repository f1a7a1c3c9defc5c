"""How many independent judges a panel is worth: measured against reference labels, bounded without them.

A panel of J judges that make the same mistakes is worth less than J. What counts is how their *errors* correlate, and
an error is the difference to a true value. Votes alone do not tell a mistake that all judges share from the truth that
all of them see, so without reference labels (human ratings, control agents whose score is known by construction) there
are only bounds. The common short cut, the deviation from the other judges' mean, is no error: with independent judges
such deviations correlate by -1 / (J - 1), whatever the judges do.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from equipoise.harness.stats import DRAWS
from equipoise.harness.stats.clusters import NO_SPREAD
from equipoise.judges.agreement.moments import correlations, pair_moments
from equipoise.judges.agreement.resample import (
    Array,
    Codes,
    Estimate,
    Record,
    bootstrap,
    cluster_codes,
    corrected_estimate,
    estimate,
)


@dataclass(frozen=True)
class EffectiveJudges(Record):
    """What a panel is worth, from errors.

    Attributes:
        judges: J.
        correlation: Mean correlation of two judges' errors.
        effective: J / (1 + (J - 1) correlation).
        dimensions: J^2 / sum of all squared correlations.
    """

    judges: int
    correlation: Estimate
    effective: Estimate
    dimensions: Estimate


@dataclass(frozen=True)
class EffectiveBounds(Record):
    """What votes alone say about the effective number of judges.

    Attributes:
        judges: J.
        correlation: Mean correlation of two judges' votes.
        floor: The number if all that judges share were error.
        ceiling: The number of independent ways in which judges differ, plus one for what they share.
    """

    judges: int
    correlation: Estimate
    floor: Estimate
    ceiling: Estimate


def effective_judges(
    errors: ArrayLike, clusters: ArrayLike | None = None, draws: int = DRAWS, seed: int = 0
) -> EffectiveJudges:
    """How many independent judges the panel's plain mean is worth, given the judges' errors.

    With r the mean correlation of two judges' errors, n_eff = J / (1 + (J - 1) r): for errors of equal variance, the
    variance of one judge's error divided by that of the panel mean (Kish's design effect). It is J for independent
    errors, 1 for copies, 1.8 for two copies and an independent third judge, and above J for errors that cancel. The
    version from the eigenvalues l of the correlation matrix, (sum l)^2 / sum l^2 = J^2 / sum r_jk^2, counts the
    independent directions of error whatever their sign. Sampling noise lowers it (by a share of about J / units), which
    the bootstrap draws correct.

    Limits: both see item-level noise only. A judge's mean error (severity) drops out of correlations; what all judges
    get wrong in the same way at a level of truth drops out if the errors come from `errors_given_truth`, and counts as
    shared if they are plain differences. Errors in the labels themselves are shared by all judges and lower both.

    Args:
        errors: Shape (units, judges), NaN = missing; see `errors_given_truth`.
        clusters: Cluster of each unit (its item family); None = units are independent.
        draws: Bootstrap samples of clusters; 0 = no intervals.
        seed: Seed of the bootstrap.

    Returns:
        NaN, with the reason, for a single judge, a judge whose errors do not vary, or two judges without a shared unit;
        `effective` also where errors cancel altogether.

    References:
        Kish (1965), Survey Sampling, section 8.2. Bretherton et al. (1999), Journal of Climate 12, 1990-2009, for the
        eigenvalues. Applied to panels of language models: Kohli (2026), arXiv 2605.29800.
    """
    matrix = np.asarray(errors, dtype=float)
    codes = cluster_codes(clusters, len(matrix))
    panel = Effective(matrix, codes)
    return panel.read_errors(bootstrap([panel.error_statistic], codes, draws, seed)[0])


def effective_bounds(
    votes: ArrayLike, clusters: ArrayLike | None = None, draws: int = DRAWS, seed: int = 0
) -> EffectiveBounds:
    """Bounds of `effective_judges` that need no reference labels.

    The floor takes all that two judges share for error: the formula of `effective_judges` with the correlations of the
    votes. Judges who see the truth at all make it small, so it is a floor and no estimate.

    The ceiling takes all that all judges share for truth. S is the covariance matrix of the votes, P = I - 11'/J takes
    their mean away, and 1 + tr(PSP)^2 / tr((PSP)^2) counts the independent directions in which judges differ, plus one:
    J for independent judges, 1 for copies, 2 for two copies and one other judge. It shows judges that go together
    against the others; a mistake that all of them share is invisible, however large.

    Both hold for judges of one scale and equal noise whose errors depend neither on the truth nor negatively on each
    other (the floor by algebra; the ceiling without exception in 200,000 random correlation matrices). Judges with
    unequal noise, or who use more or less of the scale, lower the ceiling too: standard deviations of 1, 1 and 2 give
    2.6 instead of 3. The intervals are about sampling, not about the gap between floor and ceiling.

    Args:
        votes: Shape (units, judges), NaN = missing.
        clusters: As in `effective_judges`.
        draws: As in `effective_judges`.
        seed: As in `effective_judges`.

    Returns:
        NaN, with the reason, as in `effective_judges`.

    References:
        The floor: Kish (1965), as above. The ceiling is our own use of Bretherton et al. (1999), as above.
    """
    matrix = np.asarray(votes, dtype=float)
    codes = cluster_codes(clusters, len(matrix))
    panel = Effective(matrix, codes)
    return panel.read_bounds(bootstrap([panel.bound_statistic], codes, draws, seed)[0])


class Effective:
    """Effective numbers of judges from moments by cluster.

    Args:
        values: Errors or votes, shape (units, judges), NaN = missing.
        clusters: Shape (units,), whole numbers from 0.
    """

    def __init__(self, values: Array, clusters: Codes) -> None:
        self.judges = values.shape[1]
        left, right = np.triu_indices(self.judges, k=1)
        self._left, self._right = left, right
        self._moments = pair_moments(values[:, left], values[:, right], clusters)
        there = np.isfinite(values)
        self.units = int((there.sum(axis=1) > 1).sum())
        self._lone = bool((~(there[:, left] & there[:, right]).any(axis=0)).any())

    def error_statistic(self, weights: Array) -> Array:
        """Weights of the clusters, (rows, clusters) -> mean correlation, n_eff, dimensions."""
        pairs = correlations(self._moments(weights))
        mean, worth = self._kish(pairs)
        dimensions = self.judges**2 / (self.judges + 2 * (pairs**2).sum(axis=1))
        return np.stack([mean, worth, dimensions if self.judges > 1 else mean], axis=1)

    def bound_statistic(self, weights: Array) -> Array:
        """Weights of the clusters, (rows, clusters) -> mean correlation, floor, ceiling."""
        one, two, shared = self._moments(weights)
        mean, floor = self._kish(correlations((one, two, shared)))
        return np.stack([mean, floor, self._ceiling(one, two, shared)], axis=1)

    def read_errors(self, values: Array) -> EffectiveJudges:
        """The estimates, from the statistic in the sample and in every draw."""
        return EffectiveJudges(self.judges, *self._estimates(values, "errors"))

    def read_bounds(self, values: Array) -> EffectiveBounds:
        """The bounds, from the statistic in the sample and in every draw."""
        return EffectiveBounds(self.judges, *self._estimates(values, "votes"))

    def _kish(self, pairs: Array) -> tuple[Array, Array]:
        if self.judges < 2:
            return np.full(len(pairs), np.nan), np.full(len(pairs), np.nan)
        mean = pairs.mean(axis=1)
        inflation = 1 + (self.judges - 1) * mean
        with np.errstate(invalid="ignore", divide="ignore"):
            return mean, np.where(inflation > NO_SPREAD, self.judges / inflation, np.nan)

    def _ceiling(self, one: Array, two: Array, shared: Array) -> Array:
        """The pairs' moments as covariance matrices; a judge's variance is its mean over the pairs it is in."""
        size = self.judges
        if size < 2:
            return np.full(len(one), np.nan)
        matrix = np.zeros((len(one), size, size))
        matrix[:, self._left, self._right] = matrix[:, self._right, self._left] = shared
        for pair, (j, k) in enumerate(zip(self._left, self._right, strict=True)):
            matrix[:, j, j] += one[:, pair] / (size - 1)
            matrix[:, k, k] += two[:, pair] / (size - 1)
        varied = np.minimum(one, two).min(axis=1) > NO_SPREAD
        apart = matrix - matrix.mean(axis=1, keepdims=True)
        apart = apart - apart.mean(axis=2, keepdims=True)
        trace, squares = np.trace(apart, axis1=1, axis2=2), (apart**2).sum(axis=(1, 2))
        with np.errstate(invalid="ignore", divide="ignore"):
            same = trace <= NO_SPREAD * np.trace(matrix, axis1=1, axis2=2)
            ceiling = 1 + np.where(same, 0.0, trace**2 / squares)
        return np.where(varied, ceiling, np.nan)

    def _estimates(self, values: Array, what: str) -> tuple[Estimate, Estimate, Estimate]:
        reason = f"the {what} of a judge do not vary"
        if self.judges < 2:
            reason = "a single judge"
        elif self._lone:
            reason = "two judges share no unit"
        mean = estimate(values[:, 0], self.units, reason)
        worth = estimate(values[:, 1], self.units, mean.reason or f"the {what} cancel: their mean does not vary")
        return mean, worth, corrected_estimate(values[:, 2], self.units, reason, (1, self.judges))
