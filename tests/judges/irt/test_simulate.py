"""Simulated ratings: repeatable, drawn with the stated probabilities, every option as described, memory bounded."""

import sys
import tracemalloc

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from equipoise.errors import InputError
from equipoise.judges.irt.simulate import Simulation, simulate


def probabilities(made, flip_last=False):
    """P(Y = k) of every rating from the reported truths by the definition: a running sum of log-odds, rating by rating.

    With `flip_last` the last judge has severity 0 and the categories the other way round.
    """
    table = made.ratings
    model, item, judge = (table[name].astype(str).to_numpy() for name in ("model", "item", "judge"))
    severity = made.severities.fillna(0)
    eta = made.abilities[model].to_numpy() - made.difficulties[item].to_numpy() - severity[judge].to_numpy()
    if made.biases is not None:
        eta = eta + made.biases[list(zip(model, judge, strict=True))].to_numpy()
    if made.response_effects is not None:
        eta = eta + made.response_effects[list(zip(model, item, strict=True))].to_numpy()
    if made.slopes is not None:
        eta = eta * made.slopes[judge].to_numpy()
    steps = eta[:, None] - made.thresholds.to_numpy()
    odds = np.exp(np.column_stack([np.zeros(len(eta)), np.cumsum(steps, axis=1)]))
    shares = odds / odds.sum(axis=1, keepdims=True)
    if flip_last:
        last = judge == made.severities.index[-1]
        shares[last] = shares[last, ::-1]
    return shares


def largest_z(made, groups, shares=None):
    """The largest |observed - expected| / SE over the categories of all groups of ratings, where 5 or more vary."""
    shares = probabilities(made) if shares is None else shares
    hits = made.ratings["score"].to_numpy()[:, None] == np.arange(shares.shape[1])
    excess = pd.DataFrame(hits - shares).groupby(groups).sum()
    variance = pd.DataFrame(shares * (1 - shares)).groupby(groups).sum()
    z = (excess.abs() / np.sqrt(variance)).where(variance >= 5)  # below that a count is not near normal
    assert z.notna().to_numpy().sum() >= 2
    return float(z.max(axis=None))


def column(made, name):
    return made.ratings[name].astype(str).to_numpy()


def test_same_seed_same_ratings_whatever_the_chunk(monkeypatch):
    options = {"ratings": 900, "response_sd": 0.5, "slope_sd": 0.2, "bias": 0.3, "adversary": "random"}
    first = simulate(20, 12, 5, seed=3, **options)
    other = simulate(20, 12, 5, seed=4, **options)
    monkeypatch.setattr(sys.modules[simulate.__module__], "CHUNK", 7)  # the package has a function of that name
    again = simulate(20, 12, 5, seed=3, **options)
    pd.testing.assert_frame_equal(first.ratings, again.ratings)
    pd.testing.assert_series_equal(first.response_effects, again.response_effects)
    pd.testing.assert_series_equal(first.biases, again.biases)
    assert not first.ratings.equals(other.ratings)
    assert not first.abilities.equals(other.abilities)


def test_a_seed_pins_the_numbers():
    made = simulate(3, 2, 2, categories=4, seed=7)
    assert list(made.ratings["score"]) == PINNED
    assert made.abilities["m1"] == pytest.approx(PINNED_ABILITY, abs=1e-12)


PINNED = [1, 0, 1, 1, 3, 2, 3, 2, 2, 1, 1, 1]
PINNED_ABILITY = -0.6300679245787791


def test_other_designs_have_the_same_elements():
    small = simulate(20, 12, 5, ratings=300, seed=3)
    large = simulate(20, 12, 5, response_sd=1.0, design="responses", ratings=600, thresholds=0.5, seed=3)
    for name in ("abilities", "difficulties", "severities"):
        pd.testing.assert_series_equal(getattr(small, name), getattr(large, name))


@pytest.mark.parametrize("categories", [2, 3, 5, 10])
def test_categories_come_with_their_probabilities(categories):
    made = simulate(10, 20, 4, categories, sd_ability=1.5, thresholds=1.2, seed=categories)
    for name in ("model", "judge"):
        assert largest_z(made, column(made, name)) < 4
    assert largest_z(made, np.zeros(len(made.ratings))) < 4
    assert set(made.ratings["score"]) == set(range(categories))


def test_difficult_items_and_severe_judges_get_lower_scores():
    made = simulate(100, 10, 6, sd_ability=0.2, sd_difficulty=1.5, sd_severity=1.0, seed=1)
    for name, truth, sign in (("item", made.difficulties, -1), ("judge", made.severities, -1)):
        means = made.ratings.groupby(name, observed=True)["score"].mean()
        assert sign * np.corrcoef(means, truth)[0, 1] > 0.95


def test_standard_deviations_are_as_asked():
    made = simulate(2000, 2000, 2000, ratings=2000, sd_ability=2.0, sd_difficulty=0.5, sd_severity=0.1, seed=2)
    for truth, deviation in ((made.abilities, 2.0), (made.difficulties, 0.5), (made.severities, 0.1)):
        assert truth.std() == pytest.approx(deviation, rel=0.07)  # 4 SE of a standard deviation of 2,000


def test_truths_are_centred_and_abilities_are_not():
    made = simulate(30, 7, 4, thresholds=[-1.0, 0.5, 3.5], categories=4, slope_sd=0.4, bias=0.5, seed=5)
    for truth in (made.difficulties, made.severities, made.thresholds, np.log(made.slopes)):
        assert truth.mean() == pytest.approx(0, abs=1e-12)
        assert truth.std() > 0
    assert abs(made.abilities.mean()) > 1e-3
    assert list(made.thresholds) == pytest.approx([-2.0, -0.5, 2.5])
    assert list(made.thresholds.index) == [1, 2, 3]
    table = made.biases.unstack()
    assert np.allclose(table.mean(axis=0), 0)
    assert np.allclose(table.mean(axis=1), 0)


def test_thresholds_from_a_number_are_even_steps():
    assert list(simulate(2, 2, 1, categories=5, thresholds=1.5).thresholds) == pytest.approx([-1.5, -0.5, 0.5, 1.5])
    assert list(simulate(2, 2, 1, categories=2, thresholds=1.5).thresholds) == [0.0]


def test_fully_crossed_has_every_cell_once_in_order():
    made = simulate(4, 3, 2)
    cells = made.ratings[["model", "item", "judge"]].astype(str).apply(tuple, axis=1)
    assert list(cells) == [(f"m{m}", f"i{i}", f"j{j}") for m in (1, 2, 3, 4) for i in (1, 2, 3) for j in (1, 2)]


def test_labels_sort_in_the_order_of_their_numbers():
    made = simulate(10, 100, 1)
    assert list(made.abilities.index[[0, 8, 9]]) == ["m01", "m09", "m10"]
    assert list(made.difficulties.index[[0, 99]]) == ["i001", "i100"]
    assert list(made.severities.index) == ["j1"]
    for truth in (made.abilities, made.difficulties):
        assert list(truth.index) == sorted(truth.index)
        assert list(made.ratings[truth.index.name].cat.categories) == list(truth.index)


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 9), st.integers(1, 9), st.integers(1, 5), st.booleans(), st.data())
def test_cells_are_drawn_without_replacement_and_evenly_over_models(models, items, judges, whole, data):
    each = judges if whole else 1
    number = data.draw(st.integers(models, models * items * judges // each)) * each
    design = "responses" if whole else "cells"
    table = simulate(models, items, judges, ratings=number, design=design, seed=number).ratings
    assert len(table) == number
    assert not table.duplicated(["model", "item", "judge"]).any()
    per_model = table["model"].value_counts()
    assert per_model.max() - per_model.min() <= each
    if whole:
        assert (table.groupby(["model", "item"], observed=True)["judge"].nunique() == judges).all()
    assert table.equals(table.sort_values(["model", "item", "judge"]))


def test_drawn_cells_are_spread_over_items_and_judges():
    made = simulate(500, 40, 10, ratings=50_000, seed=8)  # 100 of 400 cells per model
    for name, size in (("item", 40), ("judge", 10)):
        counts = made.ratings[name].value_counts()
        assert len(counts) == size
        assert abs(counts - 50_000 / size).max() < 4 * np.sqrt(50_000 / size)  # an upper bound without replacement
    responses = made.ratings.groupby(["model", "item"], observed=True).size()
    assert responses.mean() < 4  # single cells: 2.65 expected, never whole responses


def test_response_effects_are_shared_by_the_judges_of_a_response():
    made = simulate(40, 30, 5, ratings=3000, design="responses", response_sd=1.0, seed=6)
    assert len(made.response_effects) == 600
    assert made.response_effects.std() == pytest.approx(1, rel=0.12)
    effect = made.response_effects[list(zip(column(made, "model"), column(made, "item"), strict=True))].to_numpy()
    assert largest_z(made, np.digitize(effect, [-1, 0, 1])) < 4
    without = probabilities(simulate(40, 30, 5, ratings=3000, design="responses", seed=6))
    assert largest_z(made, np.digitize(effect, [-1, 0, 1]), without) > 8  # and not as if there were none


def test_response_effects_of_single_cells_follow_the_response():
    made = simulate(30, 50, 6, ratings=4500, response_sd=2.0, seed=6)
    pairs = made.ratings[["model", "item"]].astype(str).drop_duplicates()
    assert list(made.response_effects.index) == list(pairs.itertuples(index=False, name=None))
    assert largest_z(made, column(made, "model")) < 4


def test_slopes_stretch_the_logits_of_a_judge():
    made = simulate(40, 40, 4, slope_sd=0.8, seed=9)
    assert largest_z(made, column(made, "judge")) < 4
    spread = made.ratings.groupby("judge", observed=True)["score"].std()
    assert spread.idxmax() == made.slopes.idxmax()
    assert simulate(4, 4, 4).slopes is None


def test_biases_move_one_pair():
    plain = simulate(10, 300, 3, seed=11)
    moved = simulate(10, 300, 3, bias={("m02", "j3"): -2.0}, seed=11)
    pair = (column(plain, "model") == "m02") & (column(plain, "judge") == "j3")
    change = (moved.ratings["score"] - plain.ratings["score"]).to_numpy()
    assert not change[~pair].any()
    assert (change[pair] <= 0).all()
    assert change[pair].mean() < -0.5
    assert moved.biases[("m02", "j3")] == -2.0
    assert np.count_nonzero(moved.biases) == 1
    assert largest_z(moved, pair) < 4


def test_random_biases_of_all_pairs():
    made = simulate(20, 200, 4, bias=0.8, seed=12)
    assert made.biases.std() == pytest.approx(0.8 * np.sqrt(19 / 20 * 3 / 4), rel=0.35)
    assert largest_z(made, np.char.add(column(made, "model"), column(made, "judge"))) < 5  # 400 counts
    assert simulate(4, 4, 4).biases is None


def test_a_constant_adversary_gives_the_middle_category():
    made = simulate(20, 30, 3, categories=4, adversary="constant", slope_sd=0.3, bias=0.2, seed=13)
    assert set(made.ratings["score"][column(made, "judge") == "j3"]) == {2}
    check_the_honest(made)


def test_a_random_adversary_deals_all_categories_alike():
    made = simulate(20, 100, 3, categories=4, adversary="random", slope_sd=0.3, bias=0.2, seed=13)
    counts = made.ratings["score"][column(made, "judge") == "j3"].value_counts()
    assert len(counts) == 4
    assert abs(counts - 500).max() < 4 * np.sqrt(2000 * 3 / 16)
    check_the_honest(made)


def test_a_reversed_adversary_turns_the_scale_round():
    made = simulate(20, 100, 3, categories=4, sd_severity=0.0, adversary="reversed", seed=13)
    expected = probabilities(made, flip_last=True)
    assert largest_z(made, np.char.add(column(made, "model"), column(made, "judge")), expected) < 4.5  # 240 counts
    assert largest_z(made, column(made, "judge") + column(made, "model")) > 8  # not as an honest judge
    check_the_honest(made)


def check_the_honest(made):
    """The last judge has no truths, the others have centred ones and rate by them."""
    for truth in (made.severities, made.slopes):
        if truth is not None:
            assert list(truth.isna()) == [False, False, True]
    assert made.severities.mean() == pytest.approx(0, abs=1e-12)
    assert made.slopes is None or np.log(made.slopes).mean() == pytest.approx(0, abs=1e-12)
    assert made.biases is None or (made.biases.unstack()["j3"] == 0).all()
    honest = column(made, "judge") != "j3"
    kept = Simulation(
        made.ratings[honest],
        made.abilities,
        made.difficulties,
        made.severities,
        made.thresholds,
        made.slopes,
        made.biases,
    )
    assert largest_z(kept, column(kept, "judge")) < 4


def test_far_apart_elements_give_the_ends_without_overflow():
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        made = simulate(30, 30, 1, categories=127, sd_ability=1e4, seed=1)
    top = made.abilities.idxmax()
    assert (made.ratings["score"][column(made, "model") == top] == 126).all()
    assert (made.ratings["score"][column(made, "model") == made.abilities.idxmin()] == 0).all()


def test_memory_is_bounded_by_the_codes():
    rows = 1_000_000
    tracemalloc.start()
    made = simulate(1000, 1000, 10, categories=10, ratings=rows, response_sd=0.5, seed=1)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert len(made.ratings) == rows
    assert made.ratings["score"].dtype == np.int8
    assert {made.ratings[name].cat.codes.dtype.itemsize for name in ("model", "item", "judge")} == {1, 2}
    assert made.ratings.memory_usage().sum() < 7 * rows  # codes of 2 + 2 + 1 bytes, a score of 1
    assert peak < 24 * rows  # the ten probabilities of every rating would be 80 bytes each


@pytest.mark.parametrize(
    ("options", "field"),
    [
        ({"models": 0}, "models"),
        ({"items": 0}, "items"),
        ({"judges": -1}, "judges"),
        ({"categories": 1}, "categories"),
        ({"categories": 128}, "categories"),
        ({"ratings": 3}, "ratings"),
        ({"ratings": 61}, "ratings"),
        ({"ratings": 13, "design": "responses"}, "ratings"),
        ({"ratings": 9, "design": "responses"}, "ratings"),
        ({"design": "rows"}, "design"),
        ({"adversary": "lazy"}, "adversary"),
        ({"adversary": "random", "judges": 1}, "judges"),
        ({"sd_ability": -1.0}, "sd_ability"),
        ({"sd_difficulty": float("nan")}, "sd_difficulty"),
        ({"sd_severity": float("inf")}, "sd_severity"),
        ({"response_sd": -0.1}, "response_sd"),
        ({"slope_sd": -0.1}, "slope_sd"),
        ({"bias": -0.1}, "bias"),
        ({"bias": 0.1, "judges": 1}, "bias"),
        ({"bias": {("m9", "j1"): 1.0}}, "bias"),
        ({"bias": {("m1", "j9"): 1.0}}, "bias"),
        ({"thresholds": [0.0, 1.0]}, "thresholds"),
        ({"thresholds": float("nan")}, "thresholds"),
    ],
)
def test_bad_arguments_are_named(options, field):
    with pytest.raises(InputError) as caught:
        simulate(**{"models": 4, "items": 5, "judges": 3, **options})
    assert caught.value.field == field
