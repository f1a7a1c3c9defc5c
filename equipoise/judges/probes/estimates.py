"""Shares and means of a probe with their 95 % intervals, clustered by item."""

from collections.abc import Hashable, Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from equipoise.harness.stats import ClusterMean, combination_interval, item_mean, mean_interval, share_interval
from equipoise.judges.agreement.resample import Estimate

Clusters = Sequence[Hashable] | None
"""What each value belongs to; None = values are independent."""


def share(values: Iterable[float], clusters: Clusters = None, reason: str = "no vote") -> Estimate:
    """A share: Wilson interval at the effective sample size; at exactly 0 or 1 the exact one over the clusters.

    Args:
        values: 0 or 1 each, or averages between.
        clusters: One per value.
        reason: Why there is no share if there are no values.
    """
    given = np.fromiter(values, dtype=float)
    if not given.size:
        return _none(reason)
    found = _clustered(given, _codes(clusters, given.size))
    return _estimate(found, share_interval(found))


def mean(values: Iterable[float], clusters: Clusters = None, reason: str = "no vote") -> Estimate:
    """A mean: t interval; NaN where all clusters agree, which is no certainty.

    Args:
        values: Numbers without bounds.
        clusters: One per value.
        reason: Why there is no mean if there are no values.
    """
    given = np.fromiter(values, dtype=float)
    if not given.size:
        return _none(reason)
    found = _clustered(given, _codes(clusters, given.size))
    return _estimate(found, mean_interval(found))


def share_difference(
    left: Sequence[float], right: Sequence[float], clusters: Clusters = None, right_clusters: Clusters = None,
    reason: str = "no vote",
) -> Estimate:  # fmt: skip
    """A difference of two shares, with an interval also where one of them is 0 or 1 (MOVER).

    Args:
        left: 0 or 1 each, or averages between.
        right: The same.
        clusters: One per value of both; what a cluster has in common makes the interval of the difference narrower.
        right_clusters: Clusters of the values on the right, where they are others; the shares then count as
            uncorrelated.
        reason: Why there is no difference if there are no values.
    """
    if not len(left) or not len(right):
        return _none(reason)
    one, two = np.array(left, dtype=float), np.array(right, dtype=float)
    if right_clusters is None:
        codes = _codes(clusters, len(one))
        pair = _clustered(one, codes), _clustered(two, codes)
    else:
        codes, others = _codes(clusters, len(one)), _codes(right_clusters, len(two))
        width = int(codes.max() + others.max() + 2)
        pair = _clustered(one, codes, width), _clustered(two, codes.max() + 1 + others, width)
    low, high = combination_interval(pair, (1.0, -1.0))
    return Estimate(float(pair[0].estimate - pair[1].estimate), float(low), float(high), len(one))


def _codes(clusters: Clusters, count: int) -> NDArray[np.int64]:
    """Clusters as whole numbers from 0, in order of appearance."""
    if clusters is None:
        return np.arange(count)
    places = {name: place for place, name in enumerate(dict.fromkeys(clusters))}
    return np.array([places[name] for name in clusters], dtype=np.int64)


def _clustered(values: NDArray[np.float64], codes: NDArray[np.int64], width: int = 0) -> ClusterMean:
    return item_mean(values, codes, width or int(codes.max()) + 1)


def _estimate(found: ClusterMean, bounds: tuple[NDArray[np.float64], NDArray[np.float64]]) -> Estimate:
    return Estimate(float(found.estimate), float(bounds[0]), float(bounds[1]), int(found.items))


def _none(reason: str) -> Estimate:
    return Estimate(float("nan"), float("nan"), float("nan"), 0, reason)
