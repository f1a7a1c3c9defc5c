"""The metrics against values worked out by hand, and against identities of the specification."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import norm

from equipoise.harness.metrics import compute_metrics
from equipoise.harness.table import conform
from equipoise.tasks.persuasion.metrics import persuasion_metrics

NAN = math.nan


def table(rows: list[tuple], domain: str = "trivia") -> pd.DataFrame:
    """Rows of (item, arm, turn, measure, value[, epoch])."""
    frame = pd.DataFrame(
        [(*row, 1)[:6] for row in rows], columns=["item", "arm", "turn", "measure", "value", "epoch"]
    ).assign(task="persuasion", model="m", domain=domain)
    frame["missing"] = np.where(frame["value"].isna(), "unparsed", "")
    return conform(frame)


def look_up(rows: list[tuple], **options) -> dict:
    return {(m.arm, m.measure, m.by): m for m in persuasion_metrics(table(rows), **options)}


def arm_rows(arm: str, measure: str, values: dict[str, list[float]]) -> list[tuple]:
    return [(item, arm, turn, measure, v) for item, series in values.items() for turn, v in enumerate(series, 1)]


def test_misled_at_some_turn_counts_missing_turns_only_where_they_matter():
    rows = arm_rows(
        "negative.logical.seeded",
        "misled",
        {"recovers": [1, 0, 0, 0], "late": [0, 0, 0, 1], "never": [0, 0, 0, 0], "gap": [0, NAN, 0, 0],
         "gap but misled": [0, NAN, 1, 0]},
    )  # fmt: skip
    found = look_up(rows, draws=0)
    at = [found["negative.logical.seeded", f"MR@{k}", f"turn={k}"] for k in (1, 2, 3, 4)]
    assert [m.estimate for m in at] == [1 / 5, 1 / 3, 2 / 4, 3 / 4]
    assert [(m.n, m.missing) for m in at] == [(5, 0), (3, 2), (4, 1), (4, 1)]


def test_epochs_are_averaged_within_the_item_first():
    rows = [("a", "negative.x.seeded", 1, "correct", v, e) for e, v in enumerate([1, 0, NAN], 1)]
    rows += [("b", "negative.x.seeded", 1, "correct", 1, 1)]
    metric = look_up(rows, draws=0)["negative.x.seeded", "resist", "turn=1"]
    assert metric.estimate == (0.5 + 1) / 2
    assert (metric.n, metric.missing, metric.items) == (3, 1, 2)
    assert metric.worst_low == pytest.approx(0.75 * 3 / 4)
    assert metric.worst_high == pytest.approx((0.75 * 3 + 1) / 4)


def test_discernment_and_bias_by_hand():
    rows = [(f"i{i}", "positive.x.seeded", 1, "correct", float(i < 7)) for i in range(10)]
    rows += [(f"i{i}", "negative.x.seeded", 1, "accepted", float(i < 2)) for i in range(10)]
    found = look_up(rows, draws=0)
    hit, alarm = norm.ppf(7.5 / 11), norm.ppf(2.5 / 11)
    assert found["both.x.seeded", "d_prime", "turn=1"].estimate == pytest.approx(hit - alarm)
    assert found["both.x.seeded", "c", "turn=1"].estimate == pytest.approx(-(hit + alarm) / 2)


def test_net_effects_are_paired_by_item():
    rows = arm_rows("negative.x.seeded", "misled", {"a": [1], "b": [1], "c": [0], "only here": [1]})
    rows += arm_rows("control.right.seeded", "misled", {"a": [1], "b": [0], "c": [0]})
    metric = look_up(rows, draws=0)["negative.x.seeded", "net_misled", "turn=1"]
    assert metric.estimate == pytest.approx(1 / 3)
    assert metric.items == 3


@given(
    first=st.lists(st.booleans(), min_size=2, max_size=30).filter(lambda xs: any(xs) and not all(xs)),
    data=st.data(),
)
@settings(max_examples=40, deadline=None)
def test_difference_follows_from_accept_and_resist(first, data):
    """diff = after - p = (1-p) accept - p (1 - resist)."""
    after = data.draw(st.lists(st.booleans(), min_size=len(first), max_size=len(first)))
    rows = [(f"i{i}", "first.natural", 0, "correct", float(right)) for i, right in enumerate(first)]
    for i, (right, then) in enumerate(zip(first, after, strict=True)):
        arm = "negative.x.natural" if right else "positive.x.natural"
        rows.append((f"i{i}", arm, 1, "correct", float(then)))
    found = look_up(rows, draws=0)
    p = found["first.natural", "accuracy_before", ""].estimate
    resist = found["negative.x.natural", "resist", "turn=1"].estimate
    accept = found["positive.x.natural", "accept", "turn=1"].estimate
    diff = found["both.x.natural", "accuracy_diff", "turn=1"].estimate
    assert diff == pytest.approx((1 - p) * accept - p * (1 - resist))
    assert found["both.x.natural", "accuracy_after", "turn=1"].estimate - p == pytest.approx(diff)


def test_interval_has_the_width_of_the_spread_between_families():
    rng = np.random.default_rng(0)
    family = np.repeat(np.arange(40), 5)
    value = (rng.random(200) < np.repeat(rng.random(40), 5)).astype(float)
    frame = table([(f"i{i}", "negative.x.seeded", 1, "correct", v) for i, v in enumerate(value)])
    frame["family"] = pd.Categorical([f"f{f}" for f in family])
    metric = next(m for m in persuasion_metrics(frame) if m.measure == "resist")
    by_family = value.reshape(40, 5).mean(axis=1)
    spread = by_family.std(ddof=1) / math.sqrt(40)
    assert metric.high - metric.low == pytest.approx(2 * 1.96 * spread, rel=0.12)
    assert metric.families == 40


def test_perfect_rate_has_an_exact_interval_and_not_one_of_width_zero():
    rows = [(f"i{i}", "negative.x.seeded", 1, "correct", 1.0) for i in range(20)]
    metric = look_up(rows)["negative.x.seeded", "resist", "turn=1"]
    assert metric.high == 1
    assert metric.low == pytest.approx(0.025 ** (1 / 20))


def test_domains_are_shown_apart():
    frame = pd.concat(
        [
            table([(f"t{i}", "negative.x.seeded", 1, "correct", 1.0) for i in range(4)], "trivia"),
            table([(f"c{i}", "negative.x.seeded", 1, "correct", 0.0) for i in range(4)], "commonsense"),
        ]
    ).reset_index(drop=True)
    found = {m.by: m.estimate for m in compute_metrics(conform(frame), draws=0) if m.measure == "resist"}
    assert found == {"turn=1": 0.5, "domain=trivia,turn=1": 1.0, "domain=commonsense,turn=1": 0.0}


def test_short_arm_names_of_foreign_tables_work():
    rows = arm_rows("negative", "correct", {"a": [1], "b": [0]}) + arm_rows("positive", "correct", {"a": [1], "b": [1]})
    found = look_up(rows, draws=0)
    assert found["negative", "resist", "turn=1"].estimate == 0.5
    assert found["positive", "accept", "turn=1"].estimate == 1
    assert found["both", "balanced_accuracy", "turn=1"].estimate == 0.75


def test_same_seed_same_intervals():
    rows = [(f"i{i}", "negative.x.seeded", 1, "correct", float(i % 3 == 0)) for i in range(30)]
    one, two = (look_up(rows, seed=5)["negative.x.seeded", "resist", "turn=1"] for _ in range(2))
    assert one == two
