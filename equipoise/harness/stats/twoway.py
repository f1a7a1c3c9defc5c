"""The two-way clustered bootstrap: means over cells of a crossed design whose rows and columns are both sampled."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from equipoise.harness.stats.bootstrap import DRAWS, cluster_weights

Array = NDArray[np.float64]
Codes = NDArray[Any]


class TwoWay:
    """The bootstrap draws of one crossed design, shared by everything that is computed from it.

    A draw takes as many rows as there are, and independently as many columns, with replacement, and averages the cells
    at which they cross. A cell keeps all that belongs to it (turns, controls), so differences are paired; equal designs
    and seeds give equal draws, so models that saw the same cells are paired too.

    Noise of single cells is overstated, (2 - 1/rows)(2 - 1/columns) - 1 times: 2.51 at 20 x 5, at most 3. So intervals
    are too wide rather than too narrow.

    Args:
        row: Row of each cell (for example its profile), counted from 0.
        column: Column of each cell (for example its personality), counted from 0.
        draws: Number of bootstrap samples.
        seed: Seed of the generator.

    References:
        Owen (2007), The pigeonhole bootstrap, Annals of Applied Statistics 1, 386-411.
    """

    def __init__(self, row: Codes, column: Codes, draws: int = DRAWS, seed: int = 0) -> None:
        self._row, self._column = row, column
        streams = np.random.SeedSequence(seed).generate_state(2)  # one seed for both would draw them together
        rows, columns = (
            cluster_weights(int(codes.max(initial=-1)) + 1, draws, int(stream))
            for codes, stream in zip((row, column), streams, strict=True)
        )
        self._weights = rows[:, row] * columns[:, column]

    def means(self, values: Array) -> Array:
        """The mean over the cells that are there, in the sample and in every draw.

        Args:
            values: Shape (cells, turns); NaN = missing.

        Returns:
            Shape (draws + 1, turns), the sample itself first. NaN in a draw that meets no cell, and in all draws where
            fewer than two rows or two columns have a value: one of a kind does not tell how much its kind varies.
        """
        there = np.isfinite(values)
        with np.errstate(invalid="ignore", divide="ignore"):
            means = (self._weights @ np.where(there, values, 0.0)) / (self._weights @ there.astype(float))
        for turn, known in enumerate(there.T):
            if min(np.unique(codes[known]).size for codes in (self._row, self._column)) < 2:
                means[1:, turn] = np.nan
        return np.asarray(means)
