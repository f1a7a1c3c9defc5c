"""Rank sets of a board, place by place."""

import numpy as np
import pandas as pd
from leaderboard.boards import world

from equipoise.harness.stats import rank_sets
from equipoise.leaderboard.standings import ranks


def scores_of(values: dict[str, list], task="t", by="", side="stands", family=None, most=1.0, least=0.0):
    rows = [
        (name, task, by, side, f"{side}: x", f"i{k}", family[k] if family else f"i{k}", float(value), most, least)
        for name, given in values.items()
        for k, value in enumerate(given)
        if value is not None
    ]
    names = ["submission", "task", "by", "side", "heading", "item", "family", "value", "most", "least"]
    return pd.DataFrame(rows, columns=names)


def drawn(seed, models=12, items=40):
    true = world(models, 1, items, seed)
    rng = np.random.default_rng(seed)
    chance = 1 / (1 + np.exp(true.difficulty.to_numpy() - 2 * true.stands.to_numpy()))
    return {name: list(row) for name, row in zip(true.stands.index, rng.random(chance.shape) < chance, strict=True)}


def test_each_place_has_the_rank_sets_of_its_own_items():
    values, other = drawn(0), drawn(1)
    family = [f"f{k // 2}" for k in range(40)]
    table = pd.concat([scores_of(values, family=family), scores_of(other, side="bends"), scores_of(values, by="d=x")])
    found = ranks(table, list(values), draws=300).set_index(["by", "side", "submission"])
    expected = rank_sets(np.array(list(values.values()), float), np.array(family, object), draws=300)
    own = found.loc[("", "stands")].loc[list(values)]
    assert own["best"].tolist() == expected.best.tolist() and own["worst"].tolist() == expected.worst.tolist()
    assert own["best"].max() > 1 and np.allclose(own["estimate"], expected.estimate)
    alone = rank_sets(np.array(list(other.values()), float), draws=300)
    assert found.loc[("", "bends")].loc[list(values), "worst"].tolist() == alone.worst.tolist()
    assert len(found) == 3 * 12 and (found["rows"] == 12).all()


def test_only_those_who_are_ranked_count():
    values = {"a": [1] * 20, "b": [0] * 20, "control": [1] * 20}
    found = ranks(scores_of(values), ["a", "b"], draws=200)
    assert found[["submission", "best", "worst", "rows"]].to_numpy().tolist() == [["a", 1, 1, 2], ["b", 2, 2, 2]]


def test_without_a_value_there_is_no_rank():
    found = ranks(scores_of({"a": [1, 0, 1], "b": [0, 1, None]}), ["a", "b", "silent"], draws=200).set_index(
        "submission"
    )
    assert found.loc["silent", ["best", "worst"]].tolist() == [0, 0] and np.isnan(found.loc["silent", "estimate"])
    assert found.loc["b", ["best", "worst"]].tolist() == [1, 2] and found.loc["b", "estimate"] == 0.5
    assert found["rows"].tolist() == [2, 2, 2]


def test_on_a_scale_that_falls_the_lowest_ranks_first():
    values = {"a": [0] * 20, "b": [1] * 20}
    found = ranks(scores_of(values, most=0.0, least=1.0), ["a", "b"], draws=200)
    assert found[["submission", "estimate", "best", "worst"]].to_numpy().tolist() == [["a", 0, 1, 1], ["b", 1, 2, 2]]


def test_the_order_of_rows_and_of_threads_changes_nothing():
    table = pd.concat([scores_of(drawn(seed), task=f"t{seed}") for seed in range(4)])
    names = sorted(table["submission"].unique())
    again = ranks(table.sample(frac=1, random_state=0), names, draws=200)
    pd.testing.assert_frame_equal(ranks(table, names, draws=200), again)


def test_nothing_to_rank_is_an_empty_table():
    found = ranks(scores_of({"a": [1]}), [])
    assert found.empty and {"task", "by", "side", "heading", "submission", "best", "worst", "rows"} <= set(found)
