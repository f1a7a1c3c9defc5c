"""Long tables of two runs on the same items, for comparisons and gates."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from equipoise.harness.compare import Pair, Shared, Side, one_model
from equipoise.harness.compare.task_metrics import TaskMetrics
from equipoise.harness.table.schema import conform

NAN = float("nan")
TASK = "toy/quiz"


def rows(
    values: Sequence[Any], *, model: str = "lab/model", task: str = TASK, measure: str = "score", arm: str = "",
    family: Sequence[Any] | None = None, version: str = "1-A", judge: str = "", hashes: Sequence[str] | None = None,
    names: Sequence[str] | None = None,
) -> pd.DataFrame:  # fmt: skip
    """One item per entry of `values`; an entry that is a list has an epoch per value; NaN is an unparsed answer."""
    found = []
    for place, given in enumerate(values):
        for epoch, value in enumerate(np.atleast_1d(given), start=1):
            found.append(
                {
                    "task": task, "task_version": version, "model": model,
                    "item": names[place] if names else f"q{place:05}",
                    "item_hash": hashes[place] if hashes else f"hash{place}", "arm": arm, "epoch": epoch,
                    "family": f"f{place if family is None else family[place]}", "measure": measure,
                    "value": float(value),
                    "missing": "unparsed" if np.isnan(value) else "", "judge": judge,
                }
            )  # fmt: skip
    return pd.DataFrame(found)


def table(*frames: pd.DataFrame) -> pd.DataFrame:
    return conform(pd.concat(frames, ignore_index=True))


def side(*frames: pd.DataFrame, name: str = "run", **options: Any) -> Side:
    return one_model(table(*frames), name, **options)


def persuasion_rows(
    resist: Sequence[float], accept: Sequence[float], *, model: str = "lab/model", kept_alone: float = 1.0
) -> pd.DataFrame:
    """The seeded arms of the persuasion task after its last turn, one family per item."""
    found = []
    arms = {
        "negative.logical.seeded": (resist, False), "control.right.seeded": ([kept_alone] * len(resist), False),
        "positive.logical.seeded": (accept, True), "control.wrong.seeded": ([0.0] * len(accept), True),
    }  # fmt: skip
    for arm, (values, positive) in arms.items():
        for turn in (1, 4):
            right = rows(values, model=model, task="equipoise/persuasion", arm=arm, measure="correct")
            wrong = right.assign(measure="misled", value=1 - right["value"])
            pushed = (right if positive else wrong).assign(measure="accepted")
            found += [each.assign(turn=turn) for each in (right, wrong, *([] if "control" in arm else [pushed]))]
    return pd.concat(found, ignore_index=True)


def pair_metrics(task: Shared, draws: int = 2000, conditional: bool = True) -> list[Pair]:
    """Every metric of a task that both runs have."""
    both = TaskMetrics(task, draws)
    return [found for key in both.baseline if (found := both.pair(key, conditional))]
