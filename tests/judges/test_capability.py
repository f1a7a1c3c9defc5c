"""Votes of a long table -> severity-free capability of every judged dimension."""

import numpy as np
import pandas as pd
import pytest

from equipoise.harness.report.sections import pages_of
from equipoise.judges import capability
from equipoise.judges.capability_page import capability_page
from equipoise.judges.irt import simulate


def long_table(simulation, measure="empathy", values=None, **columns):
    """Simulated ratings in the columns that capability reads."""
    ratings = simulation.ratings
    scores = ratings["score"].to_numpy()
    table = pd.DataFrame(
        {
            "task": "equipoise/made_up",
            "eval_id": "one",
            "model": ratings["model"].astype(str),
            "item": ratings["item"].astype(str),
            "family": ratings["item"].astype(str),
            "arm": "model",
            "epoch": 1,
            "turn": 1,
            "measure": measure,
            "judge": ratings["judge"].astype(str),
            "judge_prompt_hash": "0" * 16,
            "value": scores.astype(float) if values is None else np.asarray(values, dtype=float)[scores],
            "missing": "",
        }
    )
    return table.assign(**columns)


def test_what_everybody_read_is_not_shifted():
    simulation = simulate(5, 20, 3, categories=5, seed=1)
    (entry,) = capability(long_table(simulation))
    assert (entry.task, entry.dimension, entry.reason) == ("equipoise/made_up", "empathy", "")
    assert np.allclose(entry.models["shift"], 0, atol=1e-3)
    assert entry.models["measure"].rank().tolist() == entry.models["raw"].rank().tolist()
    severities = entry.judges.set_index("judge")["severity"]
    assert severities.idxmax() == simulation.severities.idxmax()


def test_a_model_read_by_the_strict_judge_alone_is_put_right():
    simulation = simulate(8, 60, 3, categories=5, seed=2, sd_severity=1.2)
    table = long_table(simulation)
    strict, lone = simulation.severities.idxmax(), simulation.abilities.index[4]
    whole = capability(table)[0].models.set_index("model").loc[lone]
    part = (
        capability(table[(table["model"] != lone) | (table["judge"] == strict)])[0].models.set_index("model").loc[lone]
    )
    assert part["raw"] < whole["raw"] - 0.4
    assert part["shift"] > 0.3
    assert part["adjusted_low"] < whole["raw"] < part["adjusted_high"]


def test_values_of_a_scale_keep_their_units():
    simulation = simulate(5, 20, 3, categories=4, seed=3)
    plain, spread = (
        capability(long_table(simulation, values=values))[0].models for values in ([0, 1, 2, 3], [-1, -0.5, 0, 0.5])
    )
    assert np.allclose(plain["measure"], spread["measure"])
    assert np.allclose(spread["adjusted"], plain["adjusted"] / 2 - 1)
    assert np.allclose(spread["raw"], plain["raw"] / 2 - 1)


def test_a_gap_in_the_scale_counts_in_means_only():
    simulation = simulate(5, 20, 3, categories=3, seed=3)
    plain, table = (long_table(simulation, values=v) for v in ([0, 1, 2], [0, 1, 5]))
    with_gap = capability(table)[0].models
    assert np.allclose(capability(plain)[0].models["measure"], with_gap["measure"])
    assert np.allclose(with_gap["raw"], table.groupby("model")["value"].mean())
    assert np.allclose(with_gap["adjusted"], with_gap["raw"], atol=0.2)


def test_values_on_no_grid_are_ordered_categories():
    simulation = simulate(5, 20, 3, categories=3, seed=3)
    plain, uneven = (capability(long_table(simulation, values=v))[0].models for v in ([0, 1, 2], [0, 1, 2.7]))
    assert np.allclose(plain["measure"], uneven["measure"])
    assert np.allclose(uneven["raw"], plain["raw"] * 1.35)


def test_criteria_and_turns_are_facets():
    simulation = simulate(4, 12, 3, categories=3, seed=5)
    tables = [
        long_table(simulation, measure=f"empathy.{name}", turn=turn) for name in ("tone", "fit") for turn in (1, 2)
    ]
    (entry,) = capability(pd.concat(tables))
    facets = entry.fit.measures.groupby("facet", sort=False).size().to_dict()
    assert facets == {"model": 4, "place": 12, "turn": 2, "criterion": 2, "judge": 3}


def test_one_model_is_measured_without_its_items():
    table = long_table(simulate(4, 30, 3, categories=4, seed=5))
    (entry,) = capability(table[table["model"] == "m2"])
    assert entry.fit.measures["facet"].unique().tolist() == ["model", "judge"]
    assert entry.models["families"].tolist() == [30]


def test_intervals_are_clustered_on_families():
    """The same votes in fewer families: the same measures, wider intervals."""
    table = long_table(simulate(4, 40, 3, categories=4, seed=6, response_sd=1.0))
    grouped = table.assign(family=table["item"].str[-1])
    apart, together = (capability(t)[0].models for t in (table, grouped))
    assert np.allclose(apart["measure"], together["measure"])
    assert together["families"].tolist() == [10] * 4
    width = [(t["high"] - t["low"]).mean() for t in (apart, together)]
    assert width[0] != width[1]


def test_missing_votes_are_left_out():
    table = long_table(simulate(4, 20, 3, categories=4, seed=7))
    table.loc[table.index[::7], "value"] = np.nan
    (entry,) = capability(table)
    assert entry.models["votes"].sum() == table["value"].notna().sum()


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda t: t[t["judge"] == "j1"], "one judge"),
        (lambda t: t.assign(value=3.0), "every score is 0"),
        (lambda t: t.assign(value=np.nan), "no vote"),
    ],
)
def test_what_cannot_be_fitted_says_why(change, reason):
    (entry,) = capability(change(long_table(simulate(4, 20, 3, categories=4, seed=7))))
    assert entry.fit is None
    assert reason in entry.reason
    assert entry.record()["models"] == []


def test_rows_without_a_judge_say_nothing():
    assert capability(long_table(simulate(4, 20, 3, seed=7)).assign(judge="")) == []


def test_records_are_json():
    import json

    table = long_table(simulate(4, 20, 3, categories=4, seed=7))
    table.loc[table["judge"] == "j1", "value"] = 3.0  # gives the highest vote always: no infit
    record = capability(table)[0].record()
    text = json.dumps(record, allow_nan=False)
    assert json.loads(text)["judges"][0]["infit"] is None


def test_the_page_shows_measures_and_shifts():
    table = long_table(simulate(4, 20, 3, categories=4, seed=7))
    page = capability_page(table)
    assert page.title == "Capability without severity"
    assert [t.caption.split(":")[1].split(".")[0].strip() for t in page.tables] == ["models", "judges"]
    assert len(page.pictures) == 2
    assert any(found.title == page.title for found in pages_of(table))


def test_no_page_without_a_panel():
    table = long_table(simulate(4, 20, 3, categories=4, seed=7))
    assert capability_page(table[table["judge"] == "j1"]) is None
