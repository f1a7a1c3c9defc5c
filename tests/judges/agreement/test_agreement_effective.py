"""The effective number of judges on simulated panels whose worth is known."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from equipoise.judges.agreement import effective_bounds, effective_judges, errors_given_truth

UNITS = 10_000


def panel(noise_of_judge, shared=0.0, seed=0, scale=1.0):
    """Truth, and votes of judges of whom those with equal numbers have the same noise."""
    generator = np.random.default_rng(seed)
    truth = generator.integers(1, 6, UNITS).astype(float)
    noise = generator.normal(size=(UNITS, max(noise_of_judge) + 1)) * scale
    common = shared * generator.normal(size=(UNITS, 1))
    return truth, truth[:, None] + noise[:, list(noise_of_judge)] + common


def both(truth, votes, draws=100):
    return effective_judges(errors_given_truth(votes, truth), draws=draws), effective_bounds(votes, draws=draws)


@pytest.mark.parametrize("judges", [2, 3, 6])
def test_independent_judges_of_equal_noise_are_worth_their_number(judges):
    measured, bounds = both(*panel(range(judges)))
    assert measured.judges == bounds.judges == judges
    assert measured.correlation.value == pytest.approx(0, abs=0.04)
    assert measured.effective.value == pytest.approx(judges, rel=0.08)
    assert measured.dimensions.value == pytest.approx(judges, rel=0.01)
    assert bounds.ceiling.value == pytest.approx(judges, rel=0.01)
    assert bounds.floor.value < 1.6  # the truth itself makes votes correlate: variance 2 against noise 1
    assert bounds.correlation.value == pytest.approx(2 / 3, abs=0.03)


@pytest.mark.parametrize("judges", [2, 3, 5])
def test_copies_are_worth_one(judges):
    measured, bounds = both(*panel([0] * judges))
    for found in (measured.effective, measured.dimensions, bounds.floor, bounds.ceiling):
        assert found.value == pytest.approx(1)
        assert np.isnan([found.low, found.high]).all()  # nothing varies from draw to draw


def test_two_copies_and_another_judge_are_worth_about_two():
    measured, bounds = both(*panel([0, 0, 1]))
    assert measured.effective.value == pytest.approx(1.8, abs=0.06)  # 3 / (1 + 2 / 3)
    assert measured.dimensions.value == pytest.approx(1.8, abs=0.01)  # 9 / (3 + 2)
    assert bounds.ceiling.value == pytest.approx(2)
    assert bounds.floor.value < measured.effective.value < bounds.ceiling.value


def test_two_families_of_judges():
    measured, bounds = both(*panel([0, 0, 0, 1, 1, 1]))
    assert measured.effective.value == pytest.approx(2, abs=0.08)
    assert measured.dimensions.value == pytest.approx(2, abs=0.01)
    assert bounds.ceiling.value == pytest.approx(2)


def test_a_mistake_of_all_judges_shows_only_against_the_truth():
    """Shared and own noise of equal variance: errors correlate .5, 4 / (1 + 3 / 2) = 1.6; the votes hide it."""
    measured, bounds = both(*panel(range(4), shared=1.0))
    assert measured.effective.value == pytest.approx(1.6, abs=0.05)
    assert measured.dimensions.value == pytest.approx(16 / (4 + 12 / 4), abs=0.1)
    assert bounds.ceiling.value == pytest.approx(4, abs=0.02)
    assert bounds.floor.value < measured.effective.value < bounds.ceiling.value


def test_errors_that_cancel_are_worth_more_than_their_number():
    generator = np.random.default_rng(1)
    noise = generator.normal(size=(UNITS, 1))
    found = effective_judges(np.hstack([noise, 0.5 * generator.normal(size=(UNITS, 1)) - 0.5 * noise]), draws=0)
    assert found.effective.value == pytest.approx(2 / (1 - np.sqrt(0.5)), rel=0.1)
    opposite = effective_judges(np.hstack([noise, -noise]), draws=20)
    assert np.isnan(opposite.effective.value) and "cancel" in opposite.effective.reason
    assert opposite.correlation.value == pytest.approx(-1)


def test_severity_and_scale_of_the_noise_do_not_matter():
    truth, votes = panel([0, 0, 1, 2])
    errors = errors_given_truth(votes, truth)
    plain = effective_judges(errors, draws=0)
    moved = effective_judges(errors * [1, 2, 0.1, 5] + [0, 3, -2, 1], draws=0)
    assert moved.effective.value == pytest.approx(plain.effective.value)
    assert moved.dimensions.value == pytest.approx(plain.dimensions.value)
    severe, mild = (effective_bounds(votes + shift, draws=0) for shift in ([0, 3, -2, 1], [0, 0, 0, 0]))
    assert (severe.floor.value, severe.ceiling.value) == pytest.approx((mild.floor.value, mild.ceiling.value))


def test_unequal_noise_lowers_the_ceiling_as_the_docstring_says():
    truth, votes = panel(range(3))
    unequal = truth[:, None] + (votes - truth[:, None]) * [1, 1, 2]
    assert effective_bounds(unequal, draws=0).ceiling.value == pytest.approx(2.6, abs=0.05)
    assert effective_judges(errors_given_truth(unequal, truth), draws=0).effective.value == pytest.approx(3, rel=0.05)


def test_deviations_from_the_other_judges_are_no_errors():
    """The reason why there is no such shortcut: independent judges look as if their errors cancelled."""
    _, votes = panel(range(3))
    deviations = votes - votes.mean(axis=1, keepdims=True)
    assert effective_judges(deviations, draws=0).correlation.value == pytest.approx(-0.5, abs=0.02)


def test_a_bounded_scale_makes_plain_differences_correlate_but_not_errors_given_truth():
    generator = np.random.default_rng(2)
    truth = generator.integers(0, 2, UNITS).astype(float)
    votes = np.abs(truth[:, None] - (generator.random((UNITS, 5)) < 0.2))
    plain = effective_judges(votes - truth[:, None], draws=0)
    given_truth = effective_judges(errors_given_truth(votes, truth), draws=0)
    # E(error | truth) = ±.2 for every judge: covariance .04 of variance .2.
    assert plain.correlation.value == pytest.approx(0.2, abs=0.03)
    assert given_truth.correlation.value == pytest.approx(0, abs=0.03)
    assert given_truth.effective.value == pytest.approx(5, rel=0.1)


def test_errors_given_truth_by_hand():
    no = float("nan")
    truth = np.array([1, 1, 1, 4, 4, 7, no])
    votes = np.array([[1, 3], [2, no], [3, 5], [4, 1], [2, 3], [6, 9], [9, 9]], dtype=float)
    expected = [[-1, -1], [0, no], [1, 1], [1, -1], [-1, 1], [0, 0], [no, no]]
    np.testing.assert_allclose(errors_given_truth(votes, truth), expected)


def test_a_truth_of_many_values_is_cut_into_ten_groups():
    generator = np.random.default_rng(3)
    truth = generator.normal(size=UNITS)
    votes = 0.5 * truth[:, None] + generator.normal(size=(UNITS, 2))
    errors = errors_given_truth(votes, truth)
    group = np.searchsorted(np.quantile(truth, np.arange(1, 10) / 10), truth, side="right")
    assert len(set(group)) == 10
    for number in range(10):
        assert errors[group == number].mean(axis=0) == pytest.approx([0, 0], abs=1e-12)
    assert np.corrcoef(votes.T - truth)[0, 1] > 0.15 > 0.05 > abs(np.corrcoef(errors.T)[0, 1])


def test_missing_votes_leave_the_numbers_nearly_unchanged():
    truth, votes = panel([0, 0, 1, 2], shared=0.5)
    holes = votes.copy()
    holes[np.random.default_rng(4).random(votes.shape) < 0.3] = np.nan
    full, gaps = both(truth, votes, 0), both(truth, holes, 0)
    assert gaps[0].effective.value == pytest.approx(full[0].effective.value, rel=0.06)
    assert gaps[1].ceiling.value == pytest.approx(full[1].ceiling.value, rel=0.03)
    assert gaps[0].effective.units < UNITS


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ([[1.0], [2.0]], "a single judge"),
        ([[1, 2], [1, 3], [1, 4]], "do not vary"),
        ([[0.1, 2], [0.1, 3], [0.1, 4]], "do not vary"),  # three times .1 by three is not .1
        ([[1, np.nan], [np.nan, 3], [2, np.nan], [np.nan, 1]], "share no unit"),
        (np.empty((0, 2)), "share no unit"),
    ],
)
def test_no_number_without_two_judges_who_vary_on_shared_units(values, reason):
    measured, bounds = effective_judges(values, draws=20), effective_bounds(values, draws=20)
    for found in (measured.correlation, measured.effective, measured.dimensions, bounds.floor, bounds.ceiling):
        assert np.isnan([found.value, found.low, found.high]).all()
        assert reason in found.reason


def exactly_correlated(correlation, generator, units=60):
    """Errors whose correlations in the sample are the given ones, and a truth that correlates with none of them."""
    size = len(correlation)
    columns = generator.normal(size=(units, size + 1))
    free = np.linalg.qr(columns - columns.mean(axis=0))[0] * np.sqrt(units)
    return free[:, :size] @ np.linalg.cholesky(correlation).T, free[:, size:]


@settings(deadline=None, max_examples=300)
@given(st.integers(2, 8), st.integers(0, 10**6), st.sampled_from([0.2, 1, 5]), st.floats(0.05, 1), st.floats(0, 4))
def test_floor_and_ceiling_hold_for_equal_noise(judges, seed, skew, share, spread):
    """Errors made of hidden causes that some of the judges share, to different degrees, and noise of their own."""
    generator = np.random.default_rng(seed)
    loads = generator.random((judges, judges)) ** skew * (generator.random((judges, judges)) < share)
    loads = np.hstack([loads, np.diag(generator.random(judges) + 0.01)])
    loads /= np.linalg.norm(loads, axis=1, keepdims=True)
    errors, truth = exactly_correlated(loads @ loads.T, generator)
    worth = effective_judges(errors, draws=0).effective.value
    bounds = effective_bounds(errors + spread * truth, draws=0)
    assert worth == pytest.approx(judges**2 / (loads @ loads.T).sum())
    assert bounds.floor.value <= worth + 1e-9
    assert worth <= bounds.ceiling.value + 1e-9
    assert bounds.ceiling.value <= judges + 1e-9


def test_the_draws_take_away_what_sampling_noise_does_to_squared_correlations():
    """Nine independent judges on 60 units: noise alone makes them look like eight (nine is the highest value)."""
    generator = np.random.default_rng(5)
    plain, corrected = [], []
    for seed in range(20):
        errors = generator.normal(size=(60, 9))
        plain.append(effective_judges(errors, draws=0).dimensions.value)
        corrected.append(effective_judges(errors, draws=200, seed=seed).dimensions)
    assert np.mean(plain) < 8.1
    assert 8.5 < np.mean([found.value for found in corrected]) <= 9
    assert all(found.low <= found.value <= found.high <= 9 for found in corrected)


def test_families_widen_the_interval():
    _, votes = panel([0, 1, 2], shared=0.7)
    copied = np.repeat(votes[:300], 4, axis=0)
    family = np.repeat(np.arange(300), 4)
    clustered, naive = effective_bounds(copied, family, 300), effective_bounds(copied, None, 300)
    assert clustered.floor.value == pytest.approx(naive.floor.value)
    ratio = (naive.floor.high - naive.floor.low) / (clustered.floor.high - clustered.floor.low)
    assert ratio == pytest.approx(0.5, abs=0.1)
