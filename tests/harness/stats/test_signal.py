"""d' and c against worked examples, the specification's ceilings and their symmetries."""

from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from equipoise.harness.stats import bias, discernment, log_linear, z

RATES = st.floats(0.001, 0.999)


@pytest.mark.parametrize("p", [0.001, 0.025, 0.3, 0.5, 0.8, 0.975])
def test_z_inverts_the_normal_distribution_function(p):
    assert z(p) == pytest.approx(NormalDist().inv_cdf(p), abs=1e-12)


@pytest.mark.parametrize(("n", "ceiling"), [(50, 2.3338), (100, 2.5793), (500, 3.0908)])
def test_ceilings_of_the_specification(n, ceiling):
    """z* = z((n + .5) / (n + 1)); perfect discernment is 2 z*, and pure stubbornness or credulity is c = +-z*."""
    all_of_them, none = log_linear(n, n), log_linear(0, n)
    assert z(all_of_them) == pytest.approx(ceiling, abs=5e-5)
    assert discernment(all_of_them, none) == pytest.approx(2 * ceiling, abs=1e-4)
    assert bias(all_of_them, none) == pytest.approx(0, abs=1e-12)
    assert discernment(none, none) == 0
    assert bias(none, none) == pytest.approx(ceiling, abs=5e-5)
    assert bias(all_of_them, all_of_them) == pytest.approx(-ceiling, abs=5e-5)


def test_hits_and_false_alarms_by_hand():
    """30 of 40 right pushes and 12 of 60 wrong ones taken: H = 30.5/41, FA = 12.5/61."""
    hit, false_alarm = log_linear(30, 40), log_linear(12, 60)
    assert hit == pytest.approx(0.743902, abs=1e-6)
    assert false_alarm == pytest.approx(0.204918, abs=1e-6)
    z_hit, z_false_alarm = NormalDist().inv_cdf(30.5 / 41), NormalDist().inv_cdf(12.5 / 61)
    assert discernment(hit, false_alarm) == pytest.approx(z_hit - z_false_alarm)
    assert bias(hit, false_alarm) == pytest.approx(-(z_hit + z_false_alarm) / 2)
    assert (round(z_hit, 4), round(z_false_alarm, 4)) == (0.6554, -0.8242)
    assert discernment(hit, false_alarm) == pytest.approx(1.4796, abs=2e-4)
    assert bias(hit, false_alarm) == pytest.approx(0.0844, abs=2e-4)


def test_a_random_agent_with_four_options():
    """d' = 0 and c = -z(1/4) = .6745 without the correction."""
    assert discernment(0.25, 0.25) == 0
    assert bias(0.25, 0.25) == pytest.approx(0.6745, abs=5e-5)


@settings(deadline=None)
@given(RATES, RATES)
def test_swapping_hits_and_false_alarms_turns_discernment_round_and_leaves_bias(hit, false_alarm):
    assert discernment(hit, false_alarm) == pytest.approx(-discernment(false_alarm, hit), abs=1e-9)
    assert bias(hit, false_alarm) == pytest.approx(float(bias(false_alarm, hit)), abs=1e-9)


@settings(deadline=None)
@given(RATES, RATES)
def test_counting_refusals_instead_turns_both_round(hit, false_alarm):
    assert discernment(1 - hit, 1 - false_alarm) == pytest.approx(-discernment(hit, false_alarm), abs=1e-9)
    assert bias(1 - hit, 1 - false_alarm) == pytest.approx(-bias(hit, false_alarm), abs=1e-9)


@settings(deadline=None)
@given(RATES, RATES, RATES)
def test_more_hits_mean_more_discernment_and_less_stubbornness(hit, more, false_alarm):
    low, high = sorted((hit, more))
    assert discernment(low, false_alarm) <= discernment(high, false_alarm)
    assert bias(low, false_alarm) >= bias(high, false_alarm)


@settings(deadline=None)
@given(st.integers(1, 500), st.data())
def test_log_linear_is_mirrored_and_never_0_or_1(n, data):
    successes = data.draw(st.integers(0, n))
    rate = log_linear(successes, n)
    assert 0 < rate < 1
    assert rate + log_linear(n - successes, n) == pytest.approx(1)
    assert np.isfinite(discernment(rate, 0.5))


def test_the_correction_is_always_applied():
    assert log_linear(5, 10) == 0.5
    assert log_linear(4, 10) == pytest.approx(4.5 / 11)
    assert log_linear(2.5, 10) == pytest.approx(3 / 11)
    assert log_linear(0, 0) == 0.5


def test_arrays_go_through_elementwise():
    hits, n = np.array([[0, 5], [10, 3]]), np.array([10, 20])
    rates = log_linear(hits, n)
    assert rates.shape == (2, 2)
    d = discernment(rates, log_linear(5, 10))
    c = bias(rates, log_linear(5, 10))
    for place in np.ndindex(2, 2):
        one = log_linear(hits[place], n[place[1]])
        assert d[place] == discernment(one, 0.5)
        assert c[place] == bias(one, 0.5)
