"""Judges' slopes: recovered, normalised, and 1 where nothing was asked for."""

import numpy as np
import pytest

from equipoise.errors import InputError
from equipoise.judges.irt import fit, simulate


@pytest.fixture(scope="module")
def sloped():
    return simulate(60, 60, 6, categories=5, seed=2, slope_sd=0.4)


def test_known_slopes_come_back(sloped):
    found = fit(sloped.ratings, slopes="judge")
    slopes = found.parts[0].estimate.slopes
    assert slopes.converged
    assert np.log(slopes.values).sum() == pytest.approx(0, abs=1e-9)  # geometric mean 1
    truth = np.log(sloped.slopes.to_numpy())
    z = (np.log(slopes.values) - (truth - truth.mean())) / slopes.errors
    assert np.abs(z).max() < 4
    assert np.ptp(truth) > 0.5


def test_measures_are_better_with_slopes_than_without(sloped):
    truth = sloped.abilities.to_numpy()
    errors = []
    for slopes in (None, "judge"):
        table = fit(sloped.ratings, slopes=slopes).measures.query("facet == 'model'")
        errors.append((table["measure"].to_numpy() - truth, table["se"].to_numpy()))
    (plain, plain_se), (better, se) = errors
    assert better.std() < 0.7 * plain.std()
    assert 0.8 < (better / se).std() < 1.2 < (plain / plain_se).std()


def test_the_penalised_likelihood_is_at_its_maximum(sloped):
    """Moving any log slope either way, with everything else fitted anew, lowers log L - sum (log a)^2 / (2 prior^2)."""
    from dataclasses import replace

    from equipoise.judges.irt.engine.newton import Passes, newton, zero
    from equipoise.judges.irt.engine.slopes import PRIOR
    from equipoise.judges.irt.engine.structure import Fixed, structure

    found = fit(sloped.ratings, slopes="judge").parts[0].estimate
    ratings, logs = found.ratings, np.log(found.slopes.values)
    shape = structure(ratings, Fixed.nothing(ratings))

    def penalised(logs):
        held = replace(ratings, slopes=(2, np.exp(logs)))
        best = newton(held, shape, zero(held, Fixed.nothing(held)), Passes())
        return best.log_likelihood - (logs**2).sum() / (2 * PRIOR**2)

    top = penalised(logs)
    for judge in (0, 3):
        for step in (-0.01, 0.01):
            moved = logs + np.where(np.arange(6) == judge, step, -step / 5)
            assert penalised(moved) < top


def test_a_judge_without_slope_differences_keeps_slopes_near_one():
    plain = simulate(40, 40, 4, categories=4, seed=5)
    values = fit(plain.ratings, slopes="judge").parts[0].estimate.slopes.values
    assert np.abs(np.log(values)).max() < 0.12


def test_without_asking_every_slope_is_one(sloped):
    assert (fit(sloped.ratings).measures["slope"] == 1).all()


def test_gradient_and_information_carry_the_slope():
    """Finite differences of the log-likelihood at slopes far from 1."""
    from dataclasses import replace

    from equipoise.judges.irt.engine.kernel import gradient, information
    from equipoise.judges.irt.engine.model import Parameters
    from equipoise.judges.irt.engine.ratings import read_frame

    table = simulate(5, 4, 3, categories=4, seed=1).ratings
    ratings, _ = read_frame(table, "model", ("item", "judge"), "score")
    ratings = replace(ratings, slopes=(2, np.array([0.5, 1.0, 2.0])))
    generator = np.random.default_rng(0)
    at = Parameters(tuple(generator.normal(size=n) for n in ratings.sizes), generator.normal(size=(1, 3)))

    def moved(facet, code, amount):
        parts = [part.copy() for part in at.locations]
        parts[facet][code] += amount
        return Parameters(tuple(parts), at.thresholds)

    for facet, sign in ((0, 1), (1, -1), (2, -1)):
        step = 1e-5
        up, down = (gradient(ratings, moved(facet, 1, amount)) for amount in (step, -step))
        slope = (up.log_likelihood - down.log_likelihood) / (2 * step)
        assert sign * gradient(ratings, at).residuals[facet][1] == pytest.approx(slope, rel=1e-6)
        curvature = (up.residuals[facet][1] - down.residuals[facet][1]) / (2 * step)
        assert information(ratings, at).variances[facet][1] == pytest.approx(-sign * curvature, rel=1e-6)
        cross = (up.thresholds[0] - down.thresholds[0]) / (2 * step)
        assert np.allclose(information(ratings, at).with_steps[facet][1, 0], sign * cross, rtol=1e-6)


@pytest.mark.parametrize("arguments", [{"slopes": "nobody"}, {"slopes": "judge", "estimator": "mml"}])
def test_slopes_of_nothing_are_refused(sloped, arguments):
    with pytest.raises(InputError, match="slopes"):
        fit(sloped.ratings, **arguments)
