"""Warm's weighted likelihood estimate of one facet's elements, everything else held.

The root of sum (y - E) + (sum k3) / (2 sum V), k3 the third central moment of a rating, maximises likelihood times the
root of the information: less biased than the maximum of the likelihood alone, and finite where all scores are lowest or
highest. Warm (1989), Psychometrika 54, 427; for adjacent categories Penfield and Bergeron (2005), Applied
Psychological Measurement 29, 218.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from equipoise.judges.irt.engine.model import LIMIT, Parameters, moments
from equipoise.judges.irt.engine.ratings import Array, Ratings
from equipoise.judges.irt.engine.vector import sign

_TOLERANCE = 1e-10  # logits
_MOST_STEPS = 100


@dataclass(frozen=True)
class Measures:
    """Measures of one facet's elements and their standard errors, in logits; NaN where there is none."""

    measures: Array
    standard_errors: Array


@dataclass(frozen=True)
class Sums:
    """Weighted sums over the ratings of each element: y, E, V, and the third and fourth cumulants."""

    observed: Array
    expected: Array
    variance: Array
    third: Array
    fourth: Array


def sums(ratings: Ratings, parameters: Parameters, facet: int) -> Sums:
    """Cumulants of the scores of every element of a facet."""
    size, k = ratings.sizes[facet], np.arange(ratings.steps + 1.0)
    totals = np.zeros((5, size))
    for part in moments(ratings, parameters):
        codes = ratings.codes[facet][part.rows]
        third = ((k[:, None] - part.expected) ** 3 * part.probabilities).sum(axis=0)
        fourth = part.fourth - 3 * part.variance**2
        for total, values in zip(totals, (part.observed, part.expected, part.variance, third, fourth), strict=True):
            weighted = values if ratings.weights is None else values * ratings.weights[part.rows]
            total += np.bincount(codes, weighted, size)
    return Sums(*totals)


def warm(ratings: Ratings, parameters: Parameters, facet: int = 0) -> Measures:
    """Weighted likelihood estimate of every element of a facet.

    Args:
        ratings: May hold elements of this facet with only lowest or only highest scores.
        parameters: Where all other facets and the thresholds are held.
        facet: The facet that is estimated.

    Returns:
        Estimates with 1 / root of the information at them; NaN for an element whose ratings say nothing.
    """
    return root(ratings, parameters, facet, lambda held: weighted_score(ratings, held, facet))


def weighted_score(ratings: Ratings, parameters: Parameters, facet: int) -> tuple[Array, Array]:
    """Derivative of the weighted log-likelihood by what each element adds to eta, and the derivative of that."""
    at = sums(ratings, parameters, facet)
    with np.errstate(divide="ignore", invalid="ignore"):
        bias = at.third / (2 * at.variance)
        slope = -at.variance + at.fourth / (2 * at.variance) - 2 * bias**2
    return at.observed - at.expected + bias, slope


def root(
    ratings: Ratings,
    parameters: Parameters,
    facet: int,
    distance: Callable[[Parameters], tuple[Array, Array]],
) -> Measures:
    """Where a function of each element is 0, the function falling as the element adds to eta; all elements at once.

    Newton steps; where one would leave the interval known to hold the root, the interval is halved.

    Args:
        ratings: The elements' ratings.
        parameters: Where all other facets and the thresholds are held, and where to begin.
        facet: The facet.
        distance: The function's values and derivatives by eta, per element.

    Returns:
        Roots with 1 / sqrt(sum V) there; NaN for elements without ratings or information.
    """
    others = sum(float(np.abs(part).max(initial=0)) for f, part in enumerate(parameters.locations) if f != facet)
    tau = parameters.thresholds
    limit = 2 * LIMIT + others + float(np.abs(tau[np.isfinite(tau)]).max(initial=0))
    x = np.nan_to_num(parameters.signed[facet])
    low, high = np.full(len(x), -limit), np.full(len(x), limit)
    for _ in range(_MOST_STEPS):
        value, slope = distance(_held(parameters, facet, x))
        low, high = np.where(value > 0, x, low), np.where(value < 0, x, high)
        with np.errstate(divide="ignore", invalid="ignore"):
            step = x - value / slope
        newton = (slope < 0) & (step >= low) & (step <= high)
        after = np.where(value == 0, x, np.where(newton, step, (low + high) / 2))
        moved = np.abs(after - x)[np.isfinite(value)].max(initial=0)
        x = after
        if moved < _TOLERANCE:
            break
    information = sums(ratings, _held(parameters, facet, x), facet).variance
    known = information > 0
    with np.errstate(divide="ignore"):
        return Measures(np.where(known, sign(facet) * x, np.nan), np.where(known, 1 / np.sqrt(information), np.nan))


def _held(parameters: Parameters, facet: int, x: Array) -> Parameters:
    """The parameters with one facet's contributions to eta put in."""
    locations = list(parameters.locations)
    locations[facet] = sign(facet) * x
    return replace(parameters, locations=tuple(locations))
