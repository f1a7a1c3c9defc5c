"""Metrics on tables that are written out, and the report's section."""

import numpy as np
import pandas as pd
import pytest

from equipoise.harness.table.schema import conform
from equipoise.tasks.debate import debate_metrics, debate_section
from equipoise.tasks.debate.metrics import permutation_p


def table(teams: dict[str, list[float]], alone: dict[str, list[float]], domain: str = "made") -> pd.DataFrame:
    """Team scores by arm and first answers by agent, an item per place."""
    rows = [(arm, 1, "team_mean", item, value) for arm, values in teams.items() for item, value in enumerate(values)]
    for item, answers in enumerate(zip(*alone.values(), strict=True)):
        rows += [("solo", 0, f"{name}_correct", item, value) for name, value in zip(alone, answers, strict=True)]
        rows += [
            ("solo", 0, "mean_correct", item, np.mean(answers)),
            ("solo", 0, "differ", item, len(set(answers)) > 1),
        ]
    frame = pd.DataFrame(rows, columns=["arm", "turn", "measure", "item", "value"])
    frame["item"] = frame["item"].map("item-{:02d}".format)
    frame["missing"] = np.where(frame["value"].isna(), "unparsed", "")
    return conform(frame.assign(task="debate", model="some/model", domain=domain, value=frame["value"].astype(float)))


def metrics(frame, draws=200):
    return {(m.arm, m.measure, m.by): m for m in debate_metrics(frame, draws=draws)}


PAIR = table(
    {"subject_first": [1, 0, 1, 0, 1, 0], "partner_first": [1, 0, 1, 0, 0, 1]},
    {"subject": [1, 0, 1, 0, 1, 1], "partner": [1, 0, 1, 0, 0, 0]},
)


def test_the_order_effect_is_paired_and_the_stronger_agent_comes_from_the_table():
    found = metrics(PAIR)
    effect = found["order_effect", "subject_minus_partner", "domain=made"]
    assert effect.estimate == 0 and effect.items == 6 and effect.low < 0 < effect.high
    assert found["order_effect", "subject_is_strong", "domain=made"].estimate == 1
    assert found["order_effect", "strong_minus_weak", "domain=made,first=differ"].items == 2
    assert found["all_orders", "solo_best", "domain=made"].estimate == pytest.approx(4 / 6)
    assert found["all_orders", "gain_over_solo", "domain=made"].estimate == pytest.approx(0)
    assert found["all_orders", "gain_over_best", "domain=made"].estimate == pytest.approx(-1 / 6)


def test_the_stronger_agent_is_judged_within_the_domain():
    other = table({"subject_first": [1, 1], "partner_first": [0, 1]}, {"subject": [0, 0], "partner": [1, 0]}, "other")
    other["item"] = "other-" + other["item"].astype(str)
    other["family"] = other["item"]
    found = metrics(conform(pd.concat([PAIR, other])))
    assert found["order_effect", "subject_is_strong", "domain=made"].estimate == 1
    assert found["order_effect", "subject_is_strong", "domain=other"].estimate == 0
    assert found["order_effect", "subject_minus_partner", "domain=other"].estimate == 0.5
    assert found["order_effect", "strong_minus_weak", "domain=other"].estimate == -0.5


def test_a_missing_score_leaves_the_pair_and_is_counted():
    frame = table(
        {"subject_first": [1, float("nan"), 1], "partner_first": [0, 1, 1]},
        {"subject": [1, 0, 1], "partner": [0, 0, 1]},
    )
    effect = metrics(frame)["order_effect", "subject_minus_partner", "domain=made"]
    assert (effect.estimate, effect.items, effect.missing) == (0.5, 2, 1)


def test_three_agents_have_means_by_seat_and_a_range():
    digits = ("012", "120", "201", "210", "021", "102")
    teams = {f"order.{order}": [float(order[2] == "0")] * 8 for order in digits}
    alone = {name: [1.0, 0.0] * 4 for name in ("subject", "partner1", "partner2")}
    found = metrics(table(teams, alone))
    for seat, value in ((1, 0), (2, 0), (3, 1)):
        assert found["all_orders", "team_mean", f"domain=made,agent=subject,seat={seat}"].estimate == value
    assert found["order_effect", "range", "domain=made"].estimate == 1
    assert found["order_effect", "range_p", "domain=made"].estimate == 1 / 201
    assert not any(measure == "subject_minus_partner" for _, measure, _ in found)


def test_permutation_p():
    same = np.tile([1.0, 0.0, 1.0], (3, 1))
    assert permutation_p(same, 50, 0) == 1, "no order differs: every permutation reaches the range of 0"
    apart = np.vstack([np.ones(12), np.zeros(12)])
    assert permutation_p(apart, 500, 0) == pytest.approx(1 / 501, abs=2 / 501)
    one = np.array([[1.0], [0.0]])
    assert permutation_p(one, 100, 0) == 1, "a single item says nothing about the orders"
    # two items that differ the same way: half of the sign patterns reach the range
    assert permutation_p(np.array([[1.0, 1.0], [0.0, 0.0]]), 4000, 0) == pytest.approx(0.5, abs=0.04)


@pytest.mark.parametrize("seed", range(3))
def test_permutation_p_is_uniform_without_an_effect(seed):
    """At most 10 % of p values of exchangeable orders are below .05 (60 tables; .05 expected)."""
    generator = np.random.default_rng(seed)
    values = [permutation_p(generator.random((3, 20)), 99, draw) for draw in range(60)]
    assert sum(p <= 0.05 for p in values) <= 10 and 0.3 < np.mean(values) < 0.7


def test_an_empty_or_foreign_table_has_no_metrics():
    foreign = conform(
        pd.DataFrame([{"task": "debate", "model": "m", "item": "i", "arm": "x", "measure": "y", "value": 1}])
    )
    assert debate_metrics(foreign, draws=0) == []


def test_a_section_without_discussions_has_no_broken_pictures():
    found = debate_metrics(PAIR, draws=20)
    section = debate_section(PAIR, found)
    alts = [picture.alt for picture in section.pictures]
    assert any("Order effect, made" in alt for alt in alts) and any("decision rule" in alt for alt in alts)
    assert [case.item for case in section.cases] == ["", "", ""]
