"""Variance components of runs whose rates are known."""

import numpy as np
import pytest
from power_tables import policy, side

from equipoise.harness.power.components import components
from equipoise.harness.power.profiles import profiles


def found(run, pilot=None, **limits):
    (profile,), none = profiles(run, policy(**limits), pilot)
    assert not none
    return profile, components(profile)


def test_one_epoch_is_all_noise():
    """The bound 2 p (1 - p) of the discordance, here far above the truth."""
    rates = np.repeat([0.0, 1.0], 200)
    _, parts = found(side([rates]))
    assert parts.bounded and parts.own == 0 and parts.between == 0
    assert parts.within == pytest.approx(0.5, abs=0.005)


def test_two_epochs_tell_noise_from_items():
    rates = np.random.default_rng(0).beta(1, 1, 20_000)
    _, parts = found(side([rates], epochs=2))
    truth = 2 * (rates * (1 - rates)).mean()
    assert not parts.bounded
    assert truth < parts.within < 1.03 * truth  # an upper limit of the estimate
    assert parts.variance(4) == pytest.approx(parts.within / 4)


def test_noise_is_seldom_taken_for_too_small():
    """An upper 80 % limit lies below the truth in a fifth of the runs, an estimate in half of them."""
    rates = np.random.default_rng(0).beta(2, 1, 150)
    truth = 2 * (rates * (1 - rates)).mean()
    above = [found(side([rates], epochs=2, seed=seed))[1].within > truth for seed in range(60)]
    assert 0.68 < np.mean(above) < 0.95


def test_answers_that_never_differed_are_no_proof():
    rates = np.repeat([0.0, 1.0], 15)
    _, parts = found(side([rates], epochs=3))
    assert 0 < parts.within < 0.05
    assert 0 < parts.own < 1


def test_a_perfect_run_keeps_a_doubt():
    _, parts = found(side([np.ones(30)], epochs=2))
    assert parts.within > 0


def test_pilot_shows_differences_and_their_clusters():
    """Two models that answer whole families in opposite ways: only the pilot knows."""
    rng = np.random.default_rng(3)
    one = np.repeat(rng.integers(0, 2, 100), 4).astype(float)
    two = np.where(np.repeat(rng.random(100) < 0.2, 4), 1 - one, one)
    run = side([one], epochs=2, family=4)
    _, alone = found(run)
    _, paired = found(run, side([two], epochs=2, family=4, seed=2))
    assert alone.between == 0 and alone.deff == 1
    assert paired.between == pytest.approx((one != two).mean(), abs=0.01)
    assert paired.deff == pytest.approx(4, abs=0.3)


def test_one_epoch_of_the_pilot_says_nothing_of_more_epochs():
    rates = np.full(200, 0.7)
    _, parts = found(side([rates]), side([rates], seed=2))
    assert parts.within == 0 and parts.bounded
    assert parts.variance(1) == parts.variance(8)
