"""Ranks as sets: which places a row of a board could have, all rows together.

A single rank says nothing of how close the next row is. A set from 1 + the rows that are significantly better to the
number of rows less those that are significantly worse does, and ties show as overlapping sets.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtri, stdtr

from equipoise.harness.stats.bootstrap import DRAWS, bootstrap_means
from equipoise.harness.stats.cluster_sums import cluster_codes, cluster_sums
from equipoise.harness.stats.clusters import NO_SPREAD, ClusterMean, cluster_mean

Array = NDArray[np.float64]


BLOCK = 256
"""Draws of all rows that are compared at once: with 1,000 rows as much as a core's cache holds."""


@dataclass(frozen=True)
class RankSets:
    """Rank sets that hold for all rows at once.

    Attributes:
        estimate: Mean of each row, shape (rows,).
        best, worst: Ends of each row's set, 1 = the highest mean; 0 for a row without scores, which has no rank.
        better: better[r, s] = row r is significantly better than row s.
        critical: The normal quantile that the last step demanded of a difference.
        clusters: How many there are.
        level: Chance that all sets hold.
        draws, seed: Of the bootstrap.
    """

    estimate: Array
    best: NDArray[np.intp]
    worst: NDArray[np.intp]
    better: NDArray[np.bool_]
    critical: float
    clusters: int
    level: float
    draws: int
    seed: int


def rank_sets(
    scores: ArrayLike, cluster: ArrayLike | None = None, level: float = 0.95, draws: int = DRAWS, seed: int = 0
) -> RankSets:
    """Rank sets from step-down max-t tests of all differences of two rows, higher being better.

    The hypotheses "r is not better than s" of all ordered pairs are tested together. A bootstrap of clusters, shared by
    all rows, gives the distribution of the largest standardised difference among the pairs that are still open; those
    beyond its quantile are rejected, and the quantile is taken again over the rest until nothing more is. What is
    compared is the normal quantile of each t = (mean_r - mean_s) / se (CR2, the smaller of both rows' degrees of
    freedom), since resampled clusters of a small sample scatter too little. No difference counts for more than a
    sign-flip test of as many clusters could give it, 2^-G: a board of a few items is never told apart.

    The quantile is widened by G / (G - 1), though to no more than Bonferroni's: the correlations of the pairs
    come from the same few clusters and leave too little room for the largest of many. Without this the sets of ten tied
    rows on 12 items hold in 91 % of boards (`benchmarks/rank_sets.py`).

    Rows are compared by their means over the items that each has; for comparisons on common items alone leave the
    others out.

    Args:
        scores: Shape (rows, items); NaN = missing.
        cluster: Label of each item's cluster; None = every item is one of its own.
        level: Joint coverage in (0, 1).
        draws: Number of bootstrap samples.
        seed: Seed of the generator.

    References:
        Romano & Wolf (2005), Econometrica 73, 1237-1282; Mogstad, Romano, Shaikh & Wilhelm (2024), Review of Economic
        Studies 91, 476-518.
    """
    table = np.asarray(scores, dtype=float)
    codes = cluster_codes(cluster, table.shape[-1])
    present = np.isfinite(table).any(axis=1)
    known = table[present]
    mean = cluster_mean(*cluster_sums(known, codes), np.nansum(known**2, axis=1))
    means = bootstrap_means(known, codes, draws, seed)
    drawn = np.nan_to_num(means[:, 1:] - means[:, :1])  # a draw that meets none of a row's items tells nothing of it
    better, critical = _step_down(_normal(mean), drawn, level, int(mean.clusters.max(initial=0)))
    whole = np.zeros((len(table), len(table)), dtype=bool)
    whole[np.ix_(present, present)] = better
    estimate = np.full(len(table), np.nan)
    estimate[present] = mean.estimate
    return RankSets(
        estimate=estimate,
        best=np.where(present, 1 + whole.sum(axis=0), 0),
        worst=np.where(present, int(present.sum()) - whole.sum(axis=1), 0),
        better=whole,
        critical=critical,
        clusters=int(codes.max(initial=-1)) + 1,
        level=level,
        draws=draws,
        seed=seed,
    )


def _normal(mean: ClusterMean) -> Array:
    """Differences of all pairs of rows on the scale of a normal quantile, shape (rows, rows)."""
    difference = mean.estimate[:, None] - mean.estimate
    single = mean.variance
    variance = single[:, None] + single - 2 * mean.parts @ mean.parts.T
    varies = variance > NO_SPREAD * (single[:, None] + single)
    with np.errstate(invalid="ignore", divide="ignore"):
        t = np.where(varies, difference / np.sqrt(variance), np.inf * np.sign(difference))
        shared = np.minimum.outer(mean.clusters, mean.clusters)
        df = np.minimum.outer(mean.df, mean.df)
        size = np.abs(np.where(np.isnan(t), 0.0, t))
        size = -ndtri(np.maximum(np.where(np.isfinite(df), stdtr(df, -size), 0.5), 0.5**shared))
    return np.asarray(np.sign(difference) * np.maximum(size, 0))


def _step_down(observed: Array, drawn: Array, level: float, clusters: int) -> tuple[NDArray[np.bool_], float]:
    """Rejected pairs, and the critical value of the last step."""
    rows, draws = drawn.shape
    covariance = drawn @ drawn.T / max(draws, 1)
    single = np.diag(covariance)
    variance = single[:, None] + single - 2 * covariance
    varies = variance > NO_SPREAD * (single[:, None] + single)
    with np.errstate(divide="ignore", invalid="ignore"):
        scale = np.where(varies, 1 / np.sqrt(variance), 0.0)
    rejected = np.zeros((rows, rows), dtype=bool)
    open_pairs = ~np.eye(rows, dtype=bool)
    critical, single_pair = np.inf, float(ndtri((1 + level) / 2))  # of a constant difference the draws say nothing
    widen = clusters / max(clusters - 1, 1)
    while open_pairs.any() and draws:
        largest = _largest(drawn, scale, open_pairs)
        quantile = widen * float(np.quantile(largest, level, method="higher"))
        critical = max(min(quantile, float(-ndtri((1 - level) / open_pairs.sum()))), single_pair)
        found = open_pairs & (observed > critical)
        if not found.any():
            break
        rejected |= found
        open_pairs &= ~found
    return rejected, critical


def _largest(drawn: Array, scale: Array, open_pairs: NDArray[np.bool_]) -> Array:
    """The largest standardised difference among the open pairs in each draw, at least 0."""
    factors = np.where(open_pairs, scale, 0.0).astype(np.float32)
    largest = np.zeros(drawn.shape[1])
    for start in range(0, drawn.shape[1], BLOCK):
        block = np.ascontiguousarray(drawn[:, start : start + BLOCK], dtype=np.float32)
        differences, top = np.empty_like(block), largest[start : start + BLOCK]
        for row, factor in zip(block, factors, strict=True):
            np.subtract(row, block, out=differences)
            differences *= factor[:, None]
            np.maximum(top, differences.max(axis=0), out=top)
    return largest
