"""Differences of two models with the judges' severity taken out; who judges is not the harness's business."""

from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd

from equipoise.harness.compare.sides import Side

BASELINE, CANDIDATE = "baseline", "candidate"


@dataclass(frozen=True)
class Adjusted:
    """Candidate minus baseline on one judged dimension, in logits.

    Attributes:
        task, dimension: What was judged.
        difference, se, low, high: Logits, 95 % interval clustered on item families; NaN if there is no fit.
        p: Two-sided.
        judges: How many judges voted on both.
        reason: Why there is none; empty if there is one.
        warnings: What a reader must know, in sentences.
    """

    task: str
    dimension: str
    difference: float
    se: float
    low: float
    high: float
    p: float
    judges: int
    reason: str = ""
    warnings: tuple[str, ...] = ()


Adjustment = Callable[[pd.DataFrame], list[Adjusted]]
"""(long table of two models called `baseline` and `candidate`) -> a difference per judged dimension."""

_adjustments: list[Adjustment] = []


def register_adjustment(function: Adjustment) -> None:
    """Let comparisons show these differences beside the raw ones."""
    _adjustments.append(function)


def adjusted_differences(baseline: Side, candidate: Side) -> list[Adjusted]:
    """Of every judged dimension; empty where nothing was judged."""
    sides = [
        side.table[side.table["judge"].astype(str) != ""].assign(model=name)
        for side, name in ((baseline, BASELINE), (candidate, CANDIDATE))
    ]
    if any(side.empty for side in sides):
        return []
    together = pd.concat(sides, ignore_index=True)
    return [found for function in _adjustments for found in function(together)]
