"""Sums by cluster of many measures at once, with the numbers of items that entered them."""

import math
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]
Codes = NDArray[np.intp]


def cluster_codes(cluster: ArrayLike | None, items: int) -> Codes:
    """Cluster of each item as a number from 0; None = every item is one of its own."""
    if cluster is None:
        return np.arange(items)
    labels: NDArray[Any] = np.asarray(cluster)
    return np.asarray(np.unique(labels, return_inverse=True)[1]).reshape(-1)


def as_rows(values: Array) -> Array:
    """All leading axes as one."""
    return values.reshape(math.prod(values.shape[:-1]), values.shape[-1])


def cluster_sums(values: Array, codes: Codes) -> tuple[Array, Array]:
    """Sum of the values that are there and their number, in each cluster.

    Args:
        values: Shape (..., items); NaN = missing.
        codes: Cluster of each item, counted from 0.

    Returns:
        Two arrays of shape (..., clusters).
    """
    clusters = int(codes.max(initial=-1)) + 1
    rows = as_rows(values)
    sums, counts = np.empty((2, len(rows), clusters))
    for row, total, count in zip(rows, sums, counts, strict=True):
        there = np.isfinite(row)
        known, found = codes[there], row[there]
        total[:] = np.bincount(known, found, minlength=clusters)
        count[:] = np.bincount(known, minlength=clusters)
    shape = (*values.shape[:-1], clusters)
    return sums.reshape(shape), counts.reshape(shape)
