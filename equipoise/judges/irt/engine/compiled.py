"""The two passes of `kernel`, compiled: the same sums to rounding, in a fraction of the time.

Imported only where numba is wanted (see `engine`): its import takes a third of a second. The ratings are cut into
blocks that depend on the data alone. Every block has sums of its own, which are added in order, so that the number of
threads (NUMBA_NUM_THREADS) does not change a result.
"""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import combinations, pairwise
from math import prod

import numba
import numpy as np
from scipy.sparse import coo_array, csr_array

from equipoise.judges.irt.engine import kernel
from equipoise.judges.irt.engine.compiled_loops import Codes, Integers, add_curvature, add_slope
from equipoise.judges.irt.engine.kernel import Gradient, Information, is_sparse
from equipoise.judges.irt.engine.model import Expectation, Parameters
from equipoise.judges.irt.engine.ratings import Array, Ratings, blocks

CHUNK = 1 << 16  # ratings handed over at a time
MOST_BLOCKS = 16  # and so the most threads of use
_BLOCK = 100_000  # ratings from which another block is worth its start
_MEMORY = 1 << 24  # entries of all blocks' sums together (128 MiB)


def gradient(ratings: Ratings, parameters: Parameters) -> Gradient:
    """One pass for the log-likelihood and its gradient; see `kernel.gradient`."""
    expectation = Expectation(ratings, parameters)
    if expectation.in_logs:
        return kernel.gradient(ratings, parameters)
    shapes = _slope_shapes(ratings)

    def block(rows: slice) -> list[Array]:
        model, sums = _model(ratings, expectation), [np.zeros(shape) for shape in shapes]
        for _, codes, weights in _chunks(ratings, rows):
            add_slope(codes, weights, ratings.weights is not None, *model, *sums)
        return sums

    return _gradient(ratings, _total(ratings, block, shapes))


def information(ratings: Ratings, parameters: Parameters) -> Information:
    """One pass for gradient and information; see `kernel.information`."""
    expectation = Expectation(ratings, parameters)
    if expectation.in_logs:
        return kernel.information(ratings, parameters)
    sizes, groups, steps = ratings.sizes, ratings.groups, ratings.steps
    every = list(combinations(range(len(sizes)), 2))
    dense = [pair for pair in every if not is_sparse(ratings, pair)]
    shapes = [
        *_slope_shapes(ratings),
        (sum(sizes),),
        (sum(sizes[f] * sizes[g] for f, g in dense),),
        (sum(sizes) * groups, steps),
        (groups, steps, steps),
    ]
    places = np.array(dense, dtype=np.int64).reshape(-1, 2)
    each = np.empty(len(ratings) if len(dense) < len(every) else 0)  # the one full-length array, as in `kernel`

    def block(rows: slice) -> list[Array]:
        model, sums = _model(ratings, expectation), [np.zeros(shape) for shape in shapes]
        for part, codes, weights in _chunks(ratings, rows):
            add_curvature(codes, weights, ratings.weights is not None, *model, places, each[part], *sums)
        return sums

    *slope, variances, pairs, with_steps, step_pairs = _total(ratings, block, shapes)
    tables: dict[tuple[int, int], Array | csr_array] = {}
    for f, g in every:
        if (f, g) in dense:
            table, pairs = np.split(pairs, [sizes[f] * sizes[g]])
            tables[f, g] = table.reshape(sizes[f], sizes[g])
        else:
            both = (ratings.codes[f].astype(np.int32), ratings.codes[g].astype(np.int32))
            tables[f, g] = csr_array(coo_array((each, both), shape=(sizes[f], sizes[g])))
    for low, high in combinations(range(steps), 2):
        step_pairs[:, high, low] = step_pairs[:, low, high]
    return Information(
        gradient=_gradient(ratings, slope),
        variances=_split(ratings, variances),
        pairs=tables,
        with_steps=_split(ratings, with_steps.reshape(sum(sizes), groups, steps)),
        steps=step_pairs,
    )


def _model(ratings: Ratings, expectation: Expectation) -> tuple[Array, Integers, Array, int]:
    """Odds, starts, ratios and owner as the loops read them; these check no index, so shapes are checked here."""
    parts, ratios = expectation._exponentials, expectation._ratios
    if tuple(map(len, parts)) != ratings.sizes or ratios.shape != (ratings.groups, ratings.steps):
        raise ValueError("parameters do not fit the ratings' facets and thresholds")
    owner = -1 if ratings.scale is None else ratings.scale
    return np.concatenate(parts), np.cumsum([0, *ratings.sizes]), np.ascontiguousarray(ratios.T), owner


def _chunks(ratings: Ratings, block: slice) -> Iterator[tuple[slice, Codes, Array]]:
    """A block's ratings, some at a time, with codes of one type whatever theirs: one compilation serves all."""
    limits = (*ratings.sizes, ratings.steps + 1)
    codes, weights = np.empty((len(limits), 0), dtype=np.uint32), np.empty(0)
    for part in blocks(block.stop - block.start, CHUNK):
        rows = slice(block.start + part.start, block.start + part.stop)
        if len(weights) != part.stop - part.start:
            weights = np.ones(part.stop - part.start)
            codes = np.empty((len(limits), len(weights)), dtype=np.uint32)
        for row, source, limit in zip(codes, (*ratings.codes, ratings.category), limits, strict=True):
            row[:] = source[rows]
            if row.max() >= limit:
                raise IndexError(f"expected codes from 0 to {limit - 1}")
        if ratings.weights is not None:
            weights[:] = ratings.weights[rows]
        yield rows, codes, weights


def _total(ratings: Ratings, block: Callable[[slice], list[Array]], shapes: list[tuple[int, ...]]) -> list[Array]:
    """Sums of all blocks; fewer blocks where each would have many entries, in all or next to its ratings."""
    length, entries = len(ratings), sum(map(prod, shapes))
    number = max(1, min(MOST_BLOCKS, length // _BLOCK, _MEMORY // entries, 3 * length // entries))
    bounds = [length * i // number for i in range(number + 1)]
    rows = [slice(*pair) for pair in pairwise(bounds)]
    threads = min(number, numba.config.NUMBA_NUM_THREADS)
    if threads == 1:
        return _add(map(block, rows))
    with ThreadPoolExecutor(threads) as pool:
        return _add(pool.map(block, rows))


def _add(parts: Iterable[list[Array]]) -> list[Array]:
    rest = iter(parts)
    total = next(rest)
    for part in rest:
        for whole, more in zip(total, part, strict=True):
            whole += more
    return total


def _slope_shapes(ratings: Ratings) -> list[tuple[int, ...]]:
    """Log-likelihood, residuals, excess of expected over observed counts."""
    return [(1,), (sum(ratings.sizes),), (ratings.groups, ratings.steps + 1)]


def _gradient(ratings: Ratings, sums: list[Array]) -> Gradient:
    likelihood, residuals, excess = sums
    above = np.cumsum(excess[:, ::-1], axis=1)[:, ::-1][:, 1:]
    return Gradient(float(likelihood[0]), _split(ratings, residuals), above)


def _split(ratings: Ratings, values: Array) -> tuple[Array, ...]:
    """One array per facet."""
    return tuple(np.split(values, np.cumsum(ratings.sizes)[:-1]))
