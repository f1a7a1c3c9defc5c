"""One element as two others see it: differences of biases, pair by pair."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import stdtr

from equipoise.errors import InputError
from equipoise.harness.stats.multiplicity import benjamini_hochberg
from equipoise.judges.irt.diagnostics.bias import Bias
from equipoise.judges.irt.engine.ratings import Array, Codes
from equipoise.judges.irt.engine.vector import sign

MOST = 5_000_000  # comparisons in one table


@dataclass(frozen=True)
class Contrasts:
    """Facets' table 14: one entry per target and pair of elements that both met it.

    Attributes:
        target: The element that is seen.
        first: One of the two elements that see it.
        second: The other.
        measures: The target's measure within the first and within the second: main measure + bias, or - bias for a
            target of a facet that counts minus.
        difference: The first measure minus the second.
        se: sqrt(SE1^2 + SE2^2).
        t: difference / SE.
        df: Welch's, not rounded (Facets prints whole numbers).
        p: Two-sided.
        q: Benjamini-Hochberg over all comparisons.
    """

    target: Codes
    first: Codes
    second: Codes
    measures: tuple[Array, Array]
    difference: Array
    se: Array
    t: Array
    df: Array
    p: Array
    q: Array

    def __len__(self) -> int:
        return len(self.target)


def contrasts(bias: Bias, target: int, measures: Array, pairs: Sequence[tuple[int, int]] | None = None) -> Contrasts:
    """How differently two elements of one part treat an element of the other.

    The two cells count as independent. Judges of the same responses are not, quite: what a response has of its own
    raises or lowers both their scores and cancels from the difference, so the error told is rather too large.

    Args:
        bias: Biases of two crossed parts.
        target: Place of the target among the bias's parts, 0 or 1.
        measures: Main measure of every target; only `measures` of the result depends on it.
        pairs: Elements of the other part to compare; None = all pairs.

    Raises:
        InputError: The bias crosses more than two parts, there is no such part or element, or there are more than five
            million comparisons.

    References:
        Welch (1947), Biometrika 34, 28-35; Linacre, Facets manual, table 14.
    """
    if len(bias.parts) != 2 or target not in (0, 1):
        raise InputError("expected a bias of two parts, and 0 or 1", field="target")
    seen, by = bias.codes[target], bias.codes[1 - target]
    targets, others = int(seen.max(initial=-1)) + 1, int(by.max(initial=-1)) + 1
    pair = np.array(list(combinations(range(others), 2)) if pairs is None else list(pairs), dtype=int).reshape(-1, 2)
    if pair.size and not (pair.min() >= 0 and pair.max() < others):
        raise InputError(f"expected elements from 0 to {others - 1}, found {pair.min()} to {pair.max()}", field="pairs")
    if len(pair) * targets > MOST:
        raise InputError(f"would be {len(pair) * targets} comparisons; expected at most {MOST}", field="pairs")
    asked = np.unique(pair)
    place = np.full(others, -1)
    place[asked] = np.arange(len(asked))
    cell, kept = np.full((targets, len(asked)), -1), np.flatnonzero(place[by] >= 0)
    cell[seen[kept], place[by[kept]]] = kept
    left, right = cell[:, place[pair[:, 0]]], cell[:, place[pair[:, 1]]]
    row, which = np.nonzero((left >= 0) & (right >= 0))
    left, right = left[row, which], right[row, which]
    facet = bias.parts[target]
    local = measures[seen] + (1.0 if facet is None else sign(facet)) * bias.bias
    difference = local[left] - local[right]
    se, t, df, p = welch(difference, bias.se[left], bias.df[left], bias.se[right], bias.df[right])
    return Contrasts(
        target=row,
        first=pair[which, 0],
        second=pair[which, 1],
        measures=(local[left], local[right]),
        difference=difference,
        se=se,
        t=t,
        df=df,
        p=p,
        q=benjamini_hochberg(p),
    )


def welch(
    difference: ArrayLike, se1: ArrayLike, df1: ArrayLike, se2: ArrayLike, df2: ArrayLike
) -> tuple[Array, Array, Array, Array]:
    """Joint error, t, d.f. (SE1^2 + SE2^2)^2 / (SE1^4 / df1 + SE2^4 / df2) and two-sided p; p is NaN without d.f."""
    one, two = np.asarray(se1, dtype=float) ** 2, np.asarray(se2, dtype=float) ** 2
    se = np.sqrt(one + two)
    with np.errstate(invalid="ignore", divide="ignore"):
        t = np.asarray(difference / se)
        df = np.asarray((one + two) ** 2 / (one**2 / df1 + two**2 / df2))
        known = (np.asarray(df1) > 0) & (np.asarray(df2) > 0)
        p = np.where(known, 2 * stdtr(df, -np.abs(t)), np.nan)
    return se, t, df, p
