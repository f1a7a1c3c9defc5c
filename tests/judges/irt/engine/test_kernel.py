"""Gradient and information against finite differences and against the model written out over all parameters."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from equipoise.judges.irt.engine import kernel, model
from equipoise.judges.irt.engine.kernel import gradient, information
from equipoise.judges.irt.engine.vector import score, sign

from ..brute_force import DESIGNS, Whole, anywhere, design, ratings_of, table

EVERY = range(len(DESIGNS))


def flat_score(whole, found):
    slope = score(found)
    return whole.flat(slope.locations, slope.thresholds)


def matrix(ratings, found):
    """The information's sums put together with the signs of the model, shape (parameters, parameters)."""
    sizes, steps = ratings.sizes, ratings.steps
    starts = np.cumsum([0, *sizes])
    whole = np.zeros((starts[-1] + ratings.groups * steps,) * 2)
    for f, size in enumerate(sizes):
        own = slice(starts[f], starts[f] + size)
        whole[own, own] = np.diag(found.variances[f])
        whole[own, starts[-1] :] = -sign(f) * found.with_steps[f].reshape(size, -1)
        for g in range(f + 1, len(sizes)):
            other = slice(starts[g], starts[g] + sizes[g])
            whole[own, other] = sign(f) * sign(g) * np.asarray(found.pairs[f, g])
    for group in range(ratings.groups):
        own = slice(starts[-1] + group * steps, starts[-1] + (group + 1) * steps)
        whole[own, own] = found.steps[group]
        assert (found.steps[group] == found.steps[group].T).all()
    return np.triu(whole) + np.triu(whole, 1).T


@pytest.mark.parametrize("number", EVERY)
def test_gradient_is_the_slope_of_the_log_likelihood(number):
    ratings = design(number)
    whole, parameters = Whole.of(ratings), anywhere(ratings)
    x, width = whole.flat(parameters.locations, parameters.thresholds), 1e-5
    slopes = [
        (
            gradient(ratings, whole.parts(x + width * unit)).log_likelihood
            - gradient(ratings, whole.parts(x - width * unit)).log_likelihood
        )
        / (2 * width)
        for unit in np.eye(len(x))
    ]
    assert flat_score(whole, gradient(ratings, parameters)) == pytest.approx(np.array(slopes), abs=1e-6)


@pytest.mark.parametrize("number", EVERY)
def test_information_is_the_slope_of_the_gradient(number):
    ratings = design(number)
    whole, parameters = Whole.of(ratings), anywhere(ratings)
    x, width = whole.flat(parameters.locations, parameters.thresholds), 1e-5
    slopes = [
        (
            flat_score(whole, gradient(ratings, whole.parts(x - width * unit)))
            - flat_score(whole, gradient(ratings, whole.parts(x + width * unit)))
        )
        / (2 * width)
        for unit in np.eye(len(x))
    ]
    assert matrix(ratings, information(ratings, parameters)) == pytest.approx(np.array(slopes), abs=1e-6)


@pytest.mark.parametrize("facet", range(3))
@pytest.mark.parametrize("number", [2, 6, 8])
def test_slopes_are_in_every_derivative(number, facet):
    factors = np.random.default_rng(1).uniform(0.5, 1.5, design(number).sizes[facet])
    ratings = replace(design(number), slopes=(facet, factors))
    whole, parameters = Whole.of(ratings), anywhere(ratings)
    x, width = whole.flat(parameters.locations, parameters.thresholds), 1e-5
    around = [[whole.parts(x + side * width * unit) for side in (-1, 1)] for unit in np.eye(len(x))]
    likelihoods = np.array([[gradient(ratings, at).log_likelihood for at in pair] for pair in around])
    scores = np.array([[flat_score(whole, gradient(ratings, at)) for at in pair] for pair in around])
    found = information(ratings, parameters)
    assert flat_score(whole, found.gradient) == pytest.approx(np.diff(likelihoods)[:, 0] / (2 * width), abs=1e-6)
    assert matrix(ratings, found) == pytest.approx(-np.diff(scores, axis=1)[:, 0] / (2 * width), abs=1e-6)
    plain = gradient(replace(ratings, slopes=None), parameters)
    assert abs(plain.log_likelihood - found.gradient.log_likelihood) > 0.1


@given(st.sampled_from(EVERY), st.integers(0, 10_000), st.floats(0, 3))
@settings(max_examples=25, deadline=None)
def test_sums_are_those_of_the_model_written_out(number, seed, spread):
    ratings = design(number)
    whole, parameters = Whole.of(ratings), anywhere(ratings, seed, spread)
    x = whole.flat(parameters.locations, parameters.thresholds)
    found = information(ratings, parameters)
    assert found.gradient.log_likelihood == pytest.approx(whole.log_likelihood(x), rel=1e-11)
    assert flat_score(whole, found.gradient) == pytest.approx(whole.scores(x).sum(axis=0), abs=1e-9)
    assert matrix(ratings, found) == pytest.approx(whole.information(x), abs=1e-9)


@pytest.mark.parametrize("number", EVERY)
def test_both_passes_have_the_same_gradient(number):
    ratings = design(number)
    first, second = gradient(ratings, anywhere(ratings)), information(ratings, anywhere(ratings)).gradient
    assert first.log_likelihood == second.log_likelihood
    for one, other in zip((*first.residuals, first.thresholds), (*second.residuals, second.thresholds), strict=True):
        assert (one == other).all()


def same(first, second, abs=1e-10):
    """Two sets of sums agree to rounding."""
    assert first.gradient.log_likelihood == pytest.approx(second.gradient.log_likelihood, rel=1e-12)
    tables = [
        (*found.gradient.residuals, found.gradient.thresholds, *found.variances, *found.with_steps, found.steps)
        for found in (first, second)
    ]
    for one, other in zip(*tables, strict=True):
        assert one == pytest.approx(other, abs=abs)
    for pair, one in first.pairs.items():
        other = second.pairs[pair]
        dense = [part if isinstance(part, np.ndarray) else part.toarray() for part in (one, other)]
        assert dense[0] == pytest.approx(dense[1], abs=abs)


@pytest.mark.parametrize("number", EVERY)
@pytest.mark.parametrize("size", [3, 37])
def test_chunks_change_nothing(number, size, monkeypatch):
    ratings = design(number)
    whole = information(ratings, anywhere(ratings))
    monkeypatch.setattr(kernel, "CHUNK", size)
    same(information(ratings, anywhere(ratings)), whole)


@pytest.mark.parametrize("number", EVERY)
def test_logs_give_the_same_sums_as_products(number, monkeypatch):
    ratings = design(number)
    products = information(ratings, anywhere(ratings))
    monkeypatch.setattr(model, "_SAFE", -1.0)
    monkeypatch.setattr(model.Expectation, "_logs", counted := Counted(model.Expectation._logs))
    same(information(ratings, anywhere(ratings)), products)
    assert counted.calls


class Counted:
    """A method that counts its calls."""

    def __init__(self, method):
        self.method, self.calls = method, 0

    def __get__(self, instance, owner):
        def call(*arguments):
            self.calls += 1
            return self.method(instance, *arguments)

        return call


def test_fifty_categories_far_out_are_summed_in_logs(monkeypatch):
    frame = table((8, 7, 6), 4, seed=3)
    ratings = ratings_of(frame.assign(score=np.random.default_rng(0).permutation(np.arange(len(frame)) % 50)))
    assert ratings.steps == 49
    whole, near, far = Whole.of(ratings), anywhere(ratings, spread=0.05), anywhere(ratings, spread=8.0)
    monkeypatch.setattr(model.Expectation, "_logs", counted := Counted(model.Expectation._logs))
    for parameters, in_logs in ((near, False), (far, True)):
        x = whole.flat(parameters.locations, parameters.thresholds)
        likeliest = replace(ratings, category=whole.logs(x).argmax(axis=1))  # no rating with P below 1e-308
        found, wanted = gradient(likeliest, parameters), Whole.of(likeliest)
        assert found.log_likelihood == pytest.approx(wanted.log_likelihood(x), rel=1e-10)
        assert flat_score(whole, found) == pytest.approx(wanted.scores(x).sum(axis=0), abs=1e-7)
        assert bool(counted.calls) == in_logs
    products = information(ratings, near)
    monkeypatch.setattr(model, "_SAFE", -1.0)
    same(information(ratings, near), products, abs=1e-7)


@pytest.mark.parametrize("number", EVERY)
def test_sparse_pairs_hold_the_same_cells(number, monkeypatch):
    ratings = design(number)
    dense = information(ratings, anywhere(ratings))
    monkeypatch.setattr(kernel, "DENSE_CELLS", 35)
    sparse = information(ratings, anywhere(ratings))
    large = {pair for pair in dense.pairs if kernel.is_sparse(ratings, pair)}
    assert {pair for pair, part in sparse.pairs.items() if not isinstance(part, np.ndarray)} == large
    assert large == {(f, g) for f, g in dense.pairs if ratings.sizes[f] * ratings.sizes[g] > 35}
    same(sparse, dense)


def test_a_category_a_group_does_not_have_is_never_expected():
    ratings = design(6)
    missing = ~ratings.has_threshold
    assert missing.any()
    found = information(ratings, anywhere(ratings))
    assert (found.gradient.thresholds[missing] == 0).all()
    for part in found.with_steps:
        assert (part[:, missing] == 0).all()
    assert all((block[row] == 0).all() for block, row in zip(found.steps, missing, strict=True))


def test_a_weight_counts_as_so_many_ratings():
    frame = table((8, 5, 4), 4, weighted=True, seed=3)
    weighted = ratings_of(frame)
    repeated = ratings_of(frame.loc[frame.index.repeat(frame["w"].astype(int))].drop(columns="w"))
    parameters = anywhere(weighted)
    same(information(weighted, parameters), information(repeated, parameters), abs=1e-9)
