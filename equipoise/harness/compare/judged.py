"""Which metrics rest on judges' votes, and how much a difference rests on any one judge."""

from collections.abc import Sequence
from dataclasses import replace

import pandas as pd

from equipoise.harness.compare.pairing import Pair
from equipoise.harness.compare.sides import Shared
from equipoise.harness.metrics import Metric, compute_metrics

Key = tuple[str, str, str]
"""Arm, measure and breakdown of a metric."""


def key_of(metric: Metric) -> Key:
    """What tells a task's metrics apart."""
    return metric.arm, metric.measure, metric.by


def judges_of(rows: pd.DataFrame) -> list[str]:
    """Names of the judges in some rows, sorted."""
    return sorted(set(rows["judge"].astype(str)) - {""})


def judged_keys(rows: pd.DataFrame, metrics: Sequence[Metric]) -> set[Key]:
    """The metrics that are others, or none, without the judges' votes.

    Args:
        rows: Of one task and model.
        metrics: Computed from them.
    """
    if not judges_of(rows):
        return set()
    ruled = rows[rows["judge"].astype(str) == ""]
    left = {key_of(m): m.estimate for m in compute_metrics(ruled, draws=0)} if len(ruled) else {}
    return {key_of(m) for m in metrics if left.get(key_of(m)) != m.estimate}


def without_each_judge(task: Shared, pairs: Sequence[Pair]) -> dict[Key, tuple[float, float]]:
    """Lowest and highest difference when one judge after the other is left out; judges count as fixed.

    Args:
        task: In both runs; with fewer than two judges nothing is left to compare.
        pairs: Its metrics, paired.
    """
    from equipoise.harness.compare.comparison import pair_metrics

    judges = judges_of(task.candidate) if task.same_judges else []
    judged = judged_keys(task.candidate, [each.candidate for each in pairs]) if len(judges) > 1 else set()
    found: dict[Key, list[float]] = {}
    for judge in judges if judged else []:
        fewer = replace(task, baseline=_without(task.baseline, judge), candidate=_without(task.candidate, judge))
        for each in pair_metrics(fewer, draws=1):  # only estimates are asked for
            key = key_of(each.baseline)
            if key in judged and each.n_items and f"judge={judge}" not in key[2]:
                found.setdefault(key, []).append(float(each.contrast().estimate))
    return {key: (min(values), max(values)) for key, values in found.items() if len(values) == len(judges)}


def _without(rows: pd.DataFrame, judge: str) -> pd.DataFrame:
    return rows[rows["judge"].astype(str) != judge]
