"""Equations that are never dense give the same maximum, and the same errors where they promise exact ones."""

import numpy as np
import pandas as pd
import pytest

from equipoise.judges.irt.engine import kernel, sparse
from equipoise.judges.irt.engine import structure as layout
from equipoise.judges.irt.engine.covariance import clustered, full
from equipoise.judges.irt.engine.kernel import information
from equipoise.judges.irt.engine.sparse import SparseEquations
from equipoise.judges.irt.engine.structure import Fixed, structure
from equipoise.judges.irt.engine.vector import Step, score
from equipoise.judges.irt.simulate import simulate

from ..brute_force import DESIGNS, Whole, anywhere, apart, design, fitted, maximum, ratings_of, table
from .test_equations import ANCHORS, anchored, origin_of

EVERY = range(len(DESIGNS))


@pytest.fixture(params=["dense tables", "sparse tables"])
def never_dense(request, monkeypatch):
    monkeypatch.setattr(layout, "DENSE_REST", 0)
    monkeypatch.setattr(kernel, "DENSE_CELLS", 0 if request.param == "sparse tables" else 10**9)
    return monkeypatch


@pytest.mark.parametrize("number", EVERY)
def test_solving_is_the_covariance_times_a_vector(number, never_dense):
    ratings = design(number)
    whole, parameters = Whole.of(ratings), anywhere(ratings)
    x = whole.flat(parameters.locations, parameters.thresholds)
    shape = structure(ratings, Fixed.nothing(ratings), 1)
    assert not shape.dense
    equations = SparseEquations(shape, information(ratings, parameters))
    covariance = whole.covariance(x, origin_of(whole, shape, {}))
    vector = np.random.default_rng(0).normal(size=len(x))
    *locations, steps = np.split(vector, np.cumsum(ratings.sizes))
    found = equations.solve(Step(tuple(locations), steps.reshape(ratings.groups, -1)))
    assert whole.flat(found.locations, found.thresholds) == pytest.approx(covariance @ vector, abs=1e-8)
    variances = equations.variances()
    assert whole.flat(variances.locations, variances.thresholds) == pytest.approx(np.diag(covariance), abs=1e-8)


@pytest.mark.parametrize("held", ANCHORS)
@pytest.mark.parametrize("number", [3, 8])
def test_the_same_maximum_and_errors_under_anchors(number, held, monkeypatch):
    ratings = design(number)
    _, _, free = maximum(ratings)
    fixed = anchored(ratings, free, **held)
    _, dense, wanted = maximum(ratings, fixed, 1)
    errors = full(dense.equations)
    monkeypatch.setattr(layout, "DENSE_REST", 0)
    shape, found, parameters = maximum(ratings, fixed, 1)
    assert isinstance(found.equations, SparseEquations) and found.converged
    others = full(found.equations)
    for f in range(3):
        assert parameters.locations[f] == pytest.approx(wanted.locations[f], abs=1e-7)
        assert others.standard_errors.locations[f] == pytest.approx(errors.standard_errors.locations[f], abs=1e-7)
        assert others.block(f) == pytest.approx(errors.block(f), abs=1e-7)
    assert others.standard_errors.thresholds == pytest.approx(errors.standard_errors.thresholds, abs=1e-7)
    assert found.log_likelihood == pytest.approx(dense.log_likelihood, rel=1e-12)
    assert shape.free_parameters == maximum(ratings, fixed, 1)[0].free_parameters


@pytest.mark.parametrize("number", EVERY)
def test_fit_ends_at_the_same_maximum(number, never_dense):
    sizes, categories, scale, weighted, seed = DESIGNS[number]
    frame = table(sizes, categories, scale, weighted, seed=seed)
    found = fitted(frame, scale)
    assert isinstance(found.parts[0].estimate.solution.equations, SparseEquations)
    never_dense.undo()
    wanted = fitted(frame, scale)
    assert not isinstance(wanted.parts[0].estimate.solution.equations, SparseEquations)
    assert found.measures["measure"].to_numpy() == pytest.approx(wanted.measures["measure"].to_numpy(), abs=1e-7)
    assert found.measures["se"].to_numpy() == pytest.approx(wanted.measures["se"].to_numpy(), abs=1e-7)
    told, wanted_steps = (part.thresholds["threshold"].to_numpy() for part in (found, wanted))
    assert told == pytest.approx(wanted_steps, abs=1e-7, nan_ok=True)
    assert found.summary["parameters"].tolist() == wanted.summary["parameters"].tolist()


def test_a_large_facet_has_the_error_with_all_others_held(monkeypatch):
    ratings = design(2)
    monkeypatch.setattr(layout, "DENSE_REST", 0)
    monkeypatch.setattr(sparse, "_SMALL", 4)
    _, found, _ = maximum(ratings)
    variances = found.equations.variances()
    for f in (0, 1):
        assert variances.locations[f] == pytest.approx(1 / found.information.variances[f], rel=1e-9)
    monkeypatch.undo()
    exact = maximum(ratings)[1].equations.variances()
    assert variances.locations[2] == pytest.approx(exact.locations[2], abs=1e-8)
    assert variances.thresholds == pytest.approx(exact.thresholds, abs=1e-8)
    assert (variances.locations[0] < exact.locations[0]).all()


@pytest.mark.parametrize("floating", ["m", "j"])
def test_with_many_ratings_all_errors_are_close(monkeypatch, floating):
    made = simulate(40, 50, 3, 4, seed=1).ratings.rename(columns={"model": "m", "item": "i", "judge": "j"})
    exact = fitted(made, floating=floating)
    monkeypatch.setattr(layout, "DENSE_REST", 0)
    monkeypatch.setattr(sparse, "_SMALL", 5)
    rough = fitted(made, floating=floating)
    assert exact.measures["measure"].to_numpy() == pytest.approx(rough.measures["measure"].to_numpy(), abs=1e-7)
    ratio = rough.measures["se"] / exact.measures["se"]
    assert (abs(ratio - 1) < 0.05).all() and (ratio[exact.measures["facet"] == "j"] - 1).abs().max() < 1e-6
    assert (abs(rough.measures["se_clustered"] / exact.measures["se_clustered"] - 1) < 0.12).all()
    assert rough.thresholds["se"].to_numpy() == pytest.approx(exact.thresholds["se"].to_numpy(), abs=1e-6, nan_ok=True)
    contrast = [part.contrast("m01", "m02").iloc[0] for part in (exact, rough)]
    assert contrast[0]["se"] == pytest.approx(contrast[1]["se"], rel=1e-5)


def test_designs_that_are_not_connected_are_solved_and_told(monkeypatch):
    extreme = pd.DataFrame({"m": 30, "i": [0, 1, 2], "j": [0, 1, 2], "score": 3})
    frame = pd.concat([apart(8, 9), extreme])
    wanted = fitted(frame)
    monkeypatch.setattr(layout, "DENSE_REST", 0)
    found = fitted(frame)
    assert found.summary["converged"][0]
    assert found.summary["subsets"][0] == wanted.summary["subsets"][0] == 2
    assert found.measures["subset"].tolist() == wanted.measures["subset"].tolist()
    own = found.measures[(found.measures["facet"] == "m") & (found.measures["subset"] == 2)]["measure"].to_numpy()
    same = wanted.measures[(wanted.measures["facet"] == "m") & (wanted.measures["subset"] == 2)]["measure"].to_numpy()
    assert own - own.mean() == pytest.approx(same - same.mean(), abs=1e-7)
    for pair in (("0", "1"), ("10", "15")):
        assert found.contrast(*pair)["se"][0] == pytest.approx(wanted.contrast(*pair)["se"][0], abs=1e-7)


@pytest.mark.parametrize("held", ["nothing", "judges", "items and judges", "a mean of items"])
@pytest.mark.parametrize("floating", ["m", "i"])
def test_parts_that_nothing_connects_have_their_origins_where_anchors_leave_them_open(held, floating, monkeypatch):
    frame = apart(3, 4, 5, sizes=(4, 5, 6))
    names = {"nothing": [], "judges": ["j"], "items and judges": ["i", "j"], "a mean of items": ["i"]}[held]
    anchors = fitted(frame).anchors(["m", "i", "j"])
    anchors = anchors[anchors["facet"].isin(names)]
    if held == "a mean of items":
        anchors = anchors[anchors["label"].isin(["0", "1", "12"])].assign(group="g")
    monkeypatch.setattr(layout, "DENSE_REST", 0)
    found = fitted(frame, anchors=anchors, floating=floating)
    equations = found.parts[0].estimate.solution.equations
    whole = equations._scaled.toarray() + equations._columns @ equations._columns.T
    assert found.summary["converged"][0] and found.summary["iterations"][0] < 12
    assert np.linalg.eigvalsh(whole).min() > 1e-4
    # No constraint too many: every element's expected score is its score.
    displaced = found.parts[0].fit_statistics
    for f, name in enumerate("mij"):
        if name not in names or held == "a mean of items":
            assert displaced[f].score == pytest.approx(displaced[f].expected_score, abs=1e-6)


def test_the_clustered_covariance_falls_back_on_the_approximation(monkeypatch):
    ratings = design(2)
    monkeypatch.setattr(layout, "DENSE_REST", 0)
    _, found, parameters = maximum(ratings)
    rough = clustered(ratings, parameters, found.equations, found.information)
    monkeypatch.undo()
    monkeypatch.setattr("equipoise.judges.irt.engine.covariance._EXACT", 0)
    _, dense, parameters = maximum(ratings)
    wanted = clustered(ratings, parameters, dense.equations, dense.information)
    for one, two in zip(rough.standard_errors.locations, wanted.standard_errors.locations, strict=True):
        assert one == pytest.approx(two, abs=1e-7)


def test_the_step_itself_is_newtons(never_dense):
    ratings = ratings_of(table((8, 5, 4), 4, seed=3))
    parameters = anywhere(ratings)
    whole = Whole.of(ratings)
    x = whole.flat(parameters.locations, parameters.thresholds)
    shape = structure(ratings, Fixed.nothing(ratings))
    at = information(ratings, parameters)
    found = SparseEquations(shape, at).solve(score(at.gradient))
    wanted = whole.covariance(x, whole.origin(0)) @ whole.scores(x).sum(axis=0)
    assert whole.flat(found.locations, found.thresholds) == pytest.approx(wanted, abs=1e-8)
