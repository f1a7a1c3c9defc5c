"""What is left of a judge's votes once the truth is known."""

import numpy as np
from numpy.typing import ArrayLike

from equipoise.judges.agreement.resample import Array, cluster_sums

TRUTH_LEVELS = 10
"""Most levels of truth that errors are centred in; truths of more values are cut at their quantiles."""


def errors_given_truth(votes: ArrayLike, truth: ArrayLike) -> Array:
    """Each judge's votes minus the truth, and minus the judge's mean error at that level of truth.

    On a bounded scale every judge errs downwards at the top and upwards at the bottom, so that plain differences
    correlate even for judges who know nothing of each other. Centred at each level of truth, their errors correlate
    exactly if they are dependent given the truth (the independence that latent-class models of raters assume).

    Args:
        votes: Shape (units, judges), NaN = missing.
        truth: Reference label of each unit, on the scale of the votes; NaN = unknown. More than `TRUTH_LEVELS`
            different values are cut into as many groups of about equal size.

    Returns:
        Shape (units, judges); NaN where the vote or the truth is missing.

    References:
        Dawid & Skene (1979), Applied Statistics 28, 20-28.
    """
    matrix, label = np.asarray(votes, dtype=float), np.asarray(truth, dtype=float)
    errors = matrix - label[:, None]
    known = np.isfinite(label)
    values, level = np.unique(label[known], return_inverse=True)
    if len(values) > TRUTH_LEVELS:
        inner = np.quantile(label[known], np.arange(1, TRUTH_LEVELS) / TRUTH_LEVELS)
        level = np.searchsorted(inner, label[known], side="right")
    there = np.isfinite(errors[known])
    sums, counts = (cluster_sums(part, level) for part in (np.where(there, errors[known], 0.0), there.astype(float)))
    errors[known] -= (sums / np.maximum(counts, 1))[level]
    return np.asarray(errors)
