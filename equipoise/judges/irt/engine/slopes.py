"""Judges' slopes, opt-in: how sharply each judge tells good from bad, estimated with a prior and then held."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from equipoise.judges.irt.engine.model import Parameters, eta, moments
from equipoise.judges.irt.engine.ratings import Array, Ratings

PRIOR = 0.5  # standard deviation of log a: two thirds of the judges between .6 and 1.65
TOLERANCE = 1e-6  # of log a
_MOST_ROUNDS = 200
_LONGEST = 0.5  # of log a: no step goes further


@dataclass(frozen=True)
class Slopes:
    """Slopes of one facet's elements, with geometric mean 1.

    Attributes:
        facet: Index of the facet.
        values: a; 1 for an element without ratings.
        errors: Standard error of log a, all else held, from the penalised information.
        rounds: Alternations between slopes and everything else.
        converged: Whether the last change was below the tolerance.
    """

    facet: int
    values: Array
    errors: Array
    rounds: int
    converged: bool


def slopes(
    ratings: Ratings, facet: int, maximise: Callable[[Ratings, Parameters | None], Parameters], prior: float = PRIOR
) -> tuple[Ratings, Slopes]:
    """Generalised partial credit in one facet: log P_k / P_{k-1} = a_j eta - tau_k, log a ~ N(0, prior^2), prod a = 1.

    Muraki (1992), Applied Psychological Measurement 16, 159; Uto & Ueno (2020), Behaviormetrika 47, 469 (raters). The
    likelihood is not concave in both at once, so the two are raised in turn: everything else at given slopes (a concave
    problem), then one penalised Newton step of every slope. The prior keeps a judge with few votes near 1.

    Args:
        ratings: Without extreme elements.
        facet: Index of the facet whose elements get slopes.
        maximise: (ratings with slopes, where to begin) -> maximum of everything else.
        prior: Standard deviation of log a.

    Returns:
        The ratings with the slopes, which every later step reads there, and the slopes.
    """
    size = ratings.sizes[facet]
    logs, largest, at = np.zeros(size), np.inf, None
    rated = ratings.counts(facet) > 0
    rounds = 0
    while rounds < _MOST_ROUNDS and largest >= TOLERANCE:
        rounds += 1
        held = replace(ratings, slopes=(facet, np.exp(logs)))
        at = maximise(held, at)
        score, information = _derivatives(held, at, facet)
        step = (score - logs / prior**2) / (information + 1 / prior**2)
        step = np.where(rated, np.clip(step, -_LONGEST, _LONGEST), 0.0)
        moved = logs + step
        moved = np.where(rated, moved - moved[rated].mean(), 0.0)
        largest, logs = float(np.abs(moved - logs).max()), moved
    errors = np.where(rated, 1 / np.sqrt(information + 1 / prior**2), np.nan)
    found = Slopes(facet, np.exp(logs), errors, rounds, largest < TOLERANCE)
    return replace(ratings, slopes=(facet, np.exp(logs))), found


def _derivatives(ratings: Ratings, parameters: Parameters, facet: int) -> tuple[Array, Array]:
    """By log a: sum w x (y - E) and its information sum w x^2 V, with x = a eta."""
    score, information = np.zeros(ratings.sizes[facet]), np.zeros(ratings.sizes[facet])
    for part in moments(ratings, parameters):
        x = eta(ratings, parameters, part.rows)
        weights = 1.0 if ratings.weights is None else ratings.weights[part.rows]
        codes = ratings.codes[facet][part.rows]
        score += np.bincount(codes, weights * x * part.residual, len(score))
        information += np.bincount(codes, weights * x * x * part.variance, len(score))
    return score, information
