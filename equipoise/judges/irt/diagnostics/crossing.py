"""Cells of crossed codes: which combinations occur, and which one each rating belongs to."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from equipoise.judges.irt.diagnostics.sums import scatter
from equipoise.judges.irt.engine.ratings import Array, Codes, Ratings, blocks

_DENSE = 1 << 20  # combinations up to which a table of all of them is always cheap


@dataclass(frozen=True)
class Cells:
    """Combinations that occur, sorted by the first code, then the second, and so on.

    Attributes:
        codes: Cell of each rating.
        elements: Per crossed code, its value in each cell.
    """

    codes: Codes
    elements: tuple[Codes, ...]

    def __len__(self) -> int:
        return len(self.elements[0])


def crossed(parts: Sequence[Codes]) -> Cells:
    """Cells of several codes, each 0 or above, one value per rating."""
    codes, elements = _compressed([parts[0]], int(parts[0].max(initial=-1)) + 1)
    found: tuple[Codes, ...] = (elements,)
    for part in parts[1:]:
        size = int(part.max(initial=-1)) + 1
        codes, keys = _compressed([codes, part], len(found[0]) * size, size)
        before, last = np.divmod(keys, max(size, 1))
        found = (*(values[before] for values in found), last)
    return Cells(codes, found)


def _compressed(parts: Sequence[Codes], possible: int, size: int = 1) -> tuple[Codes, Codes]:
    """Place of each rating's key among the keys that occur, and these keys; key = first code x size + second code."""
    number = len(parts[0])
    if possible > max(_DENSE, 2 * number):
        keys, places = np.unique(_keys(parts, size, slice(None)), return_inverse=True)
        return places.astype(np.int32), keys
    seen = np.zeros(possible, dtype=bool)
    for rows in blocks(number):
        seen[_keys(parts, size, rows)] = True
    place = np.cumsum(seen, dtype=np.int32) - 1
    codes: Codes = np.empty(number, dtype=np.int32)
    for rows in blocks(number):
        codes[rows] = place[_keys(parts, size, rows)]
    return codes, np.flatnonzero(seen)


def _keys(parts: Sequence[Codes], size: int, rows: slice) -> Codes:
    key: Codes = parts[0][rows].astype(np.int64)
    for part in parts[1:]:
        key = key * size + part[rows]
    return key


class Clusters:
    """Sums of residuals by response within each cell: what a standard error clustered on the response is made of.

    sum_c g_c^2 x n / (n - 1), g_c the sum over the cell's ratings of response c and n the cell's number of responses.

    Args:
        ratings: Ratings with their responses.
        cell: Cell (or element of a facet) of each rating.
        number: How many cells there are.
    """

    def __init__(self, ratings: Ratings, cell: Codes, number: int) -> None:
        both = crossed([cell, ratings.responses()[0]])
        self._codes, self._owner, self._number = both.codes, both.elements[0], number
        self._sums = np.zeros(len(both))

    @property
    def responses(self) -> Array:
        """Number of responses of each cell."""
        return np.bincount(self._owner, minlength=self._number).astype(float)

    def add(self, rows: slice, residual: Array) -> None:
        """Take in w (y - E) of these ratings."""
        scatter(self._sums, self._codes[rows], residual)

    def squares(self) -> Array:
        """The sum for each cell; NaN with fewer than two responses, which say nothing of their spread."""
        n = self.responses
        with np.errstate(invalid="ignore", divide="ignore"):
            factor = np.where(n > 1, n / (n - 1), np.nan)
        return factor * np.bincount(self._owner, self._sums**2, self._number)
