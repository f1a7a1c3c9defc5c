"""The clustered bootstrap as a matrix of weights: every statistic of sums is one matrix product."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from equipoise.harness.stats.cluster_sums import as_rows, cluster_codes, cluster_sums

DRAWS = 2000
"""Default number of bootstrap draws."""

CELLS = 2_000_000
"""Weights that are in memory at once where they are not all needed together."""

Array = NDArray[np.float64]


def cluster_weights(n_clusters: int, draws: int = DRAWS, seed: int = 0) -> Array:
    """How often each cluster is drawn in each bootstrap sample; the first row is the sample itself.

    Resampling clusters with replacement keeps whatever dependence there is within them. A statistic that depends on
    the data through sums only is computed for all draws at once as `weights @ sums`.

    Args:
        n_clusters: Number of clusters (item families).
        draws: Number of bootstrap samples.
        seed: Seed of the generator.

    Returns:
        Array of shape (draws + 1, n_clusters); row 0 is all ones, every other row sums to n_clusters.

    References:
        Davison & Hinkley (1997), Bootstrap Methods and their Application, section 3.8.
    """
    weights = np.ones((draws + 1, n_clusters))
    if n_clusters and draws:
        generator = np.random.default_rng(seed)
        picks = generator.integers(n_clusters, size=(draws, n_clusters))
        flat = picks + n_clusters * np.arange(draws)[:, None]
        weights[1:] = np.bincount(flat.ravel(), minlength=draws * n_clusters).reshape(draws, n_clusters)
    return weights


def bootstrap_means(values: ArrayLike, cluster: ArrayLike | None = None, draws: int = DRAWS, seed: int = 0) -> Array:
    """Means over items in the sample and in every bootstrap sample of clusters; all measures see the same samples.

    The same as `cluster_weights` times sums over `cluster_weights` times counts, in memory that does not grow with
    draws times clusters: 100,000 clusters and 10,000 draws would be 8 GB of weights.

    Args:
        values: Shape (..., items); NaN = missing.
        cluster: Label of each item's cluster; None = every item is one of its own.
        draws: Number of bootstrap samples.
        seed: Seed of the generator.

    Returns:
        Shape (..., draws + 1), the sample itself first; NaN in a draw that meets no value.

    References:
        Davison & Hinkley (1997), Bootstrap Methods and their Application, section 3.8.
    """
    table = np.asarray(values, dtype=float)
    sums, counts = map(as_rows, cluster_sums(table, cluster_codes(cluster, table.shape[-1])))
    patterns, which = np.unique(counts, axis=0, return_inverse=True)  # without gaps there is one
    matrix = np.ascontiguousarray(np.vstack([sums, patterns]).T)
    clusters = len(matrix)
    products = np.empty((draws + 1, matrix.shape[1]))
    products[0] = matrix.sum(axis=0)
    generator = np.random.default_rng(seed)
    step = max(1, CELLS // max(clusters, 1))
    weights = np.ones((min(step, draws), clusters))
    for start in range(0, draws, step):
        block = weights[: draws - start]
        if clusters:
            for row in block:
                row[:] = np.bincount(generator.integers(clusters, size=clusters), minlength=clusters)
        products[1 + start : 1 + start + len(block)] = block @ matrix
    with np.errstate(invalid="ignore", divide="ignore"):
        means = products[:, : len(sums)] / products[:, len(sums) :][:, which.reshape(-1)]
    return np.ascontiguousarray(means.T).reshape(*table.shape[:-1], draws + 1)


def interval(values: Array, level: float = 0.95) -> tuple[float, float]:
    """Percentile interval of bootstrap values.

    Args:
        values: Shape (draws + 1,), row 0 = the estimate; NaN draws (an empty denominator) are left out.
        level: Coverage in (0, 1).

    Returns:
        Lower and upper end; NaN unless more than half of the draws exist.
    """
    drawn = values[1:]
    drawn = drawn[np.isfinite(drawn)]
    if drawn.size * 2 <= values.size - 1 or not np.isfinite(values[0]):
        return float("nan"), float("nan")
    low, high = np.quantile(drawn, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)
