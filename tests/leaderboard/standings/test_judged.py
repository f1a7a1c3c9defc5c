"""Votes of all submissions: capability, severity, agreement."""

import numpy as np
import pandas as pd
import pytest
from leaderboard.boards import DIMENSION, rows_of, world

from equipoise.judges.agreement import agreement
from equipoise.leaderboard.standings import agreement_table, judged

TASK = "equipoise/made_up_0"


@pytest.fixture(scope="module")
def true():
    return world(10, 1, 30, seed=3, judges=("one", "two", "three"))


def votes_of(true, models=None):
    tables = [rows_of(true, name).assign(model=name) for name in models or true.stands.index]
    table = pd.concat(tables, ignore_index=True)
    return table[table["judge"].astype(str) != ""]


def test_truth_lies_in_the_intervals(true):
    found = judged(votes_of(true))
    models = found.capability.set_index("submission")
    theta = true.stands[TASK].reindex(models.index)
    theta = theta - theta.mean() + models["measure"].mean()  # a free scale has no origin
    assert ((models["low"] <= theta) & (theta <= models["high"])).mean() >= 0.8
    assert np.corrcoef(theta, models["measure"])[0, 1] > 0.97
    judges = found.severity.set_index("judge")
    severity = (true.severity - true.severity.mean()).reindex(judges.index)
    assert ((judges["low"] <= severity) & (severity <= judges["high"])).all()
    assert (models["reason"] == "").all() and (models["votes"] == 90).all()


def test_one_judge_leaves_the_plain_means_and_the_reason(true):
    votes = votes_of(true)
    alone = votes[votes["judge"] == "one"]
    found = judged(alone)
    models = found.capability.set_index("submission")
    assert models["measure"].isna().all() and models["reason"].str.startswith("one judge").all()
    assert models.loc["model-0003", "raw"] == alone.loc[alone["model"] == "model-0003", "value"].mean()
    assert (models["votes"] == 30).all() and found.severity.empty


def test_agreement_has_one_row_for_each_statistic(true):
    votes = votes_of(true, ["model-0000", "model-0001", "model-0002"])
    found = agreement_table(votes, draws=200).set_index("statistic")
    (expected,) = agreement(votes, draws=200)
    assert (found["measure"] == DIMENSION).all() and (found["judges"] == 3).all() and (found["units"] == 90).all()
    assert found.loc["alpha.ordinal", ["estimate", "low", "high"]].tolist() == [
        expected.alpha["ordinal"].value, expected.alpha["ordinal"].low, expected.alpha["ordinal"].high,
    ]  # fmt: skip
    assert found.loc["effective.floor", "estimate"] <= found.loc["effective.ceiling", "estimate"]
    assert found.loc["correlation", "estimate"] == expected.bounds.correlation.value


def test_without_votes_all_tables_are_empty(true):
    found = judged(votes_of(true)[:0])
    assert found.capability.empty and found.severity.empty and not found.fits
    assert agreement_table(votes_of(true)[:0]).empty
