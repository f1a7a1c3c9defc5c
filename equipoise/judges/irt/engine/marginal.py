"""Marginal maximum likelihood: the objects are drawn from a normal distribution, everything else is a parameter.

For few ratings per object (below about 30), where joint estimates are too spread out. theta ~ N(mean, sigma^2)
independently, sigma free: Bock and Aitkin (1981), Psychometrika 46, 443. Newton steps with the exact observed
information.
"""

from dataclasses import dataclass

import numpy as np

from equipoise.errors import InputError
from equipoise.judges.irt.engine.extremes import kinds
from equipoise.judges.irt.engine.marginal_equations import MarginalEquations, unidentified
from equipoise.judges.irt.engine.model import LIMIT, Parameters
from equipoise.judges.irt.engine.newton import MOST_ITERATIONS, TOLERANCE, Progress, zero
from equipoise.judges.irt.engine.quadrature import Block, Grid, Integral, Order, blocks, integrate
from equipoise.judges.irt.engine.ratings import Array, Mask, Ratings
from equipoise.judges.irt.engine.structure import DENSE_REST, Fixed
from equipoise.judges.irt.engine.warm import sums

NODES = 61
MOST_NODES = 481  # what about 1,000 ratings per object need; joint estimates serve better there
_REACH = 6.0  # standard deviations of the objects covered at first
_WIDEST = 1.25  # spacing of the nodes over the narrowest posterior's standard deviation: error 2 exp(-2 pi^2 / 1.25^2)
_EDGE = 1e-7  # posterior probability an outermost node may have
_LONGEST = 2.0  # logits: no step moves a parameter further
_NEAR = 0.3  # logits: the nodes are looked at once the steps are shorter
_LEAST = 0.1  # logits: a first sigma is not smaller
_FURTHEST = 20.0
_HALVINGS = 30
_ROUNDING = 1e-12
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
        largest_step: Last step, in logits.
        converged: Whether it fell below the tolerance, at a maximum.
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
    largest_step: float
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
        InputError: There are too many parameters for a dense matrix, the object is anchored, an element of another
            facet has only lowest or only highest scores, or an object's posterior is too narrow for the nodes.
    """
    _check(ratings, fixed)
    order = Order(ratings.sizes[1:], ratings.groups, ratings.steps)
    free, constraints = _structure(ratings, fixed, 0 if fixed.holds(floating) else floating, order)
    start = zero(ratings, fixed)
    vector = order.join(start.locations, start.thresholds, 0.0, _spread(ratings, start))
    grid = Grid(nodes or NODES, _REACH)
    parts, found = _begin(ratings, order, grid, vector)
    nulls = unidentified(found, free, constraints)
    largest = np.inf
    for iteration in range(1, MOST_ITERATIONS + 1):
        while nodes is None and largest < _NEAR and (better := _better(grid, found)) != grid:
            grid = better
            parts, found = _begin(ratings, order, grid, vector)
        equations = MarginalEquations(found, free, np.hstack([constraints, nulls]))
        step = equations.solve(found.gradient)
        largest = float(np.abs(step).max())
        if progress:
            progress(iteration, found.log_likelihood, largest)
        if largest < tolerance:
            if not equations.exact and vector[order.sigma] < _LEAST / 10:
                step[order.sigma] = _LEAST  # sigma = 0 is never left by itself: maximum or not, the derivative is 0
            elif nodes is not None or _better(grid, found) == grid:
                break
        vector, found = _ascend(parts, order, grid, vector, found, step * min(1.0, _LONGEST / largest))
    if not _covered(grid, found):
        raise InputError(_too_narrow(ratings, grid, found), field=ratings.facets[0].name)
    errors = np.where(free, equations.standard_errors(), 0.0)
    errors[np.abs(nulls).max(axis=1, initial=0) > _MOVES] = np.nan
    sigma = float(vector[order.sigma])
    split = order.split(errors, sigma * found.deviations)
    return Marginal(
        parameters=order.split(vector, vector[order.mean] + sigma * found.means),
        standard_errors=(split.locations[0], *_where_rated(ratings, fixed, split)),
        threshold_errors=np.where(ratings.has_threshold, split.thresholds, np.nan),
        sigma=sigma,
        sigma_error=float(errors[order.sigma]),
        mean=float(vector[order.mean]),
        mean_error=float(errors[order.mean]),
        log_likelihood=found.log_likelihood,
        free_parameters=int(free.sum()) - constraints.shape[1] - nulls.shape[1],
        iterations=iteration,
        largest_step=largest,
        converged=largest < tolerance and equations.exact,
        nodes=grid.nodes,
    )


def _where_rated(ratings: Ratings, fixed: Fixed, errors: Parameters) -> list[Array]:
    """Standard errors of all facets but the object, NaN for an element with neither anchor nor ratings."""
    return [
        np.where((ratings.counts(f) > 0) | np.isfinite(fixed.locations[f]), errors.locations[f], np.nan)
        for f in range(1, len(ratings.facets))
    ]


def _spread(ratings: Ratings, start: Parameters) -> float:
    """A first sigma by moments: at theta = 0 the variance of an object's score is sum V + (sum V)^2 sigma^2."""
    at = sums(ratings, start, 0)
    between = ((at.observed - at.expected) ** 2 - at.variance).sum() / (at.variance**2).sum()
    return float(np.sqrt(max(between, _LEAST**2)))


def _check(ratings: Ratings, fixed: Fixed) -> None:
    parameters = sum(ratings.sizes[1:]) + ratings.groups * ratings.steps
    if parameters > DENSE_REST:
        raise InputError(f"marginal estimates of {parameters} parameters: at most {DENSE_REST}, use joint estimates")
    if fixed.holds(0):
        raise InputError("is drawn from a distribution and cannot be anchored", field=ratings.facets[0].name)
    for facet, kind, anchors in zip(ratings.facets[1:], kinds(ratings)[1:], fixed.locations[1:], strict=True):
        extreme = np.flatnonzero((np.abs(kind) == 1) & np.isnan(anchors))
        if len(extreme):
            label, which = facet.labels[extreme[0]], "highest" if kind[extreme[0]] > 0 else "lowest"
            raise InputError(
                f"'{label}' has only {which} scores, so no finite estimate: set it aside", field=facet.name
            )


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


def _covered(grid: Grid, found: Integral) -> bool:
    """Whether every posterior lies within the grid and is not too narrow for it."""
    return found.edge <= _EDGE and grid.spacing <= _WIDEST * float(found.deviations.min())


def _better(grid: Grid, found: Integral) -> Grid:
    """The same grid, or one that reaches further or is finer because a posterior needs it."""
    if found.edge > _EDGE and grid.reach < _FURTHEST:
        return Grid(grid.nodes + round(4 / grid.spacing), grid.reach + 2)
    if not _covered(grid, found) and grid.nodes < MOST_NODES:
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


def _too_narrow(ratings: Ratings, grid: Grid, found: Integral) -> str:
    narrowest = int(np.argmin(found.deviations))
    label, count = ratings.facets[0].labels[narrowest], (ratings.codes[0] == narrowest).sum()
    return f"'{label}' has {count} ratings, too many to integrate over with {grid.nodes} nodes: use joint estimates"
