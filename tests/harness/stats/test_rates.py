"""Intervals of a rate against scipy, published values and their definitions."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom, binomtest

from equipoise.harness.stats import clopper_pearson, wilson

COUNTS = st.integers(1, 200).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


@settings(deadline=None)
@given(COUNTS, st.sampled_from([0.8, 0.9, 0.95, 0.99]))
def test_equals_scipys_exact_interval(counts, level):
    successes, n = counts
    expected = binomtest(successes, n).proportion_ci(confidence_level=level, method="exact")
    assert clopper_pearson(successes, n, level) == pytest.approx((expected.low, expected.high), abs=1e-9)


@pytest.mark.parametrize("n", [1, 10, 100])
def test_ends_at_rates_of_zero_and_one(n):
    """At 0 of n the upper end solves (1 - p)^n = 2.5 %."""
    bound = 1 - 0.025 ** (1 / n)
    assert clopper_pearson(0, n) == pytest.approx((0.0, bound))
    assert clopper_pearson(n, n) == pytest.approx((1 - bound, 1.0))


def test_known_answer():
    assert clopper_pearson(4, 20) == pytest.approx((0.0573, 0.4366), abs=1e-4)


@settings(deadline=None)
@given(COUNTS)
def test_mirrored(counts):
    successes, n = counts
    low, high = clopper_pearson(successes, n)
    assert clopper_pearson(n - successes, n) == pytest.approx((1 - high, 1 - low), abs=1e-9)


@pytest.mark.parametrize("rate", [0.02, 0.3, 0.5, 0.9])
def test_covers_at_least_as_often_as_it_says(rate):
    n = 30
    covered = 0.0
    for successes in range(n + 1):
        low, high = clopper_pearson(successes, n)
        covered += binom.pmf(successes, n, rate) * (low <= rate <= high)
    assert 0.95 <= covered < 1


def test_fractional_counts_lie_between_their_neighbours():
    """Epochs are averaged within an item first, so counts need not be whole."""
    below, between, above = (clopper_pearson(successes, 10) for successes in (3, 3.5, 4))
    assert below[0] < between[0] < above[0]
    assert below[1] < between[1] < above[1]


@pytest.mark.parametrize(
    ("successes", "n", "expected"),
    [(81, 263, (0.2553, 0.3662)), (15, 148, (0.0624, 0.1605)), (0, 20, (0.0, 0.1611)), (1, 29, (0.0061, 0.1718))],
)
def test_wilson_interval_as_published(successes, n, expected):
    """Newcombe (1998), Statistics in Medicine 17, 857-872, table I, method 3."""
    assert wilson(successes / n, n) == pytest.approx(expected, abs=5e-5)


@settings(deadline=None)
@given(COUNTS, st.sampled_from([0.8, 0.9, 0.95, 0.99]))
def test_wilson_equals_scipys(counts, level):
    successes, n = counts
    expected = binomtest(successes, n).proportion_ci(confidence_level=level, method="wilson")
    assert wilson(successes / n, n, level) == pytest.approx((expected.low, expected.high), abs=1e-9)


@settings(deadline=None)
@given(COUNTS)
def test_wilson_ends_are_the_rates_that_a_score_test_just_keeps(counts):
    successes, n = counts
    for end in wilson(successes / n, n):
        assert (successes / n - end) ** 2 == pytest.approx(1.959963985**2 * end * (1 - end) / n, abs=1e-9)
