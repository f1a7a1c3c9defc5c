"""Newton's equations of marginal maximum likelihood: one dense matrix over everything but the objects."""

import numpy as np
from scipy.linalg import LinAlgError, cho_factor, cho_solve, eigh, lapack

from equipoise.judges.irt.engine.quadrature import Integral
from equipoise.judges.irt.engine.ratings import Array, Mask

_RIDGE = 1e-9  # keeps a step in directions that are hardly identified finite
_SINGULAR = 1e-9  # eigenvalue of the scaled information, whose diagonal is 1, of a direction that is not identified


class MarginalEquations:
    """Newton's equations in a scale of unit information, under the constraints.

    Where the observed information is not positive definite, far from the maximum, the complete-data information takes
    its place: a step of the EM gradient algorithm (Lange, 1995, Journal of the Royal Statistical Society B 57, 425).

    Attributes:
        exact: Whether it is the observed information.
    """

    def __init__(self, found: Integral, free: Mask, constraints: Array) -> None:
        self._places = np.flatnonzero(free)
        square = np.ix_(self._places, self._places)
        complete = found.complete[square]
        self._scale = _scale(complete)
        columns = _scaled(constraints[self._places], self._scale)
        square_scale = self._scale[:, None] * self._scale
        try:
            matrix = (complete - found.missing[square]) * square_scale + columns @ columns.T
            self._factor, self.exact = cho_factor(matrix, lower=True), True
        except LinAlgError:
            matrix = complete * square_scale + columns @ columns.T + _RIDGE * np.eye(len(complete))
            self._factor, self.exact = cho_factor(matrix, lower=True), False
        self._solved = cho_solve(self._factor, columns)
        self._columns, self._inverse = columns, np.linalg.pinv(columns.T @ self._solved)
        self._width = len(free)

    def _covariance(self, right: Array) -> Array:
        solved = cho_solve(self._factor, right)
        return np.asarray(solved - self._solved @ (self._inverse @ (self._columns.T @ solved)))

    def solve(self, gradient: Array) -> Array:
        """Newton's step; 0 for what is not free."""
        step = np.zeros(self._width)
        step[self._places] = self._scale * self._covariance(self._scale * gradient[self._places])
        return step

    def standard_errors(self) -> Array:
        """Root of the covariance's diagonal; 0 for what is not free, NaN without the observed information."""
        errors = np.zeros(self._width)
        variances = self._covariance(np.eye(len(self._places))).diagonal()
        errors[self._places] = self._scale * np.sqrt(np.maximum(variances, 0)) if self.exact else np.nan
        return errors


def _scale(information: Array) -> Array:
    diagonal = information.diagonal()
    return np.where(diagonal > 0, 1 / np.sqrt(np.where(diagonal > 0, diagonal, 1)), 1.0)


def _scaled(constraints: Array, scale: Array) -> Array:
    """Constraints on the scaled parameters, of unit length."""
    columns = constraints * scale[:, None]
    return np.asarray(columns / np.sqrt((columns**2).sum(axis=0)))


def unidentified(found: Integral, free: Mask, constraints: Array) -> Array:
    """Directions in which no logit changes, shape (parameters, n): elements never compared."""
    places = np.flatnonzero(free)
    complete = found.complete[np.ix_(places, places)]
    scale = _scale(complete)
    columns = _scaled(constraints[places], scale)
    matrix = complete * scale[:, None] * scale + columns @ columns.T
    factor, failed = lapack.dpotrf(matrix, lower=True)
    norm = float(np.abs(matrix).sum(axis=0).max())
    if not failed and lapack.dpocon(factor, norm, uplo="L")[0] > _SINGULAR:
        return np.zeros((len(free), 0))
    values, vectors = eigh(matrix)
    nulls = np.zeros((len(free), int((values < _SINGULAR).sum())))
    nulls[places] = scale[:, None] * vectors[:, values < _SINGULAR]
    return np.asarray(nulls / np.abs(nulls).max(axis=0, initial=1e-300))
