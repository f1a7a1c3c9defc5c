"""Two arms on the same items, right or wrong in each: tests and intervals of the difference of their rates.

Only items that are right in one arm alone tell the arms apart; how many agree sets what that is worth. Counts may be
scaled to an effective sample size, so they need not be whole.
"""

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import betainc, ndtr, ndtri

from equipoise.harness.stats.intervals import Bounds
from equipoise.harness.stats.rates import wilson

Array = NDArray[np.float64]

BISECTIONS = 60
"""Halvings of [-1, 1] that leave nothing above the rounding of a float."""


def mcnemar_mid_p(only_a: ArrayLike, only_b: ArrayLike) -> Array:
    """Two-sided mid-p of McNemar's test: 2 P(X < k) + P(X = k), k the smaller count, X ~ Bin(only_a + only_b, 1/2).

    Counting only half of the observed outcome makes up for what the exact test is too cautious. 1 for equal counts.

    Args:
        only_a: Items that are right in the first arm alone, any shape.
        only_b: Items that are right in the second arm alone.

    References:
        Lancaster (1961), Journal of the American Statistical Association 56, 223-234. Fagerland, Lydersen & Laake
        (2013), BMC Medical Research Methodology 13, 91, simulate the error rates.
    """
    first, second = np.asarray(only_a, dtype=float), np.asarray(only_b, dtype=float)
    few, many = np.minimum(first, second), np.maximum(first, second)
    uneven = many > few
    few, many = np.where(uneven, few, 0.0), np.where(uneven, many, 1.0)
    # P(X <= k) = I_{1/2}(n - k, k + 1), the regularised incomplete beta function
    below = np.where(few > 0, betainc(many + 1, np.maximum(few, 1e-300), 0.5), 0.0)
    return np.where(uneven, below + betainc(many, few + 1, 0.5), 1.0)


def newcombe(both: ArrayLike, only_a: ArrayLike, only_b: ArrayLike, neither: ArrayLike, level: float = 0.95) -> Bounds:
    """Interval of rate A - rate B from the Wilson intervals of the two and their correlation, Newcombe's method 10.

    With l, u the Wilson limits, D the difference and phi the correlation of the 2 x 2 table, ef - bc in its numerator
    lowered by n/2 (not below 0) where positive:
    lower = D - sqrt((p_A - l_A)^2 - 2 phi (p_A - l_A)(u_B - p_B) + (u_B - p_B)^2), and the mirror image above.
    Never of width 0: ten items that are right in both arms give ±.278.

    Args:
        both: Items that are right in both arms, any shape.
        only_a: Right in the first arm alone.
        only_b: Right in the second arm alone.
        neither: Wrong in both arms.
        level: Coverage in (0, 1).

    Returns:
        Lower and upper ends in [-1, 1]; NaN without items.

    References:
        Newcombe (1998), Statistics in Medicine 17, 2635-2650.
    """
    e, b, c, f = (np.asarray(count, dtype=float) for count in (both, only_a, only_b, neither))
    n = e + b + c + f
    with np.errstate(invalid="ignore", divide="ignore"):
        rate_a, rate_b = (e + b) / n, (e + c) / n
        (low_a, high_a), (low_b, high_b) = wilson(rate_a, n, level), wilson(rate_b, n, level)
        product = e * f - b * c
        corrected = np.where(product > 0, np.maximum(product - n / 2, 0), product)
        margins = (e + b) * (c + f) * (e + c) * (b + f)
        phi = np.where(margins > 0, corrected / np.sqrt(margins), 0.0)
        down = _distance(rate_a - low_a, high_b - rate_b, phi)
        up = _distance(high_a - rate_a, rate_b - low_b, phi)
    return np.asarray(rate_a - rate_b - down), np.asarray(rate_a - rate_b + up)


def tango(both: ArrayLike, only_a: ArrayLike, only_b: ArrayLike, neither: ArrayLike, level: float = 0.95) -> Bounds:
    """Score interval of rate A - rate B: all differences that `tango_p` would not reject on either side.

    Args:
        both: Items that are right in both arms, any shape.
        only_a: Right in the first arm alone.
        only_b: Right in the second arm alone.
        neither: Wrong in both arms.
        level: Coverage in (0, 1).

    Returns:
        Lower and upper ends in [-1, 1]; NaN without items.

    References:
        Tango (1998), Statistics in Medicine 17, 891-908.
    """
    e, b, c, f = (np.asarray(count, dtype=float) for count in (both, only_a, only_b, neither))
    b, c, n = np.broadcast_arrays(b, c, e + b + c + f)
    limit = float(ndtri((1 + level) / 2))
    return np.asarray(-_upper(c, b, n, limit)), _upper(b, c, n, limit)


def tango_p(
    both: ArrayLike,
    only_a: ArrayLike,
    only_b: ArrayLike,
    neither: ArrayLike,
    margin: ArrayLike = 0.0,
    alternative: Literal["less", "greater"] = "less",
) -> Array:
    """One-sided score test of rate A - rate B = margin.

    With b and c the discordant counts, T = (b - c - n m) / sqrt(n (2 q + m (1 - m))), q the rate of `only_b` that fits
    best if the difference is m. At m = 0 T^2 is McNemar's statistic.

    Args:
        both: Items that are right in both arms, any shape.
        only_a: Right in the first arm alone.
        only_b: Right in the second arm alone.
        neither: Wrong in both arms.
        margin: The difference to test, in (-1, 1).
        alternative: `less` tests whether the difference is below the margin (non-inferiority of B), `greater` whether
            it is above.

    Returns:
        p values; 1/2 where data and margin leave no variance; NaN without items.

    References:
        Tango (1998), Statistics in Medicine 17, 891-908.
    """
    e, b, c, f, m = (np.asarray(value, dtype=float) for value in (both, only_a, only_b, neither, margin))
    n = e + b + c + f
    distance, error = _score(b, c, n, m)
    with np.errstate(invalid="ignore", divide="ignore"):
        statistic = np.where((error > 0) | ~(n > 0), distance / error, 0.0)
    return np.asarray(ndtr(statistic if alternative == "less" else -statistic))


def _distance(first: Array, second: Array, phi: Array) -> Array:
    return np.asarray(np.sqrt(np.maximum(first**2 - 2 * phi * first * second + second**2, 0)))


def _upper(b: Array, c: Array, n: Array, limit: float) -> Array:
    """The largest difference whose score statistic is not below -limit, by bisection between the estimate and 1."""
    with np.errstate(invalid="ignore", divide="ignore"):
        inside = (b - c) / n
    outside = np.where(np.isfinite(inside), 1.0, np.nan)
    for _ in range(BISECTIONS):
        middle = (inside + outside) / 2
        distance, error = _score(b, c, n, middle)
        rejected = distance < -limit * error
        inside, outside = np.where(rejected, inside, middle), np.where(rejected, middle, outside)
    return np.asarray(inside)


def _score(b: Array, c: Array, n: Array, x: Array) -> tuple[Array, Array]:
    """Distance of b - c from n x, and its standard error if x is the difference of the rates."""
    half = ((2 * n - b + c) * x - b - c) / 2
    tail = c * x * (1 - x)
    root = np.sqrt(np.maximum(half**2 + 2 * n * tail, 0))
    with np.errstate(invalid="ignore", divide="ignore"):
        # the larger root of n q^2 + half q - tail / 2 = 0, in the form that does not cancel
        q = np.where(half > 0, tail / (half + root), (root - half) / (2 * n))
    q = np.maximum(q, np.maximum(-x, 0))
    return b - c - n * x, np.sqrt(n * np.maximum(2 * q + x * (1 - x), 0))
