"""How the categories of each rating scale work: use, average measures, fit, thresholds, and what is out of order."""

from dataclasses import dataclass

import numpy as np

from equipoise.judges.irt.diagnostics.curves import category_measures, thurstone_thresholds
from equipoise.judges.irt.diagnostics.sums import SMALLEST, ratio, scatter
from equipoise.judges.irt.engine.model import Parameters, eta, moments
from equipoise.judges.irt.engine.ratings import Array, Mask, Ratings

FEWEST = 10  # observations of a category below which its threshold is not to be relied on (Linacre 2002)


@dataclass(frozen=True)
class Categories:
    """Statistics of the categories k = 0 .. K-1 of every scale group, shape (groups, K); NaN beyond a group's last.

    Attributes:
        scores: Original score of each category.
        count: Number of ratings in it, weighted.
        share: Of the group's ratings, 0 to 1.
        average: Mean eta of the ratings in k, logits.
        expected: What the model expects of it: sum P_k eta / sum P_k.
        outfit: Mean z^2 of the ratings in k over what the model expects of it: (sum_{y=k} z^2 / n_k) /
            (sum_n P_nk z_nk^2 / sum_n P_nk) with z_nk = (k - E_n) / sqrt V_n. The plain mean is another number: rare
            categories have large z even if the model holds.
        measure: Where the expected score is k, logits; at the ends .25 inside.
        thresholds: tau_k in the place of k = 1 .. K-1, shape (groups, K-1); NaN where there is none.
        errors: Their standard errors, as given.
        thurstone: Where P(Y >= k) = 1/2, shape (groups, K-1), logits.
    """

    scores: Array
    count: Array
    share: Array
    average: Array
    expected: Array
    outfit: Array
    measure: Array
    thresholds: Array
    errors: Array
    thurstone: Array

    @property
    def few(self) -> Mask:
        """Categories with fewer than 10 ratings."""
        return np.isfinite(self.scores) & (self.count < FEWEST)

    @property
    def disordered_average(self) -> Mask:
        """Categories whose average measure is below that of the category before: higher scores for less."""
        return np.diff(self.average, axis=1, prepend=-np.inf) < 0

    @property
    def disordered_threshold(self) -> Mask:
        """Thresholds below the one before, shape (groups, K-1): at no eta the category between is the likeliest."""
        return np.diff(self.thresholds, axis=1, prepend=-np.inf) < 0


def categories(ratings: Ratings, parameters: Parameters, errors: Array | None = None) -> Categories:
    """The category table of every scale group, in one pass.

    Linacre (2002), Optimizing rating scale category effectiveness, Journal of Applied Measurement 3, 85-106.

    Args:
        ratings: Without extreme elements.
        parameters: Measures and thresholds.
        errors: Standard errors of the thresholds, shape (groups, K-1).
    """
    groups, number = ratings.scores.shape
    observed = np.zeros((3, groups * number))  # of 1, eta and z^2, over the ratings in k
    modelled = np.zeros((3, number, groups))  # of P_k, P_k eta and P_k z_k^2, over all ratings
    for part in moments(ratings, parameters):
        x, v = eta(ratings, parameters, part.rows), np.maximum(part.variance, SMALLEST)
        weights = np.ones_like(x) if ratings.weights is None else ratings.weights[part.rows]
        group = np.zeros(len(x), np.int64) if ratings.scale is None else ratings.codes[ratings.scale][part.rows]
        cell = group.astype(np.int64) * number + ratings.category[part.rows]
        for total, term in zip(observed, (weights, weights * x, weights * part.residual**2 / v), strict=True):
            scatter(total, cell, term)
        for k, probability in enumerate(part.probabilities):
            share, z_squared = weights * probability, (k - part.expected) ** 2 / v
            for total, term in zip(modelled[:, k], (share, share * x, share * z_squared), strict=True):
                scatter(total, group, term)
    exists = np.isfinite(ratings.scores)
    count, sum_x, sum_z = observed.reshape(3, groups, number)
    expected_count, expected_x, expected_z = np.moveaxis(modelled, 2, 1)
    thresholds = np.where(ratings.has_threshold, parameters.thresholds, np.nan)
    return Categories(
        scores=ratings.scores,
        count=np.where(exists, count, np.nan),
        share=np.where(exists, ratio(count, count.sum(axis=1, keepdims=True)), np.nan),
        average=ratio(sum_x, count),
        expected=np.where(exists, ratio(expected_x, expected_count), np.nan),
        outfit=ratio(ratio(sum_z, count), ratio(expected_z, expected_count)),
        measure=category_measures(parameters.thresholds),
        thresholds=thresholds,
        errors=np.full_like(thresholds, np.nan) if errors is None else np.where(ratings.has_threshold, errors, np.nan),
        thurstone=thurstone_thresholds(parameters.thresholds),
    )
