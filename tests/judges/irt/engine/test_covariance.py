"""Standard errors, contrasts and blocks against the inverse and the sandwich of the whole model."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from equipoise.judges.irt.engine import covariance as module
from equipoise.judges.irt.engine.covariance import clustered, conditional, full
from equipoise.judges.irt.engine.ratings import Facet
from equipoise.judges.irt.simulate import simulate

from ..brute_force import DESIGNS, Whole, design, fitted, maximum, ratings_of, table
from .test_equations import ANCHORS, anchored, grown, origin_of

EVERY = range(len(DESIGNS))
NEAR = 3e-8  # the maximum itself is known to 1e-8


def flat(whole, step):
    """The step as one vector; NaN stays."""
    return np.concatenate([*step.locations, np.where(whole.ratings.has_threshold, step.thresholds, 0).ravel()])


def both(ratings, fixed=None, floating=0):
    """The whole model at the maximum with the result's constraints, and the two covariances."""
    _, found, parameters = maximum(ratings, fixed, floating)
    whole = Whole.of(ratings)
    x = whole.flat(parameters.locations, parameters.thresholds)
    return whole, x, full(found.equations), clustered(ratings, parameters, found.equations, found.information)


def check(whole, x, origin, errors, sandwich):
    """Standard errors, blocks and contrasts of both covariances."""
    inverse, squares = whole.covariance(x, origin), whole.sandwich(x, origin)
    several = whole.responses() > 1
    assert several.sum() > 10
    assert flat(whole, errors.standard_errors) == pytest.approx(np.sqrt(np.diag(inverse)), abs=NEAR)
    told = flat(whole, sandwich.standard_errors)
    assert told[several] == pytest.approx(np.sqrt(np.diag(squares))[several], abs=NEAR)
    assert np.isnan(told[whole.real & (whole.responses() == 1)]).all()
    random = np.random.default_rng(0)
    for f, size in enumerate(whole.ratings.sizes):
        own = slice(whole.place(f), whole.place(f) + size)
        assert errors.block(f) == pytest.approx(inverse[own, own], abs=NEAR)
        known = np.ix_(several[own], several[own])  # one response says nothing of its own spread
        assert sandwich.block(f)[known] == pytest.approx(squares[own, own][known], abs=NEAR)
        weights = random.normal(size=size)
        weights -= weights.mean() * (f != 1)
        assert errors.contrast(f, weights) == pytest.approx(weights @ inverse[own, own] @ weights, abs=NEAR)
        if not several[own].all():
            assert np.isnan(sandwich.contrast(f, weights))
            weights *= several[own]
        assert sandwich.contrast(f, weights) == pytest.approx(weights @ squares[own, own] @ weights, abs=NEAR)


@pytest.mark.parametrize("number", EVERY)
def test_errors_are_those_of_the_whole_model_whichever_facet_floats(number):
    ratings = design(number)
    for floating in range(len(ratings.sizes)):
        whole, x, errors, sandwich = both(ratings, floating=floating)
        check(whole, x, whole.origin(floating), errors, sandwich)


@pytest.mark.parametrize("held", ANCHORS[1:])
@pytest.mark.parametrize("number", [3, 4, 8])
def test_errors_under_anchors(number, held):
    ratings = design(number)
    _, _, free = maximum(ratings)
    fixed = anchored(ratings, free, **held)
    for floating in (0, 1):
        shape, _, _ = maximum(ratings, fixed, floating)
        whole, x, errors, sandwich = both(ratings, fixed, floating)
        origin = origin_of(whole, replace(shape, floats_in_equations=False), held)
        check(whole, x, origin, errors, sandwich)
        for f, element in held.get("elements", ()):
            assert errors.standard_errors.locations[f][element] == 0
            assert sandwich.standard_errors.locations[f][element] == 0


@pytest.mark.parametrize("responses", ["one per cell", "two items together", "a judge's own", "some alone"])
@pytest.mark.parametrize("number", [2, 6, 8])
def test_scores_are_summed_within_the_responses_that_are_named(number, responses):
    sizes, categories, scale, weighted, seed = DESIGNS[number]
    frame = table(sizes, categories, scale, weighted, seed=seed)
    named = {
        "one per cell": np.arange(len(frame)),
        "two items together": frame["m"] * 10 + frame["i"] // 2,
        "a judge's own": frame["m"] * 10 + frame["j"],
        "some alone": np.where(frame["i"] == 0, 0, frame["m"] * 10 + frame["i"]),
    }[responses]
    ratings = ratings_of(frame.assign(r=named), scale, response="r")
    whole, x, errors, sandwich = both(ratings, floating=1)
    check(whole, x, whole.origin(1), errors, sandwich)
    if responses == "some alone":
        assert np.isnan(sandwich.standard_errors.locations[1][0])
    assert sandwich.responses.locations[0].tolist() == whole.responses()[: sizes[0]].tolist()


def test_two_columns_name_a_response_together():
    frame = table((8, 5, 4), 4, seed=3)
    one = ratings_of(frame.assign(r=frame["m"] * 10 + frame["i"]), response="r")
    two = ratings_of(frame, response=["m", "i"])
    default = ratings_of(frame)
    found = [flat(*(lambda whole, x, _, sandwich: (whole, sandwich.standard_errors))(*both(r))) for r in (one, two)]
    whole, _, _, sandwich = both(default)
    assert found[0] == pytest.approx(found[1], abs=1e-14)
    assert found[0] == pytest.approx(flat(whole, sandwich.standard_errors), abs=1e-14)


@pytest.mark.parametrize("floating", range(3))
@pytest.mark.parametrize("number", [2, 5, 6, 8])
def test_nothing_depends_on_which_facet_is_eliminated(number, floating):
    ratings = design(number)
    _, _, wanted = maximum(ratings, floating=floating)
    _, _, errors, sandwich = both(ratings, floating=floating)
    for facet in range(3):
        large = grown(ratings, facet)
        shape, _, parameters = maximum(large, floating=floating)
        assert shape.eliminated == facet
        _, _, large_errors, large_sandwich = both(large, floating=floating)
        for f, size in enumerate(ratings.sizes):
            assert parameters.locations[f][:size] == pytest.approx(wanted.locations[f], abs=NEAR)
            for one, two in ((errors, large_errors), (sandwich, large_sandwich)):
                assert two.standard_errors.locations[f][:size] == pytest.approx(
                    one.standard_errors.locations[f], abs=NEAR
                )
                assert (two.standard_errors.locations[f][size:] == 0).all()
                assert two.block(f)[:size, :size] == pytest.approx(one.block(f), abs=NEAR)
                weights = np.zeros(len(large.facets[f]))
                weights[:3] = [1.0, -2.0, 0.5]
                assert two.contrast(f, weights) == pytest.approx(one.contrast(f, weights[:size]), abs=NEAR)
        groups = slice(None, ratings.groups)
        for one, two in ((errors, large_errors), (sandwich, large_sandwich)):
            assert two.standard_errors.thresholds[groups] == pytest.approx(one.standard_errors.thresholds, abs=NEAR)


@given(st.sampled_from(EVERY), st.integers(0, 1000))
@settings(max_examples=5, deadline=None)
def test_a_shift_of_the_origin_changes_no_contrast_within_a_facet(number, seed):
    ratings = design(number)
    random = np.random.default_rng(seed)
    for f, size in enumerate(ratings.sizes):
        weights = random.normal(size=size)
        weights -= weights.mean()
        variances = [both(ratings, floating=floating)[2].contrast(f, weights) for floating in (0, 1)]
        assert variances[0] == pytest.approx(variances[1], abs=NEAR)


def test_conditional_errors_are_of_one_element_with_all_others_held():
    ratings = grown(design(2), 1)
    _, found, parameters = maximum(ratings)
    told = conditional(found.equations, found.information.variances)
    whole = Whole.of(design(2))
    x = whole.flat([part[:size] for part, size in zip(parameters.locations, (8, 5, 4), strict=True)], [0, 0, 0])
    x[-3:] = parameters.thresholds
    information = np.diag(whole.information(x))
    assert told.locations[0] == pytest.approx(1 / np.sqrt(information[:8]))
    assert told.locations[1][:5] == pytest.approx(1 / np.sqrt(information[8:13]))
    assert (told.locations[1][5:] == 0).all()
    assert np.isnan(told.thresholds).all()


@pytest.mark.parametrize("scale", ["common", "judge", "model"])
@pytest.mark.parametrize("weighted", [False, True])
def test_the_approximate_clustered_errors_are_near_the_exact_ones(scale, weighted, monkeypatch):
    made = simulate(30, 40, 4, 4, seed=2, response_sd=0.5).ratings
    random = np.random.default_rng(0)
    made = made[random.random(len(made)) < 0.8]
    made = made.rename(columns={"model": "m", "item": "i", "judge": "j"})
    made = made.assign(w=random.integers(1, 4, len(made)) / 2.0) if weighted else made
    facet = {"common": None, "judge": 2, "model": 0}[scale]
    exact = fitted(made, facet)
    monkeypatch.setattr(module, "_EXACT", 0)
    rough = fitted(made, facet)
    assert exact.measures["measure"].equals(rough.measures["measure"])
    ratio = rough.measures["se_clustered"] / exact.measures["se_clustered"]
    plain = exact.measures["se"] / exact.measures["se_clustered"]
    name = exact.measures["facet"]
    own = name == {"common": "", "judge": "", "model": "m"}[scale]  # entangled with thresholds of their own: rougher
    assert (abs(ratio - 1)[(name != "j") & ~own] < 0.05).all() and (abs(ratio - 1)[name == "j"] < 0.08).all()
    assert abs(ratio - 1)[own].sum() < 0.12 * own.sum() or not own.any()
    assert abs(plain - 1)[name != "j"].mean() > 0.1
    assert (exact.measures["responses"] == rough.measures["responses"])[name != "j"].all()
    steps = (rough.thresholds["se_clustered"] / exact.thresholds["se_clustered"]).dropna()
    assert abs(steps.mean() - 1) < 0.1


def test_the_approximation_has_the_sums_of_its_own_squares(monkeypatch):
    """For every parameter: full variance x (sum of squared scores / information) x n / (n - 1)."""
    monkeypatch.setattr(module, "_EXACT", 0)
    for number in (2, 4, 5, 6, 8):
        ratings = design(number)
        _, found, parameters = maximum(ratings, floating=1)
        rough = clustered(ratings, parameters, found.equations, found.information)
        whole = Whole.of(ratings)
        x = whole.flat(parameters.locations, parameters.thresholds)
        scores, information = whole.scores(x), np.diag(whole.information(x))
        responses, most = ratings.responses()
        squares = np.zeros(len(x))
        for place in range(len(x)):
            own = scores[:, place]
            if not inside_one_response(whole, place):
                own = own[whole.statistics[:, :, place].any(axis=1)]
                squares[place], n = (own**2).sum(), len(own)
            else:
                squares[place] = (np.bincount(responses, own, most) ** 2).sum()
                n = whole.responses()[place]
            squares[place] *= n / max(n - 1, 1)
        plain = flat(whole, full(found.equations).standard_errors)
        with np.errstate(invalid="ignore", divide="ignore"):
            wanted = np.where(information > 0, plain * np.sqrt(squares / information), 0)
        assert flat(whole, rough.standard_errors) == pytest.approx(wanted, abs=NEAR)


def inside_one_response(whole, place):
    """Whether every rating of a response has the parameter if one has (objects, items; not judges)."""
    ends = np.cumsum(whole.ratings.sizes)
    if place < ends[-1]:
        return place < ends[1]
    return whole.ratings.scale != 2


def test_a_single_response_tells_no_clustered_error():
    frame = table((8, 5, 4), 4, seed=3)
    alone = pd.DataFrame({"m": 8, "i": 0, "j": [0, 1, 2, 3], "score": [1, 2, 1, 3]})
    ratings = ratings_of(pd.concat([frame, alone]))
    whole, x, errors, sandwich = both(ratings)
    check(whole, x, whole.origin(0), errors, sandwich)
    assert np.isnan(sandwich.standard_errors.locations[0]).tolist() == [False] * 8 + [True]
    assert sandwich.responses.locations[0].tolist() == [5] * 8 + [1]


def test_the_covariance_of_one_facet_that_is_never_rated_is_zero():
    ratings = design(2)
    facets = (ratings.facets[0], Facet("i", (*ratings.facets[1].labels, "new")), ratings.facets[2])
    _, _, errors, sandwich = both(replace(ratings, facets=facets), floating=1)
    for block in (errors.block(1), sandwich.block(1)):
        assert (block[5] == 0).all() and (block[:, 5] == 0).all()
        assert np.linalg.eigvalsh(block).min() > -1e-12
