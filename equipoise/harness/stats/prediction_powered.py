"""Few human labels and many judge scores together: the mean human label, as exact as both allow.

The judge's mean over all items is corrected by its mean error on the items that humans labelled. Which items those are
must not depend on their labels: a random sample of the items, or of their clusters.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from equipoise.harness.stats.cluster_sums import cluster_codes, cluster_sums
from equipoise.harness.stats.clusters import ClusterMean, cluster_mean
from equipoise.harness.stats.intervals import Bounds, mean_interval

Array = NDArray[np.float64]


@dataclass(frozen=True)
class PredictionPowered:
    """Mean human labels estimated with the help of a judge.

    Attributes:
        estimate, se, df: Of the mean human label, from labels and judge scores.
        interval: Its lower and upper ends.
        weight: Lambda, how far the judge is trusted; 0 = not at all.
        human, human_interval: From the human labels alone.
        bias, bias_interval: Judge minus human on the items that have both.
        labelled, unlabelled: Items with a human label, and with a judge's score only.
    """

    estimate: Array
    se: Array
    df: Array
    interval: Bounds
    weight: Array
    human: Array
    human_interval: Bounds
    bias: Array
    bias_interval: Bounds
    labelled: Array
    unlabelled: Array


def prediction_powered(
    labels: ArrayLike,
    scores: ArrayLike,
    cluster: ArrayLike | None = None,
    weight: ArrayLike | None = None,
    level: float = 0.95,
) -> PredictionPowered:
    """Prediction-powered mean with the weight that makes its variance smallest.

    With y the labels, f the scores, n labelled items and N others: estimate = lambda mean_N(f) + mean_n(y - lambda f).
    With P the clusters' parts of each mean (`ClusterMean.parts`), V = sum (P_y - lambda (P_f,n - P_f,N))^2, which is
    lambda^2 Var(f) / N + Var(y - lambda f) / n for independent items, and allows for clusters that are in both groups.
    lambda = sum P_y (P_f,n - P_f,N) / sum (P_f,n - P_f,N)^2, in [0, 1], makes it smallest: Cov(y, f) / ((1 + n / N)
    Var(f)). At 0 the estimate is that of the labels alone, so with many labels judges can only help. For a paired
    comparison give the differences of both arms.

    Args:
        labels: Human labels, shape (..., items); NaN = none.
        scores: The judge's, of the same shape; an item without one is left out.
        cluster: Label of each item's cluster; None = every item is one of its own.
        weight: Lambda of shape (...), if it is not to be estimated.
        level: Coverage in (0, 1).

    Returns:
        Intervals are of the t distribution with the df of the labelled clusters. Without judge scores of other items,
        or where the judge's do not vary, lambda is 0.

    References:
        Angelopoulos, Bates, Fannjiang, Jordan & Zrnic (2023), Science 382, 669-674; Angelopoulos, Duchi & Zrnic (2023),
        PPI++: Efficient prediction-powered inference, arXiv 2311.01453, section 6.
    """
    y, f = np.broadcast_arrays(np.asarray(labels, dtype=float), np.asarray(scores, dtype=float))
    codes = cluster_codes(cluster, f.shape[-1])
    both, only = np.isfinite(y) & np.isfinite(f), ~np.isfinite(y) & np.isfinite(f)
    human, judge, others = _mean(y, both, codes), _mean(f, both, codes), _mean(f, only, codes)
    contrast = judge.parts - np.where(others.items[..., None] > 0, others.parts, 0.0)
    best = _slope(human.parts, contrast) if weight is None else np.asarray(weight, dtype=float)
    trust = np.where(others.items > 0, best, 0.0)
    shift = np.where(trust == 0, 0.0, trust * (others.estimate - judge.estimate))
    combined = replace(
        human, estimate=human.estimate + shift, parts=human.parts - trust[..., None] * np.nan_to_num(contrast)
    )
    bias = _mean(f - y, both, codes)
    return PredictionPowered(
        estimate=combined.estimate,
        se=np.sqrt(combined.variance),
        df=human.df,
        interval=mean_interval(combined, level),
        weight=trust,
        human=human.estimate,
        human_interval=mean_interval(human, level),
        bias=bias.estimate,
        bias_interval=mean_interval(bias, level),
        labelled=human.items,
        unlabelled=others.items,
    )


def _mean(values: Array, there: NDArray[np.bool_], codes: NDArray[np.intp]) -> ClusterMean:
    known = np.where(there, values, np.nan)
    sums, counts = cluster_sums(known, codes)
    return cluster_mean(sums, counts, np.nansum(known**2, axis=-1))


def _slope(parts: Array, contrast: Array) -> Array:
    with np.errstate(invalid="ignore", divide="ignore"):
        slope = (parts * contrast).sum(axis=-1) / (contrast**2).sum(axis=-1)
    return np.where(np.isfinite(slope), np.clip(slope, 0, 1), 0.0)
