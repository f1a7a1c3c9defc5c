"""All metrics of one task in both runs, to be paired one by one."""

from functools import cached_property

import pandas as pd

from equipoise.harness.compare.pairing import Pair, pair
from equipoise.harness.compare.sides import Shared
from equipoise.harness.metrics import Metric, compute_metrics
from equipoise.harness.stats import DRAWS

Key = tuple[str, str, str]
"""Arm, measure and breakdown of a metric."""


def key_of(metric: Metric) -> Key:
    """What tells a task's metrics apart."""
    return metric.arm, metric.measure, metric.by


class TaskMetrics:
    """The metrics of one task.

    Args:
        task: In both runs.
        draws: Bootstrap draws, for metrics that need them.
        seed: Of the bootstrap.

    Attributes:
        baseline, candidate: Metrics by their keys.
    """

    def __init__(self, task: Shared, draws: int = DRAWS, seed: int = 0) -> None:
        self.task = task
        self.baseline, self.candidate = (
            {key_of(m): m for m in compute_metrics(rows, draws, seed)} for rows in (task.baseline, task.candidate)
        )

    @cached_property
    def _items(self) -> list[pd.Index]:
        return [
            pd.Index(rows["item"].astype(str).unique(), dtype=object)
            for rows in (self.task.baseline, self.task.candidate)
        ]

    @cached_property
    def _asked(self) -> pd.Index:
        """What the candidate was asked about; some metrics are about families."""
        families = pd.Index(self.task.candidate["family"].astype(str).unique(), dtype=object)
        return self._items[1].union(families)

    def pair(self, key: Key, conditional: bool = True) -> Pair | None:
        """A metric of both runs, if it can be paired.

        Weighted sums pair over whatever items are shared, bootstrap draws only if the items are the same.

        Args:
            key: Which metric.
            conditional: See `pairing.pair`.
        """
        one, other = self.baseline.get(key), self.candidate.get(key)
        if one is None or other is None or one.evidence is None or other.evidence is None:
            return None
        drawn = one.evidence.draws is not None and other.evidence.draws is not None
        same = one.evidence.weights == other.evidence.weights
        if same and (one.evidence.weights or (drawn and self._items[0].equals(self._items[1]))):
            return pair(one, other, self._asked, conditional)
        return None
