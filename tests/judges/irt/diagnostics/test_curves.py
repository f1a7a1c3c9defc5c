"""The curves of a rating scale and their inverses."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from equipoise.judges.irt.diagnostics.curves import category_measures, probabilities, thurstone_thresholds

INF = float("inf")
thresholds = st.lists(st.floats(-6, 6), min_size=1, max_size=8).map(lambda tau: np.array([tau]))


def test_probabilities_by_hand():
    """Log-odds of neighbours are eta - tau_k: 1 - (-.5) and 1 - 2."""
    found = probabilities(np.array([1.0, 1000.0]), np.array([-0.5, 2.0]))
    odds = np.array([1, math.exp(1.5), math.exp(0.5)])
    np.testing.assert_allclose(found[0], odds / odds.sum())
    np.testing.assert_allclose(found[1], [0, 0, 1], atol=1e-12)
    np.testing.assert_allclose(probabilities(np.array(1.0), np.array([-0.5, INF]))[:2], odds[:2] / odds[:2].sum())


@settings(deadline=None)
@given(thresholds)
def test_thurstone_thresholds_halve_and_are_in_order(tau):
    (found,) = thurstone_thresholds(tau)
    for k, logit in enumerate(found, start=1):
        assert probabilities(logit, tau[0])[k:].sum() == pytest.approx(0.5, abs=1e-9)
    assert (np.diff(found) > 0).all()


@settings(deadline=None)
@given(thresholds)
def test_the_expected_score_at_a_category_measure_is_the_category(tau):
    (found,) = category_measures(tau)
    steps = tau.shape[1]
    wanted = [0.25, *range(1, steps), steps - 0.25]
    scores = [probabilities(logit, tau[0]) @ np.arange(steps + 1) for logit in found]
    assert scores == pytest.approx(wanted, abs=1e-9)


def test_two_categories():
    """P = 1/2 at the threshold, 1/4 and 3/4 log 3 beside it."""
    assert thurstone_thresholds(np.array([[0.7]])) == pytest.approx(np.array([[0.7]]))
    assert category_measures(np.array([[0.7]]))[0] == pytest.approx([0.7 - math.log(3), 0.7 + math.log(3)])


def test_groups_with_fewer_categories():
    tau = np.array([[-1.0, 1.0], [0.5, INF], [INF, INF]])
    halves, measures = thurstone_thresholds(tau), category_measures(tau)
    assert halves[0] == pytest.approx(thurstone_thresholds(tau[:1])[0])
    assert halves[1, 0] == pytest.approx(0.5)
    assert np.isnan(halves).tolist() == [[False, False], [False, True], [True, True]]
    assert measures[1, :2] == pytest.approx([0.5 - math.log(3), 0.5 + math.log(3)])
    assert np.isnan(measures).tolist() == [[False] * 3, [False, False, True], [True] * 3]


def test_thresholds_far_out():
    assert thurstone_thresholds(np.array([[300.0]]))[0, 0] == pytest.approx(300)
    assert thurstone_thresholds(np.array([[-300.0]]))[0, 0] == pytest.approx(-300)
