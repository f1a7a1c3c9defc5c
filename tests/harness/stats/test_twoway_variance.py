"""Two-way clustered means against R, and by what is known of additive scores."""

import json
from pathlib import Path

import numpy as np
import pytest

from equipoise.harness.stats.twoway_variance import leave_one_judge_out, twoway_mean

GOLDEN = json.loads((Path(__file__).parent / "golden" / "twoway.json").read_text())


def table(holes):
    values = np.array(GOLDEN["y"])
    if holes:
        values[np.unravel_index(np.array(GOLDEN["holes"]) - 1, values.shape, order="F")] = np.nan
    return values


@pytest.mark.parametrize("which", ["whole", "holes"])
def test_each_way_against_clubsandwich(which):
    expected = GOLDEN["cr2"][which]
    found = twoway_mean(table(which == "holes"), GOLDEN["cluster"])
    assert found.estimate == pytest.approx(expected["estimate"], rel=1e-12)
    for name in ("by_item", "by_judge", "by_cell"):
        assert getattr(found, name) == pytest.approx(expected[name], rel=1e-10)
    assert found.variance == pytest.approx(expected["by_item"] + expected["by_judge"] - expected["by_cell"], rel=1e-10)
    assert not found.one_way
    assert (found.items, found.clusters, found.judges) == (12, 5, 4)


def test_both_ways_against_sandwich():
    found = twoway_mean(table(False))
    assert found.variance == pytest.approx(GOLDEN["sandwich_items"], rel=1e-10)
    assert found.df == pytest.approx(3)


@pytest.mark.parametrize(("shape", "df"), [((8, 4), 3), ((4, 8), 3)])
def test_the_larger_way_stands_in_for_a_sum_that_is_no_variance(shape, df):
    """A checkerboard: no item and no judge differs from another, only cells do, and the sum is below 0."""
    checkers = (np.indices(shape).sum(axis=0) % 2).astype(float)
    checkers[0, 0] = 1.0
    found = twoway_mean(checkers)
    assert found.by_item + found.by_judge - found.by_cell < 0
    assert found.one_way and found.variance == max(found.by_item, found.by_judge)
    assert found.df == pytest.approx(df)


def test_variance_of_additive_scores_is_right_on_average():
    """Items sd 1 over 30, judges sd .6 over 10, noise sd 1; 4,000 tables. The mean of V, less its known bias."""
    generator = np.random.default_rng(0)
    values = generator.normal(size=(4000, 30, 1)) + 0.6 * generator.normal(size=(4000, 1, 10))
    found = twoway_mean(values + generator.normal(size=(4000, 30, 10)))
    truth = 1 / 30 + 0.36 / 10 + 1 / 300
    assert found.estimate.var() == pytest.approx(truth, rel=0.08)
    assert found.variance.mean() == pytest.approx(truth - 1.36 / 300, rel=0.02)


def test_leave_one_judge_out():
    values = table(True)
    means = [np.nanmean(np.delete(values, judge, axis=1)) for judge in range(4)]
    assert leave_one_judge_out(values) == (pytest.approx(min(means)), pytest.approx(max(means)))
    low, high = leave_one_judge_out(np.stack([values, 2 * values]))
    assert low == pytest.approx([min(means), 2 * min(means)]) and high.shape == (2,)


def test_leave_one_judge_out_of_one():
    assert np.isnan(leave_one_judge_out([[1.0], [2.0]])).all()
    assert leave_one_judge_out([[1.0, np.nan], [3.0, np.nan]]) == (2, 2)


def test_a_single_judge_or_nothing_has_no_variance():
    assert np.isnan(twoway_mean([[1.0], [2.0], [4.0]]).variance)
    empty = twoway_mean(np.full((2, 3, 4), np.nan))
    assert np.isnan(empty.estimate).all() and np.isnan(empty.variance).all() and (empty.items == 0).all()
