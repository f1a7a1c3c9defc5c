"""Rules that other release gates decide by, to be compared with ours on the same simulated pairs of runs."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from gate_study import Sampled, Verdicts, sampled
from scipy.special import stdtrit

from equipoise.harness.gate.policy import Benchmark

Array = np.ndarray[Any, Any]


@dataclass(frozen=True)
class Moments:
    """What rules without a share's own interval look at: means, and the standard error of the paired difference."""

    baseline: Array
    difference: Array
    se: Array
    df: Array

    @classmethod
    def of(cls, pair: Sampled, missing_is_wrong: bool = False) -> "Moments":
        """From one column; missing answers left out with their items, or counted as 0."""
        if missing_is_wrong:
            column = np.nan_to_num(pair.terms[0].values)
            pair = sampled(column, counts=pair.counts, family=pair.family)
        contrast = pair.contrast()
        baseline, candidate = contrast.means
        return cls(baseline.estimate, candidate.estimate - baseline.estimate, contrast.se, contrast.df)


def point_rule(moments: Moments, benchmark: Benchmark) -> Verdicts:
    """The common rule: an estimated fall beyond a limit fails, anything else passes. No interval, no correction."""
    damage = -moments.difference
    beyond = np.zeros(damage.shape, dtype=bool)
    if benchmark.max_drop is not None:
        beyond |= damage > benchmark.max_drop
    if benchmark.max_relative_drop is not None:
        beyond |= damage > benchmark.max_relative_drop * moments.baseline
    return Verdicts(~beyond, beyond)


def mixed_rule(moments: Moments, benchmark: Benchmark) -> Verdicts:
    """The rule of a public harness (NeMo Evaluator 0.4.0) for independent items, from what it does, in our own code.

    The absolute limit by the interval d ± t(n - 1) s / sqrt(n) of the paired differences: wholly beyond fails, wholly
    within passes, else insufficient. The relative limit by the estimate alone, and first. No correction for how many
    benchmarks there are, and an interval of no width where no answer changed. It is not that program: its families
    (normal quantiles), reading of files, checks and reports are not here.
    """
    half = stdtrit(moments.df, 0.975) * moments.se
    damage = -moments.difference
    relative = np.zeros(damage.shape, dtype=bool)
    if benchmark.max_relative_drop is not None:
        relative = (damage > benchmark.max_relative_drop * moments.baseline) & (damage > 0)
    limit = np.inf if benchmark.max_drop is None else benchmark.max_drop
    return Verdicts(~relative & (damage + half <= limit), relative | (damage - half > limit))
