"""Joint maximum likelihood to the end: Newton steps, with the information taken anew only while it still moves."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from equipoise.judges.irt.engine.equations import Equations
from equipoise.judges.irt.engine.kernel import Gradient, Information, gradient, information
from equipoise.judges.irt.engine.model import LIMIT, Parameters
from equipoise.judges.irt.engine.ratings import Array, Ratings
from equipoise.judges.irt.engine.sparse import SparseEquations
from equipoise.judges.irt.engine.structure import Fixed, Structure
from equipoise.judges.irt.engine.vector import Step, score

TOLERANCE = 1e-8  # logits
MOST_ITERATIONS = 100
_LONGEST = 2.0  # logits: no step moves a parameter further
_SAME = 5e-4  # logits: moved no further than this, the information is still the same to some 1e-4 of itself
_CHEAP = 200_000  # ratings up to which the information is taken at every step
Progress = Callable[[int, float, float], None]  # iteration, log-likelihood, largest step


@dataclass(frozen=True)
class Solution:
    """The maximum, before anything is corrected or recentred.

    Attributes:
        parameters: Where the likelihood is largest, the eliminated facet floating.
        equations: Newton's equations there: the covariance of everything.
        information: Sums of the information there.
        log_likelihood: At the maximum.
        iterations: Newton steps taken.
        largest_step: Last step, in logits.
        converged: Whether it fell below the tolerance.
        nulls: Directions the ratings do not identify, shape (rest parameters, n).
    """

    parameters: Parameters
    equations: Equations | SparseEquations
    information: Information
    log_likelihood: float
    iterations: int
    largest_step: float
    converged: bool
    nulls: Array


@dataclass(frozen=True)
class Passes:
    """The two passes over the ratings: the engine's numpy kernel, or its compiled twin."""

    gradient: Callable[[Ratings, Parameters], Gradient] = gradient
    information: Callable[[Ratings, Parameters], Information] = information


def zero(ratings: Ratings, fixed: Fixed) -> Parameters:
    """Where to begin: anchors in place, locations 0 (or their group's mean), tau_k = log((n_{k-1}+.5) / (n_k+.5))."""
    locations = [np.where(np.isnan(values), 0.0, values) for values in fixed.locations]
    for f, members, mean in fixed.means:
        locations[f][members] = mean
    categories = ratings.steps + 1
    cell = ratings.category.astype(np.int64)
    if ratings.scale is not None:
        cell += ratings.codes[ratings.scale].astype(np.int64) * categories
    counts = np.bincount(cell, ratings.weights, ratings.groups * categories).reshape(ratings.groups, categories)
    thresholds = np.where(ratings.has_threshold, np.log((counts[:, :-1] + 0.5) / (counts[:, 1:] + 0.5)), np.inf)
    with np.errstate(invalid="ignore"):
        number = np.maximum(ratings.has_threshold.sum(axis=1, keepdims=True), 1)
        thresholds -= np.where(ratings.has_threshold, thresholds, 0).sum(axis=1, keepdims=True) / number
    return Parameters(tuple(locations), np.where(np.isnan(fixed.thresholds), thresholds, fixed.thresholds))


def newton(
    ratings: Ratings,
    shape: Structure,
    start: Parameters,
    passes: Passes,
    tolerance: float = TOLERANCE,
    progress: Progress | None = None,
) -> Solution:
    """From a start to the maximum.

    The log-likelihood is concave, so full steps converge; while the steps are long the information is taken anew, later
    the last one serves (a simplified Newton step costs a fraction of a full one and still gains a factor each time).
    """
    parameters, nulls = start, None
    found, equations = None, None
    moved, largest, before = np.inf, np.inf, np.inf
    for iteration in range(1, MOST_ITERATIONS + 1):
        slow = largest > 0.25 * before or largest > 0.05
        if equations is None or len(ratings) <= _CHEAP or (slow and moved > 0):
            found = passes.information(ratings, parameters)
            slope = found.gradient
            if nulls is None:
                nulls = unidentified(shape, found)
            equations, moved = equations_of(shape, found, nulls), 0.0
        else:
            slope = passes.gradient(ratings, parameters)
        step = equations.solve(score(slope))
        before, largest = largest, step.largest
        if progress:
            progress(iteration, slope.log_likelihood, largest)
        if largest < tolerance:
            break
        parameters = _move(parameters, step, min(1.0, _LONGEST / largest))
        moved += largest
    assert nulls is not None
    if moved > _SAME:
        found = passes.information(ratings, parameters)
        equations, slope = equations_of(shape, found, nulls), found.gradient
    assert found is not None and equations is not None
    return Solution(parameters, equations, found, slope.log_likelihood, iteration, largest, largest < tolerance, nulls)


def equations_of(shape: Structure, information: Information, nulls: Array) -> Equations | SparseEquations:
    """Dense equations where the Schur complement fits, else sparse ones."""
    return Equations(shape, information, nulls) if shape.dense else SparseEquations(shape, information)


def unidentified(shape: Structure, information: Information) -> Array:
    """Directions that the ratings say nothing about; none are looked for among very many elements."""
    if not shape.dense:
        return np.zeros((len(shape.free_rest), 0))
    return Equations(shape, information).unidentified()


def _move(parameters: Parameters, step: Step, size: float) -> Parameters:
    return Parameters(
        tuple(
            np.clip(part + size * move, -LIMIT, LIMIT)
            for part, move in zip(parameters.locations, step.locations, strict=True)
        ),
        parameters.thresholds + size * step.thresholds,
    )
