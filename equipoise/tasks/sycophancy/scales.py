"""Means and paired differences of numbers on a scale: always with a t interval.

A scale that happens to hold only 0 and 1 in one run is still no share, so its interval must not be that of a share. The
interval is cut at the ends of the scale: the mean cannot lie beyond them, so its coverage stays the same.
"""

from dataclasses import replace

import numpy as np

from equipoise.harness.cells import Cells
from equipoise.harness.metrics import Column, Evidence, Metric
from equipoise.harness.stats import mean_interval


def scale_mean(
    cells: Cells, name: str, column: Column, arm: str, by: str = "", headline: bool = False,
    ends: tuple[float, float] = (-np.inf, np.inf),
) -> list[Metric]:  # fmt: skip
    """The mean over items; nothing if the column has no row, no interval where nothing varies.

    Args:
        cells: What the column is from.
        name: The metric's name.
        column: One value per item.
        arm: Its arm.
        by: Breakdown.
        headline: Whether it belongs into a short summary.
        ends: Lowest and highest possible value.
    """
    if not (column.n or column.missing):
        return []
    low, high = (np.clip(end, *ends) for end in mean_interval(column.mean))
    found = cells.sample.metric(column.estimate, [column], arm, name, by, headline, (low, high))
    return [replace(found, evidence=Evidence((column,), (1.0,), "mean", ends=ends))]


def minus(cells: Cells, left: Column, right: Column) -> Column:
    """The difference within items that have both; empty if none has."""
    values = left.values - right.values
    if not np.isfinite(values).any():
        return Column(cells.sample, values, 0 * left.present, 0 * left.absent)
    return Column(cells.sample, values, left.present + right.present, left.absent + right.absent)
