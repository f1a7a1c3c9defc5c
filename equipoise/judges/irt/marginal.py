"""Marginal maximum likelihood: the objects are drawn from a normal distribution, everything else is a parameter.

For few ratings per object (below about 30), where joint estimates are too spread out. theta ~ N(mean, sigma^2)
independently, sigma free: Bock and Aitkin (1981), Psychometrika 46, 443. Newton steps with the exact observed
information.
"""

from dataclasses import dataclass

import numpy as np
from scipy.linalg import LinAlgError, cho_factor, cho_solve, eigh

from equipoise.errors import InputError
from equipoise.judges.irt.extremes import kinds
from equipoise.judges.irt.model import LIMIT, Parameters
from equipoise.judges.irt.newton import MOST_ITERATIONS, TOLERANCE, Progress, zero
from equipoise.judges.irt.quadrature import Block, Grid, Integral, Order, blocks, integrate
from equipoise.judges.irt.ratings import Array, Mask, Ratings
from equipoise.judges.irt.structure import Fixed

NODES = 61
MOST_NODES = 481  # what about 1,000 ratings per object need; joint estimates serve better there
_REACH = 6.0  # standard deviations of the objects covered at first
_WIDEST = 1.25  # spacing of the nodes over the narrowest posterior's standard deviation: error 2 exp(-2 pi^2 / 1.25^2)
_EDGE = 1e-7  # posterior probability an outermost node may have
_LONGEST = 2.0  # logits: no step moves a parameter further
_FURTHEST = 40.0
_HALVINGS = 30
_ROUNDING = 1e-12
_SINGULAR = 1e-9  # of the scaled information, whose diagonal is 1
_MOVES = 1e-6  # share in an unidentified direction


@dataclass(frozen=True)
class Marginal:
    """A marginal maximum likelihood fit.

    Attributes:
        parameters: Estimates; the object's are posterior means (EAP). Without ratings: the mean for an object, the
            start for anything else.
        standard_errors: Per facet. Posterior standard deviation for the object; for the others from the inverse
            observed information: 0 for an anchor, NaN without ratings or where the ratings do not identify the element.
        threshold_errors: Likewise, shape (groups, steps); NaN where there is no threshold.
        sigma: Standard deviation of the objects, logits.
        sigma_error: Its standard error; not to be trusted where sigma is next to 0.
        mean: Mean of the objects.
        mean_error: Its standard error; 0 where the mean is fixed at 0.
        log_likelihood: Marginal.
        free_parameters: Free parameters less constraints, sigma (and the mean, if free) included.
        iterations: Newton steps taken.
        converged: Whether the last step fell below the tolerance.
        nodes: Quadrature nodes of the last step.
    """

    parameters: Parameters
    standard_errors: tuple[Array, ...]
    threshold_errors: Array
    sigma: float
    sigma_error: float
    mean: float
    mean_error: float
    log_likelihood: float
    free_parameters: int
    iterations: int
    converged: bool
    nodes: int


def marginal(
    ratings: Ratings,
    fixed: Fixed,
    floating: int = 0,
    nodes: int | None = None,
    tolerance: float = TOLERANCE,
    progress: Progress | None = None,
) -> Marginal:
    """Fit by marginal maximum likelihood.

    Args:
        ratings: May hold objects with only lowest or only highest scores: their posterior means are finite.
        fixed: Anchors of facets other than the object, and of thresholds.
        floating: Facet whose mean is free. With 0 the objects' mean is estimated and all other facets without anchors
            sum to zero; with another facet the objects' mean is 0 and that facet takes up the level: the same fit. A
            facet whose anchors fix the level cannot float: the objects' mean then does.
        nodes: Quadrature nodes; None = 61, and more as long as an object's posterior is too narrow for them.
        tolerance: Largest last step, logits.
        progress: Told iteration, log-likelihood and largest step.

    Raises:
        InputError: The object is anchored, an element of another facet has only lowest or only highest scores, or the
            posterior of an object is too narrow for the nodes.
    """
    _check(ratings, fixed)
    order = Order(ratings.sizes[1:], ratings.groups, ratings.steps)
    free, constraints = _structure(ratings, fixed, 0 if fixed.holds(floating) else floating, order)
    start = zero(ratings, fixed)
    vector = order.join(start.locations, start.thresholds, 0.0, 1.0)
    grid = Grid(nodes or NODES, _REACH)
    parts, found = _begin(ratings, order, grid, vector)
    nulls = _unidentified(found, free, constraints)
    for iteration in range(1, MOST_ITERATIONS + 1):
        while nodes is None and (better := _better(grid, found)) != grid:
            grid = better
            parts, found = _begin(ratings, order, grid, vector)
        equations = _Equations(found, free, np.hstack([constraints, nulls]))
        step = equations.solve(found.gradient)
        largest = float(np.abs(step).max())
        if progress:
            progress(iteration, found.log_likelihood, largest)
        if largest < tolerance:
            break
        vector, found = _ascend(parts, order, grid, vector, found, step * min(1.0, _LONGEST / largest))
    if _better(grid, found) != grid:
        raise InputError(_too_narrow(ratings, grid, found), field=ratings.facets[0].name)
    sigma = float(vector[order.sigma])
    errors = np.where(free, equations.standard_errors(), 0.0)
    errors[np.abs(nulls).max(axis=1, initial=0) > _MOVES] = np.nan
    split = order.split(errors, np.abs(sigma * found.deviations))
    unrated = [ratings.counts(f) == 0 for f in range(len(ratings.facets))]
    return Marginal(
        parameters=order.split(vector, vector[order.mean] + sigma * found.means),
        standard_errors=(
            split.locations[0],
            *(np.where(none, np.nan, part) for none, part in zip(unrated[1:], split.locations[1:], strict=True)),
        ),
        threshold_errors=np.where(ratings.has_threshold, split.thresholds, np.nan),
        sigma=sigma,
        sigma_error=float(errors[order.sigma]),
        mean=float(vector[order.mean]),
        mean_error=float(errors[order.mean]),
        log_likelihood=found.log_likelihood,
        free_parameters=int(free.sum()) - constraints.shape[1] - nulls.shape[1],
        iterations=iteration,
        converged=largest < tolerance,
        nodes=grid.nodes,
    )


def _check(ratings: Ratings, fixed: Fixed) -> None:
    if fixed.holds(0):
        raise InputError("is drawn from a distribution and cannot be anchored", field=ratings.facets[0].name)
    for facet, kind, anchors in zip(ratings.facets[1:], kinds(ratings)[1:], fixed.locations[1:], strict=True):
        extreme = np.flatnonzero((np.abs(kind) == 1) & np.isnan(anchors))
        if len(extreme):
            label, which = facet.labels[extreme[0]], "highest" if kind[extreme[0]] > 0 else "lowest"
            raise InputError(f"'{label}' has only {which} scores, so no finite estimate: set it aside", field=facet.name)


def _structure(ratings: Ratings, fixed: Fixed, floating: int, order: Order) -> tuple[Mask, Array]:
    """Which parameters are free, and columns v with v'x = 0 for every step x."""
    free_steps = ratings.has_threshold & np.isnan(fixed.thresholds)
    free = [(ratings.counts(f) > 0) & np.isnan(fixed.locations[f]) for f in range(1, len(ratings.facets))]
    every = np.concatenate([*free, free_steps.ravel(), [floating == 0, True]])
    columns = []
    for f, (start, mask) in enumerate(zip(order.starts, free, strict=False), 1):
        if f != floating and not fixed.holds(f):
            columns.append(start + np.flatnonzero(mask))
    for f, members, _ in fixed.means:
        columns.append(order.starts[f - 1] + members[free[f - 1][members]])
    for group, mask in enumerate(free_steps):
        if not np.isfinite(fixed.thresholds[group]).any():
            columns.append(order.starts[-1] + group * order.steps + np.flatnonzero(mask))
    columns = [column for column in columns if len(column)]
    constraints = np.zeros((len(every), len(columns)))
    for number, column in enumerate(columns):
        constraints[column, number] = 1
    return every, constraints


def _begin(ratings: Ratings, order: Order, grid: Grid, vector: Array) -> tuple[list[Block], Integral]:
    parts = list(blocks(ratings, order, grid))
    return parts, integrate(parts, vector, grid, ratings.sizes[0])


def _better(grid: Grid, found: Integral) -> Grid:
    """The same grid, or one that reaches further or has more nodes because a posterior needs it."""
    if found.edge > _EDGE and grid.reach < _FURTHEST:
        return Grid(grid.nodes + round(4 / grid.spacing), grid.reach + 2)
    if grid.spacing > _WIDEST * float(found.deviations.min()) and grid.nodes < MOST_NODES:
        return Grid(2 * grid.nodes - 1, grid.reach)
    return grid


def _ascend(
    parts: list[Block], order: Order, grid: Grid, vector: Array, found: Integral, step: Array
) -> tuple[Array, Integral]:
    """Along the step, halved while the likelihood would fall."""
    for _ in range(_HALVINGS):
        trial = vector + step
        locations = slice(order.starts[-1])
        trial[locations] = np.clip(trial[locations], -LIMIT, LIMIT)
        trial[order.sigma] = abs(trial[order.sigma])  # the likelihood is the same for sigma and -sigma
        after = integrate(parts, trial, grid, len(found.means))
        if after.log_likelihood >= found.log_likelihood - _ROUNDING * abs(found.log_likelihood):
            break
        step = step / 2
    return trial, after


class _Equations:
    """Newton's equations in a scale of unit information, under the constraints.

    Where the observed information is not positive definite, far from the maximum, the complete-data information takes
    its place: a step of the EM gradient algorithm (Lange, 1995, Journal of the Royal Statistical Society B 57, 425).
    """

    def __init__(self, found: Integral, free: Mask, constraints: Array) -> None:
        self._places = np.flatnonzero(free)
        square = np.ix_(self._places, self._places)
        complete = found.complete[square]
        self._scale = _scale(complete)
        columns = _scaled(constraints[self._places], self._scale)
        for information in (complete - found.missing[square], complete):
            try:
                matrix = information * self._scale[:, None] * self._scale + columns @ columns.T
                self._factor = cho_factor(matrix, lower=True)
                break
            except LinAlgError:
                continue
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
        """Root of the covariance's diagonal; 0 for what is not free."""
        errors = np.zeros(self._width)
        variances = self._covariance(np.eye(len(self._places))).diagonal()
        errors[self._places] = self._scale * np.sqrt(np.maximum(variances, 0))
        return errors


def _scale(information: Array) -> Array:
    diagonal = information.diagonal()
    return np.where(diagonal > 0, 1 / np.sqrt(np.where(diagonal > 0, diagonal, 1)), 1.0)


def _scaled(constraints: Array, scale: Array) -> Array:
    """Constraints on the scaled parameters, of unit length."""
    columns = constraints * scale[:, None]
    return np.asarray(columns / np.sqrt((columns**2).sum(axis=0)))


def _unidentified(found: Integral, free: Mask, constraints: Array) -> Array:
    """Directions in which no logit changes, shape (parameters, n): elements never compared."""
    places = np.flatnonzero(free)
    complete = found.complete[np.ix_(places, places)]
    scale = _scale(complete)
    columns = _scaled(constraints[places], scale)
    values, vectors = eigh(complete * scale[:, None] * scale + columns @ columns.T)
    nulls = np.zeros((len(free), int((values < _SINGULAR).sum())))
    nulls[places] = scale[:, None] * vectors[:, values < _SINGULAR]
    return np.asarray(nulls / np.abs(nulls).max(axis=0, initial=1e-300))


def _too_narrow(ratings: Ratings, grid: Grid, found: Integral) -> str:
    narrowest = int(np.argmin(found.deviations))
    label, count = ratings.facets[0].labels[narrowest], (ratings.codes[0] == narrowest).sum()
    return f"'{label}' has {count} ratings, too many to integrate over with {grid.nodes} nodes: use joint estimates"
