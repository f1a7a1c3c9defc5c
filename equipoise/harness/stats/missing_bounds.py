"""What missing outcomes could have been: the means of items if all of them had gone one way, and if the other."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from equipoise.errors import InputError

Array = NDArray[np.float64]


def missing_bounds(
    sums: ArrayLike, counts: ArrayLike, absent: ArrayLike, least: float, most: float
) -> tuple[Array, Array]:
    """Means of items with all missing outcomes at the least value there is, and at the most.

    (sum + absent x least) / (count + absent), and the same with the most. The bounds hold whatever made the outcomes
    missing. The worst case of a paired difference a - b is a's upper bound minus b's lower one.

    Args:
        sums: Sum of each item's outcomes that are there, any shape.
        counts: How many are there.
        absent: How many are missing.
        least: Smallest possible outcome.
        most: Largest possible outcome.

    Returns:
        Lower and upper bounds; NaN for an item that was never tried.

    Raises:
        InputError: The range is empty, or a sum lies outside what it allows.

    References:
        Manski (1990), American Economic Review 80, 319-323.
    """
    total, known, gone = (np.asarray(value, dtype=float) for value in (sums, counts, absent))
    if not least < most:
        raise InputError(f"expected least < most, found {least} and {most}", field="least")
    slack = 1e-9 * (abs(least) + abs(most)) * np.maximum(known, 1)
    outside = (total < known * least - slack) | (total > known * most + slack)
    if outside.any():
        found = np.broadcast_to(total, outside.shape)[outside][0]
        raise InputError(f"expected outcomes from {least} to {most}, found an item whose sum is {found}", field="sums")
    with np.errstate(invalid="ignore", divide="ignore"):
        return (total + gone * least) / (known + gone), (total + gone * most) / (known + gone)
