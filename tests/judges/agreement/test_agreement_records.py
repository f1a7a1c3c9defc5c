"""All about a panel in one record: the same numbers as the single functions, from the same draws, as JSON."""

import json

import numpy as np
import pandas as pd
import pytest

from equipoise.harness.table import conform
from equipoise.judges.agreement import (
    LEVELS,
    WEIGHTS,
    agreement,
    cohen_kappa,
    effective_bounds,
    effective_judges,
    errors_given_truth,
    krippendorff_alpha,
    resample,
)

DRAWS, SEED = 60, 4


def simulated(units=120, judges=3, measure="al", seed=0, human=True):
    """Scripted judges of severity .5, 0 and -.5 with a tenth of the votes missing, and the truth as judge `human`."""
    generator = np.random.default_rng(seed)
    truth = generator.integers(1, 6, units).astype(float)
    shift = np.linspace(-0.5, 0.5, judges)
    votes = np.clip(np.round(truth[:, None] + generator.normal(0, 0.8, (units, judges)) + shift), 1, 5)
    votes[generator.random(votes.shape) < 0.1] = np.nan
    unit, judge = np.indices(votes.shape)
    names = np.array([f"judge-{number}" for number in range(judges)])
    rows = pd.DataFrame({"item": unit.ravel(), "judge": names[judge.ravel()], "value": votes.ravel()})
    if human:
        labels = pd.DataFrame({"item": np.arange(units), "judge": "human", "value": truth})
        rows = pd.concat([rows, labels], ignore_index=True)
    rows["family"] = "f" + (rows["item"] // 3).astype(str)
    rows["item"] = "i" + rows["item"].astype(str).str.zfill(4)
    rows["missing"] = np.where(rows["value"].isna(), "unparsed", "")
    return conform(rows.assign(task="t", model="m", arm="", measure=measure)), votes, truth, np.arange(units) // 3


def close(left, right):
    assert left.units == right.units
    assert (left.value, left.low, left.high) == pytest.approx((right.value, right.low, right.high), nan_ok=True)


def test_the_record_holds_what_the_functions_give():
    table, votes, truth, family = simulated()
    # Families as the table names them, so that the draws are the same.
    family = np.array([f"f{number}" for number in family])
    (found,) = agreement(table, "human", DRAWS, SEED)
    assert found.judges == ("judge-0", "judge-1", "judge-2")
    assert (found.task, found.measure, found.units, found.families) == ("t", "al", 120, 40)
    assert (found.votes, found.missing) == (np.isfinite(votes).sum(), np.isnan(votes).sum())
    assert (found.values, found.scale) == (5, (1.0, 5.0))
    for level in LEVELS:
        close(found.alpha[level], krippendorff_alpha(votes, level, family, DRAWS, SEED))
    assert [kappa.judges for kappa in found.kappas] == [
        ("judge-0", "judge-1"), ("judge-0", "judge-2"), ("judge-1", "judge-2"),
    ]  # fmt: skip
    for kappa, (j, k) in zip(found.kappas, [(0, 1), (0, 2), (1, 2)], strict=True):
        for weights in WEIGHTS:
            close(getattr(kappa, weights), cohen_kappa(votes[:, j], votes[:, k], weights, family, DRAWS, SEED))
    bounds = effective_bounds(votes, family, DRAWS, SEED)
    errors = effective_judges(errors_given_truth(votes, truth), family, DRAWS, SEED)
    for name in ("correlation", "floor", "ceiling"):
        close(getattr(found.bounds, name), getattr(bounds, name))
    for name in ("correlation", "effective", "dimensions"):
        close(getattr(found.effective, name), getattr(errors, name))
    severities = [summary.severity for summary in found.per_judge]
    assert severities[0].low > 0 > severities[2].high


def test_without_a_reference_the_label_is_one_more_judge():
    table, *_ = simulated()
    (found,) = agreement(table, draws=0)
    assert found.judges == ("human", "judge-0", "judge-1", "judge-2")
    assert found.effective is None
    assert len(found.kappas) == 6


def test_one_record_per_measure():
    tables = [simulated(measure=measure, seed=seed)[0] for seed, measure in enumerate(("warm", "al"))]
    found = agreement(pd.concat([table.astype({"measure": str}) for table in tables], ignore_index=True), draws=0)
    assert [record.measure for record in found] == ["al", "warm"]
    assert found[0].alpha["ordinal"].value == agreement(tables[1], draws=0)[0].alpha["ordinal"].value


def test_draws_made_in_pieces_are_draws_all_the_same(monkeypatch):
    table, *_ = simulated()
    whole = agreement(table, draws=400)[0].alpha["interval"]
    monkeypatch.setattr(resample, "CELLS", 120 * 7)
    pieces = agreement(table, draws=400)[0].alpha["interval"]
    assert pieces.value == whole.value
    assert pieces != whole
    assert (pieces.low, pieces.high) == pytest.approx((whole.low, whole.high), abs=0.02)
    sizes = []
    clusters = np.arange(120)
    (values,) = resample.bootstrap([lambda weights: (sizes.append(len(weights)), weights)[1]], clusters, 16, 0)
    assert sizes == [8, 7, 2]  # the sample itself comes with the first piece only
    assert values.shape == (17, 120)
    assert (values.sum(axis=1) == 120).all()
    assert len(np.unique(values, axis=0)) == 17


def test_a_record_is_json_without_nan():
    table, *_ = simulated(units=6, human=False)
    for record in agreement(table, draws=0):
        said = json.loads(json.dumps(record.record(), allow_nan=False))
        assert said["alpha"]["nominal"]["low"] is None
        assert said["kappas"][0]["judges"] == ["judge-0", "judge-1"]
        assert said["effective"] is None
        assert said["per_judge"][0]["severity"]["value"] is not None


def test_a_single_judge_has_a_summary_and_reasons():
    table, *_ = simulated(judges=1, human=False)
    (found,) = agreement(table, draws=20)
    assert found.alpha["ordinal"].reason == "no unit has two votes"
    assert found.kappas == ()
    assert found.bounds.ceiling.reason == "a single judge"
    assert np.isfinite(found.per_judge[0].mean.low)
    assert found.per_judge[0].severity.reason == "no unit shared with others"


def test_a_panel_without_a_single_vote():
    table, *_ = simulated(units=5, human=False)
    silent = table.assign(value=np.nan, missing="error")
    (found,) = agreement(silent, draws=20)
    assert (found.votes, found.missing, found.values) == (0, 15, 0)
    assert np.isnan(found.scale).all()
    json.dumps(found.record(), allow_nan=False)


def test_estimates_print_as_one_says_them():
    estimate = krippendorff_alpha([[1, 1], [2, 2], [3, 3], [1, 2]], "ordinal", draws=0)
    assert str(estimate) == f"{estimate.value:.3f} [nan, nan]"
    assert str(krippendorff_alpha([[1, 1]], "ordinal", draws=0)) == "- (all votes are the same)"


def test_a_judge_that_never_votes_does_not_hide_what_the_others_are_worth():
    table, *_ = simulated(human=False)
    dead = table[table["judge"] == "judge-0"].assign(judge="dead", value=np.nan, missing="error")
    (alone,), (beside,) = (agreement(conform(each), draws=0) for each in (table, pd.concat([table, dead])))
    assert "dead" in beside.judges and beside.bounds.judges == 3
    assert beside.bounds.floor.value == pytest.approx(alone.bounds.floor.value)
