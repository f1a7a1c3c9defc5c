"""A start near the maximum for large data: scaled L-BFGS, on a sample of the ratings where there are very many."""

from dataclasses import replace

import numpy as np
from scipy.optimize import minimize

from equipoise.judges.irt.engine.model import LIMIT, Parameters
from equipoise.judges.irt.engine.newton import Passes, zero
from equipoise.judges.irt.engine.ratings import Array, Ratings
from equipoise.judges.irt.engine.structure import Fixed, Structure
from equipoise.judges.irt.engine.vector import score, sign

ENOUGH = 400_000  # ratings from which a sample is enough to begin with
_SHARE = 40  # of very many, one in so many
_RIDGE = 0.1  # 1 / logit^2: an element that is extreme in the sample alone stays finite


def start(ratings: Ratings, shape: Structure, fixed: Fixed, passes: Passes) -> Parameters:
    """Zero and the thresholds' logits for small data; else scaled L-BFGS, over a sample where that is enough."""
    begin = zero(ratings, fixed)
    if not shape.dense:
        return lbfgs(ratings, shape, fixed, begin, passes)
    if len(ratings) <= ENOUGH:
        return begin
    return lbfgs(thin(ratings, max(ENOUGH, len(ratings) // _SHARE)), shape, fixed, begin, passes, _RIDGE)


def thin(ratings: Ratings, size: int, seed: int = 0) -> Ratings:
    """One rating drawn from each of `size` consecutive parts: spread over the table whatever its order."""
    places = np.arange(size) + np.random.default_rng(seed).random(size)
    rows = (places * (len(ratings) / size)).astype(np.int64)
    return replace(
        ratings,
        codes=tuple(codes[rows] for codes in ratings.codes),
        category=ratings.category[rows],
        weights=None if ratings.weights is None else ratings.weights[rows],
        response=None,
        rows=None,
    )


def lbfgs(
    ratings: Ratings, shape: Structure, fixed: Fixed, begin: Parameters, passes: Passes, ridge: float = 1e-6
) -> Parameters:
    """Scaled L-BFGS: x = p sqrt(count of the parameter), which makes the curvatures alike and saves 4 of 5 passes.

    Args:
        ratings: What is fitted.
        shape: Which parameters are free.
        fixed: Anchors.
        begin: Where to begin; anchors in place.
        passes: The kernel.
        ridge: Penalty ridge / 2 * p^2 of every free parameter.

    Returns:
        The parameters, moved along the directions that do not matter until all constraints hold.
    """
    free = np.concatenate([*shape.free, shape.free_steps.ravel()])
    counts = [ratings.counts(f) for f in range(len(ratings.facets))]
    steps = np.repeat((counts[ratings.scale] if ratings.scale is not None else np.array([len(ratings)])), ratings.steps)
    width = np.sqrt(np.maximum(np.concatenate([*counts, steps / max(ratings.steps, 1)]), 1))[free]
    flat = np.concatenate([*begin.locations, begin.thresholds.ravel()])
    ends = np.cumsum(ratings.sizes)

    def unpack(x: Array) -> Parameters:
        whole = flat.copy()
        whole[free] = np.clip(x / width, -LIMIT, LIMIT)
        *locations, thresholds = np.split(whole, ends)
        return Parameters(tuple(locations), thresholds.reshape(begin.thresholds.shape))

    def loss(x: Array) -> tuple[float, Array]:
        parameters = unpack(x)
        found = passes.gradient(ratings, parameters)
        slope = score(found)
        p = x / width
        derivative = np.concatenate([*slope.locations, slope.thresholds.ravel()])[free] - ridge * p
        return ridge / 2 * float(p @ p) - found.log_likelihood, -derivative / width

    result = minimize(
        loss,
        flat[free] * width,
        jac=True,
        method="L-BFGS-B",
        options={"maxcor": 20, "ftol": 1e-13, "gtol": 1e-3, "maxiter": 200},
    )
    return centred(unpack(result.x), ratings, shape, fixed)


def centred(parameters: Parameters, ratings: Ratings, shape: Structure, fixed: Fixed) -> Parameters:
    """The same expectations with every constraint of the equations met, as far as the anchors allow."""
    locations, thresholds = [part.copy() for part in parameters.locations], parameters.thresholds.copy()

    def shift(facet: int, amount: Array | float, where: Array | slice = slice(None)) -> None:
        """Add to eta through one facet's free elements."""
        chosen = np.zeros(len(locations[facet]), dtype=bool)
        chosen[where] = True
        locations[facet] += np.where(chosen & shape.free[facet], sign(facet) * amount, 0.0)

    taker = shape.eliminated if shape.floats_in_equations else shape.floating
    for group, free in enumerate(shape.free_steps):
        if free.any() and not np.isfinite(fixed.thresholds[group]).any():
            mean = thresholds[group][free].mean()
            thresholds[group][free] -= mean
            if ratings.scale is None:
                shift(taker, -mean)
            else:
                shift(ratings.scale, -mean, np.array([group]))
    for f in shape.rest:
        if not fixed.holds(f) and shape.free[f].any() and (shape.floats_in_equations or f != shape.floating):
            mean = locations[f][shape.free[f]].mean()
            shift(f, -sign(f) * mean)
            shift(taker, sign(f) * mean)
    for f, members, mean in fixed.means:
        own = members[shape.free[f][members]]
        locations[f][own] += mean - locations[f][own].mean()
    return Parameters(tuple(locations), thresholds)
