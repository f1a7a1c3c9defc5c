"""Means over items and judges, both of them samples: their variance in closed form, and what single judges do to them.

The two-way bootstrap (`twoway`) answers the same question by resampling, more cautiously.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from equipoise.harness.stats.cluster_sums import cluster_codes, cluster_sums
from equipoise.harness.stats.clusters import ClusterMean, cluster_mean

Array = NDArray[np.float64]


@dataclass(frozen=True)
class TwoWayMean:
    """Means over the cells of items x judges.

    Attributes:
        estimate: The means; NaN where there is no cell.
        variance: Of the means, over items and judges together.
        df: Degrees of freedom, the smaller of the two ways'; of the larger way alone where `one_way`.
        by_item, by_judge: One-way CR2 variances.
        by_cell: CR2 variance of the intersections, items of one cluster seen by one judge.
        one_way: Whether the sum was no variance, so that the larger one-way variance stands in its place.
        items, clusters, judges: How many there are.
    """

    estimate: Array
    variance: Array
    df: Array
    by_item: Array
    by_judge: Array
    by_cell: Array
    one_way: NDArray[np.bool_]
    items: Array
    clusters: Array
    judges: Array


def twoway_mean(values: ArrayLike, cluster: ArrayLike | None = None) -> TwoWayMean:
    """Means over items x judges with V = V_item + V_judge - V_item*judge.

    Cells that share an item (or its cluster) and cells that share a judge may depend on each other in any way. Where
    the sum is not positive the larger of the two one-way variances is taken. With fewer than five judges V_judge is
    hardly an estimate: take judges as fixed and give the `leave_one_judge_out` range. In a full table of independent
    item, judge and cell effects the sum falls short by (var of items + var of judges) / cells on average.

    Args:
        values: Shape (..., items, judges); NaN = missing.
        cluster: Label of each item's cluster; None = every item is one of its own.

    References:
        Cameron, Gelbach & Miller (2011), Journal of Business & Economic Statistics 29, 238-249.
    """
    table = np.asarray(values, dtype=float)
    codes = cluster_codes(cluster, table.shape[-2])
    there = np.isfinite(table)
    squares = np.where(there, table, 0.0) ** 2
    sums, counts = cluster_sums(np.swapaxes(table, -1, -2), codes)  # (..., judges, clusters)
    cells = (*sums.shape[:-2], -1)
    item, judge, cell = (
        cluster_mean(s, c, squares.sum(axis=(-1, -2)))
        for s, c in (
            (sums.sum(axis=-2), counts.sum(axis=-2)),
            (sums.sum(axis=-1), counts.sum(axis=-1)),
            (sums.reshape(cells), counts.reshape(cells)),
        )
    )
    return _combined(item, judge, cell, there.any(axis=-1).sum(axis=-1))


def leave_one_judge_out(values: ArrayLike) -> tuple[Array, Array]:
    """Smallest and largest mean of the cells that is left after one judge is taken out.

    Args:
        values: Shape (..., items, judges); NaN = missing.

    Returns:
        Two arrays of shape (...). A judge without whom nothing is left counts for nothing; NaN if that is all of them.
    """
    table = np.asarray(values, dtype=float)
    there = np.isfinite(table)
    sums, counts = np.where(there, table, 0.0).sum(axis=-2), there.sum(axis=-2)
    with np.errstate(invalid="ignore", divide="ignore"):
        means = (sums.sum(axis=-1, keepdims=True) - sums) / (counts.sum(axis=-1, keepdims=True) - counts)
    left = np.isfinite(means)
    low = np.where(left, means, np.inf).min(axis=-1, initial=np.inf)
    high = np.where(left, means, -np.inf).max(axis=-1, initial=-np.inf)
    found = left.any(axis=-1)
    return np.where(found, low, np.nan), np.where(found, high, np.nan)


def _combined(item: ClusterMean, judge: ClusterMean, cell: ClusterMean, items: Array) -> TwoWayMean:
    by_item, by_judge, by_cell = item.variance, judge.variance, cell.variance
    total = by_item + by_judge - by_cell
    one_way = total <= 0
    larger = np.where(by_item >= by_judge, item.df, judge.df)
    return TwoWayMean(
        estimate=item.estimate,
        variance=np.where(one_way, np.maximum(by_item, by_judge), total),
        df=np.where(one_way, larger, np.minimum(item.df, judge.df)),
        by_item=by_item,
        by_judge=by_judge,
        by_cell=by_cell,
        one_way=one_way,
        items=items,
        clusters=item.clusters,
        judges=judge.clusters,
    )
