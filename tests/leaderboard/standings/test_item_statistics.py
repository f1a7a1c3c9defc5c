"""Difficulty and discrimination of a board's items."""

import numpy as np
import pytest
from leaderboard.standings.test_board_ranks import scores_of

from equipoise.leaderboard.standings import item_statistics
from equipoise.leaderboard.standings.items import item_rest


def test_difficulty_is_the_smoothed_mean_in_logits():
    found = item_statistics(scores_of({"a": [1, 0, 1], "b": [1, 0, 0], "c": [1, 0, 0]}), list("abc")).set_index("item")
    assert found["mean"].tolist() == [1, 0, 1 / 3]
    assert found["difficulty"].tolist() == pytest.approx([-np.log(3.5 / 0.5), np.log(3.5 / 0.5), np.log(2.5 / 1.5)])


def test_values_of_another_scale_are_shares_of_it():
    halves = scores_of({"a": [5, 1], "b": [1, 1], "c": [3, 9]}, most=5.0, least=1.0)
    found = item_statistics(halves, list("abc")).set_index("item")
    assert found.loc["i0", "difficulty"] == pytest.approx(0) and found.loc["i0", "mean"] == 3
    assert np.isnan(found.loc["i1", "difficulty"])  # 9 lies outside


def test_discrimination_is_the_correlation_with_the_other_items():
    values = np.random.default_rng(0).random((9, 5))
    for item in range(5):
        expected = np.corrcoef(values[:, item], np.delete(values, item, axis=1).mean(axis=1))[0, 1]
        assert item_rest(values)[item] == pytest.approx(expected)


def test_missing_values_leave_the_rest_to_those_who_have_one():
    values = np.random.default_rng(1).random((12, 4))
    values[0, :3] = values[1, 0] = values[2, 1:] = np.nan
    rest = np.array([np.nanmean(row[1:]) if np.isfinite(row[1:]).any() else np.nan for row in values])
    both = np.isfinite(values[:, 0]) & np.isfinite(rest)
    assert both.sum() == 9
    assert item_rest(values)[0] == pytest.approx(np.corrcoef(values[both, 0], rest[both])[0, 1])


def test_where_nothing_varies_or_too_few_answered_there_is_none():
    same, few = np.column_stack([np.ones(5), np.arange(5)]), np.array([[0.0, 1.0], [1.0, 0.0]])
    assert np.isnan(item_rest(same)).all() and np.isnan(item_rest(few)).all()
    assert np.isnan(item_rest(np.arange(5.0)[:, None])).all()  # one item has no others


def test_items_are_counted_over_ranked_submissions_only():
    found = item_statistics(scores_of({"a": [1, None], "b": [0, 1], "control": [1, 1]}, by="d=x"), ["a", "b"])
    assert found[["by", "item", "n", "mean"]].to_numpy().tolist() == [["d=x", "i0", 2, 0.5], ["d=x", "i1", 1, 1.0]]
