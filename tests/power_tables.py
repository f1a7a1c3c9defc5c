"""Runs with known success rates, for plans: one task per comparison, 0/1 answers."""

import numpy as np
import pandas as pd

from equipoise.harness.compare import Side, one_model
from equipoise.harness.gate.policy import Benchmark, Policy
from equipoise.harness.table.schema import conform


def side(rates, epochs=1, family=1, seed=1, missing=0.0) -> Side:
    """A run of tasks `t0`, `t1`, …

    Args:
        rates: Success rates of the items, one array per task.
        epochs: Answers per item.
        family: Items per family.
        seed: Of the answers.
        missing: Share of answers without a value.
    """
    rng = np.random.default_rng(seed)
    parts = []
    for task, p in enumerate(rates):
        for epoch in range(1, epochs + 1):
            gone = rng.random(len(p)) < missing
            parts.append(
                pd.DataFrame({
                    "task": f"t{task}", "task_version": "1", "model": "m", "domain": "", "arm": "main", "turn": 1,
                    "item": [f"q{i:05d}" for i in range(len(p))], "item_hash": "h", "epoch": epoch,
                    "family": [f"f{i // family:05d}" for i in range(len(p))], "measure": "right",
                    "value": np.where(gone, np.nan, (rng.random(len(p)) < p).astype(float)),
                    "missing": np.where(gone, "unparsed", ""),
                })
            )  # fmt: skip
    return one_model(conform(pd.concat(parts, ignore_index=True)), "run")


def policy(tasks=1, **limits) -> Policy:
    """The same limits for the tasks `t0`, `t1`, …"""
    chosen = limits or {"max_drop": 0.05}
    return Policy(benchmarks=tuple(Benchmark(name=f"t{task}", metric="right", **chosen) for task in range(tasks)))
