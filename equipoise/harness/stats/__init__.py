"""Statistics on arrays: no table, no task, no plot."""

from equipoise.harness.stats.bootstrap import DRAWS, cluster_weights, interval
from equipoise.harness.stats.clusters import ClusterMean, cluster_mean, correlation
from equipoise.harness.stats.contrasts import Contrast, DrawnContrast, Scale
from equipoise.harness.stats.intervals import (
    Bounds,
    combination_interval,
    mean_interval,
    share_interval,
    share_term,
    z_term,
)
from equipoise.harness.stats.rates import clopper_pearson, wilson
from equipoise.harness.stats.signal import bias, discernment, log_linear, z

__all__ = [
    "DRAWS",
    "Bounds",
    "ClusterMean",
    "Contrast",
    "DrawnContrast",
    "Scale",
    "bias",
    "clopper_pearson",
    "cluster_mean",
    "cluster_weights",
    "combination_interval",
    "correlation",
    "discernment",
    "interval",
    "log_linear",
    "mean_interval",
    "share_interval",
    "share_term",
    "wilson",
    "z",
    "z_term",
]
