"""Contrasts: their intervals against the two methods they are made of, and p values that agree with the intervals."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import ttest_rel

from equipoise.harness.stats import (
    Contrast,
    DrawnContrast,
    cluster_mean,
    combination_interval,
    discernment,
    log_linear,
    mean_interval,
)


def clustered(values, clusters=None):
    values = np.asarray(values, dtype=float)
    codes = np.arange(len(values)) if clusters is None else np.asarray(clusters)
    return cluster_mean(np.bincount(codes, values), np.bincount(codes).astype(float), values @ values)


def difference(one, other, clusters=None, scale="share"):
    return Contrast((clustered(other, clusters), clustered(one, clusters)), (1.0, -1.0), scale)


OUTCOMES = st.lists(st.tuples(st.integers(0, 1), st.integers(0, 1)), min_size=2, max_size=60)


@given(OUTCOMES)
@settings(max_examples=60, deadline=None)
def test_a_share_contrast_is_the_wider_of_newcombe_and_t(pairs):
    one, other = np.array(pairs, dtype=float).T
    low, high = difference(one, other).interval()
    newcombe = combination_interval((clustered(other), clustered(one)), (1, -1))
    t = mean_interval(clustered(other - one))
    assert low == pytest.approx(max(np.nanmin([newcombe[0], t[0]]), -1))
    assert high == pytest.approx(min(np.nanmax([newcombe[1], t[1]]), 1))
    assert low <= (other - one).mean() <= high


@given(OUTCOMES, st.floats(-0.9, 0.9), st.floats(0.005, 0.45))
@settings(max_examples=60, deadline=None)
def test_p_values_say_where_the_interval_ends(pairs, value, alpha):
    one, other = np.array(pairs, dtype=float).T
    contrast = difference(one, other)
    low, high = contrast.interval(1 - 2 * alpha)
    if min(abs(low - value), abs(high - value)) > 1e-6:
        assert (contrast.p_above(value) < alpha) == (low > value)
        assert (contrast.p_below(value) < alpha) == (high < value)
    assert contrast.p_above(value) + contrast.p_below(value) == pytest.approx(1, abs=1e-6)


def test_agreement_is_no_certainty():
    ones = np.ones(10)
    contrast = difference(ones, ones)
    assert contrast.interval() == pytest.approx((-0.2775, 0.2775), abs=1e-4)
    assert contrast.p_above(-0.05) > 0.025
    assert (
        difference(np.ones(253), np.ones(253)).p_above(-0.015)
        < 0.025
        < difference(np.ones(252), np.ones(252)).p_above(-0.015)
    )


def test_a_mean_contrast_is_the_paired_t_test():
    generator = np.random.default_rng(0)
    one, other = generator.normal(size=(2, 25))
    contrast, expected = difference(one, other, scale="mean"), ttest_rel(other, one)
    assert contrast.p_differs() == pytest.approx(expected.pvalue)
    assert contrast.interval() == pytest.approx(tuple(expected.confidence_interval()))
    assert contrast.p_above(0.0) == pytest.approx(ttest_rel(other, one, alternative="greater").pvalue)


def test_a_mean_that_does_not_vary_has_no_interval_and_no_p():
    contrast = difference(np.full(5, 3.0), np.full(5, 3.0), scale="mean")
    assert np.isnan(contrast.interval()).all() and np.isnan(contrast.p_above(-1.0))


def test_terms_of_an_item_that_move_together_cancel():
    """The difference of two arms' differences: where both arms of a run are alike, only the runs' noise is left."""
    generator = np.random.default_rng(1)
    arm, quiet = (generator.random((2, 200)) < 0.8).astype(float)
    four = Contrast(tuple(map(clustered, (arm, quiet, arm, quiet))), (1.0, -1.0, -1.0, 1.0))
    assert four.estimate == 0 and four.se == pytest.approx(0, abs=1e-12)
    one, two = (clustered(x - y) for x, y in ((arm, quiet), (quiet, arm)))
    apart = Contrast(tuple(map(clustered, (arm, quiet, quiet, arm))), (1.0, -1.0, -1.0, 1.0))
    assert apart.se == pytest.approx(Contrast((one, two), (1.0, -1.0), "mean").se)


def test_whole_clusters_that_agree_count_once():
    values, other = np.repeat([1.0, 0, 1, 1, 0, 1, 0, 1], 5), np.repeat([1.0, 1, 1, 0, 0, 1, 1, 1], 5)
    clusters = np.repeat(np.arange(8), 5)
    low, high = difference(values, other, clusters).interval()
    one_each = difference(values[::5], other[::5]).interval()
    assert (low, high) == pytest.approx(one_each, rel=0.02)


def test_z_scores_add_up_to_a_difference_of_d_prime():
    hits, alarms = np.repeat([1.0, 0.0], [80, 20]), np.repeat([1.0, 0.0], [30, 70])
    better = np.repeat([1.0, 0.0], [90, 10])
    contrast = Contrast(tuple(map(clustered, (better, alarms, hits, alarms))), (1.0, -1.0, -1.0, 1.0), "z")
    rates = [log_linear(values.sum(), 100) for values in (better, alarms, hits)]
    assert contrast.estimate == pytest.approx(discernment(rates[0], rates[1]) - discernment(rates[2], rates[1]))
    low, high = contrast.interval()
    assert low < contrast.estimate < high and contrast.p_below(high) == pytest.approx(0.025, abs=1e-6)


def test_many_samples_at_once_are_each_by_itself():
    generator = np.random.default_rng(2)
    one, other = (generator.random((2, 7, 30)) < 0.7).astype(float)
    means = [cluster_mean(x, np.ones_like(x), (x**2).sum(-1)) for x in (other, one)]
    together = Contrast(tuple(means), (1.0, -1.0)).p_below(0.05)
    assert together == pytest.approx([float(difference(a, b).p_below(0.05)) for a, b in zip(one, other, strict=True)])


def test_bootstrap_draws_of_many_clusters_have_percentile_intervals_and_p_values_of_counts():
    draws = np.concatenate([[0.5], np.linspace(-1, 2, 999)])
    contrast = DrawnContrast(draws, 10_000)
    low, high = contrast.interval()
    assert low <= -0.925 + 0.01 and high >= 1.925 - 0.01
    assert contrast.p_above(-5.0) == pytest.approx(1 / 1000) and contrast.p_below(-5.0) == 1.0
    assert contrast.p_differs(0.5) == pytest.approx(1.0, abs=0.01)
    assert np.isnan(DrawnContrast(np.array([0.5, np.nan, np.nan, 1.0]), 50).p_above(0.0))


def test_few_clusters_and_draws_that_agree_are_no_certainty():
    draws = np.concatenate([[0.0], np.random.default_rng(0).normal(size=2000)])
    few, many = (DrawnContrast(draws, clusters) for clusters in (4, 400))
    assert few.interval()[1] == pytest.approx(3.182 * (4 / 3) ** 0.5 * draws[1:].std(), rel=1e-3)
    assert few.interval()[1] > 1.5 * many.interval()[1] and few.p_below(2.5) > 0.025 > many.p_below(2.5)
    alike = DrawnContrast(np.zeros(500), 20)
    assert np.isnan(alike.interval()).all() and np.isnan(alike.p_below(0.5))


def test_more_items_of_the_kind_narrow_the_interval():
    ones = np.ones(10)
    assert difference(ones, ones).grown(25.3).interval() == pytest.approx(
        difference(np.ones(253), np.ones(253)).interval()
    )
    generator = np.random.default_rng(4)
    one, other = (generator.random((2, 50)) < 0.7).astype(float)
    grown, real = difference(one, other).grown(4), difference(np.tile(one, 4), np.tile(other, 4))
    assert grown.interval() == pytest.approx(real.interval(), abs=0.004)


def test_an_offset_moves_everything():
    one, other = np.array([1.0, 1, 0, 1, 1]), np.array([0.0, 1, 0, 1, 1])
    plain = difference(one, other)
    moved = Contrast(plain.means, plain.weights, "share", 3.0)
    assert moved.interval() == pytest.approx([end + 3 for end in plain.interval()])
    assert moved.p_below(3.1) == pytest.approx(float(plain.p_below(0.1)))


def test_a_single_cluster_tells_nothing():
    for scale in ("share", "mean", "z"):
        contrast = difference(np.array([1.0, 0, 1]), np.array([0.0, 0, 1]), [0, 0, 0], scale)
        assert np.isnan(contrast.interval()).all() and np.isnan(contrast.p_differs())


def test_intervals_of_shares_stay_where_shares_can_be():
    contrast = difference(np.array([1.0, 1, 0]), np.array([0.0, 0, 1]))
    low, high = contrast.interval()
    assert -1 <= low < contrast.estimate < high <= 1
