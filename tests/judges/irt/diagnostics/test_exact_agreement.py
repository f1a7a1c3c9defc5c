"""Exact agreement against every pair listed, in all designs, and on ratings whose agreement is known."""

import itertools
from dataclasses import replace

import numpy as np
import pytest

from equipoise.judges.irt.diagnostics import exact_agreement
from equipoise.judges.irt.diagnostics.exact_agreement import agreement
from equipoise.judges.irt.engine.model import Parameters
from equipoise.judges.irt.engine.ratings import Facet, Ratings, read_frame
from equipoise.judges.irt.simulate import simulate

from ..by_hand import repeated, rows, small


def by_pairs(ratings, parameters, facet):
    """Opportunities, observed and expected matches of each element, pair by pair, in original scores."""
    found = np.zeros((3, ratings.sizes[facet]))
    chances = []
    table = rows(ratings, parameters)
    for row in table:
        scores = ratings.scores[row.group]
        chances.append({score: p for score, p in zip(scores.tolist(), row.p, strict=True) if p > 0})
    for (n, one), (m, other) in itertools.combinations(enumerate(table), 2):
        rest = [[code for f, code in enumerate(row.codes) if f != facet] for row in (one, other)]
        if rest[0] != rest[1] or one.codes[facet] == other.codes[facet] or one.response != other.response:
            continue
        weight = one.weight * other.weight
        match = sum(p * chances[m].get(score, 0.0) for score, p in chances[n].items())
        for row in (one, other):
            found[:, row.codes[facet]] += weight * np.array([1, one.score == other.score, match])
    return found


def as_array(found):
    return np.array([found.opportunities, found.observed, found.expected])


@pytest.mark.parametrize("chunk", [10, 1 << 15])
@pytest.mark.parametrize("facet", [0, 1, 2])
@pytest.mark.parametrize(
    ("scale", "weighted", "response"), [(None, False, None), (None, True, 2), (1, True, None), (2, False, 3)]
)
def test_every_pair_counts(facet, scale, weighted, response, chunk, monkeypatch):
    monkeypatch.setattr(exact_agreement, "CHUNK", chunk)
    ratings, parameters = small(scale, weighted, number=120, response=response)
    wanted = by_pairs(ratings, parameters, facet)
    assert (wanted > 0).all() and (wanted[1] < wanted[0]).all()
    found = agreement(ratings, parameters, facet)
    np.testing.assert_allclose(as_array(found), wanted, rtol=1e-9)
    np.testing.assert_allclose(as_array(found.overall), wanted.sum(axis=1) / 2, rtol=1e-9)
    assert found.observed_share == pytest.approx(wanted[1] / wanted[0])
    assert found.expected_share == pytest.approx(wanted[2] / wanted[0])
    assert found.kappa == pytest.approx((wanted[1] - wanted[2]) / (wanted[0] - wanted[2]))


def test_a_weight_is_a_number_of_ratings():
    ratings, parameters = small(number=120)
    times = np.random.default_rng(1).integers(1, 4, len(ratings))
    weighted = agreement(replace(ratings, weights=times.astype(float)), parameters, 2)
    np.testing.assert_allclose(as_array(weighted), as_array(agreement(repeated(ratings, times), parameters, 2)))


def test_codes_that_do_not_fit_are_made_dense():
    ratings, parameters = small(number=120, response=3)
    wanted = agreement(ratings, parameters, 2)
    far = replace(ratings, response=np.array([0, 2**60, 2**61 - 1])[ratings.response])  # 2^61 codes: 8 contexts fit
    np.testing.assert_allclose(as_array(agreement(far, parameters, 2)), as_array(wanted))


@pytest.mark.parametrize("chunk", [10, 1 << 15])
@pytest.mark.parametrize("first", [1, 2])
def test_contexts_need_not_begin_at_code_0(first, chunk, monkeypatch):
    monkeypatch.setattr(exact_agreement, "CHUNK", chunk)
    ratings, parameters = small(number=120)
    ratings = ratings.take(ratings.codes[0] * 4 + ratings.codes[1] >= first)
    np.testing.assert_allclose(as_array(agreement(ratings, parameters, 2)), by_pairs(ratings, parameters, 2), rtol=1e-9)


def test_one_context_larger_than_a_chunk(monkeypatch):
    """300 judges read one essay: 44,850 pairs, of which those with the same score agree."""
    monkeypatch.setattr(exact_agreement, "CHUNK", 64)
    category = np.arange(300) % 3
    ratings = Ratings(
        facets=(Facet("essay", ("e",)), Facet("judge", tuple(map(str, range(300))))),
        codes=(np.zeros(300, np.int16), np.arange(300, dtype=np.int16)),
        category=category.astype(np.int8),
        scores=np.arange(3.0)[None],
    )
    found = agreement(ratings, Parameters((np.zeros(1), np.zeros(300)), np.zeros((1, 2))), 1)
    assert found.overall.opportunities == 300 * 299 / 2
    assert found.overall.observed == 3 * (100 * 99 / 2)
    assert found.overall.expected == pytest.approx(300 * 299 / 2 / 3)
    assert (found.observed == 99).all()


def test_nobody_to_agree_with():
    ratings, parameters = small()
    alone = agreement(ratings.take(ratings.codes[2] == 1), parameters, 2)
    assert not as_array(alone).any()
    assert np.isnan(alone.kappa).all() and np.isnan(alone.overall.observed_share)


def test_judges_who_follow_the_model_agree_as_often_as_it_says_and_those_who_share_something_more_often():
    for response_sd in (0.0, 1.0):
        made = simulate(50, 30, 4, response_sd=response_sd, seed=4)
        ratings, _ = read_frame(made.ratings, "model", ("item", "judge"), "score")
        locations = (made.abilities.to_numpy(), made.difficulties.to_numpy(), made.severities.to_numpy())
        found = agreement(ratings, Parameters(locations, made.thresholds.to_numpy()[None]), 2)
        assert found.overall.opportunities == 50 * 30 * 6
        if response_sd:
            assert (found.kappa > 0.05).all()
        else:
            assert np.abs(found.kappa).max() < 0.03
