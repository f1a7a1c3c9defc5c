"""Intervals of probes, against numbers worked out by hand."""

import math

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from equipoise.judges.probes.estimates import mean, share, share_difference


def ends(found):
    return pytest.approx((found.low, found.high), abs=5e-5)


def test_independent_shares_get_the_wilson_interval():
    # 2 of 10: (p + z²/2n ± z sqrt(pq/n + z²/4n²)) / (1 + z²/n) with z = 1.95996
    assert ends(share([1, 1, 0, 0, 0, 0, 0, 0, 0, 0])) == (0.0567, 0.5098)
    assert share([True, False]).value == 0.5


def test_nothing_and_everything_get_the_exact_interval_over_the_clusters():
    # 1 - 0.025^(1/10)
    assert ends(share([0] * 10)) == (0.0, 0.3085) and ends(share([1] * 10)) == (0.6915, 1.0)
    assert ends(share([0] * 30, [n % 10 for n in range(30)])) == (0.0, 0.3085), "30 tries of 10 attacks are 10"


def test_repeats_within_a_cluster_add_nothing():
    once = share([1, 0, 0, 1, 0])
    thrice = share([1, 0, 0, 1, 0] * 3, list("abcde") * 3)
    assert (thrice.value, thrice.units) == (once.value, 15)
    assert thrice.low <= once.low and once.high <= thrice.high, "15 values of 5 items tell no more than 5"
    spread = share([1, 0, 0, 1, 0] * 3)
    assert spread.high - spread.low < 0.7 * (thrice.high - thrice.low)


def test_means_get_the_t_interval_and_no_interval_where_nothing_varies():
    # 1, 2, 3: mean 2, standard error 1/sqrt(3), t(2) = 4.30265
    assert ends(mean([1, 2, 3])) == (2 - 2.48414, 2 + 2.48414)
    alike = mean([1, 1, 1])
    assert alike.value == 1 and math.isnan(alike.low) and math.isnan(alike.high)


def test_a_difference_of_independent_shares_is_newcombes():
    # 8 of 10 and 3 of 10, different clusters: Wilson (0.4902, 0.9433) and (0.1078, 0.6032)
    # 0.5 - sqrt(0.3098² + 0.3032²), 0.5 + sqrt(0.1433² + 0.1922²)
    found = share_difference([1] * 8 + [0] * 2, [1] * 3 + [0] * 7, list(range(10)), list(range(10)))
    assert found.value == pytest.approx(0.5) and ends(found) == (0.06651, 0.73976)


def test_pairs_that_move_together_have_a_narrower_difference():
    left, right = [1, 1, 1, 1, 1, 0, 0, 0, 0, 0] * 4, [1, 1, 1, 1, 0, 0, 0, 0, 0, 0] * 4
    paired, unpaired = share_difference(left, right), share_difference(left, right, range(40), range(40))
    assert paired.value == pytest.approx(0.1) and paired.high - paired.low < unpaired.high - unpaired.low
    opposite = share_difference([1] * 6, [0] * 6)
    assert (opposite.value, opposite.high) == (1, 1) and opposite.low > 0.3, "an end has an interval, too"


@pytest.mark.parametrize(
    "estimate", [share, mean, lambda values, reason: share_difference(values, values, reason=reason)]
)
def test_no_values_give_a_reason(estimate):
    found = estimate([], reason="nobody asked")
    assert math.isnan(found.value) and found.units == 0 and str(found) == "- (nobody asked)"


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)  # other tests may run beside this one
@given(st.lists(st.tuples(st.booleans(), st.booleans(), st.integers(0, 5)), min_size=1, max_size=40))
def test_estimates_lie_in_their_intervals_and_stay_in_range(rows):
    left, right, clusters = (list(column) for column in zip(*rows, strict=True))
    one, two = share(left, clusters), share_difference(left, right, clusters)
    assert -1e-9 <= one.low <= one.value + 1e-9 and one.value - 1e-9 <= one.high <= 1 + 1e-9
    assert two.low - 1e-9 <= two.value <= two.high + 1e-9
    assert two.value == pytest.approx(sum(left) / len(left) - sum(right) / len(right))
