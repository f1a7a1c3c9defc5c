"""Estimates from draws: intervals, the correction for bias, sums by cluster."""

import numpy as np
import pytest

from equipoise.harness.stats import cluster_weights
from equipoise.judges.agreement.resample import (
    Estimate,
    bootstrap,
    cluster_codes,
    cluster_sums,
    corrected_estimate,
    estimate,
)

DRAWN = np.linspace(3.5, 4.5, 401)
LOW, HIGH = 3.525, 4.475


def test_an_estimate_has_the_quantiles_of_its_draws():
    found = estimate(np.array([5.0, *DRAWN]), 7, "unused")
    assert (found.value, found.units, found.reason) == (5, 7, "")
    assert (found.low, found.high) == pytest.approx((LOW, HIGH))


def test_draws_that_are_all_the_same_are_no_certainty():
    found = estimate(np.array([5.0, *[5 + 1e-13, 5.0] * 20]), 7)
    assert found.value == 5
    assert np.isnan([found.low, found.high]).all()


def test_the_correction_moves_the_value_by_the_bias_and_the_interval_by_twice_as_much():
    values = np.array([5.0, *DRAWN])  # the draws lie 1 below the sample
    found = corrected_estimate(values, 7, "", (1, 9))
    assert (found.value, found.low, found.high) == pytest.approx((6, LOW + 2, HIGH + 2))
    clipped = corrected_estimate(values, 7, "", (1, 5.9))
    assert (clipped.value, clipped.low, clipped.high) == pytest.approx((5.9, LOW + 2, 5.9))


def test_there_is_no_correction_without_draws():
    assert corrected_estimate(np.array([5.0]), 7, "", (1, 9)).value == 5


@pytest.mark.parametrize("make", [estimate, lambda *given: corrected_estimate(*given, (1, 9))])
def test_a_missing_value_keeps_its_reason(make):
    found = make(np.array([np.nan, *DRAWN]), 7, "why")
    assert np.isnan([found.value, found.low, found.high]).all()
    assert found.reason == "why"


def test_clusters_become_numbers_in_order():
    assert cluster_codes(["b", "a", "b"], 3).tolist() == [1, 0, 1]
    assert cluster_codes(None, 3).tolist() == [0, 1, 2]


def test_sums_by_cluster():
    values = np.array([[1.0, 10], [2, 20], [4, 40]])
    assert cluster_sums(values, np.array([1, 0, 1])).tolist() == [[2, 20], [5, 50]]
    assert cluster_sums(np.empty((0, 2)), np.empty(0, dtype=np.int64)).shape == (0, 2)


def test_all_statistics_see_the_draws_of_the_harness():
    clusters = np.array([0, 1, 1, 2])
    one, two = bootstrap([lambda weights: weights, lambda weights: 2 * weights], clusters, 30, 5)
    assert np.array_equal(one, cluster_weights(3, 30, 5))
    assert np.array_equal(two, 2 * one)


def test_a_record_has_null_for_nan():
    nothing = float("nan")
    assert Estimate(1.0, nothing, nothing, 3, "").record() == {
        "value": 1.0, "low": None, "high": None, "units": 3, "reason": "",
    }  # fmt: skip
