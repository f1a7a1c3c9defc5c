"""Scores as they were given: categories are consecutive from 0, the scores behind them need not be."""

import numpy as np

from equipoise.judges.irt.engine.model import Moments
from equipoise.judges.irt.engine.ratings import Array, Ratings


def observed_scores(ratings: Ratings, rows: slice) -> Array:
    """Original score of each rating, shape (rows,)."""
    group = 0 if ratings.scale is None else ratings.codes[ratings.scale][rows]
    found: Array = ratings.scores[group, ratings.category[rows]]
    return found


def expected_scores(ratings: Ratings, part: Moments) -> Array:
    """sum_k s_k P_k with the original score s_k of each category, shape (rows,)."""
    scores = np.nan_to_num(ratings.scores)  # where a group has no such category, P_k = 0
    if ratings.scale is None:
        return np.asarray(scores[0] @ part.probabilities)
    group = ratings.codes[ratings.scale][part.rows]
    total = np.zeros(len(group))
    for values, probabilities in zip(scores.T, part.probabilities, strict=True):
        total += values[group] * probabilities
    return total
