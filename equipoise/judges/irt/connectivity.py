"""Which elements can be compared: subsets of elements that no rating, directly or through others, connects."""

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from equipoise.judges.irt.equations import Equations
from equipoise.judges.irt.newton import Solution
from equipoise.judges.irt.ratings import Array, Codes, Ratings

_SAME = 1e-5


def subsets(ratings: Ratings, solution: Solution) -> tuple[Codes, ...]:
    """Per facet, the subset of each element, from 1; elements of different subsets cannot be compared.

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
    return tuple(_alike(parts[f]) for f in range(len(ratings.facets)))


def _alike(moves: Array) -> Codes:
    """Rows that are the same, up to rounding, get the same number; numbered in order of appearance."""
    scale = max(float(np.abs(moves).max(initial=0)), 1e-300)
    _, first, code = np.unique(np.round(moves / scale / _SAME), axis=0, return_index=True, return_inverse=True)
    order = np.argsort(np.argsort(first))
    return np.asarray(order[code.ravel()] + 1)


def _components(ratings: Ratings) -> tuple[Codes, ...]:
    starts = np.concatenate([[0], np.cumsum(ratings.sizes)])
    edges = [
        (ratings.codes[0].astype(np.int64), ratings.codes[f].astype(np.int64) + starts[f])
        for f in range(1, len(ratings.facets))
    ]
    rows, columns = (np.concatenate(side) for side in zip(*edges, strict=True))
    graph = coo_array((np.ones(len(rows), dtype=np.int8), (rows, columns)), shape=(starts[-1], starts[-1]))
    labels = connected_components(graph, directed=False)[1]
    return tuple(np.asarray(part) + 1 for part in np.split(labels, starts[1:-1]))
