"""Marginal maximum likelihood: against the integral by another rule, known answers, and what it is offered for."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from numpy.polynomial.hermite_e import hermegauss
from scipy.optimize import approx_fprime
from scipy.special import logsumexp

from equipoise.errors import InputError
from equipoise.judges.irt.engine import marginal as module
from equipoise.judges.irt.engine import quadrature
from equipoise.judges.irt.engine.marginal import marginal
from equipoise.judges.irt.engine.model import Parameters
from equipoise.judges.irt.engine.newton import zero
from equipoise.judges.irt.engine.quadrature import Grid, Order, blocks, integrate
from equipoise.judges.irt.engine.ratings import Facet, read_frame
from equipoise.judges.irt.engine.structure import Fixed
from equipoise.judges.irt.simulate import simulate

from ..brute_force import ratings_of, table
from ..by_hand import repeated, rows, small
from ..known import JUDGES, TRAITS, ex10, guilford, solve

DESIGNS = [(None, False), (None, True), (1, False), (2, True), (0, True)]


def fit(ratings, floating=0, **options):
    return marginal(ratings, Fixed.nothing(ratings), floating, **options)


def read(simulation):
    return read_frame(simulation.ratings, "model", ("item", "judge"), "score")[0]


def truth(ratings, simulation):
    """Simulated difficulties in the order of the items' codes."""
    return simulation.difficulties.loc[list(ratings.facets[1].labels)].to_numpy()


def by_gauss_hermite(ratings, parameters, mean, sigma, nodes=240):
    """Marginal log-likelihood, posterior mean and standard deviation per object: rating by rating, no common code."""
    u, weights = hermegauss(nodes)
    u, weights = u[weights > 1e-100], weights[weights > 1e-100]
    joint = np.tile(np.log(weights / weights.sum()), (ratings.sizes[0], 1))
    for q, theta in enumerate(mean + sigma * u):
        locations = (np.full(ratings.sizes[0], theta), *parameters.locations[1:])
        for row in rows(ratings, replace(parameters, locations=locations)):
            joint[row.codes[0], q] += row.weight * np.log(row.p[row.y])
    total = logsumexp(joint, axis=1)
    posterior = np.exp(joint - total[:, None])
    centre = posterior @ (mean + sigma * u)
    return total.sum(), centre, np.sqrt(posterior @ (mean + sigma * u) ** 2 - centre**2)


@pytest.mark.parametrize(("scale", "weighted"), DESIGNS)
def test_the_integral_is_that_of_another_rule(scale, weighted):
    ratings, parameters = small(scale, weighted)
    order, grid = Order(ratings.sizes[1:], ratings.groups, ratings.steps), Grid(121, 8.0)
    vector = order.join(parameters.locations, parameters.thresholds, 0.3, 0.8)
    found = integrate(list(blocks(ratings, order, grid)), vector, grid, ratings.sizes[0])
    value, centre, deviation = by_gauss_hermite(ratings, parameters, 0.3, 0.8)
    assert found.log_likelihood == pytest.approx(value, abs=1e-8)
    assert 0.3 + 0.8 * found.means == pytest.approx(centre, abs=1e-7)
    assert 0.8 * found.deviations == pytest.approx(deviation, abs=1e-7)


@pytest.mark.parametrize(("scale", "weighted"), DESIGNS)
@pytest.mark.parametrize("size", [1 << 19, 1])
def test_score_and_information_are_derivatives(scale, weighted, size, monkeypatch):
    monkeypatch.setattr(quadrature, "_BLOCK", size)
    ratings, parameters = small(scale, weighted, number=60)
    order, grid = Order(ratings.sizes[1:], ratings.groups, ratings.steps), Grid(41, 6.0)
    parts = list(blocks(ratings, order, grid))
    assert len(parts) == (1 if size > 1 else 6)
    vector = order.join(parameters.locations, parameters.thresholds, -0.2, 0.7)
    real = np.isfinite(vector)

    def at(x):
        whole = vector.copy()
        whole[real] = x
        return integrate(parts, whole, grid, ratings.sizes[0])

    found, step = at(vector[real]), 1e-5
    moved = [(at(vector[real] + step * e), at(vector[real] - step * e)) for e in np.eye(real.sum())]
    slope = [(up.log_likelihood - down.log_likelihood) / (2 * step) for up, down in moved]
    curvature = np.array([(up.gradient - down.gradient)[real] / (2 * step) for up, down in moved])
    assert found.gradient[real] == pytest.approx(slope, abs=1e-6)
    assert (found.complete - found.missing)[np.ix_(real, real)] == pytest.approx(-curvature, abs=1e-6)
    assert np.abs(curvature).max() > 1


# --- Known answers ------------------------------------------------------------------------------------------------


@pytest.mark.reference
def test_guilford():
    ratings, _ = read_frame(guilford(), "person", ("trait", "judge"), "score")
    assert (ratings.facets[1].labels, ratings.facets[2].labels) == (tuple(TRAITS), tuple(JUDGES))
    found = fit(ratings, floating=1)
    assert found.converged and found.mean == 0 == found.mean_error
    assert found.log_likelihood == pytest.approx(-175.42883, abs=1e-5)
    assert found.sigma == pytest.approx(0.378532, abs=1e-6)
    assert found.parameters.locations[2] == pytest.approx([-0.0218, 0.1697, -0.1480], abs=1e-4)
    assert found.parameters.locations[1] == pytest.approx([-0.2028, -0.0795, 0.2527, -0.2235, 0.5404], abs=1e-4)
    assert found.free_parameters == 5 + 2 + 7 + 1


@pytest.mark.reference
def test_ex10_is_that_of_lme4():
    ratings, _ = read_frame(ex10(), "person", ("item",), "score")
    assert (len(ratings), ratings.sizes) == (675 * 5, (398, 5))
    found = fit(ratings, floating=1)
    assert found.parameters.locations[1] == pytest.approx([-1.93107, -1.02352, -0.08856, 1.01481, 1.91816], abs=1e-4)
    assert found.standard_errors[1] == pytest.approx([0.13548, 0.11837, 0.11203, 0.11818, 0.13486], abs=2e-4)
    assert found.sigma == pytest.approx(1.3092, abs=1e-4)
    assert found.log_likelihood == pytest.approx(-1797.424, abs=1e-3)


# --- Identification, anchors, weights -----------------------------------------------------------------------------


@pytest.mark.parametrize("scale", [None, 2])
def test_which_facet_floats_does_not_matter(scale):
    ratings = ratings_of(table((30, 5, 3), number=300, scale=scale), scale=scale)
    theta, item, judge = (fit(ratings, floating) for floating in (0, 1, 2))
    level = theta.mean
    assert abs(level) > 0.1 and item.mean == judge.mean == 0
    for other, f in ((item, 1), (judge, 2)):
        assert other.log_likelihood == pytest.approx(theta.log_likelihood, abs=1e-9)
        assert other.sigma == pytest.approx(theta.sigma, abs=1e-7)
        assert other.free_parameters == theta.free_parameters
        assert other.parameters.locations[0] + level == pytest.approx(theta.parameters.locations[0], abs=1e-7)
        assert other.parameters.locations[f] + level == pytest.approx(theta.parameters.locations[f], abs=1e-7)
        assert other.threshold_errors == pytest.approx(theta.threshold_errors, nan_ok=True, abs=1e-7)
    for part in (*theta.parameters.locations[1:], item.parameters.locations[2], judge.parameters.locations[1]):
        assert part.sum() == pytest.approx(0, abs=1e-9)
    tau = theta.parameters.thresholds
    assert np.where(np.isfinite(tau), tau, 0).sum(axis=1) == pytest.approx(0, abs=1e-9)


def test_errors_are_the_inverse_information_under_the_constraints():
    ratings = ratings_of(table((40, 4, 3), number=300))
    found = fit(ratings)
    order, grid = Order(ratings.sizes[1:], 1, 3), Grid(121, 8.0)
    parts = list(blocks(ratings, order, grid))
    # Centred facets written out: the last element of each is minus the sum of the others.
    basis = np.zeros((4 + 3 + 3 + 2, 3 + 2 + 2 + 2))
    for start, column, size in ((0, 0, 4), (4, 3, 3), (7, 5, 3)):
        basis[start : start + size, column : column + size - 1] = np.vstack([np.eye(size - 1), -np.ones(size - 1)])
    basis[-2:, -2:] = np.eye(2)
    vector = order.join(found.parameters.locations, found.parameters.thresholds, found.mean, found.sigma)

    def slope(x):
        return integrate(parts, basis @ x, grid, 40).gradient @ basis

    x = np.linalg.lstsq(basis, vector, rcond=None)[0]
    covariance = basis @ np.linalg.inv(-approx_fprime(x, slope, 1e-6)) @ basis.T
    errors = np.sqrt(covariance.diagonal())
    assert np.concatenate([*found.standard_errors[1:], found.threshold_errors[0]]) == pytest.approx(
        errors[:-2], rel=1e-3
    )
    assert [found.mean_error, found.sigma_error] == pytest.approx(errors[-2:], rel=1e-3)


def test_anchored_at_the_solution_returns_it():
    ratings = ratings_of(table((30, 5, 3), number=300))
    free = fit(ratings)
    fixed = Fixed.nothing(ratings)
    fixed.locations[1][:] = free.parameters.locations[1]
    fixed.locations[2][1] = free.parameters.locations[2][1]
    for floating in (0, 1):
        found = marginal(ratings, fixed, floating)
        assert found.mean == pytest.approx(free.mean, abs=1e-7)
        assert found.parameters.locations[1].tolist() == fixed.locations[1].tolist()
        assert found.parameters.locations[2] == pytest.approx(free.parameters.locations[2], abs=1e-7)
        assert found.standard_errors[1].tolist() == [0] * 5
        assert found.standard_errors[2][1] == 0 < found.standard_errors[2][0]
        assert found.free_parameters == 2 + 2 + 2


def test_anchors_move_what_is_free():
    ratings = ratings_of(table((30, 5, 3), number=300))
    free, fixed = fit(ratings), Fixed.nothing(ratings)
    fixed.locations[1][0] = free.parameters.locations[1][0] + 1
    fixed.thresholds[0] = free.parameters.thresholds[0]
    found = marginal(ratings, fixed)
    assert found.mean == pytest.approx(free.mean + 1, abs=1e-6)
    assert found.parameters.locations[1] == pytest.approx(free.parameters.locations[1] + 1, abs=1e-6)
    assert found.parameters.locations[2].sum() == pytest.approx(0, abs=1e-9)
    assert found.threshold_errors.tolist() == [[0, 0, 0]]
    one = Fixed.nothing(ratings)
    one.thresholds[0, 1] = free.parameters.thresholds[0, 1] + 0.5
    found = marginal(ratings, one)
    assert found.mean == pytest.approx(free.mean + 0.5, abs=1e-6)
    assert found.parameters.thresholds == pytest.approx(free.parameters.thresholds + 0.5, abs=1e-6)
    grouped = replace(Fixed.nothing(ratings), means=((1, np.array([0, 2]), 0.7),))
    found = marginal(ratings, grouped)
    assert found.parameters.locations[1][[0, 2]].mean() == pytest.approx(0.7, abs=1e-9)
    assert found.log_likelihood == pytest.approx(free.log_likelihood, abs=1e-9)


def test_a_weight_is_a_number_of_repeats():
    frame = table((30, 5, 3), number=200, weighted=True)
    ratings = ratings_of(frame)
    weighted, again = fit(ratings), fit(repeated(ratings, ratings.weights.astype(int)))
    assert weighted.log_likelihood == pytest.approx(again.log_likelihood, abs=1e-8)
    for one, other in zip(weighted.parameters.locations, again.parameters.locations, strict=True):
        assert one == pytest.approx(other, abs=1e-8)
    for one, other in zip(weighted.standard_errors, again.standard_errors, strict=True):
        assert one == pytest.approx(other, abs=1e-8)


def test_order_of_rows_and_labels_does_not_matter():
    frame = table((30, 5, 3), number=300)
    other = frame.sample(frac=1, random_state=1).assign(i=lambda t: 9 - t["i"], m=lambda t: 99 - t["m"])
    one, two = fit(ratings_of(frame)), fit(ratings_of(other))
    assert one.parameters.locations[1] == pytest.approx(two.parameters.locations[1][::-1], abs=1e-8)
    assert one.parameters.locations[0] == pytest.approx(two.parameters.locations[0][::-1], abs=1e-8)
    assert one.log_likelihood == pytest.approx(two.log_likelihood, abs=1e-9)


# --- Extremes, sparse and rich data -------------------------------------------------------------------------------


def test_objects_with_only_highest_scores_have_a_measure():
    frame = table((30, 5, 3), number=300)
    frame.loc[frame["m"] == 4, "score"], frame.loc[frame["m"] == 7, "score"] = 3, 0
    ratings = ratings_of(frame)
    nobody = replace(ratings, facets=(Facet("m", (*ratings.facets[0].labels, "z")), *ratings.facets[1:]))
    found = fit(nobody)
    theta, error = found.parameters.locations[0], found.standard_errors[0]
    assert theta.argmax() == 4 and theta.argmin() == 7 and np.isfinite(theta).all()
    assert error[4] > np.median(error)
    assert (theta[30], error[30]) == (pytest.approx(found.mean), pytest.approx(found.sigma))
    _, centre, deviation = by_gauss_hermite(ratings, found.parameters, found.mean, found.sigma, nodes=150)
    assert theta[:30] == pytest.approx(centre, abs=1e-6)
    assert error[:30] == pytest.approx(deviation, abs=1e-6)


def test_what_has_no_finite_estimate_is_refused():
    frame = table((30, 5, 3), number=300)
    frame.loc[frame["i"] == 2, "score"] = 3
    ratings, fixed = ratings_of(frame), Fixed.nothing(ratings_of(frame))
    with pytest.raises(InputError, match="field 'i': '2' has only highest scores"):
        marginal(ratings, fixed)
    fixed.locations[1][[0, 2]] = 0.5, -2.0
    assert marginal(ratings, fixed).converged
    fixed.locations[0][3] = 0.0
    with pytest.raises(InputError, match="field 'm': is drawn from a distribution"):
        marginal(ratings, fixed)


def test_few_ratings_per_object_do_not_stretch_the_estimates():
    slopes = {"mml": [], "jml": []}
    for seed in range(6):
        simulation = simulate(200, 20, 3, 5, ratings=2000, seed=seed)
        ratings = read(simulation)
        joint = solve(simulation.ratings, "model", ("item", "judge"))[1]
        for name, values in (("mml", fit(ratings).parameters.locations[1]), ("jml", joint.locations[1])):
            slopes[name].append(np.polyfit(truth(ratings, simulation), values, 1)[0])
    assert np.mean(slopes["mml"]) == pytest.approx(1, abs=0.06)
    assert 1.12 < np.mean(slopes["jml"]) < 1.4


def test_intervals_cover():
    inside = []
    for seed in range(8):
        simulation = simulate(200, 40, 3, 5, ratings=2000, seed=100 + seed)
        ratings = read(simulation)
        found = fit(ratings)
        z = (found.parameters.locations[1] - truth(ratings, simulation)) / found.standard_errors[1]
        inside.append(np.abs(z) < 1.96)
    assert 0.91 < np.mean(inside) < 0.98  # 320 intervals, standard error .012


def test_nodes_are_added_where_a_posterior_is_narrow():
    ratings = read(simulate(10, 40, 3, 5, sd_ability=1.5, seed=3))
    found = fit(ratings)
    assert found.converged and found.nodes > module.NODES
    finer = fit(ratings, nodes=601)
    assert found.log_likelihood == pytest.approx(finer.log_likelihood, abs=1e-4)
    assert found.sigma == pytest.approx(finer.sigma, abs=1e-5)
    assert found.parameters.locations[0] == pytest.approx(finer.parameters.locations[0], abs=1e-4)
    with pytest.raises(InputError, match=r"has 120 ratings, too many to integrate over with 31 nodes"):
        fit(ratings, nodes=31)


def test_too_many_ratings_are_refused(monkeypatch):
    monkeypatch.setattr(module, "MOST_NODES", module.NODES)
    with pytest.raises(InputError, match="use joint estimates"):
        fit(read(simulate(10, 40, 3, 5, sd_ability=1.5, seed=3)))


def test_too_many_parameters_are_refused(monkeypatch):
    monkeypatch.setattr(module, "DENSE_REST", 10)
    ratings = ratings_of(table((30, 5, 3), number=300))
    with pytest.raises(InputError, match="of 11 parameters: at most 10"):
        fit(ratings)


def test_an_outlier_is_reached():
    frame = table((100, 4)).eval("score = (m + i) % 4")  # all alike but one
    outlier = frame[frame["m"] == 5].assign(score=[3, 3, 3, 2])
    ratings = ratings_of(pd.concat([frame[frame["m"] != 5], *[outlier] * 20]))
    found = fit(ratings)
    assert (found.parameters.locations[0][5] - found.mean) / found.sigma > 4
    assert found.nodes > module.NODES
    value, _, _ = by_gauss_hermite(ratings, found.parameters, found.mean, found.sigma, nodes=100)
    assert found.log_likelihood == pytest.approx(value, abs=1e-6)


# --- Sigma near 0, nothing identified -----------------------------------------------------------------------------


def test_objects_that_do_not_differ():
    found = fit(read(simulate(100, 30, 4, 5, sd_ability=0.0, seed=2)))
    assert found.converged and found.sigma < 1e-4
    assert found.parameters.locations[0] == pytest.approx(found.mean, abs=1e-3)


def test_sigma_leaves_zero_where_that_is_no_maximum(monkeypatch):
    ratings = ratings_of(table((30, 5, 3), number=300))
    expected = fit(ratings)
    monkeypatch.setattr(module, "_spread", lambda *_: 0.0)
    found = fit(ratings)
    assert expected.sigma > 0.3 and found.converged and found.iterations < 25
    assert found.sigma == pytest.approx(expected.sigma, abs=1e-7)


def test_one_rating_each_does_not_tell_the_spread():
    frame = pd.DataFrame({"m": range(40), "i": [0, 1] * 20, "score": [0, 0, 1, 1, 1] * 8})
    found = fit(ratings_of(frame))
    assert not found.converged and np.isnan(found.sigma_error)


def test_elements_that_are_never_compared_have_no_error():
    frame = table((40, 4, 3))
    frame = frame[(frame["j"] != 2) == (frame["i"] != 3)]  # judge 2 alone saw item 3
    found = fit(ratings_of(frame))
    assert found.converged
    assert np.isnan(found.standard_errors[1]).all() and np.isnan(found.standard_errors[2]).all()
    assert np.isfinite(found.threshold_errors).all() and np.isfinite(found.sigma_error)
    fixed = Fixed.nothing(ratings_of(frame))
    fixed.locations[2][[0, 2]] = 0.0
    anchored = marginal(ratings_of(frame), fixed)
    assert np.isfinite(anchored.standard_errors[1]).all()
    assert anchored.log_likelihood == pytest.approx(found.log_likelihood, abs=1e-8)
    assert anchored.free_parameters == found.free_parameters


def test_progress_is_told_and_the_likelihood_rises():
    told = []
    found = fit(ratings_of(table((30, 5, 3), number=300)), progress=lambda *step: told.append(step))
    assert [step[0] for step in told] == list(range(1, found.iterations + 1))
    assert (np.diff([step[1] for step in told]) > -1e-6).all()
    assert told[-1][2] == found.largest_step < 1e-8


def test_a_step_too_long_is_halved():
    ratings, parameters = small()
    order, grid = Order(ratings.sizes[1:], ratings.groups, ratings.steps), Grid(61, 6.0)
    parts = list(blocks(ratings, order, grid))
    vector = order.join(parameters.locations, parameters.thresholds, 0.0, 0.5)
    found = integrate(parts, vector, grid, ratings.sizes[0])
    after, better = module._ascend(parts, order, grid, vector, found, 10 * found.gradient)
    assert better.log_likelihood > found.log_likelihood
    share = (after - vector)[:-1] / (10 * found.gradient)[:-1]
    assert share == pytest.approx(share[0]) and share[0] < 0.1


def test_the_start_keeps_everything_in_its_place():
    ratings, parameters = small(1)
    order = Order(ratings.sizes[1:], ratings.groups, ratings.steps)
    vector = order.join(parameters.locations, parameters.thresholds, 0.5, 0.9)
    back = order.split(vector, parameters.locations[0])
    assert isinstance(back, Parameters) and (vector[order.mean], vector[order.sigma]) == (0.5, 0.9)
    assert all((one == two).all() for one, two in zip(back.locations, parameters.locations, strict=True))
    assert (back.thresholds == parameters.thresholds).all()
    assert module._spread(ratings, zero(ratings, Fixed.nothing(ratings))) >= 0.1
