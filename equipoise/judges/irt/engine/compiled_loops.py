"""The inner loops of the compiled passes; numba is imported with this file.

Sums are as in `kernel`. No exponential is taken per rating, and one logarithm per 16. Ratings are taken in tiles of
some hundred, whose temporaries stay in the first cache. The innermost loops run over the ratings of a tile, on rows cut
from C-ordered arrays: that is what the compiler can turn into vector instructions.

Arguments, the same everywhere; plain arrays, since the index of numba's cache would hold on to a class of ours:

- codes: element in each facet, and in the last row the category, shape (facets + 1, ratings).
- weights: shape (ratings,); all 1 unless `weighted`.
- odds: exp of what each element adds to eta, all facets one after the other.
- starts: where each facet begins in `odds` and in sums by element, and where the last ends, shape (facets + 1,).
- ratios: exp(-tau), shape (steps, groups); 0 where there is no category.
- owner: facet whose elements have thresholds of their own; -1 if there is one group.
- first, size: the tile's ratings within `codes`.
- p: odds of the tile's categories relative to the lowest, shape (categories, _TILE).
- work: 1 / sum of p, E, and a row to write on, shape (3, _TILE).
"""

from collections.abc import Callable
from math import log
from typing import TypeVar

import numba
import numpy as np
from numpy.typing import NDArray

from equipoise.judges.irt.engine.ratings import Array

Integers = NDArray[np.int64]
Codes = NDArray[np.uint32]
Function = TypeVar("Function", bound=Callable[..., object])

_TILE = 512
_TINY = 1e-250  # a product of probabilities is logged before it falls below; a single one is never below 1e-303


def compiled(function: Function) -> Function:
    """Compile on first use, and keep the result on disk if any folder for it can be written."""
    options = {"nogil": True, "error_model": "numpy", "fastmath": {"reassoc", "nsz"}}
    try:
        found: Function = numba.njit(cache=True, **options)(function)
    except RuntimeError:  # numba found no such folder
        found = numba.njit(**options)(function)
    return found


@compiled
def _expect(
    codes: Codes, first: int, size: int, odds: Array, starts: Integers, ratios: Array, owner: int, p: Array, work: Array
) -> None:
    """Odds relative to the lowest category, 1 / their sum, and E."""
    inverse, expected, z = work[0], work[1], work[2]
    z[:] = 1.0
    for f in range(len(starts) - 1):
        code, values = codes[f, first : first + size], odds[starts[f] : starts[f + 1]]
        for i in range(size):
            z[i] *= values[code[i]]
    p[0] = 1.0
    inverse[:] = 1.0
    expected[:] = 0.0
    for k in range(1, len(p)):
        below, here, ratio = p[k - 1, :size], p[k, :size], ratios[k - 1]
        if owner < 0:
            for i in range(size):
                here[i] = below[i] * (z[i] * ratio[0])
        else:
            group = codes[owner, first : first + size]
            for i in range(size):
                here[i] = below[i] * (z[i] * ratio[group[i]])
        for i in range(size):
            inverse[i] += here[i]
            expected[i] += k * here[i]
    for i in range(size):
        inverse[i] = 1 / inverse[i]
        expected[i] *= inverse[i]


@compiled
def _likelihood(category: Codes, weights: Array, weighted: bool, p: Array, work: Array) -> float:
    """Sum of w log P_y."""
    size, inverse, chosen = len(category), work[0], work[2]
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
            longer = chosen[i]
        product = longer
        if i % 16 == 15:
            total += log(product)
            product = 1.0
    return total + log(product)


@compiled
def _scatter(code: Codes, values: Array, sums: Array) -> None:
    """Add a tile's values to their elements' sums."""
    for i in range(len(code)):
        sums[code[i]] += values[i]


@compiled
def _add_slope(
    codes: Codes,
    weights: Array,
    first: int,
    size: int,
    starts: Integers,
    owner: int,
    p: Array,
    work: Array,
    residuals: Array,
    excess: Array,
) -> None:
    """Sums of w (y - E) by element, and of w (P_k - 1[y = k]) by group and category."""
    category, weight = codes[-1, first : first + size], weights[first : first + size]
    inverse, expected, residual = work[0], work[1], work[2]
    for i in range(size):
        residual[i] = weight[i] * (category[i] - expected[i])
    for f in range(len(starts) - 1):
        _scatter(codes[f, first : first + size], residual, residuals[starts[f] : starts[f + 1]])
    for k in range(len(p)):
        here, table = p[k, :size], excess[:, k]
        if owner < 0:
            total = 0.0
            for i in range(size):
                total += weight[i] * (here[i] * inverse[i] - (category[i] == k))
            table[0] += total
        else:
            group = codes[owner, first : first + size]
            for i in range(size):
                table[group[i]] += weight[i] * (here[i] * inverse[i] - (category[i] == k))


@compiled
def _add_variances(
    codes: Codes,
    weights: Array,
    first: int,
    size: int,
    starts: Integers,
    p: Array,
    work: Array,
    variances: Array,
    pairs: Array,
    dense: Integers,
    each: Array,
) -> None:
    """Sums of w V by element, and by cell of each pair of facets in `dense`; w V itself unless `each` is empty."""
    inverse, expected, variance, weight = work[0], work[1], work[2], weights[first : first + size]
    variance[:] = 0.0
    for k in range(1, len(p)):
        here = p[k, :size]
        for i in range(size):
            variance[i] += k * k * here[i]
    for i in range(size):
        variance[i] = weight[i] * (variance[i] * inverse[i] - expected[i] * expected[i])
    for f in range(len(starts) - 1):
        _scatter(codes[f, first : first + size], variance, variances[starts[f] : starts[f + 1]])
    if len(each):
        each[first : first + size] = variance[:size]
    start = 0
    for pair in range(len(dense)):
        f, g = dense[pair, 0], dense[pair, 1]
        row, column = codes[f, first : first + size], codes[g, first : first + size]
        width = starts[g + 1] - starts[g]
        table = pairs[start : start + width * (starts[f + 1] - starts[f])]
        for i in range(size):
            table[np.int64(row[i]) * width + column[i]] += variance[i]
        start += len(table)


@compiled
def _add_steps(
    codes: Codes,
    weights: Array,
    first: int,
    size: int,
    starts: Integers,
    owner: int,
    p: Array,
    work: Array,
    with_steps: Array,
    steps: Array,
) -> None:
    """Sums of w c_k by element, group and step, and of w U_max (1 - U_min) by group and two steps; overwrites p."""
    inverse, expected, part, weight = work[0], work[1], work[2], weights[first : first + size]
    groups, last = len(steps), len(p) - 1
    part[:] = 0.0
    for k in range(last, 0, -1):
        here = p[k, :size]
        for i in range(size):
            part[i] += here[i] * inverse[i]
            here[i] = part[i]  # U_k
    for low in range(1, last + 1):
        here = p[low, :size]
        for i in range(size):
            part[i] = weight[i] * (1 - here[i])
        for high in range(low, last + 1):
            upper, table = p[high, :size], steps[:, low - 1, high - 1]
            if owner < 0:
                total = 0.0
                for i in range(size):
                    total += upper[i] * part[i]
                table[0] += total
            else:
                group = codes[owner, first : first + size]
                for i in range(size):
                    table[group[i]] += upper[i] * part[i]
    part[:] = 0.0
    for k in range(last, 0, -1):
        here = p[k, :size]
        for i in range(size):
            upper_k = here[i]
            here[i] = weight[i] * (part[i] + (k - expected[i]) * upper_k)  # c_k: sum_{l>=k} l P_l - E U_k, with
            part[i] += upper_k  # sum_{l>=k} l P_l = k U_k + sum_{l>k} U_l
    for f in range(len(starts) - 1):
        code = codes[f, first : first + size]
        for k in range(1, last + 1):
            here, table = p[k, :size], with_steps[starts[f] * groups : starts[f + 1] * groups, k - 1]
            if owner < 0:
                for i in range(size):
                    table[code[i]] += here[i]
            else:
                group = codes[owner, first : first + size]
                for i in range(size):
                    table[np.int64(code[i]) * groups + group[i]] += here[i]


@compiled
def add_slope(
    codes: Codes,
    weights: Array,
    weighted: bool,
    odds: Array,
    starts: Integers,
    ratios: Array,
    owner: int,
    likelihood: Array,
    residuals: Array,
    excess: Array,
) -> None:
    """Sums of the gradient over a chunk; sum of w log P_y in `likelihood`, shape (1,)."""
    p, work = np.empty((len(ratios) + 1, _TILE)), np.empty((3, _TILE))
    for first in range(0, len(weights), _TILE):
        size = min(_TILE, len(weights) - first)
        rows = slice(first, first + size)
        _expect(codes, first, size, odds, starts, ratios, owner, p, work)
        likelihood[0] += _likelihood(codes[-1, rows], weights[rows], weighted, p, work)
        _add_slope(codes, weights, first, size, starts, owner, p, work, residuals, excess)


@compiled
def add_curvature(
    codes: Codes,
    weights: Array,
    weighted: bool,
    odds: Array,
    starts: Integers,
    ratios: Array,
    owner: int,
    dense: Integers,
    each: Array,
    likelihood: Array,
    residuals: Array,
    excess: Array,
    variances: Array,
    pairs: Array,
    with_steps: Array,
    steps: Array,
) -> None:
    """Sums of gradient and information over a chunk."""
    p, work = np.empty((len(ratios) + 1, _TILE)), np.empty((3, _TILE))
    for first in range(0, len(weights), _TILE):
        size = min(_TILE, len(weights) - first)
        rows = slice(first, first + size)
        _expect(codes, first, size, odds, starts, ratios, owner, p, work)
        likelihood[0] += _likelihood(codes[-1, rows], weights[rows], weighted, p, work)
        _add_slope(codes, weights, first, size, starts, owner, p, work, residuals, excess)
        _add_variances(codes, weights, first, size, starts, p, work, variances, pairs, dense, each)
        _add_steps(codes, weights, first, size, starts, owner, p, work, with_steps, steps)
