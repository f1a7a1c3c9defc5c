"""The Newton equations where two facets are too large for a dense Schur complement: conjugate gradients.

The information is a sparse matrix (one entry per observed cell). Steps are exact to the tolerance of the solver. The
covariance of a large facet is approximated by the conditional one, 1 / sum V, which is less than 1 % too small when
each element has many ratings; small facets and thresholds get exact columns of the inverse.
"""

from functools import cached_property

import numpy as np
from scipy.sparse import block_array, csr_array, dia_array
from scipy.sparse.csgraph import connected_components
from scipy.sparse.linalg import LinearOperator, cg

from equipoise.judges.irt.engine.kernel import Information
from equipoise.judges.irt.engine.ratings import Array
from equipoise.judges.irt.engine.structure import Structure
from equipoise.judges.irt.engine.vector import Step, sign

_SMALL = 500  # elements up to which a facet's columns of the inverse are solved for
_PRECISION = 1e-11


class SparseEquations:
    """Newton's equations at one point, never dense; used like `Equations`.

    Args:
        shape: What is free and what is constrained.
        information: Sums of the information there; its large pairs are sparse.
    """

    def __init__(self, shape: Structure, information: Information) -> None:
        self.shape = shape
        order = range(len(shape.free))
        blocks = [[self._pair(information, f, g) for g in order] + [self._with_steps(information, f)] for f in order]
        steps = block_array([[_placed(information.steps, g)] for g in range(len(information.steps))])
        last = [self._with_steps(information, f).T for f in order]
        matrix = csr_array(block_array([*blocks, [*last, steps]]))
        rest, solved_steps = shape.split(shape.free_rest.astype(float))
        solved = dict(zip(shape.rest, rest, strict=True)) | {shape.eliminated: shape.free[shape.eliminated]}
        self._free = np.flatnonzero(np.concatenate([*(solved[f] for f in order), solved_steps.ravel()]))
        self._matrix = matrix[self._free][:, self._free]
        diagonal = self._matrix.diagonal()
        self._scale = 1 / np.sqrt(np.maximum(diagonal, 1e-12 * diagonal.max(initial=1e-300)))
        constraints = self._whole_constraints()[self._free]
        scaled = np.hstack([constraints, self._loose(constraints)]) * self._scale[:, None]
        self._columns = scaled / np.maximum(np.sqrt((scaled**2).sum(axis=0)), 1e-300)
        self._scaled = csr_array(dia_array((self._scale[None], [0]), shape=self._matrix.shape) @ self._matrix)
        self._scaled = csr_array(self._scaled @ dia_array((self._scale[None], [0]), shape=self._matrix.shape))

    def solve(self, right: Step) -> Step:
        """Covariance times a vector: the Newton step if the vector is the score."""
        flat = np.concatenate([*right.locations, right.thresholds.ravel()])[self._free] * self._scale
        found = self._inverse(flat)
        if self._columns.shape[1]:
            solved, inverse = self._multipliers
            found = found - solved @ (inverse @ (self._columns.T @ found))
        return self._placed(found * self._scale)

    def variances(self) -> Step:
        """Variances before recentring: exact for small facets and thresholds, conditional for large ones."""
        diagonal = self._scale**2
        parts = self._placed(diagonal)
        locations = [
            self._exact(f, len(free)) if len(free) <= _SMALL else parts.locations[f]
            for f, free in enumerate(self.shape.free)
        ]
        thresholds = parts.thresholds
        if thresholds.size <= _SMALL:
            thresholds = self._exact(len(locations), thresholds.size).reshape(thresholds.shape)
        return Step(tuple(locations), thresholds)

    def _exact(self, part: int, size: int) -> Array:
        found = np.zeros(size)
        flags = [*self.shape.free, self.shape.free_steps.ravel()]
        for place in np.flatnonzero(flags[part]):
            vectors = [np.zeros(len(free)) for free in flags]
            vectors[part][place] = 1
            solved = self.solve(Step(tuple(vectors[:-1]), vectors[-1].reshape(self.shape.free_steps.shape)))
            found[place] = [*solved.locations, solved.thresholds.ravel()][part][place]
        return found

    def _inverse(self, right: Array) -> Array:
        columns, matrix = self._columns, self._scaled

        def product(vector: Array) -> Array:
            return np.asarray(matrix @ vector + columns @ (columns.T @ vector))

        operator = LinearOperator(matrix.shape, matvec=product, dtype=float)
        solved, failed = cg(operator, right, rtol=_PRECISION, atol=_PRECISION / 10, maxiter=2000)
        del failed  # the Newton loop measures its own convergence and says so
        return np.asarray(solved)

    @cached_property
    def _multipliers(self) -> tuple[Array, Array]:
        solved = np.array([self._inverse(column) for column in self._columns.T]).T
        return solved, np.linalg.pinv(self._columns.T @ solved)

    def _whole_constraints(self) -> Array:
        """The constraints over all parameters: nothing is eliminated here."""
        shape = self.shape
        parts, flat = [], shape.constraints
        for f in range(len(shape.free)):
            parts.append(np.zeros((len(shape.free[f]), flat.shape[1])))
        first = 0
        for f in shape.rest:
            parts[f] = flat[first : first + len(shape.free[f])]
            first += len(shape.free[f])
        return np.vstack([*parts, flat[first:]])

    def _placed(self, free: Array) -> Step:
        flat = np.zeros(sum(map(len, self.shape.free)) + self.shape.free_steps.size)
        flat[self._free] = free
        *locations, thresholds = np.split(flat, np.cumsum([len(part) for part in self.shape.free]))
        return Step(tuple(locations), thresholds.reshape(self.shape.free_steps.shape))

    def _loose(self, constraints: Array) -> Array:
        """More constraints, (free, n), where nothing connects some elements with the others.

        In such a part of the design one facet can shift against another without any rating's notice. A facet that
        sums to zero as a whole then has the same mean in every such part; any other sums to zero in each.
        """
        shape, most = self.shape, self._matrix.diagonal().max(initial=0)
        taker = shape.eliminated if shape.floats_in_equations else shape.floating
        ends = np.cumsum([len(part) for part in shape.free])
        facet = np.searchsorted(ends, self._free[self._free < ends[-1]], side="right")
        place = np.arange(len(facet))
        number, part = connected_components(self._matrix[: len(facet)][:, : len(facet)], directed=False)
        columns = [np.zeros((len(self._free), 0))]
        for f in set(range(len(shape.free))) - {taker} if number > 1 else ():
            own, other = facet == f, facet == taker
            values = own - sign(f) * sign(taker) * other
            shifts = csr_array((values, (place, part)), shape=(len(self._free), number))
            felt = abs(self._matrix @ shifts).max(axis=0).toarray().ravel()
            counts = np.bincount(part[own], minlength=number)
            unfelt = np.flatnonzero((felt < 1e-9 * most) & (counts > 0))
            if len(unfelt):
                found = shifts[:, unfelt].toarray() / counts[unfelt]
                centred = np.abs(constraints.T @ found).max(initial=0) > 1e-9
                columns.append(found[:, 1:] - found[:, :1] if centred else found)
        return np.hstack(columns)

    @staticmethod
    def _pair(information: Information, f: int, g: int) -> csr_array:
        if f == g:
            values = information.variances[f]
            return csr_array(dia_array((values[None], [0]), shape=(len(values), len(values))))
        table = csr_array(information.pairs[min(f, g), max(f, g)])
        return csr_array(sign(f) * sign(g) * (table if f < g else table.T))

    @staticmethod
    def _with_steps(information: Information, f: int) -> csr_array:
        table = information.with_steps[f]
        return csr_array(-sign(f) * table.reshape(len(table), -1))


def _placed(steps: Array, group: int) -> csr_array:
    """One group's threshold block as a row of the block-diagonal matrix."""
    groups, size, _ = steps.shape
    row = np.zeros((size, groups * size))
    row[:, group * size : (group + 1) * size] = steps[group]
    return csr_array(row)
