"""Many tests at once: p values adjusted for how many there are."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from equipoise.errors import InputError

Array = NDArray[np.float64]


def holm(p: ArrayLike) -> Array:
    """Adjusted p values that keep the chance of any false rejection at the level, whatever the dependence.

    The i-th smallest of m becomes the largest of (m - j + 1) p_(j) over j <= i, at most 1.

    Args:
        p: One p value per test, any shape; NaN = no test, which counts for nothing and stays NaN.

    Raises:
        InputError: A p value lies outside [0, 1].

    References:
        Holm (1979), Scandinavian Journal of Statistics 6, 65-70.
    """
    found, known = _family(p)
    values = found[known]
    order = np.argsort(values, kind="stable")
    left = len(values) - np.arange(len(values))
    values[order] = np.minimum(np.maximum.accumulate(left * values[order]), 1.0)
    found[known] = values
    return found


def benjamini_hochberg(p: ArrayLike) -> Array:
    """Adjusted p values, also called q values, that limit the expected share of false ones among the rejections.

    Rejecting all q <= a keeps it at a for independent tests. The i-th smallest of m becomes the smallest of
    p_(j) m / j over j >= i.

    Args:
        p: One p value per test, any shape; NaN = no test, which counts for nothing and stays NaN.

    Raises:
        InputError: A p value lies outside [0, 1].

    References:
        Benjamini & Hochberg (1995), Journal of the Royal Statistical Society B 57, 289-300.
    """
    from scipy.stats import false_discovery_control  # takes a second to import, which only those who test pay

    found, known = _family(p)
    if known.any():
        found[known] = false_discovery_control(found[known], method="bh")
    return found


def _family(p: ArrayLike) -> tuple[Array, NDArray[np.bool_]]:
    """A copy of the p values, and which ones there are."""
    found = np.array(p, dtype=float)
    known = ~np.isnan(found)
    wrong = found[known & ~((found >= 0) & (found <= 1))]
    if wrong.size:
        raise InputError(f"expected p values from 0 to 1, found {wrong[0]}", field="p")
    return found, known
