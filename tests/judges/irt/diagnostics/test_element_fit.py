"""Fit of elements against the formulas written out rating by rating, and what each statistic is there to show."""

import math
import warnings
from dataclasses import fields, replace

import numpy as np
import pytest

from equipoise.judges.irt.diagnostics.element_fit import element_fit, standardised
from equipoise.judges.irt.engine import model
from equipoise.judges.irt.engine.model import Parameters
from equipoise.judges.irt.engine.ratings import Facet, Ratings

from ..by_hand import repeated, rows, small, total

DESIGNS = [(None, False), (None, True), (1, False), (2, True)]


def z_of(mean_square, variance):
    q = min(math.sqrt(variance), math.sqrt(2))
    return (mean_square ** (1 / 3) - 1) * 3 / q + q / 3


def correlation(chosen, n, left, right, extra=0.0):
    """Weighted Pearson r; `extra` is added to the sum of squares on the left."""
    left_mean, right_mean = total(chosen, left) / n, total(chosen, right) / n
    product = total(chosen, lambda r: (left(r) - left_mean) * (right(r) - right_mean))
    squares = total(chosen, lambda r: (left(r) - left_mean) ** 2) + extra
    return product / math.sqrt(squares * total(chosen, lambda r: (right(r) - right_mean) ** 2))


def slope(chosen, centre):
    """Weighted regression of (y - E) / V on eta, from its centre."""
    product = total(chosen, lambda r: (r.y - r.e) * (r.x - centre))
    return product / total(chosen, lambda r: r.v * (r.x - centre) ** 2)


@pytest.mark.parametrize(("scale", "weighted"), DESIGNS)
def test_every_statistic_is_its_formula(scale, weighted, monkeypatch):
    monkeypatch.setattr(model, "CHUNK", 32)
    ratings, parameters = small(scale, weighted)
    table = rows(ratings, parameters)
    found = element_fit(ratings, parameters)
    assert len(found) == 3
    for f, size in enumerate(ratings.sizes):
        assert len(found[f].count) == size
        for element in range(size):
            own = [row for row in table if row.codes[f] == element]
            n, v = total(own, lambda r: 1), total(own, lambda r: r.v)
            residual = total(own, lambda r: r.y - r.e)
            infit = total(own, lambda r: (r.y - r.e) ** 2) / v
            outfit = total(own, lambda r: r.z**2) / n
            wanted = {
                "count": n,
                "score": total(own, lambda r: r.score),
                "average": total(own, lambda r: r.score) / n,
                "expected_score": total(own, lambda r: r.expected_score),
                "information": v,
                "infit": infit,
                "infit_z": z_of(infit, total(own, lambda r: r.c4 - r.v**2) / v**2),
                "outfit": outfit,
                "outfit_z": z_of(outfit, total(own, lambda r: r.c4 / r.v**2) / n**2 - 1 / n),
                "correlation": correlation(own, n, lambda r: r.y, lambda r: r.x),
                "expected_correlation": correlation(own, n, lambda r: r.e, lambda r: r.x, v),
                "discrimination": 1 + slope(own, total(own, lambda r: r.v * r.x) / v),
                "displacement": (1 if f == 0 else -1) * residual / v,
            }
            for name, value in wanted.items():
                assert getattr(found[f], name)[element] == pytest.approx(value, rel=1e-9), (f, element, name)
            assert found[f].conditional_error[element] == pytest.approx(1 / math.sqrt(v))
    assert set(wanted) == {field.name for field in fields(found[0])}


def test_a_weight_is_a_number_of_ratings():
    ratings, parameters = small(1)
    times = np.random.default_rng(5).integers(1, 4, len(ratings))
    weighted = element_fit(replace(ratings, weights=times.astype(float)), parameters)
    for one, other in zip(weighted, element_fit(repeated(ratings, times), parameters), strict=True):
        for field in fields(one):
            np.testing.assert_allclose(getattr(one, field.name), getattr(other, field.name), rtol=1e-9, atol=1e-12)


def test_an_element_without_ratings_has_no_statistics_and_no_warning():
    ratings, parameters = small()
    ratings = ratings.take(ratings.codes[2] != 1)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        judges = element_fit(ratings, parameters)[2]
    assert judges.count[1] == 0
    for field in fields(judges):
        if field.name != "count":
            assert np.isnan(getattr(judges, field.name)).tolist() == [False, True, False], field.name
    assert np.isnan(judges.conditional_error).tolist() == [False, True, False]


def test_an_element_with_one_light_rating_has_all_that_one_rating_can_give():
    ratings, parameters = small(weighted=True)
    kept = ratings.codes[2] != 1
    kept[np.flatnonzero((ratings.codes[2] == 1) & (ratings.weights == 0.5))[0]] = True
    judges = element_fit(ratings.take(kept), parameters)[2]
    assert judges.count[1] == 0.5 and judges.average[1] == 2 * judges.score[1]
    missing = {field.name for field in fields(judges) if np.isnan(getattr(judges, field.name)[1])}
    assert missing == {"correlation", "expected_correlation", "discrimination"}


def one_model(eta, category, thresholds=(0.0,)):
    """Ratings of one model at location 0, each by a judge whose severity gives it this eta."""
    eta = np.asarray(eta, dtype=float)
    number = len(eta)
    ratings = Ratings(
        facets=(Facet("model", ("m",)), Facet("judge", tuple(map(str, range(number))))),
        codes=(np.zeros(number, np.int16), np.arange(number, dtype=np.int16)),
        category=np.asarray(category, dtype=np.int8),
        scores=np.arange(len(thresholds) + 1.0)[None],
    )
    return ratings, Parameters((np.zeros(1), -eta), np.array([thresholds]))


def test_a_nearly_extreme_element_fits_too_well_not_too_badly():
    """All as expected at eta = 4: without the cap on q, outfit .018 would get z = +1.3."""
    ratings, parameters = one_model([4.0, 4.0], [1, 1])
    fit = element_fit(ratings, parameters)[0]
    outfit = math.exp(-4)
    assert fit.outfit[0] == pytest.approx(outfit)
    assert fit.outfit_z[0] == pytest.approx((outfit ** (1 / 3) - 1) * 3 / math.sqrt(2) + math.sqrt(2) / 3)
    assert fit.outfit_z[0] < -1 and fit.infit_z[0] < -1


def test_the_standardised_form():
    """Chi-square with 8 d.f.: q^2 = 2 / 8; 15.507 is its 95 % point, so that z is near 1.645."""
    assert standardised(np.array([15.507 / 8]), np.array([0.25]))[0] == pytest.approx(1.645, abs=0.01)
    assert np.isnan(standardised(np.array([1.0]), np.array([0.0])))[0]


def test_no_correlation_or_discrimination_where_nothing_varies():
    ratings, parameters = one_model([0.3] * 7, [0, 1, 1, 0, 1, 1, 0])
    fit = element_fit(ratings, parameters)[0]
    assert np.isnan([fit.correlation[0], fit.expected_correlation[0], fit.discrimination[0]]).all()
    assert np.isfinite([fit.infit_z[0], fit.outfit_z[0], fit.displacement[0]]).all()
    ratings, parameters = one_model([0.3, 0.1, 0.7], [1, 1, 1])
    fit = element_fit(ratings, parameters)[0]
    assert np.isnan(fit.correlation[0]) and np.isfinite(fit.expected_correlation[0])


def test_a_rating_that_can_take_one_value_only_says_nothing():
    ratings, parameters = small(1)
    ratings.scores[3, 1:] = np.nan
    parameters.thresholds[3] = np.inf
    ratings.category[ratings.codes[1] == 3] = 0
    item = element_fit(ratings, parameters)[1]
    assert item.outfit[3] == 0 and item.information[3] == pytest.approx(0)
    assert np.isfinite(element_fit(ratings, parameters)[0].infit).all()


def drawn(slope, centre, number=20_000, seed=2):
    """Ratings by the model with a slope: a (theta - centre) in place of theta - centre; the location is refitted."""
    random = np.random.default_rng(seed)
    theta = random.normal(0, 1, number)
    thresholds = np.array([-1.0, 0.0, 1.0])
    ratings, parameters = one_model(theta - centre, np.zeros(number), thresholds)
    logs = np.arange(4)[:, None] * slope * (theta - centre) - np.r_[0, np.cumsum(thresholds)][:, None]
    odds = np.exp(logs)
    category = (random.random(number) > (odds / odds.sum(0)).cumsum(0)[:-1]).sum(0)
    ratings = replace(ratings, category=category.astype(np.int8))
    for _ in range(20):
        fit = element_fit(ratings, parameters)[0]
        parameters = Parameters(
            (parameters.locations[0] + fit.displacement, *parameters.locations[1:]), thresholds[None]
        )
    return element_fit(ratings, parameters)[0]


@pytest.mark.parametrize("centre", [0.0, 2.0])
def test_discrimination_tells_a_slope_wherever_the_element_is_rated(centre):
    steep, flat, one = (drawn(slope, centre) for slope in (1.5, 0.7, 1.0))
    assert 1.3 < steep.discrimination[0] < 1.6
    assert 0.55 < flat.discrimination[0] < 0.75
    assert one.discrimination[0] == pytest.approx(1, abs=0.05)
    assert abs(one.displacement[0]) < 1e-9
    assert one.correlation[0] == pytest.approx(one.expected_correlation[0], abs=0.015)
    assert steep.correlation[0] > steep.expected_correlation[0] + 0.03
    assert steep.infit[0] < 1 < flat.infit[0]


@pytest.mark.parametrize("f", [0, 1, 2])
def test_displacement_leads_from_an_anchor_to_where_the_ratings_are(f):
    ratings, parameters = small(number=400, seed=3)
    locations = list(parameters.locations)
    for _ in range(60):  # the maximum of this facet alone
        fit = element_fit(ratings, replace(parameters, locations=tuple(locations)))[f]
        locations[f] = locations[f] + fit.displacement.clip(-0.3, 0.3)
    locations[f] = locations[f] + 0.1
    displaced = element_fit(ratings, replace(parameters, locations=tuple(locations)))[f]
    assert displaced.displacement == pytest.approx(-0.1, rel=0.15)
