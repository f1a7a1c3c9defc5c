"""Sums by element, group or response, added up chunk by chunk."""

import numpy as np

from equipoise.judges.irt.engine.ratings import Array, Codes

SMALLEST = 1e-150  # variance of a rating that can take one value only: its square is still above 0


def scatter(table: Array, cells: Codes, values: Array) -> None:
    """Add each value to its cell; a table larger than the chunk is never walked whole.

    Args:
        table: Running sums, changed in place.
        cells: Cell of each value.
        values: Same length as `cells`.
    """
    if len(table) <= len(cells):
        table += np.bincount(cells, values, len(table))
    else:
        np.add.at(table, cells, values)


def ratio(numerator: Array, denominator: Array) -> Array:
    """Numerator / denominator; NaN where the denominator is not above 0 (nothing was rated, or nothing varies)."""
    numerator, denominator = np.broadcast_arrays(np.asarray(numerator, float), np.asarray(denominator, float))
    found = np.full(numerator.shape, np.nan)
    np.divide(numerator, denominator, out=found, where=denominator > 0)
    return found
