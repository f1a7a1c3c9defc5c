"""Biases against one equation solved at a time, published reports, and simulations that know the truth."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.optimize import brentq
from scipy.stats import chi2, norm, t

from equipoise.errors import InputError
from equipoise.judges.irt.diagnostics import shift
from equipoise.judges.irt.diagnostics.bias import Bias, interaction, random_bias
from equipoise.judges.irt.engine.model import Parameters
from equipoise.judges.irt.engine.ratings import Facet, Ratings
from equipoise.judges.irt.simulate import simulate

from ..by_hand import repeated, rows, small, total
from ..known import guilford, solve

STOPPED_SHORT = 0.035  # logits: Facets stops 3-5 % short of the maximum, see test_known


# --- One cell at a time ------------------------------------------------------------------------------------------


def cells_of(ratings, parameters, parts):
    """The rows of every cell, by its elements."""
    found = {}
    for n, row in enumerate(rows(ratings, parameters)):
        key = tuple(row.codes[part] if isinstance(part, int) else int(part[n]) for part in parts)
        found.setdefault(key, []).append(n)
    return found


def at(ratings, parameters, members, b):
    """The rows of a cell with b added to eta: every model counts plus."""
    first, *others = parameters.locations
    only = ratings.take(np.isin(np.arange(len(ratings)), members))
    return rows(only, Parameters((first + b, *others), parameters.thresholds))


def by_brentq(ratings, parameters, members):
    """b with sum w (y - E(eta + b)) = 0, a total at an end moved .3 inward; and the rows there."""
    chosen = at(ratings, parameters, members, 0.0)
    top = sum(row.weight * (sum(p > 0 for p in row.p) - 1) for row in chosen)
    observed = total(chosen, lambda row: row.y)
    extreme = observed in (0, top)
    target = observed + (0.3 if observed == 0 else -0.3 if extreme else 0.0) * min(top, 1.0)
    b = brentq(lambda b: total(at(ratings, parameters, members, b), lambda row: row.e) - target, -25, 25, xtol=1e-12)
    return b, extreme, at(ratings, parameters, members, b)


GROUP = np.array([0, 1, 1, 0, 2, 2])  # of each model


@pytest.mark.parametrize("scale", [None, 2])
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("kind", ["judge x model", "model x item", "three", "group x item"])
def test_every_cell_solves_its_equation(scale, weighted, kind):
    ratings, parameters = small(scale, weighted, number=70)
    parts = {
        "judge x model": (2, 0),
        "model x item": (0, 1),
        "three": (0, 1, 2),
        "group x item": (GROUP[ratings.codes[0]], 1),
    }[kind]
    found = interaction(ratings, parameters, parts)
    cells = cells_of(ratings, parameters, parts)
    assert list(zip(*(codes.tolist() for codes in found.codes), strict=True)) == sorted(cells)
    assert found.parts == ((None, 1) if kind == "group x item" else parts)
    extremes = 0
    for n, key in enumerate(sorted(cells)):
        b, extreme, there = by_brentq(ratings, parameters, cells[key])
        held = at(ratings, parameters, cells[key], 0.0)
        variance, weight = total(there, lambda row: row.v), total(held, lambda row: 1)
        extremes += extreme
        assert found.extreme[n] == extreme
        assert found.bias[n] == pytest.approx(b, abs=1e-8)
        assert found.count[n] == pytest.approx(weight)
        assert found.observed[n] == pytest.approx(total(held, lambda row: row.score))
        assert found.expected[n] == pytest.approx(total(held, lambda row: row.expected_score))
        assert found.model_se[n] == found.se[n] == pytest.approx(variance**-0.5, rel=1e-6)
        assert found.t[n] == pytest.approx(b * variance**0.5, rel=1e-6)
        assert found.df[n] == pytest.approx(weight - 1)
        assert found.infit[n] == pytest.approx(total(there, lambda row: (row.y - row.e) ** 2) / variance, rel=1e-6)
        assert found.outfit[n] == pytest.approx(total(there, lambda row: row.z**2) / weight, rel=1e-6)
    assert found.average == pytest.approx((found.observed - found.expected) / found.count)
    tested = found.df > 0
    assert found.p[tested] == pytest.approx(2 * t.sf(abs(found.t[tested]), found.df[tested]))
    assert np.isnan(found.p[~tested]).all()
    assert extremes > 0 or kind in ("judge x model", "group x item")
    assert found.clustered_se is None


def test_a_bias_far_from_the_start_is_found():
    """Ratings that the main effects call all but impossible: b is about 30 logits, Newton alone would overshoot."""
    codes = np.zeros(40, dtype=np.int16)
    category = np.array([1] * 39 + [0], dtype=np.int8)
    facets = (Facet("m", ("a",)), Facet("i", ("b",)), Facet("j", ("c",)))
    ratings = Ratings(facets, (codes, codes, codes), category, np.array([[0.0, 1.0]]))
    parameters = Parameters((np.array([-15.0]), np.array([12.0]), np.zeros(1)), np.zeros((1, 1)))
    assert interaction(ratings, parameters, (0, 1)).bias == pytest.approx(27 + np.log(39), abs=1e-8)
    flipped = replace(ratings, category=(1 - category).astype(np.int8))
    assert interaction(flipped, parameters, (0, 1)).bias == pytest.approx(27 - np.log(39), abs=1e-8)


@pytest.mark.parametrize("start", [-0.7, -0.31, 0.4, 1.3])
def test_thresholds_in_disorder_make_newtons_steps_too_long(start):
    """Ten categories of which only the ends are likely: the expectation leaps from 0 to 9 within .3 logit."""
    codes = np.zeros(20, dtype=np.int16)
    category = np.array([0] * 9 + [1] + [9] * 10, dtype=np.int8)
    facets = (Facet("m", ("a",)), Facet("i", ("b",)))
    ratings = Ratings(facets, (codes, codes), category, np.arange(10.0)[None])
    tau = np.linspace(4, -4, 9)[None]
    held = Parameters((np.array([start]), np.zeros(1)), tau)

    def expected(b):
        odds = np.exp(np.arange(10) * (start + b) - np.concatenate([[0], np.cumsum(tau)]))
        return np.arange(10) @ odds / odds.sum()

    b = brentq(lambda b: expected(b) - 91 / 20, -3, 3, xtol=1e-13)
    assert interaction(ratings, held, (0, 1)).bias == pytest.approx(b, abs=1e-9)
    assert b == pytest.approx(-start, abs=0.01)


def dichotomous(counts, weights=None):
    """Cells (model, judge) of a number of ones and zeros each, with all measures 0."""
    table = [(m, j, y) for (m, j), (ones, zeros) in counts.items() for y in [1] * ones + [0] * zeros]
    model, judge, category = np.array(table, dtype=np.int16).T
    sizes = model.max() + 1, judge.max() + 1
    facets = tuple(Facet(name, tuple(map(str, range(size)))) for name, size in zip("mj", sizes, strict=True))
    ratings = Ratings(facets, (model, judge), category.astype(np.int8), np.array([[0.0, 1.0]]), weights=weights)
    return ratings, Parameters(tuple(np.zeros(size) for size in sizes), np.zeros((1, 1)))


def test_the_sign_is_that_of_the_scores():
    """3 ones of 4 where 2 are expected: b = log 3, whichever facets are crossed and however they count."""
    ratings, parameters = dichotomous({(0, 0): (3, 1), (0, 1): (1, 3), (1, 0): (1, 3), (1, 1): (3, 1)})
    for parts in ((0, 1), (1, 0)):
        found = interaction(ratings, parameters, parts)
        same = found.codes[0] == found.codes[1]
        assert found.bias == pytest.approx(np.where(same, np.log(3), -np.log(3)))
        assert found.average == pytest.approx(np.where(same, 0.25, -0.25))
        assert found.se == pytest.approx((4 * 3 / 16) ** -0.5)


def test_extreme_cells_are_moved_inward_and_flagged():
    """4 of 4: as 3.7 of 4. A single rating of weight .1 moves by .03."""
    ratings, parameters = dichotomous({(0, 0): (4, 0), (0, 1): (0, 4), (1, 0): (2, 2), (1, 1): (1, 0)})
    found = interaction(ratings, parameters, (0, 1))
    assert found.extreme.tolist() == [True, True, False, True]
    assert found.bias == pytest.approx([np.log(3.7 / 0.3), -np.log(3.7 / 0.3), 0, np.log(0.7 / 0.3)])
    assert found.se[0] == pytest.approx((4 * 0.925 * 0.075) ** -0.5)
    assert found.df.tolist() == [3, 3, 3, 0] and np.isnan(found.p[3]) and np.isfinite(found.q[:3]).all()
    light = interaction(replace(ratings, weights=np.full(13, 0.1)), parameters, (0, 1))
    assert light.bias[3] == pytest.approx(np.log(0.7 / 0.3)) and light.bias[0] == pytest.approx(np.log(0.28 / 0.12))


def test_a_cell_that_could_score_nothing_else_has_no_bias():
    """The second judge uses one category only: its cells have no information, and count for nothing."""
    ratings, parameters = dichotomous({(0, 0): (3, 1), (1, 0): (1, 3), (0, 1): (0, 3), (1, 1): (0, 3)})
    own = replace(ratings, scores=np.array([[0.0, 1.0], [0.0, np.nan]]), scale=1)
    found = interaction(own, replace(parameters, thresholds=np.array([[0.0], [np.inf]])), (1, 0))
    assert found.bias[:2] == pytest.approx([np.log(3), -np.log(3)])
    for name in ("bias", "se", "t", "p", "z", "q", "infit", "outfit"):
        assert np.isnan(getattr(found, name)[2:]).all()
    assert not found.extreme.any() and found.chi_square.df == 2
    own_thresholds = replace(parameters, thresholds=np.array([[0.0], [np.inf]]))
    mixed = interaction(own, own_thresholds, (0, np.zeros(14, dtype=int)))  # cells that hold such ratings and others
    assert mixed.bias == pytest.approx([np.log(3), -np.log(3)]) and mixed.count.tolist() == [7, 7]
    assert mixed.infit == pytest.approx([1, 1]) and mixed.outfit == pytest.approx([4 / 7, 4 / 7])
    assert np.isnan(random_bias(found).variance)


def test_weights_are_repeats():
    ratings, parameters = small(2, number=60)
    times = np.random.default_rng(3).integers(1, 4, 60)
    response = np.random.default_rng(4).integers(0, 20, 60).astype(np.int32)
    ratings = replace(ratings, response=response)
    weighted = interaction(replace(ratings, weights=times.astype(float)), parameters, (2, 0), clustered=True)
    rows_ = interaction(repeated(ratings, times), parameters, (2, 0), clustered=True)
    for name in Bias.__dataclass_fields__:
        if name not in ("parts", "codes"):
            assert getattr(weighted, name) == pytest.approx(getattr(rows_, name), nan_ok=True, rel=1e-6), name


# --- Tests of many cells -----------------------------------------------------------------------------------------


def test_z_gives_back_what_the_main_effects_took():
    """18 cells of 6 models and 3 judges have 10 residual degrees of freedom; q is Benjamini and Hochberg's of z."""
    ratings, parameters = small()
    found = interaction(ratings, parameters, (2, 0))
    assert len(found) == 18
    assert found.z == pytest.approx(found.t * np.sqrt(18 / 10))
    p = 2 * norm.sf(abs(found.z))
    order = np.argsort(p)
    by_hand = [min(p[order[j]] * 18 / (j + 1) for j in range(i, 18)) for i in range(18)]
    assert found.q[order] == pytest.approx(by_hand)
    assert found.chi_square.value == pytest.approx((found.t**2).sum())
    assert (found.chi_square.df, found.chi_square.residual_df) == (18, 10)
    assert found.chi_square.p == pytest.approx(chi2.sf(found.chi_square.value, 18))
    assert found.chi_square.residual_p == pytest.approx(chi2.sf(found.chi_square.value, 10))


def test_one_element_crossed_with_others_leaves_nothing_to_test():
    ratings, parameters = dichotomous({(0, 0): (3, 1), (1, 0): (1, 3)})
    found = interaction(ratings, parameters, (0, 1))
    assert np.isnan(found.z).all() and np.isnan(found.q).all() and np.isfinite(found.t).all()
    assert np.isnan(found.chi_square.residual_p) and found.chi_square.residual_df == 0


def simulated(seed, models=50, items=20, judges=10, **more):
    made = simulate(models, items, judges, sd_severity=0.5, seed=seed, **more)
    ratings, parameters, _, _ = solve(made.ratings, "model", ("item", "judge"))
    return ratings, parameters


def test_without_bias_z_is_standard_normal_and_few_samples_show_a_bias():
    """500 cells: Benjamini and Hochberg find anything in about 5 % of samples, a little less since tails are light."""
    any_found, spread, tail = 0, [], []
    for seed in range(100):
        found = interaction(*simulated(seed), (2, 0))
        any_found += (found.q < 0.05).any()
        spread.append(found.z.std())
        tail.append((abs(found.z) > norm.isf(0.025)).mean())
    assert any_found <= 5 + 3 * np.sqrt(100 * 0.05 * 0.95)
    assert np.mean(spread) == pytest.approx(1, abs=0.02)
    assert np.mean(tail) == pytest.approx(0.05, abs=0.006)


def test_a_bias_of_one_logit_is_found_where_it_is():
    """50 ratings per cell; the main effects take up 1 - .9 x .98 of it."""
    values, hits, false = [], 0, 0
    for seed in range(20):
        found = interaction(*simulated(seed, items=50, bias={("m04", "j02"): 1.0}), (2, 0))
        there = (found.codes[0] == 1) & (found.codes[1] == 3)
        assert there.sum() == 1
        values.append(found.bias[there][0])
        hits += found.q[there][0] < 0.05
        false += (found.q[~there] < 0.05).sum()
    assert np.mean(values) == pytest.approx(0.882, abs=4 * 0.2 / np.sqrt(20))
    assert hits >= 14 and false <= 4


def test_random_biases_have_their_variance_back():
    """A standard deviation of .4 planted, then centred over models and judges: .16, in the shorter logits of fits that
    do not know of biases."""
    found = [random_bias(interaction(*simulated(seed, items=30, bias=0.4), (2, 0))) for seed in range(12)]
    assert np.mean([each.variance for each in found]) == pytest.approx(0.145, abs=0.015)
    assert np.std([each.variance for each in found]) < 2 * np.mean([each.se for each in found])
    none = [random_bias(interaction(*simulated(seed, items=30), (2, 0))).variance for seed in range(12)]
    assert 0 <= np.mean(none) < 0.006


def test_random_bias_by_hand():
    """Four cells of 2 x 2, one degree of freedom: sum b^2 - mean SE^2; an extreme cell is left out."""
    ratings, parameters = dichotomous({(0, 0): (3, 1), (0, 1): (1, 3), (1, 0): (1, 3), (1, 1): (3, 1)})
    found = interaction(ratings, parameters, (0, 1))
    variance = 4 * np.log(3) ** 2 - 4 / 3
    effects = random_bias(found)
    assert (effects.cells, effects.df) == (4, 1)
    assert effects.variance == pytest.approx(variance) and effects.sd == pytest.approx(variance**0.5)
    assert effects.se == pytest.approx(np.sqrt(2) * (variance + 4 / 3))
    many = interaction(*small(number=400), (2, 0))  # 18 cells, 10 degrees of freedom
    variance = (many.bias**2).sum() / 10 - (many.se**2).mean()
    effects = random_bias(many)
    assert effects.df == 10 and effects.variance == pytest.approx(variance) and variance > 0
    assert effects.se == pytest.approx(np.sqrt(2 * ((variance + many.se**2) ** 2).mean() / 10))
    small_ones = random_bias(replace(found, bias=found.bias / 10))
    assert small_ones.variance == 0 and small_ones.se == pytest.approx(np.sqrt(2) * 4 / 3)
    assert random_bias(replace(found, extreme=np.array([True, False, False, False]))).cells == 3


# --- Clustered on the response -----------------------------------------------------------------------------------


def test_the_clustered_error_by_hand():
    """sqrt(sum_c g_c^2 n / (n - 1)) / sum V at b; one response: none; an extreme cell: the model's."""
    ratings, parameters = small(weighted=True, number=100, response=30)
    parts = (GROUP[ratings.codes[0]], 1)
    found = interaction(ratings, parameters, parts, clustered=True)
    for n, members in enumerate(dict(sorted(cells_of(ratings, parameters, parts).items())).values()):
        _, _, there = by_brentq(ratings, parameters, members)
        sums = {}
        for row in there:
            sums[row.response] = sums.get(row.response, 0.0) + row.weight * (row.y - row.e)
        squares = sum(value**2 for value in sums.values()) * len(sums) / (len(sums) - 1)
        error = np.sqrt(squares) / total(there, lambda row: row.v)
        assert found.clustered_se[n] == found.se[n] == pytest.approx(error, rel=1e-6)
        assert found.df[n] == len(sums) - 1
        assert found.t[n] == pytest.approx(found.bias[n] / error, rel=1e-6)
    assert (found.se != found.model_se).all()
    p = 2 * t.sf(abs(found.z), found.df)
    assert found.q.min() == pytest.approx((np.sort(p) * len(p) / np.arange(1, len(p) + 1)).min())
    assert found.p == pytest.approx(2 * t.sf(abs(found.t), found.df))


def test_a_cell_of_one_response_has_no_clustered_error():
    ratings, parameters = dichotomous({(0, 0): (3, 1), (0, 1): (4, 0), (1, 0): (1, 3), (1, 1): (3, 1)})
    response = np.array([0] * 4 + [1, 2, 3, 4] + [5, 6, 7, 8] + [9, 9, 10, 10], dtype=np.int32)
    found = interaction(replace(ratings, response=response), parameters, (0, 1), clustered=True)
    assert np.isnan([found.se[0], found.t[0], found.p[0], found.q[0]]).all() and np.isfinite(found.bias[0])
    assert found.extreme.tolist() == [False, True, False, False] and found.se[1] == found.model_se[1]
    assert found.chi_square.df == 3


def test_shared_quality_of_a_response_is_no_bias_of_a_group():
    """Models in two groups that differ in nothing, 5 judges per response, whose quality has a spread of .7 logit."""
    spread = {False: [], True: []}
    for seed in range(12):
        ratings, parameters = simulated(seed, models=40, items=25, judges=5, response_sd=0.7)
        group = (ratings.codes[0] % 2).astype(np.int16)
        for clustered, values in spread.items():
            values.append(interaction(ratings, parameters, (group, 1), clustered).z.std())
    assert np.mean(spread[False]) > 1.25
    assert np.mean(spread[True]) == pytest.approx(1.05, abs=0.12)


# --- Published report --------------------------------------------------------------------------------------------


@pytest.fixture
def creativity():
    ratings, parameters, _, _ = solve(guilford(), "person", ("trait", "judge"), floating=2)
    found = interaction(ratings, parameters, (2, 0))
    judges, persons = ratings.facets[2].labels, ratings.facets[0].labels
    names = [(judges[j], persons[p]) for j, p in zip(*found.codes, strict=True)]
    return found, names


@pytest.mark.reference
def test_guilford_exactly(creativity):
    found, names = creativity
    david, edward = names.index(("Brahe", "David")), names.index(("Brahe", "Edward"))
    assert [found.bias[david], found.se[david]] == pytest.approx([0.7426, 0.2982], abs=1e-4)
    assert [found.bias[edward], found.se[edward]] == pytest.approx([-1.3020, 0.3607], abs=1e-4)
    assert [found.t[david], found.t[edward]] == pytest.approx([2.490, -3.609], abs=1e-3)
    assert [found.expected[david], found.expected[edward]] == pytest.approx([17.21, 27.02], abs=5e-3)
    assert found.chi_square.value == pytest.approx(42.804, abs=1e-3)
    assert (found.chi_square.df, found.chi_square.residual_df) == (21, 12)


@pytest.mark.reference
@pytest.mark.parametrize(
    ("person", "observed", "expected", "average", "bias", "se", "t", "infit", "outfit"),
    [("David", 25, 17.3, 1.54, 0.71, 0.29, 2.43, 0.3, 0.3), ("Edward", 14, 27.0, -2.60, -1.27, 0.36, -3.55, 0.7, 0.7)],
)
def test_guilford_as_facets_prints_it(creativity, person, observed, expected, average, bias, se, t, infit, outfit):
    """Facets stopped short of the maximum, hence .035 logit; t is off by what that means in standard errors."""
    found, names = creativity
    n = names.index(("Brahe", person))
    assert (found.observed[n], found.count[n]) == (observed, 5)
    assert found.expected[n] == pytest.approx(expected, abs=0.1)
    assert found.average[n] == pytest.approx(average, abs=0.02)
    assert [found.bias[n], found.se[n]] == pytest.approx([bias, se], abs=STOPPED_SHORT)
    assert found.t[n] == pytest.approx(t, abs=2 * STOPPED_SHORT)
    assert [found.infit[n], found.outfit[n]] == pytest.approx([infit, outfit], abs=0.05)


@pytest.mark.reference
def test_guilford_summaries_as_facets_prints_them(creativity):
    found, _ = creativity
    table = {
        "observed": (24.2, 6.9, 7.1, 0.06),
        "expected": (24.2, 4.9, 5.0, 0.11),
        "average": (0.0, 0.96, 0.98, 0.02),
        "bias": (0.0, 0.47, 0.48, STOPPED_SHORT),
        "se": (0.32, 0.02, 0.02, 0.006),
        "t": (0.02, 1.41, 1.44, STOPPED_SHORT),
        "infit": (0.6, 0.4, 0.4, 0.05),
        "outfit": (0.6, 0.4, 0.4, 0.05),
    }
    for name, (mean, population, sample, tolerance) in table.items():
        values = getattr(found, name)
        assert values.mean() == pytest.approx(mean, abs=tolerance), name
        assert values.std() == pytest.approx(population, abs=tolerance), name
        assert values.std(ddof=1) == pytest.approx(sample, abs=tolerance), name
    assert len(found) == 21 and found.chi_square.value == pytest.approx(41.6, rel=0.05)
    assert found.chi_square.p < 0.005  # printed: .00


# --- Bad input ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        ((0,), "two or more different facets"),
        ((0, 0), "two or more different facets"),
        ((0, 3), "facets from 0 to 2"),
        ((0, -1), "facets from 0 to 2"),
        ((0, np.zeros(3, dtype=int)), "one code from 0 up for each of 90 ratings"),
        ((0, np.zeros(90)), "one code from 0 up"),
        ((0, np.full(90, -1)), "one code from 0 up"),
    ],
)
def test_parts_that_cannot_be_crossed(parts, message):
    with pytest.raises(InputError, match=f"field 'parts': expected {message}"):
        interaction(*small(), parts)


def test_many_cells_at_once(monkeypatch):
    """20,000 ratings in 5,000 cells: in 12 passes every expected total is that of the scores to 1e-6 of a point."""
    monkeypatch.setattr(shift, "MOST_PASSES", 12)
    random = np.random.default_rng(7)
    ratings, parameters = small(number=20_000, sizes=(500, 3, 10))
    assert ratings.sizes == (500, 3, 10)
    parameters = Parameters((random.normal(0, 1, 500), *parameters.locations[1:]), parameters.thresholds)
    found = interaction(ratings, parameters, (0, 2))
    inner = ~found.extreme
    assert 4_800 < len(found) <= 5_000 and not inner.all()
    cell = np.full((500, 10), -1)
    cell[found.codes] = np.arange(len(found))
    of_rating = cell[ratings.codes[0], ratings.codes[2]]
    first, item, judge = (part[codes] for part, codes in zip(parameters.locations, ratings.codes, strict=True))
    logit = first - item - judge + found.bias[of_rating]
    power = np.arange(4)[:, None] * logit - np.concatenate([[0], np.cumsum(parameters.thresholds[0])])[:, None]
    odds = np.exp(power)
    short = ratings.category - (np.arange(4) @ odds) / odds.sum(axis=0)
    assert abs(np.bincount(of_rating, short, len(found))[inner]).max() < 1e-6
