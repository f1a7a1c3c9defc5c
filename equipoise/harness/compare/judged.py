"""Which metrics rest on judges' votes, and how much a difference rests on any one judge."""

from collections.abc import Sequence
from dataclasses import replace

import pandas as pd

from equipoise.harness.compare.pairing import Pair
from equipoise.harness.compare.sides import Shared
from equipoise.harness.compare.task_metrics import Key, TaskMetrics, key_of
from equipoise.harness.metrics import Metric, compute_metrics


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
    judges = judges_of(task.candidate) if task.same_judges else []
    judged = judged_keys(task.candidate, [each.candidate for each in pairs]) if len(judges) > 1 else set()
    found: dict[Key, list[float]] = {}
    for judge in judges if judged else []:
        fewer = replace(task, baseline=_without(task.baseline, judge), candidate=_without(task.candidate, judge))
        both = TaskMetrics(fewer, draws=1)  # only estimates are asked for
        for key in judged:
            if (each := both.pair(key)) and each.n_items:
                found.setdefault(key, []).append(float(each.contrast().estimate))
    return {key: (min(values), max(values)) for key, values in found.items() if len(values) == len(judges)}


def _without(rows: pd.DataFrame, judge: str) -> pd.DataFrame:
    return rows[rows["judge"].astype(str) != judge]
