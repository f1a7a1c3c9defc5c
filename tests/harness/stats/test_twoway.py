"""The two-way bootstrap against its weights written out, and against the variances that theory gives it."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from equipoise.harness.stats import DRAWS, interval
from equipoise.harness.stats.twoway import TwoWay


def grid(n_rows, n_columns):
    """Codes of all cells, row by row."""
    return np.divmod(np.arange(n_rows * n_columns), n_columns)


def drawn(n_rows, n_columns, draws, seed=0):
    """How often each row and column is in each draw: means of indicators over the full grid."""
    row, column = grid(n_rows, n_columns)
    two_way = TwoWay(row, column, draws, seed)
    rows = two_way.means((row[:, None] == np.arange(n_rows)).astype(float)) * n_rows
    return rows, two_way.means((column[:, None] == np.arange(n_columns)).astype(float)) * n_columns


@settings(deadline=None)
@given(st.integers(2, 12), st.integers(2, 9), st.integers(0, 40), st.integers(0, 3))
def test_draws_are_resamples_of_all_rows_and_of_all_columns(n_rows, n_columns, draws, seed):
    for counts, size in zip(drawn(n_rows, n_columns, draws, seed), (n_rows, n_columns), strict=True):
        assert counts.shape == (draws + 1, size)
        assert counts[0] == pytest.approx(1)
        assert counts.sum(axis=1) == pytest.approx(size)
        assert counts == pytest.approx(counts.round(), abs=1e-9)


@settings(deadline=None)
@given(st.integers(2, 8), st.integers(2, 6), st.integers(0, 10_000))
def test_means_are_weighted_by_how_often_row_and_column_were_drawn(n_rows, n_columns, seed):
    """A grid with holes, turn by turn, against the sums written out."""
    generator = np.random.default_rng(seed)
    row, column = grid(n_rows, n_columns)
    values = generator.normal(size=(row.size, 3))
    values[generator.random(values.shape) < 0.2] = np.nan
    two_way = TwoWay(row, column, 20, seed)
    rows, columns = drawn(n_rows, n_columns, 20, seed)
    found = two_way.means(values)
    for draw in range(21):
        for turn in range(3):
            known = [cell for cell in range(row.size) if np.isfinite(values[cell, turn])]
            weights = [rows[draw, row[cell]] * columns[draw, column[cell]] for cell in known]
            lone = min(len({codes[cell] for cell in known}) for codes in (row, column)) < 2
            if sum(weights) < 0.5 or (draw and lone):
                assert np.isnan(found[draw, turn])
            else:
                assert found[draw, turn] == pytest.approx(np.average(values[known, turn], weights=weights))


@pytest.mark.parametrize(("n_rows", "n_columns"), [(20, 5), (6, 6), (5, 20)])
def test_additive_scores_have_the_sum_of_both_variances(n_rows, n_columns):
    """a_p + b_q: Var(a) / P + Var(b) / Q with population variances; 20,000 draws put 1 % on a variance."""
    generator = np.random.default_rng(1)
    a, b = generator.normal(0, 1, n_rows), generator.normal(0, 1, n_columns)
    row, column = grid(n_rows, n_columns)
    means = TwoWay(row, column, 20_000, 2).means((a[row] + b[column])[:, None])[:, 0]
    assert means[0] == pytest.approx(a.mean() + b.mean())
    assert means[1:].var() == pytest.approx(a.var() / n_rows + b.var() / n_columns, rel=0.05)


@pytest.mark.parametrize(("n_rows", "n_columns", "factor"), [(20, 5, 2.51), (10, 10, 2.61)])
def test_noise_of_cells_is_overstated_by_the_known_factor(n_rows, n_columns, factor):
    """(2 - 1/P)(2 - 1/Q) - 1 times the variance that independent cells have; mean over 400 sets of noise."""
    row, column = grid(n_rows, n_columns)
    noise = np.random.default_rng(3).normal(size=(row.size, 400))
    variance = TwoWay(row, column, 2000, 4).means(noise)[1:].var(axis=0).mean()
    assert (2 - 1 / n_rows) * (2 - 1 / n_columns) - 1 == pytest.approx(factor)
    assert variance * row.size == pytest.approx(factor, rel=0.05)


def test_rows_and_columns_are_drawn_independently_of_each_other():
    """Also where there are equally many: covariances of their counts within 4 standard errors of 0."""
    rows, columns = drawn(6, 6, 20_000)
    covariance = (rows[1:] - 1).T @ (columns[1:] - 1) / 20_000
    assert np.abs(covariance).max() < 4 * (5 / 6) / 20_000**0.5


def test_five_columns_have_126_distinct_draws():
    _, columns = drawn(2, 5, 20_000)
    assert len(np.unique(columns[1:].round().astype(int), axis=0)) == 126


def test_constant_scores_have_no_width():
    row, column = grid(20, 5)
    means = TwoWay(row, column).means(np.full((100, 10), 3.7))
    assert means.shape == (DRAWS + 1, 10)
    assert all(interval(turn) == pytest.approx((3.7, 3.7), abs=1e-12) for turn in means.T)


def test_what_belongs_to_a_cell_stays_together():
    """The difference of two turns has the draws of the one minus those of the other."""
    row, column = grid(7, 4)
    values = np.random.default_rng(0).normal(size=(28, 2))
    two_way = TwoWay(row, column, 100)
    both = two_way.means(values)
    assert two_way.means(values[:, :1] - values[:, 1:])[:, 0] == pytest.approx(both[:, 0] - both[:, 1])


@pytest.mark.parametrize("cells", [[0, 1, 2], [0, 3, 6], [4]], ids=["one row", "one column", "one cell"])
def test_one_of_a_kind_has_a_mean_and_no_interval(cells):
    values = np.full((9, 1), np.nan)
    values[cells, 0] = [2.0, 3.0, 4.0][: len(cells)]
    means = TwoWay(*grid(3, 3), 50).means(values)
    assert means[0, 0] == pytest.approx(np.nanmean(values))
    assert np.isnan(means[1:]).all()
    whole = TwoWay(np.zeros(3, dtype=int), np.arange(3), 50).means(np.array([[2.0], [3.0], [4.0]]))
    assert whole[0, 0] == 3 and np.isnan(whole[1:]).all()


def test_a_draw_that_meets_no_cell_has_no_value():
    """A diagonal: draws whose rows and columns have no cell in common."""
    means = TwoWay(np.arange(3), np.arange(3), 500).means(np.ones((3, 1)))[:, 0]
    assert 0 < np.isnan(means[1:]).sum() < 250
    assert interval(means) == (1, 1)


def test_no_cell_at_all():
    assert np.isnan(TwoWay(*grid(2, 2), 5).means(np.full((4, 2), np.nan))).all()
    empty = np.empty(0, dtype=int)
    assert np.isnan(TwoWay(empty, empty, 5).means(np.empty((0, 2)))).all()


def test_seeds():
    row, column = grid(5, 5)
    values = np.random.default_rng(0).normal(size=(25, 1))
    same, again, other = (TwoWay(row, column, 30, seed).means(values) for seed in (7, 7, 8))
    assert np.array_equal(same, again) and not np.array_equal(same[1:], other[1:])
