"""Paired binary outcomes against R, against published examples and against the binomial distribution written out."""

import json
from math import comb
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from equipoise.harness.stats.paired_binary import mcnemar_mid_p, newcombe, tango, tango_p

GOLDEN = json.loads((Path(__file__).parent / "golden" / "paired_binary.json").read_text())["cases"]
COUNTS = st.tuples(*[st.integers(0, 60)] * 4).filter(lambda counts: sum(counts) > 0)


@pytest.mark.parametrize("case", GOLDEN, ids=lambda case: str(case["counts"]))
def test_against_r(case):
    e, b, c, f = case["counts"]
    assert mcnemar_mid_p(b, c) == pytest.approx(case["mid_p"], rel=1e-12)
    for level, name in ((0.95, "95"), (0.90, "90")):
        assert newcombe(e, b, c, f, level) == pytest.approx(case[f"newcombe_{name}"], abs=1e-12)
        assert tango(e, b, c, f, level) == pytest.approx(case[f"tango_{name}"], abs=1e-9)
    assert tango_p(e, b, c, f, case["margins"]) == pytest.approx(np.array(case["less"]), abs=1e-9)
    greater = tango_p(e, b, c, f, case["margins"], "greater")
    assert greater == pytest.approx(1 - np.array(case["less"]), abs=1e-9)


@pytest.mark.parametrize(
    ("method", "counts", "expected"),
    [
        # Fagerland, Lydersen & Laake (2014), Statistics in Medicine 33, 2850-2875: airway reactivity, n = 21
        (newcombe, (1, 1, 7, 12), (-0.507, -0.026)),
        (tango, (1, 1, 7, 12), (-0.517, -0.026)),
        # Agresti & Min (2005), Statistics in Medicine 24, 729-740
        (tango, (53, 16, 8, 9), (-0.020, 0.207)),
    ],
)
def test_published_intervals(method, counts, expected):
    assert method(*counts) == pytest.approx(expected, abs=5e-4)


def test_newcombes_own_example():
    """Newcombe (1998), Statistics in Medicine 17, 2635-2650: method 10 of 20, 12, 2, 16."""
    assert newcombe(20, 12, 2, 16) == pytest.approx((0.0562, 0.3292), abs=5e-5)


@pytest.mark.parametrize("method", [newcombe, tango])
@pytest.mark.parametrize(("counts", "half"), [((10, 0, 0, 0), 0.278), ((50, 0, 0, 0), 0.071), ((0, 0, 0, 10), 0.278)])
def test_two_perfect_arms_may_still_differ(method, counts, half):
    assert method(*counts) == pytest.approx((-half, half), abs=5e-4)


def test_no_discordance_with_rates_of_one_half():
    assert newcombe(5, 0, 0, 5) == pytest.approx((-0.167, 0.167), abs=5e-4)


def brute_mid_p(b, c):
    """Twice the smaller tail, half of the observed outcome in it."""
    mass = [comb(b + c, x) / 2 ** (b + c) for x in range(b + c + 1)]
    tail = sum(mass[: min(b, c)]) + mass[min(b, c)] / 2
    return min(2 * tail, 1.0)


@given(st.integers(0, 40), st.integers(0, 40))
def test_mid_p_is_twice_the_tail_with_half_of_the_observed(b, c):
    assert mcnemar_mid_p(b, c) == pytest.approx(brute_mid_p(b, c), rel=1e-11)


def test_mid_p_of_equal_counts_is_one_and_of_bentur_is_known():
    """Fagerland, Lydersen & Laake (2013), BMC Medical Research Methodology 13, 91: .039 for 1 against 7."""
    assert mcnemar_mid_p([0, 1, 300, 1], [0, 1, 300, 7]).tolist() == [1, 1, 1, 0.0390625]


@given(COUNTS, st.sampled_from([0.8, 0.95, 0.99]))
def test_intervals_mirror_when_arms_are_swapped_and_hold_the_estimate(counts, level):
    e, b, c, f = counts
    for method in (newcombe, tango):
        low, high = method(e, b, c, f, level)
        mirrored_low, mirrored_high = method(e, c, b, f, level)
        assert [float(-mirrored_high), float(-mirrored_low)] == pytest.approx([float(low), float(high)], abs=1e-12)
        assert -1 <= low <= (b - c) / sum(counts) <= high <= 1
        assert high - low > 0.005  # never certain


@given(COUNTS)
def test_tango_ends_are_where_the_score_test_rejects(counts):
    low, high = tango(*counts, 0.95)
    if high < 1 - 1e-9:
        assert tango_p(*counts, high, "less") == pytest.approx(0.025, abs=1e-7)
    if low > -1 + 1e-9:
        assert tango_p(*counts, low, "greater") == pytest.approx(0.025, abs=1e-7)


@given(COUNTS)
def test_score_test_at_no_difference_is_mcnemar(counts):
    e, b, c, f = counts
    from scipy.stats import norm

    expected = norm.cdf((b - c) / (b + c) ** 0.5) if b + c else 0.5
    assert tango_p(e, b, c, f) == pytest.approx(expected, abs=1e-12)


def test_arrays_give_what_single_tables_give():
    counts = np.array([case["counts"] for case in GOLDEN]).T
    for method in (newcombe, tango):
        low, high = method(*counts)
        assert low.shape == (len(GOLDEN),)
        single = np.array([method(*case["counts"]) for case in GOLDEN])
        assert np.stack([low, high], axis=1) == pytest.approx(single, abs=1e-12)


def test_scaled_counts_widen():
    """Half the effective sample size: nearly sqrt(2) times the width."""
    for method in (newcombe, tango):
        (low, high), (wide_low, wide_high) = method(400, 60, 40, 100), method(200, 30, 20, 50)
        assert (wide_high - wide_low) / (high - low) == pytest.approx(2**0.5, rel=0.02)


def test_no_items():
    assert all(np.isnan(method(0, 0, 0, 0)).all() for method in (newcombe, tango))
    assert np.isnan(tango_p(0, 0, 0, 0, 0.1))


@pytest.mark.parametrize("method", [newcombe, tango])
def test_coverage(method):
    """20,000 tables of 40 items, difference .1: nominal .95 within .015."""
    shares = np.array([0.7, 0.15, 0.05, 0.1])
    tables = np.random.default_rng(0).multinomial(40, shares, size=20_000)
    low, high = method(*tables.T)
    assert ((low <= 0.1) & (high >= 0.1)).mean() == pytest.approx(0.95, abs=0.015)
