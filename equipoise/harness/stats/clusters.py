"""Means over items that come in clusters: cluster-robust variance, its degrees of freedom, the effective sample size.

Every function works along the last axis and takes any number of leading ones, so a simulation of thousands of samples
runs the same code as one table does.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import stdtrit

Array = NDArray[np.float64]

NO_SPREAD = 1e-12
"""Variance below which values count as equal: what rounding leaves of a variance of 0."""


EDGE = 0.05
"""How near to 0 or 1 a share is decided by few items."""


@dataclass(frozen=True)
class ClusterMean:
    """Means over items, and what intervals of them need.

    Attributes:
        estimate: The means; NaN where there is no item.
        items, clusters: How many there are.
        spread: Variance of the items (divided by their number).
        parts: One per cluster, 0 where it has no item; products of two means' parts sum to their covariance.
        df: Degrees of freedom of the variance; NaN for fewer than two clusters.
    """

    estimate: Array
    items: Array
    clusters: Array
    spread: Array
    parts: Array
    df: Array

    @property
    def variance(self) -> Array:
        """Cluster-robust variance CR2; NaN where a single cluster holds all items."""
        return np.asarray((self.parts**2).sum(axis=-1))

    def effective(self, level: ArrayLike = 0.95) -> Array:
        """How many independent 0/1 observations tell as much about a share as these items do.

        p (1 - p) / V, the items divided by the design effect, times (t(items - 1) / t(df))^2 because V is an estimate.
        Never more than without clusters: a design effect below 1 is mostly luck. For values between 0 and 1 (averages
        over epochs) it exceeds the number of items, except within .05 of 0 and 1: there the few items that differ from
        the others may be absent from a sample, whose variance then says nothing of them. Where nothing varies, V is
        unknown and the clusters are counted.

        References:
            Korn & Graubard (1998), Survey Methodology 24, 193-201.
        """
        tail = (1 + np.asarray(level)) / 2
        with np.errstate(invalid="ignore", divide="ignore"):
            bernoulli = self.estimate * (1 - self.estimate)
            independent = self.items * bernoulli / self.spread
            ratio = stdtrit(self.items - 1, tail) / stdtrit(self.df, tail)
            clustered = bernoulli / self.variance * self.items / (self.items - 1) * ratio**2
        known = (self.spread > NO_SPREAD) & np.isfinite(self.df)
        most = np.where(np.abs(self.estimate - 0.5) > 0.5 - EDGE, self.items, np.inf)
        return np.where(known, np.minimum(np.minimum(independent, clustered), most), self.clusters)


def item_mean(values: Array, codes: NDArray[np.int64], clusters: int) -> ClusterMean:
    """The mean of items.

    Args:
        values: One per item, shape (items,); NaN = none.
        codes: Cluster of each item, counted from 0.
        clusters: How many there are, those without an item included.
    """
    there = np.isfinite(values)
    known = np.where(there, values, 0.0)
    sums, counts = (np.bincount(codes, each, minlength=clusters).astype(float) for each in (known, there))
    return cluster_mean(sums, counts, known @ known)


def cluster_mean(sums: Array, counts: Array, squares: ArrayLike) -> ClusterMean:
    """Means over items from sums by cluster.

    With n_g of n items in cluster g, pi_g = n_g / n and r_g the cluster's sum of residuals,
    V = 1/n^2 sum_g r_g^2 / (1 - pi_g), which is unbiased for independent items of equal variance, and
    1/df = sum_g pi_g^2 + sum_{g != h} pi_g^2 pi_h^2 / ((1 - pi_g) (1 - pi_h)): clusters - 1 if they are of equal size.

    Args:
        sums: Sum of the values in each cluster, shape (..., clusters).
        counts: Items in each cluster, of a shape that broadcasts; 0 for a cluster that has none.
        squares: Sum of the squared values over all items, shape (...).

    References:
        Bell & McCaffrey (2002), Survey Methodology 28, 169-181; Cameron & Miller (2015), Journal of Human Resources
        50, 317-372, section VI.
    """
    items = np.asarray(counts.sum(axis=-1, keepdims=True))
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = sums.sum(axis=-1, keepdims=True) / items
        share = counts / items
        lone = share**2 / (1 - share)
        df = 1 / ((share**2).sum(axis=-1) + lone.sum(axis=-1) ** 2 - (lone**2).sum(axis=-1))
        parts = (sums - counts * mean) / (items * np.sqrt(1 - share))
        spread = np.asarray(squares) / items[..., 0] - mean[..., 0] ** 2
    clusters = (counts > 0).sum(axis=-1)
    return ClusterMean(
        mean[..., 0], items[..., 0], clusters, np.maximum(spread, 0), parts, np.where(clusters > 1, df, np.nan)
    )


def correlation(left: ClusterMean, right: ClusterMean) -> Array:
    """Correlation of two means over the same clusters; 0 where one of them does not vary.

    The items may differ: what ties the means together is whatever their clusters have in common.
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        found = (left.parts * right.parts).sum(axis=-1) / np.sqrt(left.variance * right.variance)
    return np.where(np.isfinite(found), np.clip(found, -1, 1), 0.0)
