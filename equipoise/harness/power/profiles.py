"""What a run tells about each item: one comparison's answers, epoch by epoch, ready to be drawn from."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from equipoise.harness.compare.sides import Side, share_tasks
from equipoise.harness.gate.policy import BLOCKING, Benchmark, Policy
from equipoise.harness.metrics import Evidence, Metric, compute_metrics
from equipoise.harness.stats import Scale

Array = np.ndarray[Any, Any]


@dataclass(frozen=True)
class Answers:
    """One side's rows of a comparison, summed within item and epoch.

    Attributes:
        total: Sum of the values that are there, shape (epochs, items, terms).
        present, absent: Rows with and without a value, of the same shape.
    """

    total: Array
    present: Array
    absent: Array

    @property
    def epochs(self) -> int:
        """How often every item was run."""
        return int(self.total.shape[0])

    @property
    def values(self) -> Array:
        """Mean of each item in each epoch; NaN where there is none."""
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.asarray(self.total / self.present)


@dataclass(frozen=True)
class Profile:
    """One blocking comparison, as a run shows it.

    Attributes:
        benchmark: Its limits.
        metric: Its value in the run.
        family: Code of each item's family; the items are sorted by it.
        weights: The metric is this weighted sum of the terms' means.
        scale: What the means are.
        within: Whether an item counts only with a value in every term.
        ends: Lowest and highest possible value; NaN where they are not known.
        answers: The run's.
        pilot: A candidate's answers to the same items, if there was one.
        calls: Answers of the model per item and epoch in this task.
    """

    benchmark: Benchmark
    metric: Metric
    family: Array
    weights: Array
    scale: Scale
    within: bool
    ends: tuple[float, float]
    answers: Answers
    pilot: Answers | None
    calls: float

    @property
    def items(self) -> int:
        """Items of the task."""
        return len(self.family)

    @property
    def better(self) -> float:
        """1 if higher values are better, else -1."""
        return 1.0 if self.benchmark.direction == "higher" else -1.0

    @property
    def pool(self) -> Array:
        """Items whose answers may stand for another's: all those that were asked; if the answers decide, all."""
        asked = (self.answers.present + self.answers.absent).sum(axis=(0, 2)) > 0
        return np.arange(self.items) if self.benchmark.conditional else np.flatnonzero(asked)


@dataclass(frozen=True)
class Unplanned:
    """A blocking comparison that no plan can be made for, and why."""

    name: str
    reason: str


def profiles(side: Side, policy: Policy, pilot: Side | None = None) -> tuple[list[Profile], list[Unplanned]]:
    """The blocking comparisons of a policy that a run has, and those that cannot be planned.

    Args:
        side: The run.
        policy: Says what is compared.
        pilot: A second run of the same items.
    """
    found: list[Profile] = []
    unplanned: list[Unplanned] = []
    seen: set[int] = set()
    for rows, others, reason in _tasks(side, pilot):
        metrics = compute_metrics(rows, 0)
        epochs, pilots = _by_epoch(rows), _by_epoch(others) if others is not None else None
        names = _families(rows)
        for place, benchmark in enumerate(policy.benchmarks):
            chosen = benchmark.select(metrics) if benchmark.tier in BLOCKING else []
            for metric in chosen:
                seen.add(place)
                made = reason or _profile(benchmark, metric, names, epochs, pilots, _calls(rows))
                if isinstance(made, str):
                    unplanned.append(Unplanned(name_of(metric), made))
                else:
                    found.append(made)
    unplanned += [
        Unplanned(f"{each.name} {each.metric}", "the run does not have it, and the policy requires it")
        for place, each in enumerate(policy.benchmarks)
        if each.required and each.tier in BLOCKING and place not in seen
    ]
    return found, unplanned


def name_of(metric: Metric) -> str:
    """A comparison in words: task, metric, arm."""
    arm = f" ({metric.arm})" if metric.arm not in ("", "*") else ""
    return f"{metric.task.rsplit('/', 1)[-1]} {metric.measure}{arm}"


Epochs = list[dict[tuple[str, str, str], tuple[Evidence, Array]]]
"""Per epoch and metric what it was computed from, and the names of the items."""


def _tasks(side: Side, pilot: Side | None) -> Iterator[tuple[pd.DataFrame, pd.DataFrame | None, str]]:
    if pilot is None:
        for _, rows in side.table.groupby("task", observed=True):
            yield rows, None, ""
        return
    for shared in share_tasks(side, pilot):
        if not shared.reason:
            yield shared.baseline, shared.candidate, ""
        elif not shared.reason.startswith("the baseline"):
            rows = side.table[side.table["task"].astype(str) == shared.task]
            yield rows, None, f"pilot: {shared.reason}"


def _by_epoch(rows: pd.DataFrame) -> Epochs:
    found: Epochs = []
    for _, own in rows.groupby("epoch", observed=True, sort=True):
        items = np.sort(own["item"].astype(str).unique())  # the order of a sample's columns
        found.append(
            {(m.arm, m.measure, m.by): (m.evidence, items) for m in compute_metrics(own, 0) if m.evidence is not None}
        )
    return found


def _families(rows: pd.DataFrame) -> pd.DataFrame:
    """Items with the codes of their families, sorted by family."""
    names = rows[["item", "family"]].astype(str).drop_duplicates("item").sort_values(["family", "item"])
    return names.assign(family=pd.factorize(names["family"])[0])


def _calls(rows: pd.DataFrame) -> float:
    """Rows per item and epoch, counted once per arm and turn: about the answers that the model has to give."""
    answers = rows[["item", "epoch", "arm", "turn"]].drop_duplicates()
    return len(answers) / max(len(answers[["item", "epoch"]].drop_duplicates()), 1)


def _profile(
    benchmark: Benchmark, metric: Metric, names: pd.DataFrame, epochs: Epochs, pilots: Epochs | None, calls: float
) -> Profile | str:
    evidence = metric.evidence
    if evidence is None or not evidence.weights:
        return "it is known by bootstrap draws alone, which no larger sample can be simulated from"
    key = (metric.arm, metric.measure, metric.by)
    answers = _answers(key, len(evidence.weights), epochs, names["item"].to_numpy())
    if not answers.present.any():
        return "no answer has a value"
    known = benchmark.range or evidence.ends or (float("nan"), float("nan"))
    ends = known if evidence.scale == "mean" else (0.0, 1.0)
    pilot = _answers(key, len(evidence.weights), pilots, names["item"].to_numpy()) if pilots is not None else None
    if pilot is not None and not pilot.present.any():
        return "the pilot has no answer with a value"
    return Profile(
        benchmark, metric, names["family"].to_numpy(), np.array(evidence.weights), evidence.scale, evidence.within,
        ends, answers, pilot, calls,
    )  # fmt: skip


def _answers(key: tuple[str, str, str], terms: int, epochs: Epochs, names: Array) -> Answers:
    shape = (len(epochs), len(names), terms)
    total, present, absent = np.zeros(shape), np.zeros(shape), np.zeros(shape)
    index = pd.Index(names)
    for place, metrics in enumerate(epochs):
        if key not in metrics:
            continue
        evidence, items = metrics[key]
        to = index.get_indexer(pd.Index(items))
        there = to >= 0
        for term, column in enumerate(evidence.columns):
            total[place, to[there], term] = (
                np.where(column.present > 0, column.values, 0)[there] * column.present[there]
            )
            present[place, to[there], term] = column.present[there]
            absent[place, to[there], term] = column.absent[there]
    return Answers(total, present, absent)
