"""Interactions: which judge favours which model, which item works differently for which group.

The main effects are held where they are, and each cell of the crossed facets gets one more term in eta, positive where
its scores are higher than the main effects expect.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.special import chdtrc, stdtr

from equipoise.errors import InputError
from equipoise.harness.stats.multiplicity import benjamini_hochberg
from equipoise.judges.irt.crossing import Cells, Clusters, add, crossed
from equipoise.judges.irt.model import CHUNK, Expectation, Parameters, moments
from equipoise.judges.irt.original import expected_scores, observed_scores
from equipoise.judges.irt.ratings import Array, Codes, Mask, Ratings, blocks

INWARD = 0.3  # score points by which an extreme cell's total is moved
_TOLERANCE = 1e-9  # logits
_MOST_PASSES = 100
_LONGEST = 2.0  # logits: no step goes further


@dataclass(frozen=True)
class Bias:
    """One entry per cell that has ratings, sorted by the first part's code, then the second's.

    Attributes:
        parts: Facet of each crossed part; None for codes that are no facet.
        codes: Element of each cell, one array per part.
        count: Sum of the weights, n.
        observed: Sum of the original scores.
        expected: What the main effects alone expect of it.
        bias: b in logits, positive = higher scores than expected; NaN if every rating has but one possible category.
        model_se: 1 / sqrt(sum V) at b.
        clustered_se: Clustered on the response; NaN for a cell with a single response; None if not asked for.
        se: The one of the two that t divides by.
        df: n - 1, or with clustered errors the number of responses - 1.
        t: b / SE.
        p: Two-sided, from the t distribution.
        q: Benjamini-Hochberg over all cells.
        infit: sum (y - E)^2 / sum V at b; below 1 on average, since b takes up a degree of freedom.
        outfit: Mean of (y - E)^2 / V at b.
        extreme: All ratings at the lowest, or all at the highest category: no b is finite, and the one told is for a
            total .3 points from the end.
    """

    parts: tuple[int | None, ...]
    codes: tuple[Codes, ...]
    count: Array
    observed: Array
    expected: Array
    bias: Array
    model_se: Array
    clustered_se: Array | None
    se: Array
    df: Array
    t: Array
    p: Array
    q: Array
    infit: Array
    outfit: Array
    extreme: Mask

    def __len__(self) -> int:
        return len(self.count)

    @property
    def average(self) -> Array:
        """Observed minus expected score per rating."""
        return (self.observed - self.expected) / self.count

    @property
    def chi_square(self) -> tuple[float, int, float]:
        """Sum of t^2, degrees of freedom, p: are all the biases 0?

        The degrees of freedom are the cells, Facets' generous choice. The main effects have used some of them up, so
        this p is rather too large: (J - 1) (M - 1) would be left of J x M cells.
        """
        known = np.isfinite(self.t)
        value, df = float((self.t[known] ** 2).sum()), int(known.sum())
        return value, df, float(chdtrc(df, value)) if df else np.nan


def interaction(
    ratings: Ratings, parameters: Parameters, parts: Sequence[int | Codes], clustered: bool = False
) -> Bias:
    """Biases of all cells at once: b solves sum w (y - E(eta + b)) = 0 over the ratings of a cell.

    Judges who read the same response share its quality, which the model's standard error does not know. Where a cell
    holds several ratings of one response (group x item, model x item with epochs) it is too small: ask for the
    clustered one. A cell within one judge has one rating per response and needs none.

    Args:
        ratings: The ratings the parameters were fitted to.
        parameters: Main effects, held.
        parts: What is crossed, two or more: a facet's place, or one code from 0 up per rating, such as the group of
            each rating's model.
        clustered: Whether t uses the error clustered on the response (an extreme cell has no spread to measure and
            keeps the model's).

    Raises:
        InputError: Fewer than two parts, a facet twice or unknown, or codes that do not fit the ratings.

    References:
        Linacre (1989), Many-Facet Rasch Measurement, MESA Press; Facets manual, tables 13 and 14;
        Benjamini & Hochberg (1995).
    """
    _check(ratings, parts)
    cells = crossed([ratings.codes[part] if isinstance(part, int) else part for part in parts])
    low, room = _from_the_ends(ratings, cells)
    extreme = ((low == 0) | (room == 0)) & (low + room > 0)
    inward = INWARD * np.minimum(low + room, 1.0)  # a total of small weights is not moved past its middle
    target = low + np.where(low == 0, inward, 0.0) - np.where(room == 0, inward, 0.0)
    b = np.where(low + room > 0, _solve(ratings, parameters, cells, target), np.nan)
    held = _Sums(ratings, cells).take(ratings, parameters)
    sums = _Sums(ratings, cells, clustered).take(*_with_bias(ratings, parameters, cells, np.nan_to_num(b)))
    with np.errstate(divide="ignore", invalid="ignore"):
        model_se = np.where(np.isnan(b), np.nan, 1 / np.sqrt(sums.variance))
        clustered_se, se, df = None, model_se, held.count - 1
        if sums.clusters is not None:
            clustered_se = np.where(extreme, model_se, np.sqrt(sums.clusters.squares()) / sums.variance)
            se, df = clustered_se, sums.clusters.responses - 1
        t = b / se
        p = np.where(df > 0, 2 * stdtr(df, -np.abs(t)), np.nan)
        infit = sums.squared / sums.variance
    return Bias(
        parts=tuple(part if isinstance(part, int) else None for part in parts),
        codes=cells.elements,
        count=held.count,
        observed=held.observed,
        expected=held.expected,
        bias=b,
        model_se=model_se,
        clustered_se=clustered_se,
        se=se,
        df=df,
        t=t,
        p=p,
        q=benjamini_hochberg(p),
        infit=infit,
        outfit=np.where(np.isnan(b), np.nan, sums.standardised / sums.count),
        extreme=extreme,
    )


@dataclass(frozen=True)
class RandomBias:
    """Biases as draws from a distribution with mean 0.

    Attributes:
        variance: Of the true biases, logits squared, 0 or above; NaN without a degree of freedom.
        se: Its standard error, as if the biases were normal.
        cells: Cells it was taken from: those neither extreme nor without ratings that can vary.
        df: These less the main effects that were fitted to them.
    """

    variance: float
    se: float
    cells: int
    df: int

    @property
    def sd(self) -> float:
        """Standard deviation of the true biases, logits."""
        return float(np.sqrt(self.variance))


def random_bias(bias: Bias) -> RandomBias:
    """How large biases are beyond what the standard errors explain: sum b^2 / df - mean SE^2, not below 0.

    df = cells - main effects: fitted main effects have taken their share of every bias, so that the plain mean of b^2
    would be too small by (J - 1) (M - 1) / (J M) with J judges and M models.
    """
    kept = ~bias.extreme & np.isfinite(bias.bias) & np.isfinite(bias.se)
    cells = int(kept.sum())
    df = cells - (sum(len(np.unique(codes[kept])) - 1 for codes in bias.codes) + 1)
    if df < 1:
        return RandomBias(np.nan, np.nan, cells, max(df, 0))
    errors = bias.se[kept] ** 2
    variance = max(float((bias.bias[kept] ** 2).sum() / df - errors.mean()), 0.0)
    return RandomBias(variance, float(np.sqrt(2 * ((variance + errors) ** 2).mean() / df)), cells, df)


def _check(ratings: Ratings, parts: Sequence[int | Codes]) -> None:
    facets = [part for part in parts if isinstance(part, int)]
    if len(parts) < 2 or len(set(facets)) < len(facets):
        raise InputError(f"expected two or more different facets, found {facets}", field="parts")
    if any(not 0 <= facet < len(ratings.facets) for facet in facets):
        raise InputError(f"expected facets from 0 to {len(ratings.facets) - 1}, found {facets}", field="parts")
    for codes in parts:
        if isinstance(codes, int):
            continue
        if codes.shape != (len(ratings),) or codes.dtype.kind not in "iu" or codes.min(initial=0) < 0:
            raise InputError(f"expected one code from 0 up for each of {len(ratings)} ratings", field="parts")


def _from_the_ends(ratings: Ratings, cells: Cells) -> tuple[Array, Array]:
    """Weighted categories above the lowest total a cell can have, and below the highest."""
    low, room = np.zeros(len(cells)), np.zeros(len(cells))
    top = ratings.has_threshold.sum(axis=1)
    for rows in blocks(len(ratings)):
        weights = 1.0 if ratings.weights is None else ratings.weights[rows]
        group = 0 if ratings.scale is None else ratings.codes[ratings.scale][rows]
        category = ratings.category[rows].astype(float)
        add(low, cells.codes[rows], weights * category)
        add(room, cells.codes[rows], weights * (top[group] - category))
    return low, room


def _with_bias(ratings: Ratings, parameters: Parameters, cells: Cells, b: Array) -> tuple[Ratings, Parameters]:
    """The bias as one more facet; every facet but the first counts minus, so its location is -b."""
    return (
        replace(ratings, codes=(*ratings.codes, cells.codes)),
        Parameters((*parameters.locations, -b), parameters.thresholds),
    )


def _solve(ratings: Ratings, parameters: Parameters, cells: Cells, target: Array) -> Array:
    """Newton steps for all cells at once, kept between the closest points known to lie on either side."""
    b, below, above = np.zeros(len(cells)), np.full(len(cells), -np.inf), np.full(len(cells), np.inf)
    k = np.arange(ratings.steps + 1.0)
    for _ in range(_MOST_PASSES):
        model = Expectation(*_with_bias(ratings, parameters, cells, b))
        total, variance = np.zeros(len(cells)), np.zeros(len(cells))
        for rows in blocks(len(ratings), CHUNK):
            odds, inverse = model.odds(rows)
            expected = (k @ odds) * inverse
            spread = (k * k @ odds) * inverse - expected**2
            weights = 1.0 if ratings.weights is None else ratings.weights[rows]
            add(total, cells.codes[rows], weights * expected)
            add(variance, cells.codes[rows], weights * spread)
        short = target - total  # falls as b rises
        below, above = np.where(short >= 0, b, below), np.where(short <= 0, b, above)
        step = np.clip(short / np.maximum(variance, 1e-300), -_LONGEST, _LONGEST)
        moved = b + step
        with np.errstate(invalid="ignore"):
            moved = np.where((moved < below) | (moved > above), (below + above) / 2, moved)
        largest, b = float(np.abs(moved - b).max(initial=0)), moved
        if largest < _TOLERANCE:
            break
    return b


class _Sums:
    """Sums over the ratings of each cell at given parameters."""

    def __init__(self, ratings: Ratings, cells: Cells, clustered: bool = False) -> None:
        self._cells = cells
        self.count, self.observed, self.expected = (np.zeros(len(cells)) for _ in range(3))
        self.variance, self.squared, self.standardised = (np.zeros(len(cells)) for _ in range(3))
        self.clusters = Clusters(ratings, cells.codes, len(cells)) if clustered else None

    def take(self, ratings: Ratings, parameters: Parameters) -> "_Sums":
        """One pass over the ratings."""
        for part in moments(ratings, parameters):
            rows = part.rows
            weights = np.ones(len(part.observed)) if ratings.weights is None else ratings.weights[rows]
            codes = self._cells.codes[rows]
            add(self.count, codes, weights)
            add(self.observed, codes, weights * observed_scores(ratings, rows))
            add(self.expected, codes, weights * expected_scores(ratings, part))
            add(self.variance, codes, weights * part.variance)
            squared = weights * part.residual**2
            add(self.squared, codes, squared)
            with np.errstate(invalid="ignore"):
                add(self.standardised, codes, np.where(part.variance > 0, squared / part.variance, 0.0))
            if self.clusters is not None:
                self.clusters.add(rows, weights * part.residual)
        return self
