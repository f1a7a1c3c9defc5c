"""Planning formulas against statsmodels, R and the methods whose sizes they plan."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from equipoise.harness.stats.paired_binary import tango
from equipoise.harness.stats.planning import (
    agreement_items,
    design_effect,
    detectable_difference,
    difference_variance,
    go_items,
    no_go_items,
    superiority_items,
)


def test_example_of_the_specification():
    """psi = .10, m = .015, one-sided .025, power .80; statsmodels 0.15.0, `normal_sample_size_one_tail`."""
    found = float(go_items(0.10, 0.015))
    assert found == pytest.approx(3488.3909930440404, rel=1e-12)
    assert round(found, -1) == 3490


@pytest.mark.parametrize(
    ("psi", "x", "alpha", "power", "expected"),
    # statsmodels 0.15.0: normal_sample_size_one_tail(x, power, alpha / 2, std_null=sqrt(psi), std_alternative=...)
    [
        (0.2, 0.05, 0.05, 0.8, 625.5473178337218),
        (0.1, 0.1, 0.05, 0.9, 100.85391558129022),
        (0.4, 0.1, 0.01, 0.9, 590.2111606686335),
    ],
)
def test_superiority_against_statsmodels(psi, x, alpha, power, expected):
    assert superiority_items(psi, x, alpha, power) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [  # statsmodels 0.15.0, at the difference x - m and alpha / L
        ((0.1, 0.02, 0.06, 0.025, 0.8, 1), 490.5549833968183),
        ((0.19, 0.05, 0.10, 0.025, 0.9, 12), 1306.89965852069),
    ],
)
def test_no_go_against_statsmodels(arguments, expected):
    assert no_go_items(*arguments) == pytest.approx(expected, rel=1e-12)


def test_detectable_difference_against_r():
    """R 4.2.2: (qt(.975, 19) + qt(.8, 19)) * sqrt(.002), and with qnorm."""
    assert detectable_difference(0.002, [19, np.inf]) == pytest.approx([0.132105760397, 0.125290699849], rel=1e-10)


def test_no_number_shows_a_drop_within_the_limit():
    assert np.isinf(no_go_items(0.1, 0.05, [0.05, 0.01])).all()
    assert np.isfinite(no_go_items(0.1, 0.05, 0.051))


@pytest.mark.parametrize("margin", [0.015, 0.05, 0.2])
def test_agreement_is_what_the_score_interval_asks_for(margin):
    """Two runs that agree on every item: the interval reaches the margin just below this number of items."""
    n = float(agreement_items(margin))
    assert tango(0.99 * n, 0, 0, 0)[1] > margin > tango(1.01 * n, 0, 0, 0)[1]
    assert go_items(0.0, margin) == pytest.approx(n)


def test_a_margin_of_one_and_a_half_points_needs_252_agreeing_items():
    assert 252 < agreement_items(0.015) < 253


def test_variance_of_clustered_repeats():
    assert design_effect(20, 0.1) == pytest.approx(2.9)
    # 4 epochs: a quarter of the noise, all of what is between items
    assert difference_variance(100, 0.02, 0.2, 4, 2.9) == pytest.approx(2.9 * (0.02 + 0.05) / 100)


@given(between=st.floats(0.001, 1), within=st.floats(0, 1), epochs=st.integers(1, 50))
def test_epochs_gain_no_more_than_the_noise(between, within, epochs):
    one, many = difference_variance(10, between, within), difference_variance(10, between, within, epochs)
    assert between / 10 <= many * (1 + 1e-12) <= one * (1 + 2e-12)


@given(
    variance=st.floats(0.01, 0.5),
    margin=st.floats(0.01, 0.2),
    power=st.floats(0.5, 0.99),
    comparisons=st.integers(1, 30),
)
def test_more_comparisons_or_power_need_more_items(variance, margin, power, comparisons):
    n = go_items(variance, margin, 0.025, power, comparisons)
    assert go_items(variance, margin, 0.025, power, comparisons + 1) >= n
    assert go_items(variance, margin, 0.025, min(power + 0.005, 0.995), comparisons) >= n
    assert go_items(variance, margin / 2, 0.025, power, comparisons) > n
