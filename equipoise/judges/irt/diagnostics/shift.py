"""One more term of eta for each cell of ratings, solved for in all cells at once."""

from dataclasses import replace

import numpy as np

from equipoise.judges.irt.diagnostics.crossing import Cells
from equipoise.judges.irt.diagnostics.sums import scatter
from equipoise.judges.irt.engine.model import CHUNK, Expectation, Parameters
from equipoise.judges.irt.engine.ratings import Array, Ratings, blocks

TOLERANCE = 1e-9  # logits
MOST_PASSES = 100
LONGEST = 2.0  # logits: no step goes further


def from_the_ends(ratings: Ratings, cells: Cells) -> tuple[Array, Array]:
    """Weighted categories above the lowest total a cell can have, and below the highest."""
    low, room = np.zeros(len(cells)), np.zeros(len(cells))
    top = ratings.has_threshold.sum(axis=1)
    for rows in blocks(len(ratings)):
        weights = 1.0 if ratings.weights is None else ratings.weights[rows]
        group = 0 if ratings.scale is None else ratings.codes[ratings.scale][rows]
        category = ratings.category[rows].astype(float)
        scatter(low, cells.codes[rows], weights * category)
        scatter(room, cells.codes[rows], weights * (top[group] - category))
    return low, room


def shifted(ratings: Ratings, parameters: Parameters, cells: Cells, b: Array) -> tuple[Ratings, Parameters]:
    """The bias as one more facet; every facet but the first counts minus, so its location is -b."""
    return (
        replace(ratings, codes=(*ratings.codes, cells.codes)),
        Parameters((*parameters.locations, -b), parameters.thresholds),
    )


def solve_shifts(ratings: Ratings, parameters: Parameters, cells: Cells, target: Array) -> Array:
    """The b of each cell whose expected total sum w E(eta + b) is the target.

    Newton steps in all cells at once, each kept between the closest points known to lie on either side of its solution:
    the expected total rises with b.
    """
    b, below, above = np.zeros(len(cells)), np.full(len(cells), -np.inf), np.full(len(cells), np.inf)
    k = np.arange(ratings.steps + 1.0)
    for _ in range(MOST_PASSES):
        model = Expectation(*shifted(ratings, parameters, cells, b))
        total, variance = np.zeros(len(cells)), np.zeros(len(cells))
        for rows in blocks(len(ratings), CHUNK):
            odds, inverse = model.odds(rows)
            expected = (k @ odds) * inverse
            spread = (k * k @ odds) * inverse - expected**2
            weights = 1.0 if ratings.weights is None else ratings.weights[rows]
            scatter(total, cells.codes[rows], weights * expected)
            scatter(variance, cells.codes[rows], weights * spread)
        short = target - total
        below, above = np.where(short >= 0, b, below), np.where(short <= 0, b, above)
        step = np.clip(short / np.maximum(variance, 1e-300), -LONGEST, LONGEST)
        moved = b + step
        with np.errstate(invalid="ignore"):
            outside = (moved != b) & ((moved <= below) | (moved >= above))  # a step back to a bound would cycle
            moved = np.where(outside, (below + above) / 2, moved)
        largest, b = float(np.abs(moved - b).max(initial=0)), moved
        if largest < TOLERANCE:
            break
    return b
