"""Variances and covariances of pairs of columns over the rows that both have, in every bootstrap draw."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from equipoise.harness.stats.clusters import NO_SPREAD
from equipoise.judges.agreement.resample import Array, Codes, cluster_sums

Moments = tuple[Array, Array, Array]
"""Variance of the left column, of the right one, covariance; each of shape (rows, pairs)."""


def pair_moments(left: Array, right: Array, clusters: Codes) -> Callable[[Array], Moments]:
    """The moments of each pair of columns as a function of the clusters' weights.

    Args:
        left: Shape (units, pairs), NaN = missing.
        right: The other column of each pair.
        clusters: Shape (units,), whole numbers from 0.

    Returns:
        From weights (rows, clusters) to moments; NaN where a pair shares no unit.
    """
    both = np.isfinite(left) & np.isfinite(right)
    x, y = _centred(left, both), _centred(right, both)
    pairs = left.shape[1]
    sums = cluster_sums(np.concatenate([both.astype(float), x, y, x * x, y * y, x * y], axis=1), clusters)

    def moments(weights: Array) -> Moments:
        drawn = (weights @ sums).reshape(len(weights), 6, pairs)
        with np.errstate(invalid="ignore", divide="ignore"):
            means = drawn[:, 1:] / drawn[:, :1]
        mean_x, mean_y, square_x, square_y, product = (means[:, i] for i in range(5))
        return square_x - mean_x**2, square_y - mean_y**2, product - mean_x * mean_y

    return moments


def correlations(moments: Moments) -> Array:
    """Pearson's correlation of each pair; NaN where a column does not vary."""
    one, two, shared = moments
    with np.errstate(invalid="ignore", divide="ignore"):
        found = shared / np.sqrt(one * two)
    return np.where((one > NO_SPREAD) & (two > NO_SPREAD), np.clip(found, -1, 1), np.nan)


def _centred(values: Array, both: NDArray[np.bool_]) -> Array:
    """Columns minus their means over the shared rows, 0 where not shared: sums of squares lose no digits."""
    known = np.where(both, values, 0.0)
    return np.where(both, known - known.sum(axis=0) / np.maximum(both.sum(axis=0), 1), 0.0)
