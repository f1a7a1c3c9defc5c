"""Dependence within responses: the formula, its null distribution, and the effects that fit statistics cannot see."""

import math
from collections import defaultdict
from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import norm

from equipoise.judges.irt.diagnostics.dependence import Dependence, dependence
from equipoise.judges.irt.diagnostics.element_fit import element_fit
from equipoise.judges.irt.engine import model
from equipoise.judges.irt.engine.model import Parameters
from equipoise.judges.irt.engine.ratings import read_frame
from equipoise.judges.irt.simulate import simulate

from ..by_hand import repeated, rows, small, total
from ..known import solve


def by_formula(ratings, parameters):
    groups = defaultdict(list)
    for row in rows(ratings, parameters):
        groups[row.codes[:2] if row.response is None else row.response].append(row)
    used = [group for group in groups.values() if len(group) >= 2]
    assert 3 < len(used) < len(groups)
    variance = [total(group, lambda r: r.v) for group in used]
    ratio = [total(group, lambda r: r.y - r.e) ** 2 / v for group, v in zip(used, variance, strict=True)]
    spread = [2 + total(group, lambda r: r.c4 - 3 * r.v**2) / v**2 for group, v in zip(used, variance, strict=True)]
    return len(used), sum(map(len, used)), np.mean(ratio), math.sqrt(sum(spread)) / len(used)


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("response", [None, 25, 10**6])
def test_it_is_its_formula(weighted, response, monkeypatch):
    monkeypatch.setattr(model, "CHUNK", 16)
    ratings, parameters = small(weighted=weighted, number=40, response=response and 25)
    if response == 10**6:  # the same responses under codes with gaps
        ratings = replace(ratings, response=ratings.response * 10**6)
    found = dependence(ratings, parameters)
    responses, number, ratio, error = by_formula(ratings, parameters)
    assert (found.responses, found.ratings) == (responses, number)
    assert found.ratio == pytest.approx(ratio)
    assert found.standard_error == pytest.approx(error)
    assert found.z == pytest.approx((ratio - 1) / error)
    assert found.p == pytest.approx(1 - norm.cdf((ratio - 1) / error))


def test_sparse_responses_have_the_same_sums_as_dense_ones():
    """6 x 4 responses are more than 20 ratings and fewer than 40: codes made dense in one case only."""
    for number in (20, 40):
        ratings, parameters = small(number=number)
        coded = replace(ratings, response=(ratings.codes[0] * 4 + ratings.codes[1]).astype(np.int32))
        assert dependence(ratings, parameters) == dependence(coded, parameters)


def test_a_weight_is_a_number_of_ratings():
    ratings, parameters = small(number=200)
    times = np.random.default_rng(1).integers(1, 3, len(ratings))
    weighted = dependence(replace(ratings, weights=times.astype(float)), parameters)
    plain = dependence(repeated(ratings, times), parameters)
    assert weighted.responses == plain.responses == 24
    assert (weighted.ratio, weighted.standard_error) == pytest.approx((plain.ratio, plain.standard_error))


def test_nothing_without_two_ratings_of_a_response():
    ratings, parameters = small(number=20, response=5)
    found = dependence(replace(ratings, response=np.arange(20, dtype=np.int32)), parameters)
    assert (found.responses, found.ratings) == (0, 0)
    assert math.isnan(found.ratio) and math.isnan(found.p) and not found.dependent


def test_the_warning_is_above_a_ratio_of_1_2():
    assert [Dependence(9, 20, ratio, 0.1).dependent for ratio in (1.2, 1.21)] == [False, True]


def drawn(seed, **options):
    made = simulate(40, 25, 4, response_sd=options.pop("response_sd", 0.0), seed=seed, **options)
    ratings, _ = read_frame(made.ratings, "model", ("item", "judge"), "score")
    locations = (made.abilities.to_numpy(), made.difficulties.to_numpy(), made.severities.to_numpy())
    return ratings, Parameters(locations, made.thresholds.to_numpy()[None]), made


def test_z_is_standard_normal_under_independence():
    """40 sets of 1,000 responses at the true parameters: mean and variance of z within 3 standard errors."""
    z = np.array([dependence(*drawn(seed)[:2]).z for seed in range(40)])
    assert abs(z.mean()) < 3 / math.sqrt(40)
    assert 1 - 3 * math.sqrt(2 / 39) < z.var(ddof=1) < 1 + 3 * math.sqrt(2 / 39)


@pytest.mark.parametrize(("response_sd", "wanted"), [(0.0, 0.99), (0.5, 1.56), (1.0, 2.53)])
def test_a_shared_quality_shows_here_and_not_in_the_fit(response_sd, wanted):
    """The specification's table (section 7): 100 models, 100 items, 5 judges, after a fit."""
    made = simulate(100, 100, 5, response_sd=response_sd, seed=8)
    ratings, parameters, _, _ = solve(made.ratings, "model", ("item", "judge"))
    found = dependence(ratings, parameters)
    assert found.responses == 10_000
    assert found.ratio == pytest.approx(wanted, abs=0.08)
    assert found.dependent is (response_sd > 0)
    fit = element_fit(ratings, parameters)
    assert fit[0].outfit.mean() == pytest.approx(1, abs=0.01)
    assert fit[2].infit == pytest.approx(np.ones(5), abs=0.05)
