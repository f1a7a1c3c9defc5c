"""Intervals of means, shares and combinations of two shares against published values and independent formulas."""

import math
from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import ttest_1samp

from equipoise.harness.stats import (
    bias,
    clopper_pearson,
    cluster_mean,
    combination_interval,
    discernment,
    mean_interval,
    share_interval,
    wilson,
    z_term,
)


def independent(values):
    """Each item a family of its own."""
    values = np.asarray(values, dtype=float)
    return cluster_mean(values, np.ones(len(values)), values @ values)


def paired(both, only_left, only_right, neither):
    """Two arms of 0/1 answers on the same items, from the counts of the four outcomes."""
    left = [1] * both + [1] * only_left + [0] * only_right + [0] * neither
    right = [1] * both + [0] * only_left + [1] * only_right + [0] * neither
    return independent(left), independent(right)


def newcombe(e, b, c, f):
    """Method 10 as the inference specification writes it."""
    n = e + b + c + f
    p_a, p_b = (e + b) / n, (e + c) / n
    (l_a, u_a), (l_b, u_b) = wilson(p_a, n), wilson(p_b, n)
    k, margins = e * f - b * c, (e + b) * (c + f) * (e + c) * (b + f)
    k = max(k - n / 2, 0) if k > 0 else k
    phi = k / math.sqrt(margins) if margins else 0.0
    d = p_a - p_b
    low = d - math.sqrt((p_a - l_a) ** 2 - 2 * phi * (p_a - l_a) * (u_b - p_b) + (u_b - p_b) ** 2)
    return low, d + math.sqrt((u_a - p_a) ** 2 - 2 * phi * (u_a - p_a) * (p_b - l_b) + (p_b - l_b) ** 2)


class TestMean:
    @given(st.lists(st.floats(-100, 100), min_size=3, max_size=30).filter(lambda xs: np.std(xs) > 0.01))
    @settings(deadline=None)
    def test_of_independent_items_is_students(self, values):
        low, high = mean_interval(independent(values))
        expected = ttest_1samp(values, 0).confidence_interval(0.95)
        assert (low, high) == pytest.approx((expected.low, expected.high))

    @pytest.mark.parametrize("values", [[2.0], [2.0, 2.0, 2.0], [0.1] * 7])
    def test_is_unknown_where_nothing_varies(self, values):
        assert np.isnan(mean_interval(independent(values))).all()


class TestShare:
    @pytest.mark.parametrize("successes", [1, 7, 13, 19])
    def test_of_independent_items_is_wilsons(self, successes):
        low, high = share_interval(independent([1] * successes + [0] * (20 - successes)))
        assert (low, high) == pytest.approx(np.array(wilson(successes / 20, 20)))

    @pytest.mark.parametrize("value", [0.0, 1.0])
    def test_is_exact_over_families_at_0_and_1(self, value):
        mean = cluster_mean(np.full(10, 3 * value), np.full(10, 3.0), 30 * value)
        assert share_interval(mean) == pytest.approx(np.array(clopper_pearson(10 * value, 10)))

    def test_of_one_family_is_that_of_one_observation(self):
        assert share_interval(cluster_mean(np.array([2.0]), np.array([4.0]), 2.0)) == pytest.approx(
            np.array(wilson(0.5, 1))
        )

    def test_of_equal_values_between_0_and_1_has_a_width(self):
        assert share_interval(independent([0.5] * 10)) == pytest.approx(np.array(wilson(0.5, 10)))

    def test_of_nothing_is_nan(self):
        assert np.isnan(share_interval(cluster_mean(np.zeros(2), np.zeros(2), 0.0))).all()

    def test_families_that_answer_alike_make_it_wider(self):
        generator = np.random.default_rng(0)
        alike = np.repeat(generator.random(40) < 0.4, 3).astype(float)
        family = np.repeat(np.arange(40), 3)
        low, high = share_interval(cluster_mean(np.bincount(family, alike), np.full(40, 3.0), alike.sum()))
        narrow = share_interval(independent(alike))
        assert (high - low) / (narrow[1] - narrow[0]) == pytest.approx(math.sqrt(3), rel=0.05)


class TestCombination:
    @pytest.mark.parametrize(
        ("counts", "expected"),
        [((10, 0, 0, 0), (-0.278, 0.278)), ((50, 0, 0, 0), (-0.071, 0.071)), ((5, 0, 0, 5), (-0.167, 0.167))],
    )
    def test_no_disagreement_is_no_certainty(self, counts, expected):
        """The three examples of the inference specification."""
        assert combination_interval(paired(*counts), (1, -1)) == pytest.approx(expected, abs=5e-4)

    @settings(deadline=None)
    @given(st.tuples(*[st.integers(0, 30)] * 4).filter(lambda counts: sum(counts) > 1))
    def test_difference_of_paired_rates_is_newcombes_method_10(self, counts):
        assert combination_interval(paired(*counts), (1, -1)) == pytest.approx(newcombe(*counts), abs=1e-9)

    def test_mean_of_two_rates_is_a_difference_with_one_turned_round(self):
        """(p + q) / 2 = (p - (1 - q)) / 2 + 1/2."""
        left, right = paired(9, 6, 4, 11)
        _, wrong = paired(6, 9, 11, 4)
        low, high = combination_interval((left, right), (0.5, 0.5))
        turned = combination_interval((left, wrong), (1, -1))
        assert wrong.estimate == 1 - right.estimate
        assert (low, high) == pytest.approx((turned[0] / 2 + 0.5, turned[1] / 2 + 0.5))

    def test_discernment_by_hand(self):
        """30 of 40 right pushes and 12 of 60 wrong ones taken, on different items: H = 30.5/41, FA = 12.5/61."""
        sums = np.array([1] * 30 + [0] * 70), np.array([0] * 40 + [1] * 12 + [0] * 48)
        there = np.arange(100) < 40
        hit, alarm = (
            cluster_mean(s.astype(float), c.astype(float), s.sum()) for s, c in zip(sums, (there, ~there), strict=True)
        )
        z = NormalDist().inv_cdf
        (h_low, h_high), (f_low, f_high) = (
            [z(float(end)) for end in wilson(rate, n)] for rate, n in ((30.5 / 41, 41), (12.5 / 61, 61))
        )
        h, f = z(30.5 / 41), z(12.5 / 61)
        low, high = combination_interval((hit, alarm), (1, -1), z_term)
        assert low == pytest.approx(h - f - math.hypot(h - h_low, f_high - f))
        assert high == pytest.approx(h - f + math.hypot(h_high - h, f - f_low))
        low, high = combination_interval((hit, alarm), (-0.5, -0.5), z_term)
        assert low == pytest.approx((-h - f - math.hypot(h_high - h, f_high - f)) / 2)
        assert high == pytest.approx((-h - f + math.hypot(h - h_low, f - f_low)) / 2)

    @settings(deadline=None)
    @given(st.tuples(*[st.integers(0, 30)] * 4).filter(lambda counts: sum(counts) > 1))
    def test_z_scores_have_finite_intervals_around_their_estimates(self, counts):
        left, right = paired(*counts)
        n = sum(counts)
        rates = [(mean.estimate * n + 0.5) / (n + 1) for mean in (left, right)]
        for function, weights in ((discernment, (1, -1)), (bias, (-0.5, -0.5))):
            low, high = combination_interval((left, right), weights, z_term)
            assert np.isfinite([low, high]).all()
            assert low < function(*rates) < high

    def test_swapping_the_arms_turns_the_difference_round(self):
        left, right = paired(9, 6, 2, 11)
        for term in ({}, {"term": z_term}):
            low, high = combination_interval((left, right), (1, -1), **term)
            assert combination_interval((right, left), (1, -1), **term) == pytest.approx((-high, -low))

    def test_arms_that_go_together_differ_more_surely(self):
        low, high = combination_interval(paired(14, 3, 3, 10), (1, -1))
        apart = combination_interval(paired(10, 7, 7, 6), (1, -1))
        assert high - low < 0.8 * (apart[1] - apart[0])
