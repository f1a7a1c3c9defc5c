"""Newton's method ends at the maximum of the model written out, wherever it begins and however it saves work."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from equipoise.judges.irt.engine import newton as module
from equipoise.judges.irt.engine.extremes import set_aside
from equipoise.judges.irt.engine.kernel import gradient, information
from equipoise.judges.irt.engine.model import LIMIT, Parameters
from equipoise.judges.irt.engine.newton import TOLERANCE, Passes, newton, zero
from equipoise.judges.irt.engine.start import centred
from equipoise.judges.irt.engine.structure import Fixed, recentre, structure
from equipoise.judges.irt.engine.vector import score

from ..brute_force import DESIGNS, Whole, anywhere, design, maximum, ratings_of, table

EVERY = range(len(DESIGNS))


def counting(counts):
    """Passes that note how often they run."""

    def count(name, function):
        def run(*arguments):
            counts[name] = counts.get(name, 0) + 1
            return function(*arguments)

        return run

    return Passes(count("gradient", gradient), count("information", information))


@pytest.mark.parametrize("number", EVERY)
def test_the_maximum_is_that_of_the_whole_model(number):
    ratings = design(number)
    whole = Whole.of(ratings)
    for floating in range(len(ratings.sizes)):
        _, found, parameters = maximum(ratings, floating=floating)
        assert found.converged and found.largest_step < TOLERANCE and found.iterations < 15
        x = whole.maximum(whole.origin(floating))
        assert whole.flat(parameters.locations, parameters.thresholds) == pytest.approx(x, abs=2e-8)
        assert found.log_likelihood == pytest.approx(whole.log_likelihood(x), rel=1e-12)
        for f, part in enumerate(parameters.locations):
            assert f == floating or part.mean() == pytest.approx(0, abs=1e-12)
        finite = np.where(ratings.has_threshold, parameters.thresholds, 0)
        assert finite.sum(axis=1) == pytest.approx(0, abs=1e-12)


@given(st.sampled_from(EVERY), st.integers(0, 10_000), st.floats(0.1, 3))
@settings(max_examples=15, deadline=None)
def test_the_start_does_not_matter(number, seed, spread):
    ratings = design(number)
    fixed = Fixed.nothing(ratings)
    shape, found, _ = maximum(ratings)
    begin = centred(anywhere(ratings, seed, spread), ratings, shape, fixed)
    steps = []
    other = newton(ratings, shape, begin, Passes(), progress=lambda *told: steps.append(told))
    assert other.converged
    for one, two in zip(found.parameters.locations, other.parameters.locations, strict=True):
        assert one == pytest.approx(two, abs=3e-8)
    # The log-likelihood is told before each step; it is concave, so it rises once steps are no longer cut short.
    likelihoods = [likelihood for _, likelihood, largest in steps if largest < 1]
    assert (np.diff(likelihoods) > -1e-9).all()
    assert [iteration for iteration, *_ in steps] == list(range(1, other.iterations + 1))


@pytest.mark.parametrize("facet", range(3))
@pytest.mark.parametrize("number", [2, 3, 4, 8])
def test_a_constant_added_to_a_facet_of_the_start_is_taken_out(number, facet):
    ratings = design(number)
    fixed = Fixed.nothing(ratings)
    shape, _, parameters = maximum(ratings)
    begin = zero(ratings, fixed)
    locations = [part + 1.7 * (f == facet) for f, part in enumerate(begin.locations)]
    shifted = centred(Parameters(tuple(locations), begin.thresholds - 0.4), ratings, shape, fixed)
    other = recentre(newton(ratings, shape, shifted, Passes()).parameters, shape)
    for one, two in zip(parameters.locations, other.locations, strict=True):
        assert one == pytest.approx(two, abs=2e-8)


def test_zero_has_the_logits_of_neighbouring_categories():
    ratings = design(7)  # weighted, a scale per item
    found = zero(ratings, Fixed.nothing(ratings))
    assert all((part == 0).all() for part in found.locations)
    for group, own in enumerate(found.thresholds):
        counts = [
            ratings.weights[(ratings.codes[1] == group) & (ratings.category == k)].sum()
            for k in range(int(ratings.has_threshold[group].sum()) + 1)
        ]
        wanted = np.log((np.array(counts[:-1]) + 0.5) / (np.array(counts[1:]) + 0.5))
        assert own[: len(wanted)] == pytest.approx(wanted - wanted.mean())
        assert (own[len(wanted) :] == np.inf).all()


def test_zero_has_anchors_in_place():
    ratings = design(2)
    fixed = Fixed.nothing(ratings)
    fixed.locations[0][3], fixed.thresholds[0, 1] = 1.25, -0.5
    found = zero(ratings, replace(fixed, means=((2, np.array([0, 2]), 0.75),)))
    assert found.locations[0].tolist() == [0, 0, 0, 1.25, 0, 0, 0, 0]
    assert found.locations[2].tolist() == [0.75, 0, 0.75, 0]
    assert found.thresholds[0, 1] == -0.5
    assert np.isnan(fixed.locations[2]).all()


@pytest.mark.parametrize("number", EVERY)
def test_simplified_steps_end_at_the_same_maximum_with_the_same_information(number, monkeypatch):
    ratings = design(number)
    fixed = Fixed.nothing(ratings)
    shape, full, _ = maximum(ratings)
    monkeypatch.setattr(module, "_CHEAP", 0)
    counts = {}
    found = newton(ratings, shape, zero(ratings, fixed), counting(counts))
    assert found.converged and found.largest_step < TOLERANCE
    assert counts["gradient"] >= 1 and counts["information"] < full.iterations
    for one, two in zip(full.parameters.locations, found.parameters.locations, strict=True):
        assert one == pytest.approx(two, abs=3e-8)
    assert full.parameters.thresholds == pytest.approx(found.parameters.thresholds, abs=3e-8)
    for one, two in zip(full.information.variances, found.information.variances, strict=True):
        assert one == pytest.approx(two, rel=2e-3)
    assert found.equations.solve(score(found.information.gradient)).largest < 2 * module._SAME


def test_information_is_taken_once_more_where_it_is_stale(monkeypatch):
    ratings = design(2)
    shape, full, _ = maximum(ratings)
    monkeypatch.setattr(module, "_CHEAP", 0)
    monkeypatch.setattr(module, "_SAME", 0.0)
    found = newton(ratings, shape, zero(ratings, Fixed.nothing(ratings)), Passes())
    for one, two in zip(full.information.variances, found.information.variances, strict=True):
        assert one == pytest.approx(two, rel=1e-7)
    assert found.log_likelihood == pytest.approx(full.log_likelihood, rel=1e-13)


def test_no_step_is_longer_than_two_logits():
    ratings = design(2)
    fixed = Fixed.nothing(ratings)
    shape = structure(ratings, fixed)
    begin = centred(anywhere(ratings, 1, 4.0), ratings, shape, fixed)
    seen = []

    def passed(ratings, parameters):
        seen.append(parameters)
        return information(ratings, parameters)

    told = []
    newton(ratings, shape, begin, Passes(gradient, passed), progress=lambda *step: told.append(step[2]))
    assert max(told) > 2
    for before, after, largest in zip(seen[:-1], seen[1:], told, strict=False):
        moved = max(
            np.abs(one - two).max()
            for one, two in zip(
                (*before.locations, before.thresholds), (*after.locations, after.thresholds), strict=True
            )
        )
        assert moved == pytest.approx(min(largest, 2.0), rel=1e-9)


def test_a_looser_tolerance_ends_sooner():
    _, tight, _ = maximum(design(2))
    _, loose, _ = maximum(design(2), tolerance=1e-2)
    assert loose.converged and loose.iterations < tight.iterations and 1e-8 < loose.largest_step < 1e-2


def test_without_a_finite_maximum_it_ends_unconverged_within_the_limit():
    # Good objects always pass the easy items and bad ones always fail the hard items: moving the good objects and the
    # hard items up together makes the ratings likelier without end, though nobody's score is extreme.
    frame = table((8, 6, 4), 2, seed=0)
    good, easy = frame["m"] < 4, frame["i"] < 3
    ratings = ratings_of(frame.assign(score=np.where(good & easy, 1, np.where(~good & ~easy, 0, frame["score"]))))
    assert len(set_aside(ratings)[0]) == len(ratings)
    _, found, _ = maximum(ratings)
    assert not found.converged and found.iterations == module.MOST_ITERATIONS
    assert all((np.abs(part) <= LIMIT).all() for part in found.parameters.locations)
    assert np.isfinite(found.log_likelihood)
