"""Means on a scale: a t interval that ends where the scale does."""

import math

import pandas as pd
import pytest

from equipoise.harness.cells import Cells
from equipoise.tasks.sycophancy.scales import scale_mean


def mean_of(values, **options):
    table = pd.DataFrame(
        {"item": [f"i{n}" for n in range(len(values))], "arm": "a", "turn": 1, "measure": "rating", "value": values}
    ).assign(task="t", model="m", family=lambda rows: rows["item"], domain="")
    cells = Cells(table, 1, 0)
    (metric,) = scale_mean(cells, "rating", cells.column("a", 1, "rating"), "a", **options)
    return metric


def test_interval_is_cut_at_the_ends_of_the_scale_and_nowhere_else():
    free, cut = mean_of([10.0, 10.0, 9.0, 2.0]), mean_of([10.0, 10.0, 9.0, 2.0], ends=(1, 10))
    assert free.high > 10 and free.low > 1
    assert (cut.estimate, cut.low, cut.high) == (free.estimate, free.low, 10)
    low = mean_of([1.0, 1.0, 2.0, 9.0], ends=(1, 10))
    assert low.low == 1 < low.estimate < low.high == pytest.approx(11 - free.low)


def test_where_nothing_varies_there_is_still_no_interval():
    metric = mean_of([5.0, 5.0, 5.0], ends=(1, 10))
    assert metric.estimate == 5 and math.isnan(metric.low) and math.isnan(metric.high)
