"""The shift of a judge's severity: known answers, brute force, R, and what its interval promises."""

import json
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import expit, logit, softmax

from equipoise.errors import InputError
from equipoise.harness.stats import clopper_pearson, wilson
from equipoise.judges.irt import fit
from equipoise.judges.severity_shift import severity_shift

GOLDEN = Path(__file__).parent / "golden"
PAIR = st.tuples(st.integers(0, 4), st.integers(0, 4), st.integers(0, 8))


def dichotomous(b, c, same=0):
    """Pairs of which b fall, c rise, each on a transcript of its own."""
    return [1] * b + [0] * c + [1] * same, [0] * b + [1] * c + [1] * same, range(b + c + same)


def chances(thresholds, eta):
    return softmax(np.arange(len(thresholds) + 1) * eta - np.concatenate(([0], np.cumsum(thresholds))))


def test_two_categories_are_mcnemar_with_the_interval_of_wilson():
    found = severity_shift(*dichotomous(300, 200, same=77))
    assert found.value == pytest.approx(np.log(300 / 200))
    assert (found.n, found.differing, found.transcripts, found.reason) == (577, 500, 577, "")
    low, high = wilson(0.6, 500)
    assert (found.low, found.high) == (pytest.approx(logit(low), abs=2e-3), pytest.approx(logit(high), abs=2e-3))


def test_harsher_is_positive():
    then, now, transcripts = dichotomous(40, 10)
    harsher, softer = severity_shift(then, now, transcripts), severity_shift(now, then, transcripts)
    assert harsher.low > 0 and softer.value == pytest.approx(-harsher.value)
    assert (softer.low, softer.high) == (pytest.approx(-harsher.high), pytest.approx(-harsher.low))


@pytest.mark.parametrize("shift", [-0.7, 0.0, 0.5])
def test_population_votes_give_the_shift_back_whatever_locations_and_thresholds(shift):
    """Every pair of votes as often as the model says, on transcripts with thresholds of their own."""
    then, now = [], []
    for location, thresholds in product((-2.0, 0.3, 1.5), ((-1.0, 0.2, 0.8), (0.5, -0.5, 1.2), (0.0, 0.0, 0.0))):
        first, second = chances(thresholds, location), chances(thresholds, location - shift)
        for j, k in product(range(4), repeat=2):
            times = round(20_000 * first[j] * second[k])
            then += [j] * times
            now += [k] * times
    found = severity_shift(then, now, range(len(then)))
    assert found.value == pytest.approx(shift, abs=2e-3)


def test_conditioning_on_the_sum_would_tell_no_more_without_a_shift():
    """Given the sum, the information is the variance of the later vote; it needs the thresholds, and is the same."""
    thresholds, location = (-1.2, 0.1, 0.3, 0.8), 0.4
    chance = chances(thresholds, location)
    joint = np.outer(chance, chance)
    now, then = np.meshgrid(range(5), range(5))
    of_pair = (joint * (now - then) ** 2).sum() / 4
    of_sum = 0.0
    for total in range(9):
        here = now + then == total
        share = joint[here] / joint[here].sum()
        of_sum += joint[here].sum() * (share @ now[here] ** 2 - (share @ now[here]) ** 2)
    assert of_pair == pytest.approx(of_sum)


def test_joint_estimation_doubles_the_shift():
    then, now, transcripts = dichotomous(30, 20, same=3)
    votes = pd.DataFrame({"transcript": [*transcripts] * 2, "judge": ["then"] * 53 + ["now"] * 53, "score": then + now})
    joint = fit(votes, object="transcript", facets=["judge"], correct=False).contrast("now", "then", facet="judge")
    assert joint["difference"].item() == pytest.approx(2 * severity_shift(then, now, transcripts).value, abs=1e-4)


def test_r_says_the_same():
    votes, told = pd.read_csv(GOLDEN / "severity_shift.csv"), json.loads((GOLDEN / "severity_shift.json").read_text())
    found = severity_shift(votes["then"], votes["now"], votes["transcript"])
    assert found.value == pytest.approx(told["estimate"], abs=1e-8)
    # clubSandwich adjusts residuals in another order than scores; both are CR2
    assert found.se == pytest.approx(told["se_clustered"], rel=1e-3)
    assert found.se > 1.1 * told["se"], "the data have a shift that differs between transcripts"


def test_votes_twice_in_a_transcript_are_no_more_evidence():
    then, now, transcripts = dichotomous(30, 20)
    once, twice = severity_shift(then, now, transcripts), severity_shift(then * 2, now * 2, [*transcripts] * 2)
    assert (twice.n, twice.transcripts) == (100, 50)
    for name in ("value", "se", "low", "high"):
        assert getattr(twice, name) == pytest.approx(getattr(once, name), abs=1e-6)


def test_no_vote_that_differs_is_no_certainty():
    found = severity_shift([3] * 500, [3] * 500, range(500))
    assert np.isnan(found.value) and (found.low, found.high) == (-np.inf, np.inf)
    assert (found.reason, found.record()["low"]) == ("no vote differs", None)


@pytest.mark.parametrize("count", [1, 4, 12])
def test_one_direction_alone_is_bounded_on_one_side_exactly(count):
    found = severity_shift(*dichotomous(count, 0, same=5))
    assert found.low == pytest.approx(logit(float(clopper_pearson(count, count)[0])))
    assert (found.value, found.high, found.reason) == (np.inf, np.inf, "all votes that differ are lower now")
    mirrored = severity_shift(*dichotomous(0, count, same=5))
    assert (mirrored.low, mirrored.value, mirrored.high) == (-np.inf, -np.inf, pytest.approx(-found.low))


def test_one_direction_counts_each_transcript_once_by_its_likeliest_pair():
    found = severity_shift([2, 1, 3] * 8, [0, 0, 0] * 8, np.repeat(range(8), 3))
    assert expit(3 * found.low) ** 8 == pytest.approx(0.025)


def test_one_transcript_alone_bounds_nothing():
    found = severity_shift([1, 1, 0], [0, 0, 1], ["a", "a", "a"])
    assert found.value == pytest.approx(np.log(2)) and (found.low, found.high) == (-np.inf, np.inf)
    assert found.reason == "votes differ on one transcript only"


def test_without_votes_there_is_nothing():
    found = severity_shift([], [], [])
    assert np.isnan([found.value, found.low, found.high]).all() and found.reason and found.n == 0


@given(st.lists(PAIR, min_size=1, max_size=40))
def test_ends_enclose_the_estimate_and_equal_votes_change_nothing(pairs):
    then, now, transcripts = map(list, zip(*pairs, strict=True))
    found = severity_shift(then, now, transcripts)
    more = severity_shift([*then, 2, 0], [*now, 2, 0], [*transcripts, 8, 0])
    moved = severity_shift(np.add(then, 3), np.add(now, 3), transcripts)
    assert not found.low > found.value and not found.value > found.high and not np.isnan([found.low, found.high]).any()
    for name in ("value", "low", "high"):
        expected = getattr(found, name)
        assert getattr(more, name) == pytest.approx(expected, abs=1e-8, nan_ok=True)
        assert getattr(moved, name) == pytest.approx(expected, abs=1e-8, nan_ok=True)


def simulated(categories, transcripts, shift, replicates=300, seed=7):
    """Lower and upper ends and estimates of each replicate, shape (3, replicates)."""
    random, thresholds = np.random.default_rng(seed), np.linspace(-1.5, 1.5, categories - 1) * (categories > 2)
    steps = np.concatenate(([0], np.cumsum(thresholds)))

    def votes(eta):
        chance = softmax(np.arange(categories) * eta[:, None] - steps, axis=1)
        return (random.random((len(eta), 1)) > chance.cumsum(axis=1)[:, :-1]).sum(axis=1)

    found = []
    for _ in range(replicates):
        location = random.normal(size=transcripts)
        one = severity_shift(votes(location), votes(location - shift), range(transcripts))
        found.append((one.low, one.high, one.value))
    return np.array(found).T


@pytest.mark.parametrize(("categories", "transcripts", "shift"), [(2, 100, 0.5), (5, 30, 0.2), (5, 300, 0.5)])
def test_the_interval_covers_and_the_estimate_is_not_biased(categories, transcripts, shift):
    low, high, value = simulated(categories, transcripts, shift)
    assert np.mean((low <= shift) & (shift <= high)) >= 0.95 - 3 * np.sqrt(0.95 * 0.05 / 300)
    finite = value[np.isfinite(value)]
    assert len(finite) > 295 and abs(finite.mean() - shift) < 0.03 + 3 * finite.std() / np.sqrt(len(finite))


def test_the_gates_rule_needs_many_transcripts_and_lets_no_half_logit_pass():
    def passes(*cell):
        low, high, _ = simulated(*cell, replicates=100)
        return np.mean((low > -0.2) & (high < 0.2))

    assert passes(5, 100, 0.0) == 0 and passes(5, 800, 0.0) >= 0.8
    assert passes(5, 100, 0.5) == passes(5, 800, 0.5) == passes(2, 300, 0.5) == 0


@pytest.mark.parametrize(
    ("then", "now", "transcripts", "said"),
    [
        ([1, 2], [1], ["a", "b"], "one value per pair of votes"),
        ([1, 2.5], [1, 2], ["a", "b"], "field 'then': expected whole numbers, found 2.5"),
        ([1, 2], [1, np.nan], ["a", "b"], "field 'now': expected whole numbers, found nan"),
        ([1, np.inf], [1, 2], ["a", "b"], "field 'then': expected whole numbers, found inf"),
    ],
)
def test_what_is_no_vote_is_refused(then, now, transcripts, said):
    with pytest.raises(InputError, match=said):
        severity_shift(then, now, transcripts)
