"""Pairs and groups of control agents have exactly known scores, through the whole pipeline."""

import math
from itertools import product

import pytest
from support import measure

from equipoise.tasks.debate import debate

N = 4
BY = "domain=trivia"
AGENTS = ("stubborn", "sycophant", "oracle")


def known(one: str, other: str, a: float, b: float) -> tuple[float, float]:
    """Team accuracy with the subject first and with the partner first (specification, section 7).

    Which items an agent has right is nested (the first p in hash order), so u, the share that either has right, is
    the greater of both.
    """
    u = max(a, b)
    match one, other:
        case "stubborn", "stubborn":
            return (a + b) / 2, (a + b) / 2
        case "stubborn", "sycophant":
            return a, a
        case "sycophant", "stubborn":
            return b, b
        case "stubborn", "oracle":
            return (a + u) / 2, (a + u) / 2
        case "oracle", "stubborn":
            return (b + u) / 2, (b + u) / 2
        case "oracle", "oracle":
            return u, u
        case "sycophant", "sycophant":
            return b, a
        case "sycophant", "oracle":
            return b, u
        case _:
            return u, a


def run(folder, one, other, a, b, **more):
    roles = {"partner": (f"equipoise/{other}", {"p": b})}
    return measure(
        folder, f"equipoise/{one}", {"p": a}, task=debate, roles=roles, items="trivia", n_items=N, **more
    )  # fmt: skip


@pytest.mark.parametrize("a, b", [(0.75, 0.25), (0.25, 0.75)])
@pytest.mark.parametrize("one, other", list(product(AGENTS, AGENTS)))
def test_exact_values(one, other, a, b, tmp_path):
    found = run(tmp_path, one, other, a, b)
    value = {key[:2]: metric.estimate for key, metric in found.items() if key[2] == BY}
    subject_first, partner_first = known(one, other, a, b)
    assert value["subject_first", "team_mean"] == value["order_effect", "subject_first"] == subject_first
    assert value["partner_first", "team_mean"] == value["order_effect", "partner_first"] == partner_first
    both = (subject_first + partner_first) / 2
    assert value["all_orders", "team_mean"] == both
    assert value["all_orders", "solo_mean"] == value["control.solo", "again_mean"] == (a + b) / 2
    assert value["all_orders", "solo_best"] == 0.75
    assert (value["solo", "subject_correct"], value["solo", "partner_correct"]) == (a, b)
    assert (value["control.solo", "subject_correct"], value["control.solo", "partner_correct"]) == (a, b)
    assert value["all_orders", "gain_over_solo"] == pytest.approx(both - (a + b) / 2)
    assert value["all_orders", "gain_over_best"] == pytest.approx(both - 0.75)
    effect = subject_first - partner_first
    strong = effect if a > b else -effect
    assert value["order_effect", "subject_minus_partner"] == effect
    assert value["order_effect", "strong_minus_weak"] == strong
    assert value["order_effect", "subject_is_strong"] == (a > b)
    assert value["order_effect", "range"] == abs(effect)
    differing = found["order_effect", "strong_minus_weak", f"{BY},first=differ"]
    assert differing.items == N / 2 and differing.estimate == strong * 2, "half of the first answers differ"
    margin, absent = ("kept", "corrected") if a > b else ("corrected", "kept")
    moves = {"stubborn": (1, 0), "sycophant": (0, 1), "oracle": (1, 1)}[one]
    assert value["subject_first", margin] == moves[a < b]
    assert ("all_orders", absent) not in value, "nested items: the weaker agent is never right alone"
    took = {"stubborn": 0, "sycophant": 1, "oracle": float(a < b)}[one]
    assert value["moved", "took.partner.subject"] == took
    assert all(metric.missing == 0 for metric in found.values())


def test_who_moved_whom(tmp_path):
    """A sycophant of .75 with an oracle of .25: the one who speaks first moves, on the half that differs."""
    found = run(tmp_path, "sycophant", "oracle", 0.75, 0.25)
    value = {key[1]: metric.estimate for key, metric in found.items() if key[0] == "moved" and key[2] == BY}
    assert value["wrong_right.subject.partner"] == 0.25 and value["right_wrong.partner.subject"] == 0.25
    assert value["right_wrong.subject.partner"] == value["wrong_right.partner.subject"] == 0
    assert value["net.subject.partner"] == 0.25 and value["net.partner.subject"] == -0.25
    assert value["wrong_right.seat2.seat1"] == value["right_wrong.seat2.seat1"] == 0.25
    assert value["wrong_right.seat1.seat2"] == value["right_wrong.seat1.seat2"] == 0
    assert value["wrong_right.unattributed.subject"] == value["right_wrong.unattributed.partner"] == 0


@pytest.mark.parametrize("settings", [{"probe": "mcq"}, {"rounds": 3}, {"probe": "mcq", "options": "file"}])
@pytest.mark.parametrize("one, other", [("sycophant", "oracle"), ("sycophant", "sycophant"), ("stubborn", "oracle")])
def test_letters_and_more_rounds_change_nothing(one, other, settings, tmp_path):
    found = run(tmp_path, one, other, 0.25, 0.75, **settings)
    scores = tuple(found[arm, "team_mean", BY].estimate for arm in ("subject_first", "partner_first"))
    assert scores == known(one, other, 0.25, 0.75)
    assert all(metric.missing == 0 for metric in found.values())


def test_yes_and_no(tmp_path):
    """The commonsense set holds yes/no questions, alone or among open ones."""
    found = measure(
        tmp_path, "equipoise/sycophant", {"p": 0.75}, task=debate, items="commonsense", n_items=8,
        roles={"partner": ("equipoise/oracle", {"p": 0.25})},
    )  # fmt: skip
    by = "domain=commonsense"
    assert found["subject_first", "team_mean", by].estimate == 0.25
    assert found["partner_first", "team_mean", by].estimate == 0.75


def test_equal_agents_have_no_strong_one(tmp_path):
    found = run(tmp_path, "sycophant", "sycophant", 0.5, 0.5)
    assert found["order_effect", "subject_is_strong", BY].estimate == 0.5
    assert found["order_effect", "subject_minus_partner", BY].estimate == 0
    assert not any(measure == "strong_minus_weak" for _, measure, _ in found)
    assert found["all_orders", "turns", BY].estimate == 2 and found["all_orders", "agreed", BY].estimate == 1


def test_three_sycophants_end_on_the_answer_of_the_last_seat(tmp_path):
    rates = (0.25, 0.5, 0.75)
    partners = [("equipoise/sycophant", {"p": p}) for p in rates[1:]]
    found = measure(
        tmp_path, "equipoise/sycophant", {"p": rates[0]}, task=debate, items="trivia", n_items=N,
        roles={"partner": partners},
    )  # fmt: skip
    arms = {
        arm: metric for (arm, name, by), metric in found.items() if arm.startswith("order.") and name == "team_mean"
    }
    assert len(arms) == 6
    for arm, metric in arms.items():
        assert metric.estimate == rates[int(arm[-1])], arm
    for name in ("team_mean", "solo_mean"):
        assert found["all_orders", name, BY].estimate == pytest.approx(0.5)
    assert found["order_effect", "range", BY].estimate == 0.5
    assert 0 < found["order_effect", "range_p", BY].estimate <= 1
    for agent, rate in zip(("subject", "partner1", "partner2"), rates, strict=True):
        assert found["all_orders", "team_mean", f"{BY},agent={agent},seat=3"].estimate == rate
        assert found["solo", f"{agent}_correct", BY].estimate == rate
    assert all(metric.missing == 0 for metric in found.values())


def test_a_stubborn_agent_among_sycophants_decides(tmp_path):
    """It is heard by everybody, but only the last message moves a sycophant: so it decides from seat 3, and from
    seat 1 or 2 as soon as the sycophants take it up."""
    found = measure(
        tmp_path, "equipoise/stubborn", {"p": 0.75}, task=debate, items="trivia", n_items=N, rounds=2,
        roles={"partner": [("equipoise/sycophant", {"p": 0.25})] * 2},
    )  # fmt: skip
    assert found["all_orders", "team_mean", BY].estimate == 0.75
    assert found["all_orders", "subject_correct", BY].estimate == 0.75
    assert found["all_orders", "kept", BY].estimate == 1
    assert found["moved", "wrong_right.unattributed.partner1", BY].estimate == 0


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_random_agents_are_within_four_standard_errors(seed, many_items, tmp_path):
    m, n, by = 4, 60, "domain=made"
    found = measure(
        tmp_path, "equipoise/random", {"seed": seed}, task=debate, items=many_items,
        roles={"partner": ("equipoise/random", {"seed": seed})},
    )  # fmt: skip
    rate = 1 / m
    error = math.sqrt(rate * (1 - rate) / n)
    for arm in ("subject_first", "partner_first"):
        assert abs(found[arm, "team_mean", by].estimate - rate) < 4 * error
        assert abs(found[arm, "subject_correct", by].estimate - rate) < 4 * error
    for arm, name in (("solo", "subject_correct"), ("solo", "partner_correct"), ("all_orders", "solo_mean")):
        assert abs(found[arm, name, by].estimate - rate) < 4 * error, name
    apart = found["solo", "first_answers_differ", by].estimate
    assert abs(apart - (1 - rate)) < 4 * error, "two agents of one model draw apart from each other"
    effect = found["order_effect", "subject_minus_partner", by].estimate
    assert abs(effect) < 4 * math.sqrt(2) * error
    for margin in ("kept", "corrected"):
        metric = found["subject_first", margin, by]
        assert abs(metric.estimate - rate) < 4 * math.sqrt(rate * (1 - rate) / metric.items), margin
    for mover, moved in (("subject", "partner"), ("partner", "subject")):
        metric = found["moved", f"took.{mover}.{moved}", by]
        assert abs(metric.estimate - rate) < 4 * math.sqrt(rate * (1 - rate) / metric.items)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_stubborn_with_random(seed, many_items, tmp_path):
    """The random agent stops where it happens to agree: a / m + (m - 1) / m^2 of its last answers are right."""
    a, m, n = 0.5, 4, 60
    found = measure(
        tmp_path, "equipoise/stubborn", {"p": a}, task=debate, items=many_items,
        roles={"partner": ("equipoise/random", {"seed": seed})},
    )  # fmt: skip
    rate = a / m + (m - 1) / m**2
    for arm in ("subject_first", "partner_first"):
        assert found[arm, "subject_correct", "domain=made"].estimate == a
        estimate = found[arm, "partner_correct", "domain=made"].estimate
        assert abs(estimate - rate) < 4 * math.sqrt(rate * (1 - rate) / n)
