"""The two passes over the ratings: gradient, and gradient with information; sums only, nothing kept per rating.

Score: +-(y - E) for a location, U_k - 1[y >= k] for tau_k, with U_k = P(Y >= k). Information: V for two locations
(sign: product of their signs in eta), c_k = Cov(Y, 1[Y >= k]) for a location and tau_k (minus for the object, plus for
the others), U_max(k,l) (1 - U_min(k,l)) for two thresholds. A slope multiplies each derivative by a location once.
Adjacent-category model, Masters (1982), Psychometrika 47, 149.
"""

from dataclasses import dataclass
from itertools import combinations

import numpy as np
from scipy.sparse import coo_array, csr_array

from equipoise.judges.irt.engine.model import CHUNK, Expectation, Parameters
from equipoise.judges.irt.engine.ratings import Array, Codes, Ratings, blocks

DENSE_CELLS = 40_000_000  # cells of a pair of facets up to which their information is a dense table


@dataclass(frozen=True)
class Gradient:
    """Log-likelihood and its derivatives.

    Attributes:
        log_likelihood: Sum of w log P_y.
        residuals: Per facet, sum of w (y - E) by element: plus (object) or minus (others) the score of a location.
        thresholds: Score of every tau, shape (groups, steps).
    """

    log_likelihood: float
    residuals: tuple[Array, ...]
    thresholds: Array


@dataclass(frozen=True)
class Information:
    """Sums of the information, unsigned: signs belong to whoever assembles a matrix.

    Attributes:
        gradient: The gradient of the same pass.
        variances: Per facet, sum of w V by element.
        pairs: For facets f < g, sum of w V by cell, shape (L_f, L_g); sparse where the table would be very large.
        with_steps: Per facet, sum of w c_k by element, group and step, shape (L_f, groups, steps).
        steps: Threshold by threshold within a group, shape (groups, steps, steps).
    """

    gradient: Gradient
    variances: tuple[Array, ...]
    pairs: dict[tuple[int, int], Array | csr_array]
    with_steps: tuple[Array, ...]
    steps: Array


def gradient(ratings: Ratings, parameters: Parameters) -> Gradient:
    """One pass for the log-likelihood and its gradient."""
    sums = _Sums(ratings, parameters)
    for rows in blocks(len(ratings), CHUNK):
        sums.add(rows)
    return sums.gradient()


def information(ratings: Ratings, parameters: Parameters) -> Information:
    """One pass for gradient and information; memory grows with the products of the facets' sizes, not with N."""
    sums, sizes, steps = _Sums(ratings, parameters), ratings.sizes, ratings.steps
    variances = [np.zeros(size) for size in sizes]
    every = list(combinations(range(len(sizes)), 2))
    sparse = [pair for pair in every if is_sparse(ratings, pair)]
    pairs = {pair: np.zeros(sizes[pair[0]] * sizes[pair[1]]) for pair in every if pair not in sparse}
    each_variance = np.empty(len(ratings) if sparse else 0)
    with_steps = [np.zeros((steps, size * ratings.groups)) for size in sizes]
    step_pairs = np.zeros((steps, steps, ratings.groups))
    k = np.arange(steps + 1.0)
    for rows in blocks(len(ratings), CHUNK):
        probabilities, expected = sums.add(rows)
        weights = None if ratings.weights is None else ratings.weights[rows]
        variance = (k * k) @ probabilities - expected * expected
        if weights is not None:
            variance *= weights
        slope = ratings.slope(rows)
        if slope is not None:
            variance *= slope * slope
        codes = [codes[rows] for codes in ratings.codes]
        for f, code in enumerate(codes):
            _scatter(variances[f], code, variance)
        if sparse:
            each_variance[rows] = variance
        for (f, g), table in pairs.items():
            np.add.at(table, codes[f].astype(np.intp) * sizes[g] + codes[g], variance)
        upper = from_above(probabilities[1:])
        covariance = from_above(k[1:, None] * probabilities[1:]) - expected * upper
        if weights is not None:
            covariance *= weights
        if slope is not None:
            covariance *= slope
        group = None if ratings.scale is None else codes[ratings.scale].astype(np.intp)
        for f, code in enumerate(codes):
            cell = code if group is None else code.astype(np.intp) * ratings.groups + group
            for step in range(steps):
                _scatter(with_steps[f][step], cell, covariance[step])
        weighted = upper if weights is None else upper * weights
        for low in range(steps):
            part = weighted[low:] * (1 - upper[low])  # U_max (1 - U_min), max = low, low + 1, …
            for high in range(low, steps):
                step_pairs[low, high] += (
                    part[high - low].sum() if group is None else np.bincount(group, part[high - low], ratings.groups)
                )
    for low, high in combinations(range(steps), 2):
        step_pairs[high, low] = step_pairs[low, high]
    tables: dict[tuple[int, int], Array | csr_array] = {
        (f, g): table.reshape(sizes[f], sizes[g]) for (f, g), table in pairs.items()
    }
    for f, g in sparse:
        cells = (each_variance, (ratings.codes[f].astype(np.int32), ratings.codes[g].astype(np.int32)))
        tables[f, g] = csr_array(coo_array(cells, shape=(sizes[f], sizes[g])))
    return Information(
        gradient=sums.gradient(),
        variances=tuple(variances),
        pairs=tables,
        with_steps=tuple(
            np.ascontiguousarray(table.T).reshape(size, ratings.groups, steps)
            for size, table in zip(sizes, with_steps, strict=True)
        ),
        steps=np.moveaxis(step_pairs, 2, 0),
    )


def from_above(rows: Array) -> Array:
    """Each row plus all rows after it: U_k from P_k. Whole rows are added, far faster than a cumulated axis."""
    total = rows.copy()
    for k in range(len(total) - 2, -1, -1):
        total[k] += total[k + 1]
    return total


def is_sparse(ratings: Ratings, pair: tuple[int, int]) -> bool:
    """Whether a pair of facets has too many cells for a dense table."""
    return ratings.sizes[pair[0]] * ratings.sizes[pair[1]] > DENSE_CELLS


def _scatter(table: Array, cell: Codes, values: Array) -> None:
    """Add values to cells; a table larger than the chunk is never walked whole."""
    if len(table) <= len(cell):
        table += np.bincount(cell, values, len(table))
    else:
        np.add.at(table, cell, values)


class _Sums:
    """Running sums of the gradient."""

    def __init__(self, ratings: Ratings, parameters: Parameters) -> None:
        self._ratings, self._model = ratings, Expectation(ratings, parameters)
        self._residuals = [np.zeros(size) for size in ratings.sizes]
        self._expected_counts = np.zeros((ratings.steps + 1, ratings.groups))
        self._observed_counts = np.zeros((ratings.steps + 1) * ratings.groups)
        self._log_likelihood = 0.0
        self._k = np.arange(ratings.steps + 1.0)

    def add(self, rows: slice) -> tuple[Array, Array]:
        """Probabilities, shape (categories, rows), and expectations of these ratings; their sums are taken."""
        ratings = self._ratings
        probabilities, inverse = self._model.odds(rows)
        probabilities *= inverse
        category = ratings.category[rows]
        weights = None if ratings.weights is None else ratings.weights[rows]
        logs = np.log(probabilities[category, np.arange(len(category))])
        self._log_likelihood += float(logs.sum() if weights is None else logs @ weights)
        expected = self._k @ probabilities
        residual = category - expected
        if weights is not None:
            residual *= weights
        slope = ratings.slope(rows)
        if slope is not None:
            residual *= slope
        for f, codes in enumerate(ratings.codes):
            _scatter(self._residuals[f], codes[rows], residual)
        if ratings.scale is None:
            self._expected_counts[:, 0] += probabilities.sum(axis=1) if weights is None else probabilities @ weights
            self._observed_counts += np.bincount(category, weights, len(self._k))
        else:
            group = ratings.codes[ratings.scale][rows]
            for k, row in enumerate(probabilities):
                self._expected_counts[k] += np.bincount(
                    group, row if weights is None else row * weights, ratings.groups
                )
            cell = group.astype(np.intp) * len(self._k) + category
            self._observed_counts += np.bincount(cell, weights, len(self._observed_counts))
        return probabilities, expected

    def gradient(self) -> Gradient:
        observed = self._observed_counts.reshape(self._ratings.groups, -1)
        excess = self._expected_counts.T - observed
        above = np.cumsum(excess[:, ::-1], axis=1)[:, ::-1][:, 1:]
        return Gradient(self._log_likelihood, tuple(self._residuals), above)
