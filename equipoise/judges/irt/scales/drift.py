"""What moved between two occasions: judges who grew harsher or kinder, use of categories, anchors off their place."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import chdtrc, ndtr

from equipoise.errors import InputError
from equipoise.harness.stats.multiplicity import holm
from equipoise.judges.irt.diagnostics.crossing import Clusters
from equipoise.judges.irt.engine.kernel import Information
from equipoise.judges.irt.engine.model import Parameters, moments
from equipoise.judges.irt.engine.ratings import Array, Mask, Ratings
from equipoise.judges.irt.engine.vector import sign

FAR = 0.5  # logits: a displacement that matters
SURE = 3.0  # standard errors: a displacement that is not chance


@dataclass(frozen=True)
class Drift:
    """One entry per judge; NaN for a judge who was missing on one occasion.

    Attributes:
        difference: Second minus first severity, logits: positive = harsher now.
        se: sqrt(SE1^2 + SE2^2).
        z: difference / SE.
        p: Two-sided, standard normal.
        adjusted: Holm's p over the judges.
        infit: Second minus first infit mean square: positive = less predictable now. None if not given.
    """

    difference: Array
    se: Array
    z: Array
    p: Array
    adjusted: Array
    infit: Array | None


def drift(
    first: ArrayLike,
    first_se: ArrayLike,
    second: ArrayLike,
    second_se: ArrayLike,
    first_infit: ArrayLike | None = None,
    second_infit: ArrayLike | None = None,
) -> Drift:
    """Whether the judges changed, from two severities each in one frame of reference.

    One frame: both occasions judged the same transcripts, with models and items anchored, or in one fit where each
    judge has an element per occasion. In two free fits severities sum to zero each time, so that one judge's drift
    shows with the other sign in all others.

    Pass errors clustered on the response. What a response has of its own is then in both severities and partly cancels
    from the difference, so the error told is rather too large.

    Args:
        first: Severity of each judge on the first occasion, logits, shape (judges,); NaN = absent.
        first_se: Standard errors.
        second: Severity on the second occasion.
        second_se: Standard errors.
        first_infit: Infit mean squares on the first occasion, if at hand.
        second_infit: Infit mean squares on the second.

    Raises:
        InputError: The arrays differ in shape, or only one occasion has an infit.

    References:
        Wolfe, Moulder & Myford (2001), Journal of Applied Measurement 2, 256-280; Myford & Wolfe (2009), Journal of
        Educational Measurement 46, 371-389; Holm (1979), Scandinavian Journal of Statistics 6, 65-70.
    """
    if (first_infit is None) != (second_infit is None):
        raise InputError("expected an infit of both occasions or of neither", field="infit")
    given = [np.asarray(values, dtype=float) for values in (first, first_se, second, second_se)]
    fits = [np.asarray(values, dtype=float) for values in (first_infit, second_infit) if values is not None]
    if len({values.shape for values in (*given, *fits)}) > 1:
        shapes = ", ".join(str(values.shape) for values in (*given, *fits))
        raise InputError(f"expected one value per judge in each array, found shapes {shapes}")
    one, error_one, two, error_two = given
    difference, se = two - one, np.sqrt(error_one**2 + error_two**2)
    with np.errstate(invalid="ignore", divide="ignore"):
        z = difference / se
    p = 2 * ndtr(-np.abs(z))
    return Drift(difference, se, z, p, holm(p), fits[1] - fits[0] if fits else None)


@dataclass(frozen=True)
class CategoryUse:
    """How far each judge's use of the categories changed; NaN for a judge without ratings on one occasion.

    Attributes:
        distance: Total variation, half the sum of absolute differences of shares: the share of ratings that would have
            to move to another category, 0 to 1.
        chi_square: Of equal shares on both occasions, divided by the design effect.
        df: Categories used on either occasion - 1.
        p: Of chi-square.
        adjusted: Holm's p over the judges.
    """

    distance: Array
    chi_square: Array
    df: Array
    p: Array
    adjusted: Array


def category_use(first: ArrayLike, second: ArrayLike, design_effect: ArrayLike = 1.0) -> CategoryUse:
    """Compare two tables of counts, judge by judge; only for occasions on which a judge rated the same transcripts.

    Pearson's chi-square takes ratings as independent. Ratings of one model or item are not: divide by the design effect
    (variance of a share with clusters / without), Rao and Scott's first-order correction. On the same transcripts the
    two occasions agree more than independent ones, so p is rather too large. Distance is the size of the change, and
    above 0 by chance alone; chi-square tells whether it is more.

    Args:
        first: Ratings by judge and category, shape (judges, categories), 0 or above.
        second: The same on the second occasion.
        design_effect: One number, or one per judge; 1 or above.

    Raises:
        InputError: The tables differ in shape, a count is negative, or a design effect is below 1.

    References:
        Pearson (1900); Rao & Scott (1981), Journal of the American Statistical Association 76, 221-230.
    """
    one, two = np.asarray(first, dtype=float), np.asarray(second, dtype=float)
    if one.ndim != 2 or one.shape != two.shape:
        raise InputError(f"expected two tables of judges by categories, found shapes {one.shape} and {two.shape}")
    if not (one >= 0).all() or not (two >= 0).all():
        raise InputError("expected counts of 0 or above", field="counts")
    effect = np.asarray(design_effect, dtype=float)
    if not (effect >= 1).all():
        raise InputError(f"expected 1 or above, found {effect.min()}", field="design_effect")
    n, m = one.sum(axis=1, keepdims=True), two.sum(axis=1, keepdims=True)
    with np.errstate(invalid="ignore", divide="ignore"):
        distance = np.abs(one / n - two / m).sum(axis=1) / 2
        both = one + two
        # Pearson's statistic of a 2 x K table: n m sum (p1 - p2)^2 / (counts of both)
        each = np.where(both > 0, (one / n - two / m) ** 2 / both, 0.0)
    known = np.isfinite(distance)
    chi_square = np.where(known, (n * m)[:, 0] * each.sum(axis=1) / effect, np.nan)
    df = np.where(known, (both > 0).sum(axis=1) - 1.0, np.nan)
    p = np.where(df > 0, chdtrc(df, chi_square), np.where(known, 1.0, np.nan))
    return CategoryUse(distance, chi_square, df, p, holm(p))


@dataclass(frozen=True)
class Displacement:
    """How far elements or thresholds stand from where the ratings would put them, all else held.

    Attributes:
        value: Residual score / information, logits: what to add to the anchored value; NaN without information.
        se: 1 / sqrt(information), or sqrt(sum_c g_c^2) / information clustered on the response.
        flagged: |value| > .5 logit or |value| / SE > 3.
    """

    value: Array
    se: Array
    flagged: Mask


def displacement(information: Information, facet: int, squares: Array | None = None) -> Displacement:
    """Of every element of a facet; 0 for those that were estimated.

    Args:
        information: Sums at the fitted parameters.
        facet: Which facet.
        squares: Clustered variance of the residual score, from `clustered_squares`.

    References:
        Linacre, Facets manual, "Displacement".
    """
    return _displaced(sign(facet) * information.gradient.residuals[facet], information.variances[facet], squares)


def threshold_displacement(information: Information) -> Displacement:
    """Of every threshold, shape (groups, steps)."""
    return _displaced(information.gradient.thresholds, np.diagonal(information.steps, axis1=1, axis2=2))


def clustered_squares(ratings: Ratings, parameters: Parameters, facet: int) -> Array:
    """Sum over responses of the squared residual sum of each element, with the factor n / (n - 1); one pass."""
    clusters = Clusters(ratings, ratings.codes[facet], len(ratings.facets[facet]))
    for part in moments(ratings, parameters):
        weights = 1.0 if ratings.weights is None else ratings.weights[part.rows]
        clusters.add(part.rows, weights * part.residual)
    return clusters.squares()


def _displaced(score: Array, information: Array, squares: Array | None = None) -> Displacement:
    with np.errstate(invalid="ignore", divide="ignore"):
        known = information > 0
        value = np.where(known, score / information, np.nan)
        se = np.sqrt(information if squares is None else squares) / information
        se = np.where(known, se, np.nan)
        flagged = (np.abs(value) > FAR) | (np.abs(value) > SURE * se)
    return Displacement(value, se, flagged)
