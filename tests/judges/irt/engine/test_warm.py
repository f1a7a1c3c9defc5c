"""Warm's estimate: the maximum of the weighted likelihood, finite, symmetric, less biased than plain likelihood."""

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import brentq, minimize_scalar

from equipoise.judges.irt.engine.model import Parameters
from equipoise.judges.irt.engine.ratings import Facet, Ratings
from equipoise.judges.irt.engine.warm import root, sums, warm, weighted_score

from ..by_hand import repeated, rows, small, total


def binary(scores, difficulties):
    """Models x items, everything rated once; item difficulties known."""
    models, items = np.shape(scores)
    ratings = Ratings(
        facets=(Facet("m", tuple(map(str, range(models)))), Facet("i", tuple(map(str, range(items))))),
        codes=(np.repeat(np.arange(models), items), np.tile(np.arange(items), models)),
        category=np.ravel(scores).astype(np.int8),
        scores=np.array([[0.0, 1.0]]),
    )
    return ratings, Parameters((np.zeros(models), np.asarray(difficulties, float)), np.zeros((1, 1)))


def weighted_likelihood(ratings, parameters, facet, element, at):
    """Log-likelihood of one element's ratings plus half the log of their information, rating by rating."""
    locations = [part.copy() for part in parameters.locations]
    locations[facet][element] = at
    chosen = ratings.take(ratings.codes[facet] == element)
    found = rows(chosen, replace(parameters, locations=tuple(locations)))
    return total(found, lambda row: np.log(row.p[row.y])) + np.log(total(found, lambda row: row.v)) / 2


@pytest.mark.parametrize(("scale", "weighted"), [(None, False), (None, True), (1, True), (2, False)])
@pytest.mark.parametrize("facet", [0, 1, 2])
def test_it_is_the_maximum_of_the_weighted_likelihood(scale, weighted, facet):
    ratings, parameters = small(scale, weighted, number=60)
    found = warm(ratings, parameters, facet)
    for element in range(ratings.sizes[facet]):
        best = minimize_scalar(
            lambda at, element=element: -weighted_likelihood(ratings, parameters, facet, element, at),
            bounds=(-6, 6),
            method="bounded",
            options={"xatol": 1e-9},
        )
        assert found.measures[element] == pytest.approx(best.x, abs=1e-5)
        locations = [part.copy() for part in parameters.locations]
        locations[facet][element] = best.x
        everything = rows(ratings, replace(parameters, locations=tuple(locations)))
        information = total([row for row in everything if row.codes[facet] == element], lambda row: row.v)
        assert found.standard_errors[element] == pytest.approx(information**-0.5, abs=1e-5)


def test_it_is_the_highest_point_of_a_grid():
    difficulties = [-1.5, -0.5, 0.0, 0.7, 1.6]
    scores = list(product((0, 1), repeat=5))
    ratings, parameters = binary(scores, difficulties)
    found = warm(ratings, parameters).measures
    grid = np.linspace(-6, 6, 12001)
    p = 1 / (1 + np.exp(-(grid[:, None] - difficulties)))
    for value, pattern in zip(found, scores, strict=True):
        density = np.log(np.where(pattern, p, 1 - p)).sum(axis=1) + np.log((p * (1 - p)).sum(axis=1)) / 2
        assert value == pytest.approx(grid[density.argmax()], abs=6e-4)


def test_extremes_are_finite_and_alike():
    ratings, parameters = binary([[0] * 8, [1] * 8, [0, 1] * 4], np.linspace(-1, 1, 8))
    found = warm(ratings, parameters)
    assert np.isfinite(found.measures).all() and np.isfinite(found.standard_errors).all()
    assert found.measures[0] == pytest.approx(-found.measures[1], abs=1e-9)
    assert 2 < found.measures[1] < 6 and found.measures[0] < found.measures[2] < found.measures[1]
    assert found.standard_errors[1] > found.standard_errors[2]


def test_far_away_and_badly_started_elements_are_found():
    ratings, parameters = binary([[0] * 8, [1] * 8, [0, 1] * 4], np.linspace(9, 12, 8))
    found = warm(ratings, replace(parameters, locations=(np.array([15.0, -15.0, np.nan]), parameters.locations[1])))
    near = warm(*binary([[0] * 8, [1] * 8, [0, 1] * 4], np.linspace(-1.5, 1.5, 8)))
    assert found.measures - 10.5 == pytest.approx(near.measures, abs=1e-8)


@given(seed=st.integers(0, 10_000), facet=st.sampled_from([0, 1, 2]))
def test_reversed_scores_reverse_the_measures(seed, facet):
    ratings, parameters = small(seed=seed, number=40)
    turned = replace(ratings, category=3 - ratings.category)
    mirror = Parameters(tuple(-part for part in parameters.locations), -parameters.thresholds[:, ::-1])
    found, other = warm(ratings, parameters, facet), warm(turned, mirror, facet)
    assert found.measures == pytest.approx(-other.measures, abs=1e-7, nan_ok=True)
    assert found.standard_errors == pytest.approx(other.standard_errors, abs=1e-7, nan_ok=True)


def test_weights_are_repeats():
    ratings, parameters = small(weighted=True)
    times = np.random.default_rng(0).integers(1, 4, len(ratings))
    found = warm(replace(ratings, weights=times.astype(float)), parameters)
    again = warm(repeated(ratings, times), parameters)
    assert found.measures == pytest.approx(again.measures, abs=1e-9)
    assert found.standard_errors == pytest.approx(again.standard_errors, abs=1e-9)


def test_it_is_less_biased_than_maximum_likelihood():
    """Exact expectation over all 2^10 response patterns, the extreme ones moved .3 points inward for ML."""
    difficulties = np.linspace(-1.5, 1.5, 10)
    patterns = np.array(list(product((0, 1), repeat=10)))
    ratings, parameters = binary(patterns, difficulties)
    weighted = warm(ratings, parameters).measures

    def maximum(score):
        return brentq(lambda at: (1 / (1 + np.exp(difficulties - at))).sum() - score, -20, 20)

    by_score = np.array([maximum(np.clip(score, 0.3, 9.7)) for score in range(11)])
    likeliest = by_score[patterns.sum(axis=1)]
    for theta in (0.5, 1.0, 1.5):
        p = 1 / (1 + np.exp(difficulties - theta))
        chance = np.where(patterns, p, 1 - p).prod(axis=1)
        bias, bias_of_maximum = chance @ weighted - theta, chance @ likeliest - theta
        assert bias_of_maximum > 0.03 and abs(bias) < 0.3 * bias_of_maximum


def test_what_says_nothing_has_no_measure():
    ratings, parameters = binary([[0, 1], [1, 1], [0, 0]], [0.0, 0.0])
    found = warm(ratings.take(ratings.codes[0] != 1), parameters)
    assert np.isnan(found.measures).tolist() == [False, True, False] == np.isnan(found.standard_errors).tolist()
    one = replace(ratings, category=0 * ratings.category, scores=np.array([[2.0]]))
    assert np.isnan(warm(one, replace(parameters, thresholds=np.zeros((1, 0)))).measures).all()


def test_sums_are_cumulants():
    ratings, parameters = small(1, True)
    found = sums(ratings, parameters, 2)
    for element in range(3):
        chosen = [row for row in rows(ratings, parameters) if row.codes[2] == element]
        third = total(chosen, lambda r: sum((k - r.e) ** 3 * p for k, p in enumerate(r.p)))
        values = [total(chosen, value) for value in (lambda r: r.y, lambda r: r.e, lambda r: r.v)]
        values += [third, total(chosen, lambda r: r.c4 - 3 * r.v**2)]
        measured = (found.observed, found.expected, found.variance, found.third, found.fourth)
        assert [part[element] for part in measured] == pytest.approx(values)


@pytest.mark.parametrize("facet", [0, 1, 2])
def test_newton_takes_few_steps(facet):
    ratings, parameters = small(number=2000, sizes=(300, 4, 3))
    calls = []

    def counted(held):
        calls.append(held)
        return weighted_score(ratings, held, facet)

    root(ratings, parameters, facet, counted)
    assert 3 < len(calls) < 15


@pytest.mark.parametrize(("facet", "sign"), [(0, 1), (1, -1)])
def test_the_equation_has_the_slope_it_says(facet, sign):
    ratings, parameters = small(2, True)

    def moved(by):
        locations = [part + by * (f == facet) for f, part in enumerate(parameters.locations)]
        return weighted_score(ratings, replace(parameters, locations=tuple(locations)), facet)[0]

    slope = sign * (moved(1e-5) - moved(-1e-5)) / 2e-5
    assert weighted_score(ratings, parameters, facet)[1] == pytest.approx(slope, abs=1e-7)


def test_a_root_is_found_without_a_slope_to_trust():
    ratings, parameters = binary([[0, 1], [1, 1]], [0.0, 0.0])
    target = np.array([0.4, 1.7])

    def halved(held):
        at = sums(ratings, held, 0)
        return target - at.expected, np.zeros(2)

    found = root(ratings, parameters, 0, halved)
    assert found.measures == pytest.approx(np.log(target / (2 - target)), abs=1e-8)
