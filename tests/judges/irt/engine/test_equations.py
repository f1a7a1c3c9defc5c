"""What is free and what constrained; the equations with one facet eliminated against the whole inverse."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from equipoise.judges.irt.engine.equations import Equations
from equipoise.judges.irt.engine.kernel import information
from equipoise.judges.irt.engine.ratings import Facet
from equipoise.judges.irt.engine.structure import Fixed, hand_over, recentre, structure
from equipoise.judges.irt.engine.vector import Step, score

from ..brute_force import DESIGNS, Whole, anywhere, apart, design, fitted, ratings_of, table

EVERY = range(len(DESIGNS))


def grown(ratings, facet, size=40):
    """The same ratings with so many more elements, none of them rated, that this facet is the largest."""
    own = ratings.facets[facet]
    labels = own.labels + tuple(f"never {n}" for n in range(size))
    facets = tuple(Facet(part.name, labels if f == facet else part.labels) for f, part in enumerate(ratings.facets))
    if ratings.scale != facet:
        return replace(ratings, facets=facets)
    return replace(
        ratings, facets=facets, scores=np.vstack([ratings.scores, np.full((size, ratings.steps + 1), np.nan)])
    )


def anchored(ratings, parameters, elements=(), thresholds=(), means=()):
    """Anchors at these parameters: (facet, element), scale groups, and (facet, elements)."""
    fixed = Fixed.nothing(ratings)
    for f, element in elements:
        fixed.locations[f][element] = parameters.locations[f][element]
    for group in thresholds:
        fixed.thresholds[group] = parameters.thresholds[group]
    held = tuple((f, np.array(part), float(parameters.locations[f][list(part)].mean())) for f, part in means)
    return replace(fixed, means=held)


ANCHORS = [
    {},
    {"elements": [(0, 1)]},
    {"elements": [(1, 0), (1, 2)]},
    {"elements": [(2, 2)]},
    {"elements": [(0, 0), (1, 0), (2, 0)]},
    {"elements": [(2, n) for n in range(4)]},
    {"thresholds": [0]},
    {"means": [(1, (0, 2, 3))]},
    {"means": [(0, (0, 1)), (0, (2, 3)), (2, (1, 3))]},
    {"means": [(1, (2,))]},
    {"elements": [(0, 2)], "thresholds": [0], "means": [(1, (0, 1))]},
]


def origin_of(whole, shape, anchors):
    """The constraints of the equations, which the result may differ from by the mean of the eliminated facet."""
    held = [whole.place(f, element) for f, element in anchors.get("elements", ())]
    for group in anchors.get("thresholds", ()):
        steps = whole.ratings.steps
        held += [whole.place(None, group * steps + int(k)) for k in np.flatnonzero(whole.ratings.has_threshold[group])]
    means = [[whole.place(f, element) for element in part] for f, part in anchors.get("means", ())]
    return whole.origin(shape.eliminated if shape.floats_in_equations else shape.floating, held, means)


CASES = [(n, held) for n in EVERY for held in (ANCHORS if len(DESIGNS[n][0]) == 3 else ANCHORS[:3])]


@pytest.mark.parametrize(("number", "anchors"), CASES)
def test_the_eliminated_equations_are_the_whole_ones(number, anchors):
    ratings = design(number)
    whole, parameters = Whole.of(ratings), anywhere(ratings)
    x = whole.flat(parameters.locations, parameters.thresholds)
    found = information(ratings, parameters)
    for floating in range(len(ratings.sizes)):
        shape = structure(ratings, anchored(ratings, parameters, **anchors), floating)
        equations = Equations(shape, found)
        covariance = whole.covariance(x, origin_of(whole, shape, anchors))
        assert not equations.unidentified().shape[1]
        step = equations.solve(score(found.gradient))
        wanted = covariance @ whole.scores(x).sum(axis=0)
        assert whole.flat(step.locations, step.thresholds) == pytest.approx(wanted, abs=1e-9)
        variances = equations.variances()
        assert whole.flat(variances.locations, variances.thresholds) == pytest.approx(np.diag(covariance), abs=1e-10)
        assert shape.free_parameters == np.linalg.matrix_rank(covariance, tol=1e-8)


@given(st.sampled_from(EVERY), st.integers(0, 10_000))
@settings(max_examples=20, deadline=None)
def test_solving_is_the_covariance_times_any_vector(number, seed):
    ratings = design(number)
    whole, parameters = Whole.of(ratings), anywhere(ratings, seed)
    x = whole.flat(parameters.locations, parameters.thresholds)
    shape = structure(ratings, Fixed.nothing(ratings))
    equations = Equations(shape, information(ratings, parameters))
    vector = np.random.default_rng(seed).normal(size=len(x))
    *locations, steps = np.split(vector, np.cumsum(ratings.sizes))
    found = equations.solve(Step(tuple(locations), steps.reshape(ratings.groups, -1)))
    wanted = whole.covariance(x, origin_of(whole, shape, {})) @ vector
    assert whole.flat(found.locations, found.thresholds) == pytest.approx(wanted, abs=1e-9)


@pytest.mark.parametrize("facet", range(3))
@pytest.mark.parametrize("number", [2, 5, 6, 8])
def test_the_largest_facet_is_eliminated_unless_the_mean_of_a_group_is_held_there(number, facet):
    ratings = grown(design(number), facet)
    assert structure(ratings, Fixed.nothing(ratings)).eliminated == facet
    means = anchored(ratings, anywhere(ratings), means=[(facet, (0, 1))])
    assert structure(ratings, means).eliminated != facet


def test_elements_without_ratings_are_not_free():
    ratings = grown(design(2), 1)
    shape = structure(ratings, Fixed.nothing(ratings))
    assert shape.free[1].tolist() == [True] * 5 + [False] * 40
    assert shape.free_parameters == structure(design(2), Fixed.nothing(design(2))).free_parameters


@pytest.mark.parametrize(
    ("held", "floating", "floats"),
    [
        ([], 0, 0),
        ([], 2, 2),
        ([0], 0, 1),
        ([2], 2, 0),
        ([0, 1], 1, 2),
        ([0, 2], 0, 1),
        ([1], 0, 0),
        ([0, 1, 2], 1, 1),
    ],
)
def test_the_floating_facet_is_one_without_anchors_where_there_is_one(held, floating, floats):
    ratings = design(2)
    shape = structure(ratings, anchored(ratings, anywhere(ratings), [(f, 0) for f in held]), floating)
    assert shape.floating == floats
    assert shape.floats_in_equations == (0 not in held)
    assert shape.recentred == (0 not in held and floats != 0)


def test_parameters_of_a_model_with_a_common_scale_are_counted():
    shape = structure(design(2), Fixed.nothing(design(2)))
    assert shape.free_parameters == 8 + (5 - 1) + (4 - 1) + (3 - 1)
    by_item = structure(design(6), Fixed.nothing(design(6)))  # one item with two categories, one with three
    assert by_item.free_parameters == 5 + (8 - 1) + (4 - 1) + 6 * 2 + 0 + 1


@pytest.mark.parametrize("facet", range(3))
def test_an_only_element_and_an_only_threshold_stay_where_they_are(facet):
    frame = table((8, 5, 4), 2, seed=3)
    ratings = ratings_of(frame[frame["mij"[facet]] == 1])
    shape = structure(ratings, Fixed.nothing(ratings))
    parts, steps = shape.split(shape.free_rest)
    assert not steps.any()
    assert not parts[shape.rest.index(facet)].any()
    variances = Equations(shape, information(ratings, anywhere(ratings))).variances()
    assert variances.locations[facet].tolist() == [0] and variances.thresholds.tolist() == [[0]]


@pytest.mark.parametrize(("eliminated", "floating"), [(0, 1), (1, 0), (1, 2), (2, 0), (2, 1)])
def test_recentring_changes_no_expectation(eliminated, floating):
    ratings = grown(design(2), eliminated)
    shape = structure(ratings, Fixed.nothing(ratings), floating)
    before = anywhere(ratings)
    after = recentre(before, shape)
    codes = ratings.codes
    moved = [after.signed[f][codes[f]] - before.signed[f][codes[f]] for f in range(3)]
    assert sum(moved) == pytest.approx(0, abs=1e-12)
    assert after.locations[eliminated][shape.free[eliminated]].mean() == pytest.approx(0)
    assert np.abs(moved[floating]).min() > 0
    assert hand_over(shape) == (1 if {eliminated, floating} == {1, 2} else -1)


def test_two_designs_without_a_common_element_leave_two_directions_open():
    ratings = ratings_of(apart(8, 9))
    whole, parameters = Whole.of(ratings), anywhere(ratings)
    shape = structure(ratings, Fixed.nothing(ratings))
    equations = Equations(shape, information(ratings, parameters))
    nulls = equations.unidentified()
    assert nulls.shape == (10 + 8 + 3, 2)
    # Each leaves every expectation alone, the eliminated facet taking up what the others shift.
    among = whole.information(whole.flat(parameters.locations, parameters.thresholds))
    for null in nulls.T:
        first = -equations.ratio @ null[shape.free_rest]
        direction = np.concatenate([first, null])
        assert np.abs(direction).max() > 0.01
        assert among @ direction == pytest.approx(0, abs=1e-6)
        assert shape.constraints.T @ null == pytest.approx(0, abs=1e-9)
    together = Equations(shape, information(ratings, parameters), nulls)
    assert not together.unidentified().shape[1]
    step = together.solve(score(information(ratings, parameters).gradient))
    assert np.isfinite(step.largest) and step.largest < 5


def test_one_common_rating_is_enough_to_connect():
    together = apart(8, 9).reset_index(drop=True)
    for m, i, j in ((0, 10, 10), (0, 0, 10)):  # with one alone, items or judges still shift against each other
        assert fitted(together).parts[0].estimate.solution.nulls.shape[1] > 0
        together.loc[len(together)] = {"m": m, "i": i, "j": j, "score": 1}
    assert fitted(together).parts[0].estimate.solution.nulls.shape[1] == 0
