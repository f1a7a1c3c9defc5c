"""Group-sequential boundaries against published ones and simulated paths."""

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import norm

from equipoise.errors import InputError
from equipoise.harness.power.sequential import boundaries, crossings, sequential, spent

EQUAL = [0.2, 0.4, 0.6, 0.8, 1.0]


def paths(fractions, drift, n=200_000, seed=0):
    """Z at each look, shape (n, looks)."""
    t = np.array(fractions)
    steps = np.diff(t, prepend=0.0)
    moves = np.random.default_rng(seed).standard_normal((n, len(t))) * np.sqrt(steps) + drift * steps
    return np.cumsum(moves, axis=1) / np.sqrt(t)


def test_published_boundaries():
    """Lan-DeMets spending of O'Brien-Fleming type, five equal looks, one-sided .025 (Reboussin et al. 2000, `ld98`)."""
    assert boundaries(EQUAL, 0.025) == pytest.approx([4.8769, 3.3569, 2.6803, 2.2898, 2.0310], abs=1.5e-4)


def test_second_boundary_against_adaptive_quadrature():
    """P(z1 below its boundary, z2 at or above its own) is what the second look may spend; correlation sqrt(t1 / t2)."""
    first, second = boundaries([0.4, 0.8, 1.0], 0.025)[:2]

    def inner(z):
        return norm.pdf(z) * norm.sf((second - np.sqrt(0.5) * z) / np.sqrt(0.5))

    chance, _ = quad(inner, -12, first, epsabs=1e-13)
    assert chance == pytest.approx(spent(0.8, 0.025) - spent(0.4, 0.025), rel=1e-8)


def test_one_look_is_the_plain_test():
    assert boundaries([1.0], 0.025) == pytest.approx([norm.isf(0.025)], abs=1e-8)
    assert boundaries([1.0], 0.025, limits=10) == pytest.approx([norm.isf(0.0025)], abs=1e-8)


def test_spending_ends_at_alpha():
    assert spent(1.0, 0.025) == pytest.approx(0.025)
    assert spent(0.5, 0.025) == pytest.approx(2 * norm.sf(norm.isf(0.0125) / np.sqrt(0.5)))


@pytest.mark.parametrize(("fractions", "limits"), [(EQUAL, 1), ([0.3, 0.35, 1.0], 1), ([0.5, 1.0], 8)])
def test_all_looks_together_keep_alpha(fractions, limits):
    bounds = boundaries(fractions, 0.025, limits)
    above, _ = crossings(fractions, bounds, -np.inf)
    assert above.sum() == pytest.approx(0.025 / limits, rel=1e-6)
    hits = (paths(fractions, 0.0) >= bounds).any(axis=1).mean()
    assert hits == pytest.approx(0.025 / limits, abs=4 * np.sqrt(0.025 / limits / 200_000))


def test_stops_on_both_sides_against_paths():
    upper, lower = np.array([2.8, 2.2, 2.0]), np.array([-2.5, -2.2, -2.0])
    fractions = [0.3, 0.7, 1.0]
    above, below = crossings(fractions, upper, lower, drift=1.5)
    z = paths(fractions, 1.5)
    going = np.ones(len(z), dtype=bool)
    for look in range(3):
        up, down = going & (z[:, look] >= upper[look]), going & (z[:, look] <= lower[look])
        assert above[look] == pytest.approx(up.mean(), abs=0.005)
        assert below[look] == pytest.approx(down.mean(), abs=0.002)
        going &= ~up & ~down


@pytest.mark.parametrize("limits", [1, 6])
def test_one_alpha_per_look_protects_both_verdicts(limits):
    """With the alphas that go into the policy: false GO at the limit, and false NO-GO of any of the limits."""
    plan = sequential(3, 0.025, [0.9] * limits, 0.9, limits)
    fractions = [look.fraction for look in plan.looks]
    alphas = np.array([look.alpha for look in plan.looks])
    at_the_limit = np.stack([paths(fractions, 0.0, 50_000, seed) for seed in range(limits)])
    error = 3 * np.sqrt(0.025 / 50_000)
    assert (at_the_limit[0] >= norm.isf(alphas)).any(axis=1).mean() <= 0.025 + error
    assert (-at_the_limit >= norm.isf(alphas / limits)).any(axis=(0, 2)).mean() <= 0.025 + error


def test_looking_early_costs_few_items_and_saves_many():
    plan = sequential(5, 0.025, [0.9], 0.9, 1)
    # R(K = 5, alpha = .025 one-sided, power .9) of O'Brien-Fleming: 1.026 (Jennison & Turnbull 2000, table 2.4)
    assert 1.0 < plan.inflation < 1.03
    assert plan.looks[-1].go == pytest.approx(0.9, abs=0.01)
    assert plan.looks[-1].no_go == pytest.approx(0.9, abs=0.01)
    assert plan.expected_unchanged < 0.8 and plan.expected_dropped < 0.8
    assert [look.go for look in plan.looks] == sorted(look.go for look in plan.looks)


def test_same_seed_same_plan():
    assert sequential(3, 0.025, [0.9, 0.8], 0.8, 2, seed=4) == sequential(3, 0.025, [0.9, 0.8], 0.8, 2, seed=4)


@pytest.mark.parametrize("fractions", [[], [0.5], [0.5, 0.5, 1.0], [0.7, 0.3, 1.0], [0.0, 1.0]])
def test_fractions_have_to_rise_to_one(fractions):
    with pytest.raises(InputError, match="rise to 1"):
        boundaries(fractions, 0.025)
