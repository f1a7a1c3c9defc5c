"""Intervals of clustered means: of one share or mean, and of sums and differences of two shares, raw or as z scores.

Their coverage is simulated by `benchmarks/interval_coverage.py`.
"""

from collections.abc import Callable, Sequence
from itertools import combinations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import stdtrit

from equipoise.harness.stats.clusters import NO_SPREAD, ClusterMean, correlation
from equipoise.harness.stats.rates import clopper_pearson, wilson
from equipoise.harness.stats.signal import log_linear, z

Array = NDArray[np.float64]
Bounds = tuple[Array, Array]
"""Lower end, upper end."""
Term = tuple[Array, Array, Array]
"""Estimate, lower end, upper end."""


def mean_interval(mean: ClusterMean, level: ArrayLike = 0.95) -> Bounds:
    """Mean ± t(df) sqrt(CR2), for values without bounds; NaN where nothing varies, which is no certainty.

    References:
        Bell & McCaffrey (2002), Survey Methodology 28, 169-181.
    """
    with np.errstate(invalid="ignore"):
        varies = mean.variance > NO_SPREAD * np.maximum(mean.estimate**2, NO_SPREAD)
        half = np.where(varies, stdtrit(mean.df, (1 + np.asarray(level)) / 2) * np.sqrt(mean.variance), np.nan)
    return mean.estimate - half, mean.estimate + half


def share_interval(mean: ClusterMean, level: float = 0.95) -> Bounds:
    """Wilson interval of a share with its effective sample size; at exactly 0 or 1 the exact one over its clusters.

    References:
        Wilson (1927), Clopper & Pearson (1934), Korn & Graubard (1998). Franco, Little, Louis & Slud (2019), Journal of
        Survey Statistics and Methodology 7, 334-364, compare intervals for clustered samples and recommend this form.
    """
    _, low, high = share_term(mean, level)
    with np.errstate(invalid="ignore"):
        exact_low, exact_high = clopper_pearson(mean.estimate * mean.clusters, mean.clusters, level)
    at_an_end = (mean.estimate <= 0) | (mean.estimate >= 1)
    return np.where(at_an_end, exact_low, low), np.where(at_an_end, exact_high, high)


def share_term(mean: ClusterMean, level: ArrayLike = 0.95) -> Term:
    """A share with its Wilson interval."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return (mean.estimate, *wilson(mean.estimate, mean.effective(level), level))


def z_term(mean: ClusterMean, level: ArrayLike = 0.95) -> Term:
    """The z score of a share after the log-linear correction, with the corrected share's Wilson interval.

    The correction adds one observation, half of it a success, so both ends are finite at rates of 0 and 1 too.

    References:
        Hautus (1995), Behavior Research Methods 27, 46-51.
    """
    rate = log_linear(mean.estimate * mean.items, mean.items)
    with np.errstate(invalid="ignore", divide="ignore"):
        low, high = wilson(rate, mean.effective(level) + 1, level)
    return z(rate), z(low), z(high)


def combination_interval(
    means: Sequence[ClusterMean],
    weights: Sequence[float],
    term: Callable[[ClusterMean, ArrayLike], Term] = share_term,
    level: ArrayLike = 0.95,
) -> Bounds:
    """Interval of a weighted sum of shares (weights 1, -1: the difference of two), or of their z scores.

    The method of variance estimates recovery (MOVER): the distance d from a term's estimate to its own limit stands for
    its standard error in that direction, so that the limits are estimate ± sqrt(d' R d) with R the correlations of the
    terms. For a difference of two rates on the same independent items this is Newcombe's method 10.

    Args:
        means: Shares over the same clusters.
        weights: Factor of each.
        term: Estimate and limits of one share, `share_term` or `z_term`.
        level: Coverage in (0, 1).

    References:
        Newcombe (1998), Statistics in Medicine 17, 2635-2650; Zou & Donner (2008), Statistics in Medicine 27,
        1693-1702; Zou, Huang & Zhang (2009), Computational Statistics and Data Analysis 53, 1080-1085.
    """
    terms = [_scaled(term(mean, level), weight) for mean, weight in zip(means, weights, strict=True)]
    pairs = list(combinations(range(len(terms)), 2))
    related = [_related([means[place] for place in pair], [weights[place] for place in pair], level) for pair in pairs]
    estimate = sum((each for each, _, _ in terms), start=np.zeros(()))
    down = _distance([each - low for each, low, _ in terms], pairs, related)
    up = _distance([high - each for each, _, high in terms], pairs, related)
    return estimate - down, estimate + up


def _related(means: Sequence[ClusterMean], weights: Sequence[float], level: ArrayLike) -> Array:
    """Correlation of two weighted terms, with Newcombe's correction where it makes the interval narrower."""
    found = np.sign(weights[0] * weights[1]) * correlation(means[0], means[1])
    narrower = np.minimum(found + _continuity(means[0], means[1], level), 0)
    return np.asarray(np.where(found < 0, narrower, found))


def _distance(sides: Sequence[Array], pairs: Sequence[tuple[int, ...]], related: Sequence[Array]) -> Array:
    """sqrt(d' R d) of the terms' distances to their limits on one side."""
    square = sum((side**2 for side in sides), start=np.zeros(()))
    for (one, other), correlated in zip(pairs, related, strict=True):
        square = square + 2 * correlated * sides[one] * sides[other]
    return np.asarray(np.sqrt(np.maximum(square, 0)))


def _scaled(term: Term, weight: float) -> Term:
    estimate, low, high = (weight * value for value in term)
    return (estimate, high, low) if weight < 0 else (estimate, low, high)


def _continuity(left: ClusterMean, right: ClusterMean, level: ArrayLike) -> Array:
    """Newcombe's correction of the correlation, 1/2n before division by the standard deviations.

    Applied where the correlation makes the interval narrower: without it, two arms that agree on every item would get
    a width of nearly 0 from a handful of items.
    """
    shares = [mean.estimate * (1 - mean.estimate) * mean.effective(level) for mean in (left, right)]
    with np.errstate(divide="ignore"):
        return np.asarray(0.5 / np.sqrt(shares[0] * shares[1]))
