"""The objects integrated out on a grid: marginal log-likelihood, its score and its observed information.

Each object's theta = mean + sigma u with u standard normal. On a grid of u with fixed weights the marginal likelihood
is a finite mixture, so its derivatives are exact: the score is the posterior mean of the complete-data score (Fisher's
identity), the information is the posterior mean of the complete-data information less the posterior covariance of the
complete-data score (Louis, 1982, Journal of the Royal Statistical Society B 44, 226). Ratings that share
all but the object (a cell) have the same probabilities at a node, which are therefore taken once per cell.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from scipy import sparse

from equipoise.judges.irt.engine.model import Parameters
from equipoise.judges.irt.engine.ratings import Array, Codes, Ratings

_BLOCK = 1 << 19  # ratings x nodes of one block: its tables stay within about 100 MB


@dataclass(frozen=True)
class Grid:
    """Equally spaced points of a standard normal variable, from -reach to reach.

    For a smooth integrand that dies out at both ends the trapezoidal rule converges geometrically (Trefethen and
    Weideman, 2014, SIAM Review 56, 385). A posterior of standard deviation s needs a spacing of about s, hence a number
    of nodes in proportion to the root of an object's ratings; with Gauss-Hermite nodes it is the ratings themselves.
    """

    nodes: int
    reach: float

    @property
    def spacing(self) -> float:
        """Distance of two points, in standard deviations of the objects."""
        return 2 * self.reach / (self.nodes - 1)

    @property
    def points(self) -> Array:
        """u, shape (nodes,)."""
        return np.linspace(-self.reach, self.reach, self.nodes)

    @property
    def log_weights(self) -> Array:
        """Log of spacing times normal density."""
        return np.asarray(np.log(self.spacing / np.sqrt(2 * np.pi)) - self.points**2 / 2)


@dataclass(frozen=True)
class Order:
    """Where each parameter stands in one vector: facets but the object, thresholds, mean, sigma."""

    sizes: tuple[int, ...]
    groups: int
    steps: int

    @property
    def starts(self) -> tuple[int, ...]:
        """First place of every facet but the object, then of the thresholds."""
        return tuple(int(place) for place in np.cumsum([0, *self.sizes]))

    @property
    def mean(self) -> int:
        """Place of the objects' mean."""
        return self.starts[-1] + self.groups * self.steps

    @property
    def sigma(self) -> int:
        """Place of the objects' standard deviation: the last."""
        return self.mean + 1

    def join(self, locations: tuple[Array, ...], thresholds: Array, mean: float, sigma: float) -> Array:
        """One vector of everything; the object's own locations are no parameters."""
        return np.concatenate([*locations[1:], thresholds.ravel(), [mean, sigma]])

    def split(self, vector: Array, objects: Array) -> Parameters:
        """Parts of a vector as parameters, with the objects' values put first."""
        *parts, thresholds = np.split(vector[: self.mean], self.starts[1:])
        return Parameters((objects, *parts), thresholds.reshape(self.groups, self.steps))


@dataclass(frozen=True)
class Integral:
    """What one pass over the ratings gives.

    Attributes:
        log_likelihood: Marginal, summed over objects.
        gradient: Its derivatives in the order of the vector.
        complete: Posterior mean of the complete-data information: never indefinite.
        missing: Posterior covariance of the complete-data score; complete - missing is the observed information.
        means: Posterior mean of each object's u; 0 without ratings.
        deviations: Posterior standard deviation of each object's u; 1 without ratings.
        edge: Largest posterior probability of an outermost node: must be next to nothing.
    """

    log_likelihood: float
    gradient: Array
    complete: Array
    missing: Array
    means: Array
    deviations: Array
    edge: float


class Block:
    """Some objects with all their ratings, counted by cell.

    With a_0(y) = y and a_t(y) = -1[y >= t] the score of a rating is a sum of a_t(y) - E a_t: of t = 0 for everything
    in eta, of t = k for tau_k. `design` says which: row t C + c, one column per parameter.
    """

    def __init__(self, ratings: Ratings, order: Order, rows: Codes) -> None:
        self.order = order
        self.objects, owner = np.unique(ratings.codes[0][rows], return_inverse=True)
        codes = [codes[rows].astype(np.int64) for codes in ratings.codes]
        self._group = np.zeros(len(rows), dtype=np.int64) if ratings.scale is None else codes[ratings.scale]
        first, cell = _cells([*codes[1:], self._group])
        weights = np.ones(len(rows)) if ratings.weights is None else ratings.weights[rows]
        category = ratings.category[rows].astype(np.int64)
        cells, objects, kinds = len(first), len(self.objects), order.steps + 1
        k = np.arange(kinds)
        self.statistics = np.vstack([k, np.where(k >= k[1:, None], -1, 0)]).astype(float)
        terms = [(0, start + code, -1.0) for start, code in zip(order.starts, codes[1:], strict=False)]
        terms.append((0, np.full(len(rows), order.mean), 1.0))
        terms += [(t, order.starts[-1] + self._group * order.steps + t - 1, 1.0) for t in range(1, kinds)]
        self.design = _matrix(
            [(t * cells + np.arange(cells), place[first], np.full(cells, value)) for t, place, value in terms],
            (kinds * cells, order.sigma + 1),
        )
        self.seen = _matrix([(owner, category * cells + cell, weights)], (objects, kinds * cells))
        self.counts = _matrix([(owner, cell, weights)], (objects, cells))
        self.observed = np.array([np.bincount(cell, weights * a[category], cells) for a in self.statistics])
        self.totals = np.bincount(owner, weights * category, objects)
        # One row per object and parameter it bears on, sorted; the mean's row is the last of each object.
        width = order.sigma + 1
        keys, row = np.unique(np.concatenate([owner * width + place for _, place, _ in terms]), return_inverse=True)
        parts = np.split(row, len(terms))
        self.scored = _matrix(
            [(part, t * cells + cell, value * weights) for part, (t, _, value) in zip(parts, terms, strict=True)],
            (len(keys), kinds * cells),
        )
        self.scored_at = np.zeros(len(keys))
        for part, (t, _, value) in zip(parts, terms, strict=True):
            self.scored_at += np.bincount(part, value * weights * self.statistics[t, category], len(keys))
        self.places = keys % width
        self.starts = np.searchsorted(keys, np.arange(objects + 1) * width)
        self._group = self._group[first]

    def add(self, vector: Array, grid: Grid, into: "_Sums") -> None:
        """Add these objects' share of everything an Integral holds."""
        u, order = grid.points, self.order
        log_p = self._log_probabilities(vector, u)
        joint = self.seen @ log_p.reshape(-1, len(u)) + grid.log_weights
        peak = joint.max(axis=1, keepdims=True)
        posterior = np.exp(joint - peak)
        total = posterior.sum(axis=1, keepdims=True)
        posterior /= total
        into.log_likelihood += float((np.log(total) + peak).sum())
        means = posterior @ u
        into.means[self.objects] = means
        into.deviations[self.objects] = np.sqrt((posterior * (u - means[:, None]) ** 2).sum(axis=1))
        into.edge = max(into.edge, float(posterior[:, [0, -1]].max()))

        probabilities = np.exp(log_p, out=log_p)
        expected = np.tensordot(self.statistics, probabilities, 1)
        number = self.counts.T @ posterior
        into.gradient += self.design.T @ (self.observed - (expected * number).sum(axis=2)).ravel()
        into.gradient[order.sigma] += self.totals @ (posterior @ u) - (expected[0] * number).sum(axis=0) @ u
        self._complete(probabilities, expected, number, u, into.complete)
        self._missing(expected, posterior, u, into.missing)

    def _log_probabilities(self, vector: Array, u: Array) -> Array:
        """Log P_k of every cell at every node, shape (K, cells, nodes); -inf for a category that does not exist."""
        order = self.order
        thresholds = vector[order.starts[-1] : order.mean].reshape(order.groups, order.steps)
        cumulated = np.concatenate([np.zeros((order.groups, 1)), np.cumsum(thresholds, axis=1)], axis=1)
        eta = (self.design[: len(self._group)] @ vector)[:, None] + vector[order.sigma] * u
        logs: Array = np.arange(order.steps + 1.0)[:, None, None] * eta - cumulated[self._group].T[:, :, None]
        logs -= logs.max(axis=0)
        logs -= np.log(np.exp(logs).sum(axis=0))
        return logs

    def _complete(self, probabilities: Array, expected: Array, number: Array, u: Array, into: Array) -> None:
        """Sum over cells and nodes of the expected number of ratings times the covariance of the statistics."""
        kinds, cells, _ = expected.shape
        sigma = self.order.sigma
        covariance, with_sigma = np.empty((kinds, kinds, cells)), np.empty((kinds, cells))
        for s in range(kinds):
            for t in range(s, kinds):
                spread = np.tensordot(self.statistics[s] * self.statistics[t], probabilities, 1)
                spread -= expected[s] * expected[t]
                spread *= number
                covariance[s, t] = covariance[t, s] = spread.sum(axis=1)
                if s == 0:
                    with_sigma[t] = spread @ u
                if s == t == 0:
                    into[sigma, sigma] += spread.sum(axis=0) @ u**2
        row, column, cell = np.indices(covariance.shape).reshape(3, -1)
        entries = [(row * cells + cell, column * cells + cell, covariance.ravel())]
        middle = _matrix(entries, (kinds * cells, kinds * cells))
        into += (self.design.T @ middle @ self.design).toarray()
        cross = self.design.T @ with_sigma.ravel()
        into[sigma] += cross
        into[:, sigma] += cross

    def _missing(self, expected: Array, posterior: Array, u: Array, into: Array) -> None:
        """Posterior covariance of each object's score."""
        scores = self.scored_at[:, None] - self.scored @ expected.reshape(-1, len(u))
        for m, (start, end) in enumerate(pairwise(self.starts)):
            score = np.vstack([scores[start:end], u * scores[end - 1]])
            score -= (score @ posterior[m])[:, None]
            place = np.append(self.places[start:end], self.order.sigma)
            into[place[:, None], place] += (score * posterior[m]) @ score.T


class _Sums:
    """Running sums of an Integral."""

    def __init__(self, objects: int, width: int) -> None:
        self.log_likelihood, self.edge = 0.0, 0.0
        self.gradient = np.zeros(width)
        self.complete, self.missing = np.zeros((width, width)), np.zeros((width, width))
        self.means, self.deviations = np.zeros(objects), np.ones(objects)


def blocks(ratings: Ratings, order: Order, grid: Grid) -> Iterator[Block]:
    """Objects with ratings, in blocks of bounded size; an object is never split."""
    rows = np.argsort(ratings.codes[0], kind="stable")
    ends = np.cumsum(np.bincount(ratings.codes[0], minlength=ratings.sizes[0]))
    most = max(_BLOCK // grid.nodes, 1)
    start = 0
    while start < len(rows):
        end = int(ends[max(np.searchsorted(ends, start + most, "right") - 1, np.searchsorted(ends, start, "right"))])
        yield Block(ratings, order, rows[start:end])
        start = end


def integrate(parts: list[Block], vector: Array, grid: Grid, objects: int) -> Integral:
    """One pass over all blocks.

    Args:
        parts: The blocks.
        vector: Parameters in the order of `Order`.
        grid: Points of u.
        objects: Number of objects, also of those without ratings.
    """
    sums = _Sums(objects, len(vector))
    for part in parts:
        part.add(vector, grid, sums)
    return Integral(**vars(sums))


def _cells(columns: list[Codes]) -> tuple[Codes, Codes]:
    """Distinct combinations of the codes: a row where each is first seen, and the combination of every row."""
    cell = np.zeros(len(columns[0]), dtype=np.int64)
    for column in columns:
        cell = np.unique(cell * (int(column.max(initial=0)) + 1) + column, return_inverse=True)[1]
    first = np.unique(cell, return_index=True)[1]
    return first, cell


def _matrix(entries: list[tuple[Codes, Codes, Array]], shape: tuple[int, int]) -> sparse.csr_array:
    """Sparse matrix of (rows, columns, values); entries in one place are added."""
    rows, columns, values = (np.concatenate(part) for part in zip(*entries, strict=True))
    return sparse.csr_array((values, (rows, columns)), shape=shape)
