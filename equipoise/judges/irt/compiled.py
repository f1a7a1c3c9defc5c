"""The two passes of `kernel`, compiled with numba: the same sums to rounding, in a fraction of the time.

Imported only where numba is wanted (see `engine`): the import alone takes half a second. Rows are cut into blocks that
depend on the data alone; every block has sums of its own, added in order, so that the number of threads changes nothing.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import combinations
from math import log
from typing import Any

import numba
import numpy as np

from equipoise.judges.irt import kernel
from equipoise.judges.irt.kernel import Gradient, Information
from equipoise.judges.irt.model import Expectation, Parameters
from equipoise.judges.irt.ratings import Array, Codes, Ratings, blocks

CHUNK = 1 << 16  # ratings handed to the compiled code at a time
BLOCKS = 4  # parts of the rows, and so the most threads of use
_CELLS = 1 << 24  # entries of all blocks' sums together (128 MiB): beyond it there are fewer blocks
_TILE = 512  # ratings at a time within the compiled code: the temporaries of 5 categories stay in the first cache
_TINY = 1e-250  # a product of probabilities is logged before it falls below; one probability alone is above 1e-302


def gradient(ratings: Ratings, parameters: Parameters) -> Gradient:
    """One pass for the log-likelihood and its gradient; see `kernel.gradient`."""
    model = Expectation(ratings, parameters)
    if model._in_logs:
        return kernel.gradient(ratings, parameters)
    shapes = _gradient_shapes(ratings)
    return _gradient(ratings, _sums(ratings, model, shapes, _add_gradient))


def information(ratings: Ratings, parameters: Parameters) -> Information:
    """One pass for gradient and information; see `kernel.information`."""
    model = Expectation(ratings, parameters)
    if model._in_logs:
        return kernel.information(ratings, parameters)
    sizes, steps = ratings.sizes, ratings.steps
    every = list(combinations(range(len(sizes)), 2))
    shapes = (
        *_gradient_shapes(ratings),
        (sum(sizes),),
        (sum(sizes[f] * sizes[g] for f, g in every),),
        (sum(sizes) * ratings.groups, steps),
        (ratings.groups, steps, steps),
    )
    *slope, variances, pairs, with_steps, step_pairs = _sums(ratings, model, shapes, _add_information)
    ends = np.cumsum(sizes)[:-1]
    tables = np.split(pairs, np.cumsum([sizes[f] * sizes[g] for f, g in every])[:-1])
    for low, high in combinations(range(steps), 2):
        step_pairs[:, high, low] = step_pairs[:, low, high]
    return Information(
        gradient=_gradient(ratings, slope),
        variances=tuple(np.split(variances, ends)),
        pairs={(f, g): table.reshape(sizes[f], sizes[g]) for (f, g), table in zip(every, tables, strict=True)},
        with_steps=tuple(np.split(with_steps.reshape(sum(sizes), ratings.groups, steps), ends)),
        steps=step_pairs,
    )


def _gradient_shapes(ratings: Ratings) -> tuple[tuple[int, ...], ...]:
    return (1,), (sum(ratings.sizes),), (ratings.groups, ratings.steps + 1)


def _gradient(ratings: Ratings, sums: list[Array]) -> Gradient:
    likelihood, residuals, excess = sums
    above = np.cumsum(excess[:, ::-1], axis=1)[:, ::-1][:, 1:]
    return Gradient(float(likelihood[0]), tuple(np.split(residuals, np.cumsum(ratings.sizes)[:-1])), above)


def _sums(
    ratings: Ratings, model: Expectation, shapes: tuple[tuple[int, ...], ...], add: Callable[..., None]
) -> list[Array]:
    """Sums over all ratings, one array per shape."""
    cells = sum(int(np.prod(shape)) for shape in shapes)
    number = max(1, min(BLOCKS, _CELLS // cells))
    bounds = [len(ratings) * block // number for block in range(number + 1)]
    # Exponentials and ratios as the compiled code wants them: all facets in one row, steps before groups.
    exponentials = np.concatenate(model._exponentials)
    starts = np.cumsum([0, *ratings.sizes])
    ratios = np.ascontiguousarray(model._ratios.T)
    group = -1 if ratings.scale is None or ratings.groups == 1 else ratings.scale

    def block(number: int) -> list[Array]:
        first, last = bounds[number], bounds[number + 1]
        size = min(CHUNK, last - first)
        codes, weights = np.empty((len(ratings.facets) + 1, size), dtype=np.uint32), np.ones(size)
        sums = [np.zeros(shape) for shape in shapes]
        for part in blocks(last - first, CHUNK):
            rows = slice(first + part.start, first + part.stop)
            length = rows.stop - rows.start
            for row, source in zip(codes, (*ratings.codes, ratings.category), strict=True):
                row[:length] = source[rows]
            if ratings.weights is not None:
                weights[:length] = ratings.weights[rows]
            weighted = ratings.weights is not None
            add(codes, weights, weighted, length, exponentials, starts, ratios, group, *sums)
        return sums

    threads = min(number, numba.config.NUMBA_NUM_THREADS)
    if threads == 1:
        parts = map(block, range(number))
        return _total(parts)
    with ThreadPoolExecutor(threads) as pool:
        return _total(pool.map(block, range(number)))


def _total(parts: Any) -> list[Array]:
    first, *others = parts
    for other in others:
        for total, part in zip(first, other, strict=True):
            total += part
    return first


def _compile(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile on first use and keep the result on disk where that is possible; holds no lock while it runs."""
    options = {"nogil": True, "error_model": "numpy", "fastmath": {"reassoc", "nsz"}}
    try:
        return numba.njit(cache=True, **options)(function)
    except RuntimeError:  # no folder can be written
        return numba.njit(**options)(function)


# What follows is compiled. A tile is some hundred ratings; the loops over its ratings are the innermost ones, over slices,
# so that the compiler can turn them into vector instructions. `codes` has one row per facet and the categories last;
# `group` is the facet that owns the thresholds, -1 for one common scale.


@_compile
def _expect(codes: Codes, first: int, size: int, exponentials: Array, starts: Codes, ratios: Array, group: int, p: Array, inverse: Array, expected: Array, z: Array) -> None:
    """Unnormalised probabilities, 1 / their sum and E of a tile."""
    facets = len(codes) - 1
    z[:] = 1.0
    for f in range(facets):
        code, values = codes[f, first : first + size], exponentials[starts[f] : starts[f + 1]]
        for i in range(size):
            z[i] *= values[code[i]]
    p[0, :size] = 1.0
    inverse[:] = 1.0
    expected[:] = 0.0
    for k in range(1, len(p)):
        below, here, ratio = p[k - 1, :size], p[k, :size], ratios[k - 1]
        if group < 0:
            for i in range(size):
                here[i] = below[i] * (z[i] * ratio[0])
                inverse[i] += here[i]
                expected[i] += k * here[i]
        else:
            code = codes[group, first : first + size]
            for i in range(size):
                here[i] = below[i] * (z[i] * ratio[code[i]])
                inverse[i] += here[i]
                expected[i] += k * here[i]
    for i in range(size):
        inverse[i] = 1 / inverse[i]
        expected[i] *= inverse[i]


@_compile
def _likelihood(category: Codes, weights: Array, weighted: bool, p: Array, inverse: Array, chosen: Array) -> float:
    """Sum of w log P_y of a tile: without weights one log for 16 ratings."""
    size = len(category)
    for i in range(size):
        chosen[i] = p[category[i], i] * inverse[i]
    total, product = 0.0, 1.0
    if weighted:
        for i in range(size):
            total += weights[i] * log(chosen[i])
        return total
    for i in range(size):
        longer = product * chosen[i]
        if longer < _TINY:
            total += log(product)
            product = chosen[i]
        else:
            product = longer
        if i & 15 == 15:
            total += log(product)
            product = 1.0
    return total + log(product)


@_compile
def _add_slope(codes: Codes, first: int, weights: Array, starts: Codes, group: int, p: Array, inverse: Array, expected: Array, residual: Array, residuals: Array, excess: Array) -> None:
    """Residuals of every element, and expected less observed counts of every category."""
    size, facets = len(weights), len(codes) - 1
    category = codes[facets, first : first + size]
    for i in range(size):
        residual[i] = weights[i] * (category[i] - expected[i])
    for f in range(facets):
        _scatter(codes[f, first : first + size], residual, residuals[starts[f] : starts[f + 1]])
    for k in range(len(p)):
        here = p[k, :size]
        if group < 0:
            total = 0.0
            for i in range(size):
                total += weights[i] * (here[i] * inverse[i] - (category[i] == k))
            excess[0, k] += total
        else:
            code, sums = codes[group, first : first + size], excess[:, k]
            for i in range(size):
                sums[code[i]] += weights[i] * (here[i] * inverse[i] - (category[i] == k))


@_compile
def _scatter(code: Codes, values: Array, sums: Array) -> None:
    for i in range(len(code)):
        sums[code[i]] += values[i]


@_compile
def _add_gradient(codes: Codes, weights: Array, weighted: bool, rows: int, exponentials: Array, starts: Codes, ratios: Array, group: int, likelihood: Array, residuals: Array, excess: Array) -> None:
    """Sums of the gradient over a chunk."""
    p, work = np.empty((len(ratios) + 1, _TILE)), np.empty((3, _TILE))
    for first in range(0, rows, _TILE):
        last = min(first + _TILE, rows)
        size = last - first
        weight = weights[first:last]
        inverse, expected, spare = work[0, :size], work[1, :size], work[2, :size]
        _expect(codes, first, size, exponentials, starts, ratios, group, p, inverse, expected, spare)
        likelihood[0] += _likelihood(codes[-1, first:last], weight, weighted, p, inverse, spare)
        _add_slope(codes, first, weight, starts, group, p, inverse, expected, spare, residuals, excess)


@_compile
def _add_information(codes: Codes, weights: Array, weighted: bool, rows: int, exponentials: Array, starts: Codes, ratios: Array, group: int, likelihood: Array, residuals: Array, excess: Array, variances: Array, pairs: Array, with_steps: Array, steps: Array) -> None:
    """Sums of gradient and information over a chunk."""
    p, work = np.empty((len(ratios) + 1, _TILE)), np.empty((5, _TILE))
    for first in range(0, rows, _TILE):
        last = min(first + _TILE, rows)
        size = last - first
        weight = weights[first:last]
        inverse, expected, spare, variance, partial = work[0, :size], work[1, :size], work[2, :size], work[3, :size], work[4, :size]
        _expect(codes, first, size, exponentials, starts, ratios, group, p, inverse, expected, spare)
        likelihood[0] += _likelihood(codes[-1, first:last], weight, weighted, p, inverse, spare)
        _add_slope(codes, first, weight, starts, group, p, inverse, expected, spare, residuals, excess)
        _add_variances(codes, first, weight, starts, p, inverse, expected, variance, variances, pairs)
        _add_steps(codes, first, weight, starts, group, p, inverse, expected, spare, partial, with_steps, steps)


@_compile
def _add_variances(codes: Codes, first: int, weights: Array, starts: Codes, p: Array, inverse: Array, expected: Array, variance: Array, variances: Array, pairs: Array) -> None:
    size, facets = len(weights), len(codes) - 1
    variance[:] = 0.0
    for k in range(1, len(p)):
        here = p[k, :size]
        for i in range(size):
            variance[i] += k * k * here[i]
    for i in range(size):
        variance[i] = weights[i] * (variance[i] * inverse[i] - expected[i] * expected[i])
    start = 0
    for f in range(facets):
        row = codes[f, first : first + size]
        _scatter(row, variance, variances[starts[f] : starts[f + 1]])
        for g in range(f + 1, facets):
            column, width = codes[g, first : first + size], starts[g + 1] - starts[g]
            end = start + (starts[f + 1] - starts[f]) * width
            table = pairs[start:end]
            for i in range(size):
                table[np.intp(row[i]) * width + column[i]] += variance[i]
            start = end


@_compile
def _add_steps(codes: Codes, first: int, weights: Array, starts: Codes, group: int, p: Array, inverse: Array, expected: Array, upper: Array, partial: Array, with_steps: Array, steps: Array) -> None:
    """Information of a location with a threshold, and of two thresholds. Overwrites p: first U_k, then c_k."""
    size, facets = len(weights), len(codes) - 1
    for i in range(size):
        p[-1, i] *= inverse[i]
    for k in range(len(p) - 2, 0, -1):
        above, here = p[k + 1, :size], p[k, :size]
        for i in range(size):
            here[i] = here[i] * inverse[i] + above[i]
    for low in range(1, len(p)):
        here = p[low, :size]
        for i in range(size):
            partial[i] = weights[i] * (1 - here[i])
        for high in range(low, len(p)):
            other = p[high, :size]
            if group < 0:
                total = 0.0
                for i in range(size):
                    total += other[i] * partial[i]
                steps[0, low - 1, high - 1] += total
            else:
                owner, sums = codes[group, first : first + size], steps[:, low - 1, high - 1]
                for i in range(size):
                    sums[owner[i]] += other[i] * partial[i]
    # sum_{l>=k} l P_l = k U_k + sum_{l>k} U_l
    partial[:] = 0.0
    for k in range(len(p) - 1, 0, -1):
        here = p[k, :size]
        for i in range(size):
            once = here[i]
            here[i] = weights[i] * (partial[i] + (k - expected[i]) * once)
            partial[i] += once
    for f in range(facets):
        code = codes[f, first : first + size]
        groups = len(steps)
        table = with_steps[starts[f] * groups : starts[f + 1] * groups]
        for k in range(1, len(p)):
            here, sums = p[k, :size], table[:, k - 1]
            if group < 0:
                for i in range(size):
                    sums[code[i]] += here[i]
            else:
                owner = codes[group, first : first + size]
                for i in range(size):
                    sums[np.intp(code[i]) * groups + owner[i]] += here[i]
