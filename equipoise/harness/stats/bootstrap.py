"""The clustered bootstrap as a matrix of weights: every statistic of sums is one matrix product."""

import numpy as np
from numpy.typing import NDArray

DRAWS = 2000
"""Default number of bootstrap draws."""

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
