"""Statistics on arrays: no table, no task, no plot."""

from equipoise.harness.stats.bootstrap import DRAWS, cluster_weights, interval
from equipoise.harness.stats.rates import clopper_pearson
from equipoise.harness.stats.signal import bias, discernment, log_linear, z

__all__ = [
    "DRAWS",
    "bias",
    "clopper_pearson",
    "cluster_weights",
    "discernment",
    "interval",
    "log_linear",
    "z",
]
