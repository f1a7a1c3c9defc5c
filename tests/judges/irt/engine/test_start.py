"""The start by L-BFGS is near the maximum, meets every constraint, and leaves what is anchored alone."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from equipoise.judges.irt.engine import start as module
from equipoise.judges.irt.engine import structure as layout
from equipoise.judges.irt.engine.model import LIMIT, eta
from equipoise.judges.irt.engine.newton import Passes, zero
from equipoise.judges.irt.engine.start import centred, lbfgs, start, thin
from equipoise.judges.irt.engine.structure import Fixed, structure

from ..brute_force import DESIGNS, anywhere, design, maximum, ratings_of, table
from .test_equations import ANCHORS, anchored

EVERY = range(len(DESIGNS))
THREE = [3, 4, 5, 8]  # each facet the largest, and a scale of its own


def apart(one, two):
    """Largest difference of two sets of parameters."""
    real = np.isfinite(one.thresholds)
    pairs = [*zip(one.locations, two.locations, strict=True), (one.thresholds[real], two.thresholds[real])]
    return max(float(np.abs(a - b).max(initial=0)) for a, b in pairs)


def lacking(shape, fixed, parameters):
    """The most that any constraint of the equations still lacks, or that any anchor has moved."""
    return max(map(abs, _lacking(shape, fixed, parameters)))


def _lacking(shape, fixed, parameters):
    for f in shape.rest:
        if not fixed.holds(f) and (shape.floats_in_equations or f != shape.floating):
            yield parameters.locations[f][shape.free[f]].mean()
    for f, members, mean in fixed.means:
        yield parameters.locations[f][members].mean() - mean
    for group, free in enumerate(shape.free_steps):
        if free.any() and not np.isfinite(fixed.thresholds[group]).any():
            yield parameters.thresholds[group][free].mean()
    for f, values in enumerate(fixed.locations):
        held = np.isfinite(values)
        yield np.abs(parameters.locations[f][held] - values[held]).max(initial=0)
    held = np.isfinite(fixed.thresholds)
    yield np.abs(parameters.thresholds[held] - fixed.thresholds[held]).max(initial=0)


@pytest.mark.parametrize("number", EVERY)
def test_it_lands_near_the_maximum(number):
    ratings = design(number)
    fixed = Fixed.nothing(ratings)
    shape, found, _ = maximum(ratings)
    begin = zero(ratings, fixed)
    landed = lbfgs(ratings, shape, fixed, begin, Passes())
    assert apart(landed, found.parameters) < 0.02 < apart(begin, found.parameters)
    assert lacking(shape, fixed, landed) < 1e-12
    assert (landed.thresholds[~ratings.has_threshold] == np.inf).all()


@pytest.mark.parametrize("held", ANCHORS)
@pytest.mark.parametrize("number", THREE)
def test_anchors_and_group_means_hold_exactly(number, held):
    ratings = design(number)
    _, _, free = maximum(ratings)
    for floating in (0, 2):
        fixed = anchored(ratings, free, **held)
        shape, found, _ = maximum(ratings, fixed, floating)
        landed = lbfgs(ratings, shape, fixed, zero(ratings, fixed), Passes())
        assert lacking(shape, fixed, landed) < 1e-12
        assert np.isfinite(np.concatenate(landed.locations)).all()
        # The search knows nothing of group means, nor that the thresholds of an anchored element sum to zero.
        if not fixed.means and not (ratings.scale is not None and fixed.holds(ratings.scale)):
            assert apart(landed, found.parameters) < 0.02


@given(st.sampled_from(EVERY), st.integers(0, 10_000), st.integers(0, 1))
@settings(max_examples=25, deadline=None)
def test_centring_changes_no_expectation(number, seed, floating):
    ratings = design(number)
    fixed = Fixed.nothing(ratings)
    shape = structure(ratings, fixed, floating)
    before = anywhere(ratings, seed)
    after = centred(before, ratings, shape, fixed)
    rows = slice(None)
    group = np.zeros(len(ratings), int) if ratings.scale is None else ratings.codes[ratings.scale]
    for k in range(ratings.steps):
        own = ratings.has_threshold[group, k]
        steps = [
            (eta(ratings, parameters, rows) - parameters.thresholds[group, k])[own] for parameters in (before, after)
        ]
        assert steps[0] == pytest.approx(steps[1], abs=1e-12)
    assert lacking(shape, fixed, after) < 1e-12
    assert apart(centred(after, ratings, shape, fixed), after) < 1e-12


@pytest.mark.parametrize(("facet", "element", "floating"), [(0, 1, 0), (0, 1, 2), (1, 0, 0), (2, 0, 2)])
def test_centring_goes_round_an_anchor_where_another_facet_can_take_the_shift(facet, element, floating):
    ratings = design(2)
    before = anywhere(ratings)
    fixed = anchored(ratings, before, [(facet, element)])
    shape = structure(ratings, fixed, floating)
    # Thresholds that sum to zero already: then only facets are shifted.
    before = replace(before, thresholds=before.thresholds - before.thresholds.mean())
    after = centred(before, ratings, shape, fixed)
    assert eta(ratings, after, slice(None)) == pytest.approx(eta(ratings, before, slice(None)), abs=1e-12)
    assert lacking(shape, fixed, after) < 1e-12


def test_no_parameter_goes_beyond_the_limit():
    frame = table((8, 5, 4), 2, seed=3)
    ratings = ratings_of(frame.assign(score=(frame["m"] > 3) * 1))
    fixed = Fixed.nothing(ratings)
    shape = structure(ratings, fixed)
    landed = lbfgs(ratings, shape, fixed, zero(ratings, fixed), Passes(), ridge=0.0)
    assert all((np.abs(part) <= LIMIT + 1e-9).all() for part in landed.locations)


def test_a_stronger_penalty_pulls_towards_zero():
    ratings = design(2)
    fixed = Fixed.nothing(ratings)
    shape, _, _ = maximum(ratings)
    weak, strong = (lbfgs(ratings, shape, fixed, zero(ratings, fixed), Passes(), ridge) for ridge in (1e-6, 1.0))
    assert 0.1 < np.linalg.norm(strong.locations[1]) / np.linalg.norm(weak.locations[1]) < 0.99


@pytest.mark.parametrize(("length", "size"), [(160, 160), (160, 100), (160, 7), (160, 1)])
def test_a_thinned_table_has_one_rating_of_each_part(length, size):
    ratings = replace(design(2), response=np.arange(length, dtype=np.int32))
    assert len(ratings) == length
    marked = replace(ratings, codes=(*ratings.codes[:2], np.arange(length)))
    found = thin(marked, size)
    rows = found.codes[2]
    assert len(found) == size and (np.diff(rows) >= (length % size == 0)).all()
    assert (np.floor(rows * size / length + 1e-9) <= np.arange(size)).all()
    assert (rows + 1 > np.arange(size) * length / size - 1e-9).all()
    assert (found.category == ratings.category[rows]).all() and (found.weights == ratings.weights[rows]).all()
    assert all((one == two[rows]).all() for one, two in zip(found.codes[:2], ratings.codes[:2], strict=True))
    assert found.response is None and found.rows is None
    assert (thin(marked, size).codes[2] == rows).all()
    if 1 < size < length:
        assert (thin(marked, size, seed=1).codes[2] != rows).any()


def test_small_data_begin_at_zero_large_data_on_a_sample_and_sparse_equations_on_everything(monkeypatch):
    ratings = design(4)
    fixed = Fixed.nothing(ratings)
    shape, found, _ = maximum(ratings)
    sizes = []

    def sized(ratings, *others):
        sizes.append((len(ratings), *others[4:]))
        return lbfgs(ratings, *others)

    monkeypatch.setattr(module, "lbfgs", sized)
    assert apart(start(ratings, shape, fixed, Passes()), zero(ratings, fixed)) == 0
    assert sizes == []
    monkeypatch.setattr(module, "ENOUGH", 120)
    sampled = start(ratings, shape, fixed, Passes())
    assert [size for size, *_ in sizes] == [120]
    assert apart(sampled, found.parameters) < 1.5
    assert lacking(shape, fixed, sampled) < 1e-12
    monkeypatch.setattr(layout, "DENSE_REST", 3)
    assert apart(start(ratings, shape, fixed, Passes()), found.parameters) < 0.02
    assert [size for size, *_ in sizes] == [120, 160]
