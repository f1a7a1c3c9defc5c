"""Statistics on arrays: no table, no task, no plot."""

from equipoise.harness.stats.bootstrap import DRAWS, bootstrap_means, cluster_weights, interval
from equipoise.harness.stats.clusters import ClusterMean, cluster_mean, correlation, item_mean
from equipoise.harness.stats.contrasts import Contrast, DrawnContrast, Scale
from equipoise.harness.stats.intervals import (
    Bounds,
    combination_interval,
    mean_interval,
    share_interval,
    share_term,
    z_term,
)
from equipoise.harness.stats.missing_bounds import missing_bounds
from equipoise.harness.stats.paired_binary import mcnemar_mid_p, newcombe, tango, tango_p
from equipoise.harness.stats.permutation import SignFlips, SignFlipTest
from equipoise.harness.stats.prediction_powered import PredictionPowered, prediction_powered
from equipoise.harness.stats.ranks import RankSets, rank_sets
from equipoise.harness.stats.rates import clopper_pearson, wilson
from equipoise.harness.stats.signal import bias, discernment, log_linear, z
from equipoise.harness.stats.twoway_variance import TwoWayMean, leave_one_judge_out, twoway_mean

__all__ = [
    "DRAWS",
    "Bounds",
    "ClusterMean",
    "Contrast",
    "DrawnContrast",
    "PredictionPowered",
    "RankSets",
    "Scale",
    "SignFlipTest",
    "SignFlips",
    "TwoWayMean",
    "bias",
    "bootstrap_means",
    "clopper_pearson",
    "cluster_mean",
    "cluster_weights",
    "combination_interval",
    "correlation",
    "discernment",
    "interval",
    "item_mean",
    "leave_one_judge_out",
    "log_linear",
    "mcnemar_mid_p",
    "mean_interval",
    "missing_bounds",
    "newcombe",
    "prediction_powered",
    "rank_sets",
    "share_interval",
    "share_term",
    "tango",
    "tango_p",
    "twoway_mean",
    "wilson",
    "z",
    "z_term",
]
