"""How well the ratings of each element fit the model: mean squares, correlations, discrimination, displacement."""

from dataclasses import dataclass
from enum import IntEnum, auto

import numpy as np

from equipoise.judges.irt.diagnostics.original import expected_scores, observed_scores
from equipoise.judges.irt.diagnostics.sums import SMALLEST, ratio, scatter
from equipoise.judges.irt.engine.model import Moments, Parameters, eta, moments
from equipoise.judges.irt.engine.ratings import Array, Ratings
from equipoise.judges.irt.engine.vector import sign

LARGEST_Q = np.sqrt(2.0)  # degrees of freedom 2 / q^2 are not let below 1
_NO_SPREAD = 1e-12  # a variance below this share of the mean square is rounding


@dataclass(frozen=True)
class ElementFit:
    """Statistics of the elements of one facet, one entry each; NaN for an element without ratings.

    A rating of weight w counts as w ratings. With z = (y - E) / sqrt V, sums over the ratings of the element:

    Attributes:
        count: n, sum of the weights.
        score: Sum of the scores, in original units.
        average: Mean score, in original units.
        expected_score: Sum of the expected scores, in original units.
        information: sum V.
        infit: sum (y - E)^2 / sum V: mean square weighted by information; 1 = as noisy as the model says.
        infit_z: Its standardised form, near N(0, 1) if the model holds.
        outfit: Mean z^2: dominated by ratings far from what was expected.
        outfit_z: Its standardised form.
        correlation: Point-measure correlation: Pearson's r of the category with eta.
        expected_correlation: What the model expects of it.
        discrimination: One-step estimate of a slope on eta; 1 = as the model says. A diagnostic, used nowhere.
        displacement: How far the ratings would move the measure from where it is, in logits: 0 at the maximum,
            informative for an anchored element.
    """

    count: Array
    score: Array
    average: Array
    expected_score: Array
    information: Array
    infit: Array
    infit_z: Array
    outfit: Array
    outfit_z: Array
    correlation: Array
    expected_correlation: Array
    discrimination: Array
    displacement: Array

    @property
    def conditional_error(self) -> Array:
        """1 / sqrt(sum V), logits: the standard error if all other parameters were known (Facets' "model S.E.")."""
        return np.sqrt(ratio(np.ones_like(self.information), self.information))


class _Sum(IntEnum):
    """What is summed, each term times the rating's weight; x is eta, s the original score."""

    ONE = 0
    SCORE = auto()
    EXPECTED_SCORE = auto()
    RESIDUAL = auto()
    RESIDUAL_2 = auto()
    Z_2 = auto()
    KURTOSIS = auto()  # C4 / V^2
    VARIANCE_OF_SQUARE = auto()  # C4 - V^2
    X = auto()
    X_2 = auto()
    Y = auto()
    Y_2 = auto()
    XY = auto()
    E = auto()
    E_2 = auto()
    XE = auto()
    V = auto()
    VX = auto()
    VX_2 = auto()


def element_fit(ratings: Ratings, parameters: Parameters) -> tuple[ElementFit, ...]:
    """Fit of every element of every facet, in one pass over the ratings.

    Formulas: Wright & Masters (1982), Rating Scale Analysis, pp. 99-101 (mean squares and their standardisation);
    Linacre, A User's Guide to Winsteps, "Correlations" (expected correlation).

    Args:
        ratings: Without extreme elements.
        parameters: Measures and thresholds, estimated or anchored.

    Returns:
        One entry per facet, in the order of `ratings.facets`.
    """
    tables = [np.zeros((len(_Sum), size)) for size in ratings.sizes]
    for part in moments(ratings, parameters):
        terms = _terms(ratings, parameters, part)
        for table, codes in zip(tables, ratings.codes, strict=True):
            for term, values in terms.items():
                scatter(table[term], codes[part.rows], values)
    return tuple(_statistics(table, sign(f)) for f, table in enumerate(tables))


def _terms(ratings: Ratings, parameters: Parameters, part: Moments) -> dict[_Sum, Array]:
    """What is summed, for each rating."""
    x, y, e, r = eta(ratings, parameters, part.rows), part.observed, part.expected, part.residual
    v = np.maximum(part.variance, SMALLEST)
    terms = {
        _Sum.ONE: np.ones_like(x),
        _Sum.SCORE: observed_scores(ratings, part.rows),
        _Sum.EXPECTED_SCORE: expected_scores(ratings, part),
        _Sum.RESIDUAL: r,
        _Sum.RESIDUAL_2: r * r,
        _Sum.Z_2: r * r / v,
        _Sum.KURTOSIS: part.fourth / (v * v),
        _Sum.VARIANCE_OF_SQUARE: part.fourth - v * v,
        _Sum.X: x,
        _Sum.X_2: x * x,
        _Sum.Y: y,
        _Sum.Y_2: y * y,
        _Sum.XY: x * y,
        _Sum.E: e,
        _Sum.E_2: e * e,
        _Sum.XE: x * e,
        _Sum.V: v,
        _Sum.VX: v * x,
        _Sum.VX_2: v * x * x,
    }
    if ratings.weights is None:
        return terms
    weights = ratings.weights[part.rows]
    return {term: values * weights for term, values in terms.items()}


def _statistics(table: Array, direction: float) -> ElementFit:
    """All statistics from the sums of one facet, shape (sums, elements)."""
    n, information = table[_Sum.ONE], table[_Sum.V]
    infit, outfit = ratio(table[_Sum.RESIDUAL_2], information), ratio(table[_Sum.Z_2], n)
    infit_q2 = ratio(table[_Sum.VARIANCE_OF_SQUARE], information**2)
    outfit_q2 = ratio(table[_Sum.KURTOSIS], n**2) - ratio(np.ones_like(n), n)
    x_2, y_2 = _centred(table, _Sum.X_2, _Sum.X, _Sum.X), _centred(table, _Sum.Y_2, _Sum.Y, _Sum.Y)
    e_2 = _centred(table, _Sum.E_2, _Sum.E, _Sum.E)
    return ElementFit(
        count=n,
        score=np.where(n > 0, table[_Sum.SCORE], np.nan),
        average=ratio(table[_Sum.SCORE], n),
        expected_score=np.where(n > 0, table[_Sum.EXPECTED_SCORE], np.nan),
        information=np.where(n > 0, information, np.nan),
        infit=infit,
        infit_z=standardised(infit, infit_q2),
        outfit=outfit,
        outfit_z=standardised(outfit, outfit_q2),
        correlation=ratio(_centred(table, _Sum.XY, _Sum.X, _Sum.Y), np.sqrt(x_2 * y_2)),
        expected_correlation=ratio(_centred(table, _Sum.XE, _Sum.X, _Sum.E), np.sqrt(x_2 * (e_2 + information))),
        discrimination=_discrimination(table),
        displacement=direction * ratio(table[_Sum.RESIDUAL], information),
    )


def standardised(mean_square: Array, variance: Array) -> Array:
    """Wilson-Hilferty: (MS^(1/3) - 1)(3 / q) + q / 3, with q = sqrt(variance), at most sqrt 2.

    Without the cap an element whose ratings are nearly all extreme has so large a q that the sign turns over.

    Args:
        mean_square: Infit or outfit.
        variance: Its variance under the model; NaN results where it is 0 (then the mean square is 1 whatever happens).
    """
    q = np.minimum(np.sqrt(np.where(variance > _NO_SPREAD, variance, np.nan)), LARGEST_Q)
    return np.asarray((np.cbrt(mean_square) - 1) * (3 / q) + q / 3)


def _centred(table: Array, product: _Sum, one: _Sum, other: _Sum) -> Array:
    """Weighted sum of (a - mean a)(b - mean b); a sum of squares that is only rounding is 0."""
    found = table[product] - ratio(table[one] * table[other], table[_Sum.ONE])
    return found if one is not other else np.where(found > _NO_SPREAD * table[product], found, 0.0)


def _discrimination(table: Array) -> Array:
    """1 + sum (y - E) d / sum V d^2 with d = eta - (sum V eta / sum V).

    One Newton step from a = 1 for log P_k / P_{k-1} = a eta - tau_k, the element's own location estimated with it: that
    is what centring eta does. Without it, as in the formula for d = eta, an element rated far from eta = 0 seems to
    have slope 1 whatever its slope is. (200,000 ratings, K = 4, true slope 1.5, element 2 logits from the objects'
    mean: 1.42 with centring, 1.08 without.) One step falls short of slopes far from 1: 2 becomes 1.7, .5 becomes .38.
    """
    information = table[_Sum.V]
    centre = ratio(table[_Sum.VX], information)
    squares = table[_Sum.VX_2] - centre * table[_Sum.VX]
    squares = np.where(squares > _NO_SPREAD * table[_Sum.VX_2], squares, 0.0)
    covariance = table[_Sum.XY] - table[_Sum.XE] - centre * table[_Sum.RESIDUAL]
    return 1 + ratio(covariance, squares)
