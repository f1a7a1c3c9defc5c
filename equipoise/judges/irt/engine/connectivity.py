"""Which elements can be compared: subsets of elements that no rating, directly or through others, connects."""

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from equipoise.judges.irt.engine.equations import Equations
from equipoise.judges.irt.engine.newton import Solution
from equipoise.judges.irt.engine.ratings import Array, Codes, Mask, Ratings

_SAME = 1e-5


def subsets(ratings: Ratings, solution: Solution) -> tuple[Codes, ...]:
    """Per facet, the subset of each element, from 1; elements of different subsets cannot be compared.

    Numbers are those of one facet. An element without ratings in the fit (an extreme one) is in none, 0, unless all
    others are in one.

    Connected components of the graph of elements find separate designs, but not nesting (a judge with items of their
    own). Here two elements of a facet belong together if every direction that the ratings leave undetermined moves
    them alike; this finds both. Where the equations are too large for that, the components are told.
    """
    if not isinstance(solution.equations, Equations):
        return _components(ratings)
    equations, shape = solution.equations, solution.equations.shape
    nulls = solution.nulls
    if not nulls.shape[1]:
        return tuple(np.ones(size, dtype=int) for size in ratings.sizes)
    parts: dict[int, Array] = {}
    first = 0
    for f in shape.rest:
        parts[f] = nulls[first : first + ratings.sizes[f]]
        first += ratings.sizes[f]
    parts[shape.eliminated] = -equations.ratio @ nulls[np.flatnonzero(shape.free_rest)]
    scale = _SAME * max(float(np.abs(part).max(initial=0)) for part in parts.values())
    return tuple(_alike(np.round(parts[f] / scale), ratings.counts(f) > 0) for f in range(len(ratings.facets)))


def _alike(moves: Array, rated: Mask) -> Codes:
    """Rated rows that are the same get the same number; numbered in order of appearance."""
    _, first, code = np.unique(moves[rated], axis=0, return_index=True, return_inverse=True)
    found = np.zeros(len(rated), dtype=int)
    found[rated] = np.argsort(np.argsort(first))[code.ravel()] + 1
    return found


def _components(ratings: Ratings) -> tuple[Codes, ...]:
    starts = np.concatenate([[0], np.cumsum(ratings.sizes)])
    edges = [
        (ratings.codes[0].astype(np.int64), ratings.codes[f].astype(np.int64) + starts[f])
        for f in range(1, len(ratings.facets))
    ]
    rows, columns = (np.concatenate(side) for side in zip(*edges, strict=True))
    graph = coo_array((np.ones(len(rows), dtype=np.int8), (rows, columns)), shape=(starts[-1], starts[-1]))
    labels = connected_components(graph, directed=False)[1]
    rated = np.concatenate([ratings.counts(f) for f in range(len(ratings.facets))]) > 0
    found = np.zeros(len(labels), dtype=int)
    found[rated] = np.unique(labels[rated], return_inverse=True)[1] + 1
    if found.max() == 1:
        found[:] = 1
    return tuple(np.split(found, starts[1:-1]))
