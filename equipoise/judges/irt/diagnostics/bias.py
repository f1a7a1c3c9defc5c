"""Interactions: which judge favours which model, which item works differently for which group.

The main effects are held where they are, and each cell of the crossed facets gets one more term in eta, positive where
its scores are higher than the main effects expect.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import chdtrc, ndtr, stdtr

from equipoise.errors import InputError
from equipoise.harness.stats.multiplicity import benjamini_hochberg
from equipoise.judges.irt.diagnostics.crossing import Cells, Clusters, crossed
from equipoise.judges.irt.diagnostics.original import expected_scores, observed_scores
from equipoise.judges.irt.diagnostics.shift import from_the_ends, shifted, solve_shifts
from equipoise.judges.irt.diagnostics.sums import ratio, scatter
from equipoise.judges.irt.engine.extremes import INWARD
from equipoise.judges.irt.engine.model import Parameters, moments
from equipoise.judges.irt.engine.ratings import Array, Codes, Mask, Ratings


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
        t: b / SE, as Facets prints it.
        df: n - 1, or with clustered errors the number of responses - 1.
        p: Two-sided, t distribution: for comparison with Facets. Far too large where it is small, see `interaction`.
        z: t x sqrt(cells / residual d.f.): standard normal without bias. The main effects have taken up a part of
            every bias, as they do of residuals in a regression, and the factor gives it back.
        q: Benjamini-Hochberg over all cells, from z.
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
    t: Array
    df: Array
    p: Array
    z: Array
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
    def chi_square(self) -> "ChiSquare":
        """Are all the biases 0?"""
        known = np.isfinite(self.t)
        value, cells = float((self.t[known] ** 2).sum()), int(known.sum())
        left = _residual_df([codes[known] for codes in self.codes])
        return ChiSquare(
            value, cells, float(chdtrc(cells, value)), left, float(chdtrc(left, value)) if left else np.nan
        )


@dataclass(frozen=True)
class ChiSquare:
    """Sum of t^2 over cells.

    Attributes:
        value: The sum.
        df: Number of cells: Facets' generous choice.
        p: With these degrees of freedom; too large, since the main effects have used some of them up.
        residual_df: Cells less main effects: (J - 1) (M - 1) of J x M cells.
        residual_p: With these.
    """

    value: float
    df: int
    p: float
    residual_df: int
    residual_p: float


def interaction(
    ratings: Ratings, parameters: Parameters, parts: Sequence[int | Codes], clustered: bool = False
) -> Bias:
    """Biases of all cells at once: b solves sum w (y - E(eta + b)) = 0 over the ratings of a cell.

    Facets refers t to n - 1 degrees of freedom although its error comes from the model, not from the cell's own spread.
    Among many cells that finds nothing: with 500 cells of 20 ratings a bias of 1 logit shows in 5 % of samples, with
    z and the normal distribution in 27 %, while without any bias at most 6 % of samples show one (simulated).

    Judges who read the same response share its quality, which the model's standard error does not know. Where a cell
    holds several ratings of one response (group x item, model x item with epochs) it is too small: ask for the
    clustered one. A cell within one judge has one rating per response and needs none.

    Args:
        ratings: The ratings the parameters were fitted to.
        parameters: Main effects, held.
        parts: What is crossed, two or more: a facet's place, or one code from 0 up per rating, such as the group of
            each rating's model.
        clustered: Whether t and z use the error clustered on the response, which is estimated from the cell: q then
            comes from the t distribution. An extreme cell has no spread to measure and keeps the model's error.

    Raises:
        InputError: Fewer than two parts, a facet twice or unknown, or codes that do not fit the ratings.

    References:
        Linacre (1989), Many-Facet Rasch Measurement, MESA Press; Facets manual, tables 13 and 14;
        Benjamini & Hochberg (1995).
    """
    _check(ratings, parts)
    cells = crossed([ratings.codes[part] if isinstance(part, int) else part for part in parts])
    low, room = from_the_ends(ratings, cells)
    extreme = ((low == 0) | (room == 0)) & (low + room > 0)
    inward = INWARD * np.minimum(low + room, 1.0)  # a total of small weights is not moved past its middle
    target = low + np.where(low == 0, inward, 0.0) - np.where(room == 0, inward, 0.0)
    b = np.where(low + room > 0, solve_shifts(ratings, parameters, cells, target), np.nan)
    held = _Sums(ratings, cells).take(ratings, parameters)
    sums = _Sums(ratings, cells, clustered).take(*shifted(ratings, parameters, cells, np.nan_to_num(b)))
    with np.errstate(divide="ignore", invalid="ignore"):
        model_se = np.where(np.isnan(b), np.nan, 1 / np.sqrt(sums.variance))
        clustered_se, se, df = None, model_se, held.count - 1
        if sums.clusters is not None:
            clustered_se = np.where(extreme, model_se, np.sqrt(sums.clusters.squares()) / sums.variance)
            se, df = clustered_se, sums.clusters.responses - 1
        t = b / se
        p = np.where(df > 0, 2 * stdtr(df, -np.abs(t)), np.nan)
        known = np.isfinite(t)
        left = _residual_df([codes[known] for codes in cells.elements])
        z = t * np.sqrt(known.sum() / left) if left else np.full(len(cells), np.nan)
        chance = 2 * ndtr(-np.abs(z)) if not clustered else np.where(df > 0, 2 * stdtr(df, -np.abs(z)), np.nan)
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
        t=t,
        df=df,
        p=p,
        z=z,
        q=benjamini_hochberg(chance),
        infit=ratio(sums.squared, sums.variance),
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
        df: These less their main effects.
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

    df = cells - main effects: these have taken up a part of every bias, so that the plain mean of b^2 - SE^2 would be
    too small (.117 for .16 with 10 judges, 50 models and 20 ratings per cell, simulated; with df it is .143, the rest
    being the shorter logits of a fit that does not know the biases). Cells of few ratings make it a little too large.
    """
    kept = ~bias.extreme & np.isfinite(bias.bias) & np.isfinite(bias.se)
    cells = int(kept.sum())
    df = _residual_df([codes[kept] for codes in bias.codes])
    if not df:
        return RandomBias(np.nan, np.nan, cells, 0)
    errors = bias.se[kept] ** 2
    variance = max(float((bias.bias[kept] ** 2).sum() / df - errors.mean()), 0.0)
    return RandomBias(variance, float(np.sqrt(2 * ((variance + errors) ** 2).mean() / df)), cells, df)


def _residual_df(elements: Sequence[Codes]) -> int:
    """Cells less main effects, if all cells hang together; 0 at least."""
    main = 1 + sum(len(np.unique(codes)) - 1 for codes in elements)
    return max(len(elements[0]) - main, 0)


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
            scatter(self.count, codes, weights)
            scatter(self.observed, codes, weights * observed_scores(ratings, rows))
            scatter(self.expected, codes, weights * expected_scores(ratings, part))
            scatter(self.variance, codes, weights * part.variance)
            squared = weights * part.residual**2
            scatter(self.squared, codes, squared)
            with np.errstate(invalid="ignore"):
                scatter(self.standardised, codes, np.where(part.variance > 0, squared / part.variance, 0.0))
            if self.clusters is not None:
                self.clusters.add(rows, weights * part.residual)
        return self
