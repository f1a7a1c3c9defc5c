"""Cluster sign-flip tests of a mean difference, and intervals from them: no distribution is assumed, only symmetry.

If the differences scatter symmetrically about the margin, and clusters are independent of each other, then a whole
cluster of differences to the margin could as well have had the other sign. All ways of flipping give the distribution
of the statistic.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from equipoise.harness.stats.cluster_sums import as_rows, cluster_codes, cluster_sums
from equipoise.harness.stats.intervals import Bounds

Array = NDArray[np.float64]

EXACT = 14
"""Up to this many clusters all 2^G ways of flipping are tried."""
DRAWS = 9_999
"""Random ways of flipping where there are more clusters."""
BYTES, ROWS = 256, 512
"""Bytes of signs (eight clusters each) and draws that are in memory at once; part of what a seed stands for."""
TIE = 1e-9
"""Difference of two bounded statistics that rounding may leave between equal ones."""
HALVINGS = 30
"""Bisections of a bracket about a standard error wide."""
FAR = 1e6
"""Standard errors at which no more extreme p is left to find."""
ROUNDING = 1e-12
"""What rounding leaves of 0, as a share of the terms."""

SIGNS: Array = np.where(np.unpackbits(np.arange(256, dtype=np.uint8)[:, None], axis=1), -1.0, 1.0)
"""The eight signs that a byte stands for."""


@dataclass(frozen=True)
class SignFlipTest:
    """Tests of means against a margin.

    Attributes:
        p: Two-sided p values.
        less, greater: One-sided p values: for a mean below the margin, and above it.
    """

    p: Array
    less: Array
    greater: Array


class SignFlips:
    """The flips of one set of paired differences, shared by all measures, margins and intervals.

    The statistic is t = M / sqrt(V) with M the mean of d - m and V its CR2 variance (`cluster_mean`), both taken again
    after each flip; studentised, it keeps its level where clusters differ in size. With S_g the sum of d over
    cluster g, n_g its size and w_g = 1 / (1 - n_g / n), everything follows from the products of the signs with S,
    w n S, n and w n^2, so every margin is tested with the same draws. For clusters of equal size t grows with M and
    only S and n are needed.

    Up to 14 clusters the test is exact, p = hits / 2^G; else p = (1 + hits) / (1 + draws).

    Args:
        differences: Shape (..., items), one paired difference per item; NaN = missing.
        cluster: Label of each item's cluster; None = every item is one of its own.
        draws: Random flips for more than 14 clusters.
        seed: Seed of the generator.

    Attributes:
        estimate: The mean differences, shape (...).
        items, clusters: How many entered each.
        exact: Whether all flips were tried.
        draws: How many there were.
        seed: The seed; without effect on an exact test.

    References:
        Canay, Romano & Shaikh (2017), Econometrica 85, 1013-1030, on few clusters. Romano (1990), Journal of the
        American Statistical Association 85, 686-692, on what happens without symmetry. Phipson & Smyth (2010),
        Statistical Applications in Genetics and Molecular Biology 9, 39, on the 1 in p.
    """

    def __init__(
        self, differences: ArrayLike, cluster: ArrayLike | None = None, draws: int = DRAWS, seed: int = 0
    ) -> None:
        values = np.asarray(differences, dtype=float)
        sums, counts = cluster_sums(values, cluster_codes(cluster, values.shape[-1]))
        self._shape, clusters = values.shape[:-1], sums.shape[-1]
        sums, counts = as_rows(sums), as_rows(counts)
        self.exact, self.seed = clusters <= EXACT, seed
        self.draws = 2**clusters if self.exact else draws
        items = counts.sum(axis=1)
        with np.errstate(invalid="ignore", divide="ignore"):
            mean = sums.sum(axis=1) / items
            weight = np.where(counts < items[:, None], 1 / (1 - counts / items[:, None]), 0.0)
        sums -= np.nan_to_num(mean)[:, None] * counts  # from here on all margins are distances to the mean
        self._mean, self._n, self._sums, self._sizes, self._weight = mean, items, sums, counts, weight
        products = (sums * sums, sums * counts, counts * counts)
        self._moments = np.stack([(weight * product).sum(axis=1) for product in products], axis=1)
        self._multiply()
        self.estimate = self._mean.reshape(self._shape)
        self.items = items.reshape(self._shape)
        self.clusters = (counts > 0).sum(axis=1).reshape(self._shape)

    def test(self, margin: ArrayLike = 0.0) -> SignFlipTest:
        """Tests whether the means differ from the margin, are below it, and are above it.

        Args:
            margin: One for all measures, or of shape (...).

        Returns:
            p values of shape (...); NaN where there is no item.
        """
        margins = np.broadcast_to(np.asarray(margin, dtype=float), self._shape).reshape(-1)
        found = np.array([self._p(k, float(m)) for k, m in enumerate(margins - self._mean)]).reshape(-1, 3)
        two, less, greater = (column.reshape(self._shape) for column in found.T)
        return SignFlipTest(two, less, greater)

    def interval(self, level: float = 0.95) -> Bounds:
        """All margins that the two-sided test does not reject.

        Args:
            level: Coverage in (0, 1).

        Returns:
            Lower and upper ends of shape (...). Infinite where 2 / 2^G is above 1 - level, so that no margin could be
            rejected: for 95 % fewer than six clusters. NaN where nothing varies, which is no certainty.
        """
        ends = np.array([self._ends(k, 1 - level) for k in range(self._n.size)]).reshape(-1, 2)
        low, high = (column.reshape(self._shape) for column in ends.T)
        return low, high

    def _multiply(self) -> None:
        """Products of the signs with all that depends on the data; equal columns of sizes are multiplied once."""
        sizes, self._size_of = np.unique(self._sizes, axis=0, return_inverse=True)
        self._size_of = self._size_of.reshape(-1)
        weights = np.empty_like(sizes)
        weights[self._size_of] = self._weight
        largest = sizes.max(axis=1, initial=0)
        self._equal = bool(((sizes == 0) | (sizes == largest[:, None])).all())
        columns = [self._sums, sizes]
        if not self._equal:
            columns += [self._weight * self._sizes * self._sums, weights * sizes**2]
        matrix = np.vstack(columns).T
        products = np.zeros((self.draws, matrix.shape[1]))
        for clusters, rows, signs in _signs(matrix.shape[0], self.draws, self.exact, self.seed):
            products[rows] += signs @ matrix[clusters]
        measures, patterns = len(self._sums), len(sizes)
        ends = np.cumsum([measures, patterns, measures, patterns])
        self._flipped = np.split(np.ascontiguousarray(products.T), ends[: len(columns) - 1])

    def _statistic(self, k: int, margin: float) -> tuple[Array, Array]:
        """The statistic of measure k as it is and after every flip, as t / sqrt(1 + t^2), which is never infinite."""
        n, pattern = self._n[k], self._size_of[k]
        squares, crosses, size = self._moments[k]
        square, own = squares - 2 * margin * crosses + margin**2 * size, crosses - margin * size
        means = (self._flipped[0][k] - margin * self._flipped[1][pattern]) / n
        # in clusters of equal size w n is the same number for all, sum w n^2 / n
        cross = means * size if self._equal else self._flipped[2][k] - margin * self._flipped[3][pattern]
        rounding = ROUNDING * (abs(self._mean[k]) + abs(margin))
        observed = _bounded(np.asarray(-margin), own, square, size, n, rounding)
        return observed, _bounded(means, cross, square, size, n, rounding)

    def _two_sided(self, k: int, margin: float) -> float:
        observed, flipped = self._statistic(k, margin)
        return self._share(np.abs(flipped) >= abs(observed) - TIE)

    def _share(self, hits: NDArray[np.bool_]) -> float:
        extra = 0 if self.exact else 1  # what was observed is one of the exact flips
        return (int(np.count_nonzero(hits)) + extra) / (self.draws + extra)

    def _p(self, k: int, margin: float) -> tuple[float, float, float]:
        if not self._n[k]:
            return float("nan"), float("nan"), float("nan")
        observed, flipped = self._statistic(k, margin)
        less, greater = self._share(flipped <= observed + TIE), self._share(flipped >= observed - TIE)
        return self._share(np.abs(flipped) >= abs(observed) - TIE), less, greater

    def _ends(self, k: int, alpha: float) -> tuple[float, float]:
        if not self._n[k]:
            return float("nan"), float("nan")
        if 2.0 ** (1 - int((self._sizes[k] > 0).sum())) > alpha:
            return -np.inf, np.inf
        step = float(np.sqrt((self._sums[k] ** 2).sum()) / self._n[k])
        if step <= ROUNDING * abs(self._mean[k]):
            return float("nan"), float("nan")
        mean = float(self._mean[k])
        return mean + self._end(k, alpha, -step), mean + self._end(k, alpha, step)

    def _end(self, k: int, alpha: float, step: float) -> float:
        """Where p falls to alpha, as a distance to the mean in the direction of the step, about a standard error."""
        if self._two_sided(k, FAR * step) > alpha:
            return float(np.copysign(np.inf, step))  # too few draws for such an alpha
        inside, outside = 0.0, step
        while self._two_sided(k, outside) > alpha:
            inside, step = outside, 2 * step
            outside += step
        for _ in range(HALVINGS):
            middle = (inside + outside) / 2
            rejected = self._two_sided(k, middle) <= alpha
            inside, outside = (inside, middle) if rejected else (middle, outside)
        return inside


def _bounded(mean: Array, cross: Array, square: float, size: float, n: float, rounding: float) -> Array:
    """M / sqrt(V + M^2), V = (sum w S^2 - 2 M sum w n S + M^2 sum w n^2) / n^2; 0 if both are 0."""
    length = np.sqrt(np.maximum(square - 2 * mean * cross + mean**2 * size, 0) / n**2 + mean**2)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(np.where(length > rounding, mean / length, 0.0))


def _signs(clusters: int, draws: int, exact: bool, seed: int) -> Iterator[tuple[slice, slice, Array]]:
    """Blocks of the matrix of signs, (draws, clusters): where they belong, and the signs, valid until the next."""
    if exact:
        bits = np.arange(draws)[:, None] >> np.arange(clusters)
        yield slice(0, clusters), slice(0, draws), np.where(bits & 1, -1.0, 1.0)
        return
    generator = np.random.default_rng(seed)
    for first in range(0, clusters, 8 * BYTES):
        width = min(8 * BYTES, clusters - first)
        block = np.empty((ROWS, -(-width // 8), 8))
        for start in range(0, draws, ROWS):
            count = min(ROWS, draws - start)
            codes = generator.integers(256, size=(count, block.shape[1]), dtype=np.uint8)
            np.take(SIGNS, codes, axis=0, out=block[:count], mode="clip")  # fresh memory would take most of the time
            signs = block[:count].reshape(count, -1)[:, :width]
            yield slice(first, first + width), slice(start, start + count), signs
