"""IR, N-IR and N-R²: worked examples, identities of the specification (section 4), and their values on noise."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from equipoise.tasks.aloe.curves import (
    complete,
    improvement_rate,
    normalised,
    normalised_fit,
    normalised_rate,
    position,
    whole,
)

RATINGS = st.floats(1, 5).map(lambda value: round(value, 3))
TEN = st.lists(RATINGS, min_size=10, max_size=10).map(np.array)
ANY = st.lists(RATINGS, min_size=2, max_size=14).map(np.array)
STEEPEST = 12.5 / 82.5

WORKED = [
    (np.linspace(1, 5, 10), 3, 0.444444, 0.111111, 1),
    (np.linspace(3, 3.01, 10), 3.005, 0.00111111, 0.111111, 1),
    (np.repeat([0.0, 1.0], 5), 0.5, 0.151515, 0.151515, 0.757576),
    (np.array([3.0, 3.2, 3.1, 3.5, 3.6, 3.6, 3.9, 3.8, 4.0, 4.1]), 3.58, 0.122424, 0.111295, 0.939578),
]


def varies(curve):
    return np.ptp(curve) > 0.001


@pytest.mark.parametrize(("curve", "mean", "rate", "scaled", "fit"), WORKED)
def test_worked_examples(curve, mean, rate, scaled, fit):
    found = curve.mean(), improvement_rate(curve), normalised_rate(curve), normalised_fit(curve)
    assert found == pytest.approx((mean, rate, scaled, fit), rel=5e-6)


@settings(deadline=None)
@given(ANY)
def test_they_are_slope_and_squared_correlation_of_ordinary_least_squares(curve):
    assume(varies(curve))
    turns = np.arange(1, len(curve) + 1)
    assert improvement_rate(curve) == pytest.approx(np.polyfit(turns, curve, 1)[0], abs=1e-9)
    assert normalised_rate(curve) == pytest.approx(np.polyfit(turns, normalised(curve), 1)[0], abs=1e-9)
    assert normalised_rate(curve) == pytest.approx(improvement_rate(curve) / np.ptp(curve), abs=1e-9)
    assert normalised_fit(curve) == pytest.approx(np.corrcoef(turns, curve)[0, 1] ** 2, abs=1e-7)


@settings(deadline=None)
@given(TEN)
def test_no_curve_of_ten_turns_is_steeper_than_a_step(curve):
    assume(varies(curve))
    assert abs(normalised_rate(curve)) <= STEEPEST + 1e-12
    assert -1e-12 <= normalised_fit(curve) <= 1 + 1e-9


@settings(deadline=None)
@given(st.floats(1, 3), st.floats(0.01, 2), st.integers(2, 20))
def test_any_straight_rise_has_the_same_normalised_rate(start, rise, turns):
    curve = np.linspace(start, start + rise, turns)
    assert normalised_rate(curve) == pytest.approx(1 / (turns - 1))
    assert normalised_fit(curve) == pytest.approx(1)
    assert improvement_rate(curve) == pytest.approx(rise / (turns - 1))


@settings(deadline=None)
@given(ANY, st.floats(0.01, 100), st.floats(-100, 100))
def test_scaling_and_shifting(curve, a, b):
    assume(varies(curve))
    assert improvement_rate(a * curve + b) == pytest.approx(a * improvement_rate(curve), rel=1e-6, abs=1e-6 * a)
    assert normalised_rate(a * curve + b) == pytest.approx(normalised_rate(curve), abs=1e-6)
    assert normalised_fit(a * curve + b) == pytest.approx(normalised_fit(curve), abs=1e-6)


@settings(deadline=None)
@given(ANY)
def test_reversed_turns_negate_the_rates(curve):
    assume(varies(curve))
    for rate in (improvement_rate, normalised_rate):
        assert rate(curve[::-1]) == pytest.approx(-rate(curve), abs=1e-12)
    assert normalised_fit(curve[::-1]) == pytest.approx(normalised_fit(curve), abs=1e-9)


@settings(deadline=None)
@given(st.lists(TEN, min_size=1, max_size=6).map(np.array))
def test_the_rate_of_a_mean_curve_is_the_mean_of_the_cases_rates(cases):
    assert improvement_rate(cases.mean(axis=0)) == pytest.approx(improvement_rate(cases).mean(), abs=1e-12)


@pytest.mark.parametrize("level", [4.0, 0.0, 10 / 3])
def test_a_flat_curve_has_no_normalised_rate(level):
    curve = np.full(10, level)
    curve[3] += 2e-16 * level  # what averaging in another order leaves
    assert improvement_rate(curve) == pytest.approx(0, abs=1e-12)
    assert np.isnan([normalised_rate(curve), normalised_fit(curve)]).all() and np.isnan(normalised(curve)).all()


def test_a_single_turn_has_no_rate():
    assert np.isnan([improvement_rate(np.ones(1)), normalised_rate(np.ones(1)), normalised_fit(np.ones(1))]).all()


def test_noise_has_the_published_spread():
    """Ten turns of noise: N-IR sd 0.035, 95 % within 0.067, 5 % above 0.058; N-R² mean 1/9, 95 % below 0.40."""
    noise = np.random.default_rng(0).normal(size=(40_000, 10))
    rate, fit = normalised_rate(noise), normalised_fit(noise)
    assert rate.std() == pytest.approx(0.035, abs=0.0005)
    assert np.quantile(np.abs(rate), 0.95) == pytest.approx(0.067, abs=0.001)
    assert np.quantile(rate, 0.95) == pytest.approx(0.058, abs=0.001)
    assert fit.mean() == pytest.approx(1 / 9, abs=0.003)
    assert np.quantile(fit, 0.95) == pytest.approx(0.40, abs=0.01)


def test_many_curves_at_once_are_each_of_them():
    curves = np.random.default_rng(1).uniform(1, 5, size=(3, 4, 10))
    curves[0, 0] = 2.0
    for function in (improvement_rate, normalised_rate, normalised_fit):
        each = [[function(curve) for curve in row] for row in curves]
        assert function(curves) == pytest.approx(np.array(each), nan_ok=True)


def test_a_series_that_lacks_a_turn_leaves_them_all():
    scores = np.array([[1.0, np.nan, 3.0], [4.0, 5.0, 2.0]])
    assert whole(scores).tolist() == [False, True]
    assert np.isnan(complete(scores)[0]).all() and complete(scores)[1].tolist() == [4, 5, 2]


def test_position():
    low, high = np.array([2.0, 2.0, 2.0, 3.0, 2.0]), np.array([4.0, 4.0, 4.0, 3.0, 1.0])
    found = position(np.array([3.0, 5.0, 1.0, 3.0, 1.5]), low, high)
    assert found == pytest.approx([0.5, 1.5, -0.5, np.nan, np.nan], nan_ok=True)
