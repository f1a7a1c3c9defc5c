"""The metrics of votes against a plain recount, on random tables with missing votes, missing rows and lost samples."""

import math
import random
from statistics import fmean

import pandas as pd
import pytest

from equipoise.harness.table import conform
from equipoise.judges import rubric_named
from equipoise.tasks.dignified_peer.dimensions import BEND, DIMENSIONS, NAMES, STAND
from equipoise.tasks.dignified_peer.generation.metrics import generation_metrics

from .made import MASKS

CRITERIA = {d: [c.name for c in rubric_named(NAMES[d]).criteria] for d in DIMENSIONS}
PANELS = (("one", "two", "three"), ("one", "two", "three", "four"))
ARMS = ("model", "golden", "reject_T")
SUBSETS = {"all_of_mask": DIMENSIONS, "stands": STAND, "responds": BEND}


def random_votes(seed, panel=PANELS[0]):
    """(arm, item, mask, epoch) -> (dimension, criterion, judge) -> 0, 1 or None."""
    draw = random.Random(seed)
    found = {}
    for number in range(25):
        mask = draw.choice(MASKS)
        for arm in ARMS:
            if arm == "reject_T" and "T" not in mask:
                continue
            for epoch in (1, 2) if draw.random() < 0.3 else (1,):
                found[arm, f"i{number}", mask, epoch] = {
                    (d, c, judge): draw.choices((0, 1, None), (2, 7, 0.4))[0]
                    for d in mask for c in CRITERIA[d] for judge in panel
                }  # fmt: skip
    return found


def table_of(votes):
    """The long table, with one exact row a response; of the missing votes half have a row."""
    rows = []
    for place, ((arm, item, mask, epoch), marks) in enumerate(votes.items()):
        about = {"task": "t", "model": "m", "item": item, "family": item, "domain": mask, "arm": arm, "epoch": epoch,
                 "turn": 1}  # fmt: skip
        rows.append({**about, "measure": "refused", "value": 0.0, "judge": "", "missing": ""})
        for (d, c, judge), value in marks.items():
            if value is None and place % 2:
                continue
            rows.append({**about, "measure": f"{NAMES[d]}.{c}", "judge": judge, "value": value,
                         "missing": "unparsed" if value is None else ""})  # fmt: skip
    return conform(pd.DataFrame(rows))


def by_item(values):
    """Mean over items of the mean within the item; n and missing rows."""
    known = {}
    for item, value in values:
        if value is not None:
            known.setdefault(item, []).append(value)
    mean = fmean(fmean(each) for each in known.values()) if known else math.nan
    return mean, sum(map(len, known.values())), sum(value is None for _, value in values)


def all_met(values):
    return None if None in values else float(all(values))


def majority(values):
    """More than half say yes, or at least half say no; else it is open."""
    if sum(value == 1 for value in values) * 2 > len(values):
        return 1
    return 0 if sum(value == 0 for value in values) * 2 >= len(values) else None


def recount(votes, arm, judges, dimensions):
    """All criteria of the mask's dimensions among the given ones, judge by judge or by majority."""
    values = []
    for (found, item, mask, _), marks in votes.items():
        wanted = [d for d in mask if d in dimensions]
        if found != arm or not wanted:
            continue
        if judges == "majority":
            merged = [
                majority([v for (e, k, _), v in marks.items() if (e, k) == (d, c)]) for d in wanted for c in CRITERIA[d]
            ]
            values.append((item, all_met(merged)))
        else:
            values += [(item, all_met([marks[d, c, j] for d in wanted for c in CRITERIA[d]])) for j in judges]
    return by_item(values)


@pytest.mark.parametrize("panel", PANELS, ids=("three judges", "four judges"))
@pytest.mark.parametrize("seed", range(4))
def test_metrics_equal_a_plain_recount(seed, panel):
    votes = random_votes(seed, panel)
    found = {(m.arm, m.measure, m.by): m for m in generation_metrics(table_of(votes), draws=0)}
    checked = 0
    subsets = {**SUBSETS, **{f"{NAMES[d]}_full": (d,) for d in DIMENSIONS}}
    for arm in ARMS:
        for name, dimensions in subsets.items():
            cases = {("", name): panel, ("", f"{name}_majority"): "majority"}
            cases |= {(f"judge={judge}", name): (judge,) for judge in panel}
            for (by, measure), judges in cases.items():
                mean, n, missing = recount(votes, arm, judges, dimensions)
                if n + missing == 0:
                    assert (arm, measure, by) not in found
                    continue
                metric = found[arm, measure, by]
                assert metric.estimate == pytest.approx(mean, nan_ok=True), (arm, measure, by)
                assert (metric.n, metric.missing) == (n, missing), (arm, measure, by)
                checked += missing > 0
        for d in DIMENSIONS:
            shares = [(item, value) for (at, item, _, _), marks in votes.items() if at == arm
                      for (e, _, _), value in marks.items() if e == d]  # fmt: skip
            mean, n, missing = by_item(shares)
            metric = found[arm, NAMES[d], ""]
            assert metric.estimate == pytest.approx(mean) and (metric.n, metric.missing) == (n, missing)
    assert checked > 20  # the tables do have missing votes


@pytest.mark.parametrize("seed", range(4))
def test_purity_equals_a_plain_recount(seed):
    votes = random_votes(seed)
    found = {(m.arm, m.measure, m.by): m for m in generation_metrics(table_of(votes), draws=0)}
    pure, collateral = [], []
    for (arm, item, mask, _), marks in votes.items():
        for judge in PANELS[0] if arm == "reject_T" else ():
            failed = all_met([marks["T", c, judge] for c in CRITERIA["T"]])
            others = all_met([marks[d, c, judge] for d in mask if d != "T" for c in CRITERIA[d]])
            unknown = failed is None or others is None
            pure.append((item, None if unknown else float(not failed and bool(others))))
            if mask != "T":
                collateral.append((item, None if others is None else 1 - others))
    for name, values in (("pure", pure), ("collateral", collateral)):
        mean, n, missing = by_item(values)
        metric = found["reject_T", name, ""]
        assert (metric.estimate, metric.n, metric.missing) == (pytest.approx(mean), n, missing)
    assert ("model", "pure", "") not in found and ("golden", "pure", "") not in found


def test_a_sample_that_was_lost_counts_as_missing_where_its_mask_is_meant():
    votes = {key: marks for key, marks in random_votes(0).items() if key[0] == "model"}
    table = table_of(votes)
    lost = {"task": "t", "model": "m", "item": "gone", "family": "gone", "domain": "AE", "arm": "model", "turn": 0,
            "measure": "sample", "judge": "", "value": math.nan, "missing": "error", "epoch": 1}  # fmt: skip
    whole = conform(pd.concat([table.astype({"value": float}), pd.DataFrame([lost])], ignore_index=True))
    before, after = (
        {(m.measure, m.by): m.missing for m in generation_metrics(each, draws=0) if m.arm == "model"}
        for each in (table, whole)
    )
    added = {key: after[key] - before[key] for key in before}
    assert (
        added["all_of_mask", ""] == added["stands", ""] == added["empathy", ""] == added["all_of_mask", "size=2"] == 1
    )
    assert added["creativity", ""] == added["trustworthiness_full", ""] == added["all_of_mask", "size=3"] == 0
    assert added["refused", ""] == 1


def test_two_logs_of_one_model_are_not_mixed_up():
    """The same item and epoch in two logs: in each, one dimension is met and the other is not."""
    rows = []
    for log, met in (("a", "A"), ("b", "T")):
        for d in "AT":
            rows += [{"task": "t", "model": "m", "item": "i", "family": "i", "domain": "AT", "arm": "model", "turn": 1,
                      "log": log, "measure": f"{NAMES[d]}.{c}", "judge": "j", "value": float(d == met)}
                     for c in CRITERIA[d]]  # fmt: skip
    found = {(m.measure, m.by): m for m in generation_metrics(conform(pd.DataFrame(rows)), draws=0)}
    assert found["all_of_mask", ""].estimate == 0 and found["all_of_mask", ""].n == 2
    assert found["anti_sycophancy", ""].estimate == 0.5


def test_a_judge_counts_by_the_criteria_that_it_was_asked_about():
    """One judge has all four, the other two of them: what was never asked is neither missing nor failed."""
    about = {"task": "t", "model": "m", "family": "i", "item": "i", "domain": "A", "arm": "model", "turn": 1}
    asked = [("one", c) for c in CRITERIA["A"]] + [("two", c) for c in CRITERIA["A"][:2]]
    rows = [{**about, "measure": f"{NAMES['A']}.{c}", "judge": judge, "value": 1.0} for judge, c in asked]
    found = {(m.measure, m.by): m for m in generation_metrics(conform(pd.DataFrame(rows)), draws=0)}
    for by in ("", "judge=one", "judge=two"):
        assert (found["all_of_mask", by].estimate, found["all_of_mask", by].missing) == (1, 0)
    assert found["anti_sycophancy", ""].n == 6 and found["all_of_mask_majority", ""].estimate == 1
