"""The Newton equations, solved by eliminating the largest facet; the same factor gives steps and covariances.

With A the (diagonal) information of the eliminated facet, C its cross block and B the block of the rest, the Schur
complement is S = B - C'A^-1 C. Constraints v'x = 0 are kept by solving with M = S + c VV' and a multiplier, so the
inverse that remains is the covariance under the constraints and needs no correction afterwards.
"""

from functools import cached_property

import numpy as np
from scipy.linalg import cho_factor, cho_solve, eigh, lapack

from equipoise.judges.irt.engine.kernel import Information
from equipoise.judges.irt.engine.ratings import Array
from equipoise.judges.irt.engine.structure import Structure
from equipoise.judges.irt.engine.vector import Step, sign

_SINGULAR = 1e-11  # reciprocal condition number below which some difference is not identified


class Equations:
    """Newton's equations at one point.

    Args:
        shape: What is free and what is constrained.
        information: Sums of the information there.
        nulls: Directions over the rest that the data do not identify, shape (rest parameters, n), found earlier.

    Attributes:
        inverse_diagonal: 1 / A of the eliminated facet; 0 for its fixed elements.
        ratio: D = A^-1 C, shape (L_eliminated, free rest).
    """

    def __init__(self, shape: Structure, information: Information, nulls: Array | None = None) -> None:
        self.shape = shape
        e = shape.eliminated
        variances = information.variances[e]
        with np.errstate(divide="ignore"):
            self.inverse_diagonal = np.where(shape.free[e] & (variances > 0), 1 / variances, 0.0)
        self._free = np.flatnonzero(shape.free_rest)
        cross, block = _cross(shape, information)[:, self._free], _block(shape, information)
        self.ratio = cross * self.inverse_diagonal[:, None]
        schur = block[np.ix_(self._free, self._free)] - cross.T @ self.ratio
        self._constraints = shape.constraints[self._free]
        if nulls is not None:
            self._constraints = np.hstack([self._constraints, nulls[self._free]])
        # Scaled by the information with the eliminated facet known: an element with few ratings is not an unidentified
        # one. (The Schur complement's own diagonal is rounding where a judge alone has met their items.)
        diagonal = np.maximum(np.diag(block)[self._free], 1e-300)
        self._scale = 1 / np.sqrt(diagonal)
        scaled = self._constraints * self._scale[:, None]
        self._scaled = scaled / np.maximum(np.sqrt((scaled**2).sum(axis=0)), 1e-300)
        self._matrix = schur * self._scale[:, None] * self._scale + self._scaled @ self._scaled.T

    @cached_property
    def _factor(self) -> tuple[Array, bool]:
        ridge = 1e-14 * np.eye(len(self._matrix))
        factor: tuple[Array, bool] = cho_factor(self._matrix + ridge, lower=True)
        return factor

    @cached_property
    def _multipliers(self) -> tuple[Array, Array]:
        """M^-1 V and the inverse of V'M^-1 V, in the scaled equations."""
        solved = cho_solve(self._factor, self._scaled)
        return solved, np.linalg.pinv(self._scaled.T @ solved)

    def unidentified(self) -> Array:
        """Directions the ratings say nothing about, shape (rest parameters, n): groups of elements never compared."""
        if not len(self._matrix):
            return np.zeros((len(self.shape.free_rest), 0))
        factor, failed = lapack.dpotrf(self._matrix, lower=True)
        norm = float(np.abs(self._matrix).sum(axis=0).max())
        if not failed and lapack.dpocon(factor, norm, uplo="L")[0] > _SINGULAR:
            return np.zeros((len(self.shape.free_rest), 0))
        values, vectors = eigh(self._matrix)
        found = vectors[:, values < 1e-9] * self._scale[:, None]
        nulls = np.zeros((len(self.shape.free_rest), found.shape[1]))
        nulls[self._free] = found
        return nulls

    def solve(self, right: Step) -> Step:
        """Covariance times a vector: the Newton step if the vector is the score."""
        e = self.shape.eliminated
        first = right.locations[e] * (self.inverse_diagonal > 0)
        rest = np.concatenate([*(right.locations[f] for f in self.shape.rest), right.thresholds.ravel()])[self._free]
        found = self.solve_rest(rest - self.ratio.T @ first)
        return self.step(self.inverse_diagonal * first - self.ratio @ found, found)

    def solve_rest(self, right: Array) -> Array:
        """Covariance of the free rest times a vector or the columns of a matrix."""
        if not len(right):
            return right
        scale = self._scale if right.ndim == 1 else self._scale[:, None]
        solved = cho_solve(self._factor, right * scale)
        if self._scaled.shape[1]:
            columns, inverse = self._multipliers
            solved -= columns @ (inverse @ (self._scaled.T @ solved))
        return np.asarray(solved * scale)

    @cached_property
    def rest_covariance(self) -> Array:
        """Covariance of the free rest under the constraints, shape (free rest, free rest)."""
        return self.solve_rest(np.eye(len(self._free)))

    def variances(self) -> Step:
        """Diagonal of the covariance, before recentring."""
        first = self.inverse_diagonal + np.einsum("ij,ij->i", self.ratio @ self.rest_covariance, self.ratio)
        return self.step(np.where(self.inverse_diagonal > 0, first, 0.0), np.diag(self.rest_covariance))

    def step(self, first: Array, free_rest: Array) -> Step:
        """Parts put in their places; 0 for everything that is fixed."""
        rest = np.zeros(len(self.shape.free_rest))
        rest[self._free] = free_rest
        parts, thresholds = self.shape.split(rest)
        locations = dict(zip(self.shape.rest, parts, strict=True)) | {self.shape.eliminated: first}
        return Step(tuple(locations[f] for f in range(len(locations))), thresholds)


def _pair(information: Information, f: int, g: int) -> Array:
    table = information.pairs[min(f, g), max(f, g)]
    return sign(f) * sign(g) * (table if f < g else table.T)


def _with_steps(information: Information, f: int) -> Array:
    table = information.with_steps[f]
    return -sign(f) * table.reshape(len(table), -1)


def _cross(shape: Structure, information: Information) -> Array:
    e = shape.eliminated
    return np.hstack([*(_pair(information, e, f) for f in shape.rest), _with_steps(information, e)])


def _block(shape: Structure, information: Information) -> Array:
    groups, steps = shape.free_steps.shape
    thresholds = np.zeros((groups * steps, groups * steps))
    for group in range(groups):
        part = slice(group * steps, (group + 1) * steps)
        thresholds[part, part] = information.steps[group]
    rows = [
        np.hstack(
            [np.diag(information.variances[f]) if f == g else _pair(information, f, g) for g in shape.rest]
            + [_with_steps(information, f)]
        )
        for f in shape.rest
    ]
    last = np.hstack([*(_with_steps(information, f).T for f in shape.rest), thresholds])
    return np.vstack([*rows, last])
