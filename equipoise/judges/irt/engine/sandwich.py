"""H^-1 (sum_c s_c s_c') H^-1: the covariance clustered on the response, from sums of scores by response."""

from functools import cached_property
from typing import Any

import numpy as np
from scipy.sparse import csr_array, issparse

from equipoise.judges.irt.engine.equations import Equations
from equipoise.judges.irt.engine.kernel import from_above
from equipoise.judges.irt.engine.model import Parameters, moments
from equipoise.judges.irt.engine.ratings import Array, Codes, Mask, Ratings
from equipoise.judges.irt.engine.vector import Step, sign

Matrix = Any  # an array or a sparse array; scipy has no types that say so


class Sandwich:
    """The clustered covariance of all parameters; never formed.

    The scores are matrices with a row per response: sparse by element, and by threshold dense (one common scale) or
    sparse (a scale per element).
    """

    def __init__(self, ratings: Ratings, parameters: Parameters, equations: Equations) -> None:
        self._equations = equations
        residuals, above = _scores(ratings, parameters)
        codes, most = ratings.responses()
        order = np.argsort(codes, kind="stable")
        counts = np.bincount(codes, minlength=most)
        ends = np.cumsum(counts[counts > 0])
        starts = np.concatenate([[0], ends[:-1]])
        residuals = residuals[order]
        self._facets = tuple(
            csr_array(_by_element(sign(f) * residuals, part[order], starts, ends), shape=(len(starts), size))
            for f, (part, size) in enumerate(zip(ratings.codes, ratings.sizes, strict=True))
        )
        if ratings.scale is None:
            self._steps: Matrix = np.add.reduceat(above[order], starts, axis=0)
        else:
            group = ratings.codes[ratings.scale][order].astype(np.int32)
            columns = group[:, None] * ratings.steps + np.arange(ratings.steps, dtype=np.int32)
            pointer = np.concatenate([[0], ends]) * ratings.steps
            width = ratings.groups * ratings.steps
            self._steps = csr_array((above[order].ravel(), columns.ravel(), pointer), shape=(len(starts), width))

    @cached_property
    def number(self) -> Step:
        """Number of responses behind each parameter."""
        shape = self._equations.shape.free_steps.shape
        if not issparse(self._steps):
            return Step(tuple(map(_rows_of, self._facets)), np.full(shape, float(len(self._steps))))
        return Step(tuple(map(_rows_of, self._facets)), _rows_of(self._steps).reshape(shape))

    def solve(self, right: Step) -> Step:
        """The clustered covariance times a vector."""
        inner = self._equations.solve(right)
        total = self._steps @ inner.thresholds.ravel()
        for part, values in zip(self._facets, inner.locations, strict=True):
            total = total + part @ values
        thresholds = np.asarray(self._steps.T @ total).reshape(right.thresholds.shape)
        return self._equations.solve(Step(tuple(part.T @ total for part in self._facets), thresholds))

    def variances(self) -> Step:
        """Diagonal of the covariance, before recentring and without a small-sample factor.

        With t_c = s_rest - D's_first (what eliminating the first facet makes of a response's scores) and R the inverse
        of the Schur complement, the rest's block is R (sum t t') R; the first facet's follows from it.
        """
        equations, shape = self._equations, self._equations.shape
        own, rest = self._facets[shape.eliminated], [*(self._facets[f] for f in shape.rest), self._steps]
        free = np.flatnonzero(shape.free_rest)
        cross = np.hstack([_product(own, part) for part in rest])[:, free]
        among = csr_array(own.T @ own)
        ratio, inverse, covariance = equations.ratio, equations.inverse_diagonal, equations.rest_covariance
        mixed = among @ ratio
        bread = ratio.T @ (cross - mixed / 2)
        middle = _gram(rest)[np.ix_(free, free)] - bread - bread.T
        solved = covariance @ middle @ covariance
        first = (
            inverse**2 * among.diagonal()
            - 2 * inverse * np.einsum("ij,ij->i", (cross - mixed) @ covariance, ratio)
            + np.einsum("ij,ij->i", ratio @ solved, ratio)
        )
        return equations.step(np.where(inverse > 0, first, 0.0), np.diag(solved))


def _scores(ratings: Ratings, parameters: Parameters) -> tuple[Array, Array]:
    """Scores of every rating: w (y - E), shape (N,), and w (U_k - 1[y >= k]), shape (N, steps)."""
    residuals, above = np.empty(len(ratings)), np.empty((len(ratings), ratings.steps))
    step = np.arange(1, ratings.steps + 1)[:, None]
    for part in moments(ratings, parameters):
        weights = 1.0 if ratings.weights is None else ratings.weights[part.rows]
        slope = ratings.slope(part.rows)
        residuals[part.rows] = weights * part.residual * (1.0 if slope is None else slope)
        upper = from_above(part.probabilities[1:])
        above[part.rows] = (weights * (upper - (part.observed >= step))).T
    return residuals, above


def _by_element(scores: Array, codes: Codes, starts: Codes, ends: Codes) -> tuple[Array, Codes, Codes]:
    """Data, columns and row pointers: one entry per response where all its ratings have the same element."""
    first: Mask = np.zeros(len(codes), dtype=bool)
    first[starts] = True
    if (codes[1:][~first[1:]] == codes[:-1][~first[1:]]).all():
        return np.add.reduceat(scores, starts), codes[starts].astype(np.int32), np.arange(len(starts) + 1)
    return scores, codes.astype(np.int32), np.concatenate([[0], ends])


def _rows_of(matrix: csr_array) -> Array:
    """Number of rows with an entry in each column."""
    tidy = matrix.copy()
    tidy.sum_duplicates()
    return np.bincount(tidy.indices, minlength=tidy.shape[1]).astype(float)


def _product(a: Matrix, b: Matrix) -> Array:
    found = a.T @ b
    return np.asarray(found.todense() if issparse(found) else found)


def _gram(parts: list[Matrix]) -> Array:
    """All products of the parts among themselves, each pair once."""
    table = [[np.empty((0, 0))] * len(parts) for _ in parts]
    for f, a in enumerate(parts):
        for g in range(f, len(parts)):
            table[f][g] = _product(a, parts[g])
            table[g][f] = table[f][g].T
    return np.block(table)
