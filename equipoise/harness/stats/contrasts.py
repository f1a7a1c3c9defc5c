"""Contrasts: weighted sums of clustered means, with an interval and one-sided p values that agree with it.

A difference of two runs, a difference of two arms' differences, a relative limit and a difference of d' are all of this
form, so they are all tested in the same way.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import stdtr, stdtrit

from equipoise.harness.stats.bootstrap import interval
from equipoise.harness.stats.clusters import NO_SPREAD, ClusterMean
from equipoise.harness.stats.intervals import Bounds, combination_interval, share_term, z_term

Array = NDArray[np.float64]

Scale = Literal["share", "mean", "z"]
"""What the means are: shares in [0, 1], means without bounds, or shares whose z scores are added up."""

LEAST_P = 1e-12
STEPS = 40  # halvings of the logarithm of p: its error is below 1e-10


@dataclass(frozen=True)
class Contrast:
    """A weighted sum of means over the same clusters.

    Of means it has the interval estimate ± t(df) sqrt(CR2). Of z scores it has MOVER's. Of shares it has the wider of
    the two: t is too short where shares are near 0 or 1 and nearly everything agrees (20 items that are right in both
    runs are no certainty), MOVER where few clusters differ. In the middle the two hardly differ.

    Attributes:
        means: Over the same clusters; all of them with the same leading axes.
        weights: Factor of each.
        scale: What the means are.
        offset: Added to the sum.

    References:
        Bell & McCaffrey (2002), Survey Methodology 28, 169-181; Newcombe (1998), Statistics in Medicine 17, 2635-2650;
        Zou, Huang & Zhang (2009), Computational Statistics and Data Analysis 53, 1080-1085.
    """

    means: tuple[ClusterMean, ...]
    weights: tuple[float, ...]
    scale: Scale = "share"
    offset: float = 0.0

    @cached_property
    def estimate(self) -> Array:
        """The weighted sum and the offset."""
        terms = [z_term(mean)[0] if self.scale == "z" else mean.estimate for mean in self.means]
        return np.asarray(self.offset + sum(weight * term for weight, term in zip(self.weights, terms, strict=True)))

    @cached_property
    def _parts(self) -> Array:
        return np.asarray(sum(weight * mean.parts for weight, mean in zip(self.weights, self.means, strict=True)))

    @property
    def se(self) -> Array:
        """Cluster-robust standard error (CR2); NaN for z scores."""
        if self.scale == "z":
            return np.full_like(self.estimate, np.nan)
        return np.asarray(np.sqrt((self._parts**2).sum(axis=-1)))

    @property
    def df(self) -> Array:
        """Degrees of freedom of the standard error, the least of the terms'."""
        return np.asarray(np.min([mean.df for mean in self.means], axis=0))

    @property
    def clusters(self) -> Array:
        """Clusters with an item, the least of the terms'."""
        return np.asarray(np.min([mean.clusters for mean in self.means], axis=0))

    def interval(self, level: ArrayLike = 0.95) -> Bounds:
        """Lower and upper end.

        Args:
            level: Coverage in (0, 1); may have the shape of the estimates.

        Returns:
            Of shares within what shares allow. NaN where a mean without bounds does not vary at all, which is no
            certainty, and for a single cluster.
        """
        if self.scale == "mean":
            return self._t_interval(level)
        term = z_term if self.scale == "z" else share_term
        low, high = (end + self.offset for end in combination_interval(self.means, self.weights, term, level))
        if self.scale == "share":
            t_low, t_high = self._t_interval(level)
            least, most = sum(min(w, 0.0) for w in self.weights), sum(max(w, 0.0) for w in self.weights)
            low = np.maximum(np.fmin(low, t_low), least + self.offset)
            high = np.minimum(np.fmax(high, t_high), most + self.offset)
        several = self.clusters > 1
        return np.where(several, low, np.nan)[()], np.where(several, high, np.nan)[()]

    def grown(self, factor: float) -> "Contrast":
        """The contrast of so many times the items and clusters, if these are like those that there are."""
        means = tuple(
            replace(
                mean, items=mean.items * factor, clusters=mean.clusters * factor, parts=mean.parts / factor**0.5,
                df=np.maximum(mean.df * factor, 1),
            )
            for mean in self.means
        )  # fmt: skip
        return replace(self, means=means)

    def p_above(self, value: ArrayLike) -> Array:
        """One-sided p of "at most this value": small where the contrast is surely above it."""
        return self._p(value, 1)

    def p_below(self, value: ArrayLike) -> Array:
        """One-sided p of "at least this value": small where the contrast is surely below it."""
        return self._p(value, -1)

    def p_differs(self, value: ArrayLike = 0.0) -> Array:
        """Two-sided p of "equal to this value": below 5 % exactly where the 95 % interval leaves it out."""
        p = self.p_above(value)
        return np.asarray(2 * np.minimum(p, 1 - p))

    def _t_interval(self, level: ArrayLike) -> Bounds:
        with np.errstate(invalid="ignore"):
            half = np.where(self._varies, stdtrit(self.df, (1 + np.asarray(level)) / 2) * self.se, np.nan)
        return self.estimate - half, self.estimate + half

    @property
    def _varies(self) -> NDArray[np.bool_]:
        with np.errstate(invalid="ignore"):
            return np.asarray(self.se**2 > NO_SPREAD * np.maximum(self.estimate**2, NO_SPREAD))

    def _p(self, value: ArrayLike, direction: int) -> Array:
        """One minus twice p is the level at which the interval's end comes to lie on the value."""
        aim = np.asarray(value, dtype=float)
        ahead = direction * (self.estimate - aim) > 0
        if self.scale == "mean":
            with np.errstate(invalid="ignore", divide="ignore"):
                p = stdtr(self.df, -direction * (self.estimate - aim) / self.se)
            return np.where(self._varies, p, np.nan)

        def reached(p: Array) -> NDArray[np.bool_]:
            low, high = self.interval(1 - 2 * p)
            end = np.where(self.estimate > aim, low - aim, aim - high)
            return np.asarray(end >= 0)

        tail = _smallest(reached, np.broadcast(self.estimate, aim).shape)
        return np.where(np.isnan(self.estimate) | (self.clusters < 2), np.nan, np.where(ahead, tail, 1 - tail))


@dataclass(frozen=True)
class DrawnContrast:
    """A quantity known by its bootstrap draws, with the interface of `Contrast`.

    The interval is the wider of the draws' percentiles and estimate ± t(clusters - 1) s sqrt(G / (G - 1)), with s the
    draws' standard deviation: percentiles are too short where few clusters are drawn from. Draws that do not vary are
    no certainty: NaN.

    Attributes:
        draws: Value in every draw, the sample's own first; NaN in a draw that has none.
        clusters: What was drawn from, of the way in which there are least.

    References:
        Davison & Hinkley (1997), Bootstrap Methods and their Application, sections 2.5 and 5.3.
    """

    draws: Array
    clusters: int

    @property
    def estimate(self) -> Array:
        """The sample's own value."""
        return np.asarray(self.draws[0])

    def grown(self, factor: float) -> "DrawnContrast":
        """The same of so many times the clusters: draws that lie closer to the sample's own value."""
        draws = self.draws[0] + (self.draws - self.draws[0]) / factor**0.5
        return DrawnContrast(draws, max(round(self.clusters * factor), 2))

    @property
    def se(self) -> Array:
        """Standard deviation of the draws, with the factor sqrt(G / (G - 1)); NaN where they do not vary."""
        known = self.draws[1:][np.isfinite(self.draws[1:])]
        enough = known.size * 2 > self.draws.size - 1 and self.clusters > 1 and np.isfinite(self.draws[0])
        spread = float(known.std()) if enough else 0.0
        return np.asarray(spread * (self.clusters / (self.clusters - 1)) ** 0.5 if spread > 0 else np.nan)

    def interval(self, level: float = 0.95) -> Bounds:
        """Lower and upper end; NaN unless more than half of the draws have a value, and they vary."""
        half = stdtrit(self.clusters - 1, (1 + level) / 2) * self.se
        low, high = interval(self.draws, level)
        return np.minimum(low, self.estimate - half), np.maximum(high, self.estimate + half)

    def p_above(self, value: float) -> Array:
        """One-sided p of "at most this value": the larger of the t test's and (1 + draws at or below it) / draws."""
        return self._p(self.draws[1:] <= value, self.estimate - value)

    def p_below(self, value: float) -> Array:
        """One-sided p of "at least this value"."""
        return self._p(self.draws[1:] >= value, value - self.estimate)

    def p_differs(self, value: float = 0.0) -> Array:
        """Two-sided p of "equal to this value"."""
        return np.asarray(np.minimum(2 * np.fmin(self.p_above(value), self.p_below(value)), 1.0))

    def _p(self, hits: NDArray[np.bool_], distance: Array) -> Array:
        known = np.isfinite(self.draws[1:])
        share = (1 + (hits & known).sum()) / (1 + known.sum())
        return np.asarray(np.maximum(share, stdtr(self.clusters - 1, -distance / self.se)))


def _smallest(reached: Callable[[Array], NDArray[np.bool_]], shape: tuple[int, ...]) -> Array:
    """The smallest p in [LEAST_P, 1/2] from which on a condition holds, by bisection of its logarithm."""
    low, high = np.full(shape, np.log(LEAST_P)), np.full(shape, np.log(0.5))
    for _ in range(STEPS):
        middle = (low + high) / 2
        holds = reached(np.exp(middle))
        low, high = np.where(holds, low, middle), np.where(holds, middle, high)
    return np.asarray(np.exp(high))
