"""Intervals of single rates from counts."""

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import betaincinv, ndtri

Array = NDArray[np.float64]


def clopper_pearson(successes: ArrayLike, n: ArrayLike, level: float = 0.95) -> tuple[Array, Array]:
    """Exact interval of a binomial rate: covers at least as often as it says, mostly more often.

    Args:
        successes: Between 0 and n; averages over epochs need not be whole.
        n: Independent observations, more than 0.
        level: Coverage in (0, 1).

    Returns:
        Lower and upper ends in [0, 1].

    References:
        Clopper & Pearson (1934), Biometrika 26, 404-413.
    """
    x, n = np.asarray(successes, dtype=float), np.asarray(n, dtype=float)
    tail = (1 - level) / 2
    low = np.where(x > 0, betaincinv(np.maximum(x, 1e-300), n - x + 1, tail), 0.0)
    high = np.where(x < n, betaincinv(x + 1, np.maximum(n - x, 1e-300), 1 - tail), 1.0)
    return low, high


def wilson(rate: ArrayLike, n: ArrayLike, level: ArrayLike = 0.95) -> tuple[Array, Array]:
    """Score interval of a binomial rate: (p + z^2/2n ± z sqrt(p (1-p) / n + z^2/4n^2)) / (1 + z^2/n).

    Args:
        rate: Observed rate in [0, 1].
        n: Independent observations, more than 0; an effective number need not be whole.
        level: Coverage in (0, 1).

    Returns:
        Lower and upper ends in [0, 1].

    References:
        Wilson (1927), Journal of the American Statistical Association 22, 209-212.
    """
    p, n = np.asarray(rate, dtype=float), np.asarray(n, dtype=float)
    square = ndtri((1 + np.asarray(level)) / 2) ** 2 / n
    centre = (p + square / 2) / (1 + square)
    half = np.sqrt(square * (p * (1 - p) + square / 4)) / (1 + square)
    return np.asarray(centre - half), np.asarray(centre + half)
