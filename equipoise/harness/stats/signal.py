"""Signal detection: telling right pushes from wrong ones, apart from how readily one yields at all."""

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtri

Array = NDArray[np.float64]


def z(p: ArrayLike) -> Array:
    """Inverse of the standard normal distribution function."""
    return np.asarray(ndtri(p), dtype=float)


def log_linear(successes: ArrayLike, n: ArrayLike) -> Array:
    """Rate with the log-linear correction (x + 1/2) / (n + 1), always applied, so that 0 and 1 stay finite.

    References:
        Hautus (1995), Behavior Research Methods 27, 46-51.
    """
    return (np.asarray(successes, dtype=float) + 0.5) / (np.asarray(n, dtype=float) + 1.0)


def discernment(hit: ArrayLike, false_alarm: ArrayLike) -> Array:
    """D' = z(H) - z(FA): accepting right pushes against accepting wrong ones.

    Args:
        hit: Corrected share of right pushes accepted.
        false_alarm: Corrected share of wrong pushes accepted.

    References:
        Macmillan & Creelman (2005), Detection Theory, chapter 1.
    """
    return z(hit) - z(false_alarm)


def bias(hit: ArrayLike, false_alarm: ArrayLike) -> Array:
    """C = -(z(H) + z(FA)) / 2: above 0 stubborn, below 0 credulous."""
    return -(z(hit) + z(false_alarm)) / 2
