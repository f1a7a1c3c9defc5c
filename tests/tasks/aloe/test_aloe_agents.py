"""Control agents, the scripted user and scripted judges: exact values through the whole pipeline, computed by hand.

A level L is rated floor(4 L - severity + 1/2) + 1, at least 1. The oracle's levels over K = 10 turns are 0, 1/9, …, 1.
"""

import math

import pytest
from support import measure

from equipoise.harness.agents import user_message
from equipoise.tasks.aloe import aloe
from equipoise.tasks.aloe.checks import failures
from equipoise.tasks.aloe.key import reply_of
from equipoise.tasks.aloe.metrics import CHECKS
from equipoise.tasks.aloe.personas import evaluation_cases
from equipoise.tasks.aloe.prompts import read_prompts

JUDGES = ["equipoise/judge", "equipoise/judge:severity=1"]
ALL = "model,persona_known,no_history,style"

ORACLE = {
    # judge's severity: AL(1), ..., AL(10)
    0: (1, 1, 2, 2, 3, 3, 4, 4, 5, 5),
    1: (1, 1, 1, 1, 2, 2, 3, 3, 4, 4),
    "panel": (1, 1, 1.5, 1.5, 2.5, 2.5, 3.5, 3.5, 4.5, 4.5),
}


def run(tmp_path, agent, judges=JUDGES, **arguments):
    found = measure(
        tmp_path, f"equipoise/{agent}", arguments.pop("model_args", None), task=aloe,
        roles={"user": "equipoise/user", "judge": judges}, **{"n_items": 4, **arguments},
    )  # fmt: skip
    assert all(by.startswith("domain=own") for *_, by in found)
    return {(arm, name, by.removeprefix("domain=own").lstrip(",")): metric for (arm, name, by), metric in found.items()}


def curve(found, arm, turns, measure="al", by=""):
    return [found[arm, measure, ",".join(filter(None, (by, f"turn={k}")))].estimate for k in range(1, turns + 1)]


def test_the_oracle_rises_over_ten_turns(tmp_path):
    found = run(tmp_path, "oracle")
    assert curve(found, "model", 10) == list(ORACLE["panel"])
    assert curve(found, "model", 10, by="judge=equipoise/judge") == list(ORACLE[0])
    assert curve(found, "model", 10, by="judge=equipoise/judge:severity=1") == list(ORACLE[1])
    expected = {"al_first": 1, "al_last": 4.5, "al_mean": 2.6, "ir": 36 / 82.5, "n_ir": 36 / 82.5 / 3.5,
                "n_r2": 36**2 / 82.5 / 16.4, "dropped_share": 0, "valid": 1, "words": 7}  # fmt: skip
    for name, value in expected.items():
        assert found["model", name, ""].estimate == pytest.approx(value, abs=1e-9), name
    alone = {"ir": 40 / 82.5, "n_ir": 10 / 82.5, "n_r2": 40**2 / 82.5 / 20}
    for name, value in alone.items():
        assert found["model", name, "judge=equipoise/judge"].estimate == pytest.approx(value, abs=1e-9), name
    for check in CHECKS:
        assert (found["model", check, ""].estimate, found["model", check, ""].items) == (0, 4), check
    mean = found["model", "al_mean", ""]
    assert (mean.items, mean.families, mean.n, mean.missing) == (4, 2, 4 * 2 * 10, 0)
    assert mean.low == mean.high == pytest.approx(2.6), "all cases are alike: the bootstrap has nothing to vary"


def test_the_oracle_rises_straight_over_five_turns(tmp_path):
    found = run(tmp_path, "oracle", judges="equipoise/judge", turns=5)
    assert curve(found, "model", 5) == [1, 2, 3, 4, 5]
    for name, value in (("al_mean", 3), ("ir", 1), ("n_ir", 1 / 4), ("n_r2", 1)):
        assert found["model", name, ""].estimate == pytest.approx(value, abs=1e-9), name


@pytest.mark.parametrize(("agent", "ratings"), [("stubborn", (3, 2)), ("sycophant", (2, 1))])
def test_constant_agents_are_flat(agent, ratings, tmp_path):
    found = run(tmp_path, agent)
    for judge, rating in zip(JUDGES, ratings, strict=True):
        assert curve(found, "model", 10, by=f"judge={judge}") == [rating] * 10
    assert found["model", "al_mean", ""].estimate == sum(ratings) / 2
    assert found["model", "ir", ""].estimate == pytest.approx(0, abs=1e-12)
    for name in ("n_ir", "n_r2"):
        assert math.isnan(found["model", name, ""].estimate), "not 0: a flat curve has none"
    assert found["model", "undefined_draws", ""].estimate == 200


REFERENCES = {
    # agent: no_history, position_mean, gain over persona_known, no_history, style
    "stubborn": (2.5, 0, -2, 0, 0),
    "sycophant": (1.5, 0, -3, 0, -1),
    "oracle": (1, 1.6 / 3.5, -1.9, 1.6, 0.1),
}


@pytest.mark.parametrize("agent", REFERENCES)
def test_references_and_the_position_between_them(agent, tmp_path):
    blind, position, *gains = REFERENCES[agent]
    found = run(tmp_path, agent, responders=ALL, turns=5)
    assert curve(found, "persona_known", 5) == [4.5] * 5
    assert curve(found, "style", 5) == [2.5] * 5
    assert curve(found, "no_history", 5) == [blind] * 5
    assert found["model", "position_mean", ""].estimate == pytest.approx(position, abs=1e-9)
    for reference, gain in zip(("persona_known", "no_history", "style"), gains, strict=True):
        assert found["model", f"gain_over_{reference}", ""].estimate == pytest.approx(gain, abs=1e-9), reference
    if agent == "oracle":
        assert curve(found, "model", 5, "position") == pytest.approx([0, 0.5 / 3.5, 1.5 / 3.5, 2.5 / 3.5, 1])


@pytest.mark.parametrize("agent", REFERENCES)
def test_judges_who_look_at_the_reply_alone_find_no_personal_part_and_no_effect_of_history(agent, tmp_path):
    found = run(tmp_path, agent, also="swapped,history", turns=5)
    for name in ("personal", "history_effect"):
        assert curve(found, "model", 5, name) == [0] * 5, name
    assert curve(found, "model", 5, "al_swapped") == curve(found, "model", 5, "al_history") == curve(found, "model", 5)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_random_is_within_four_standard_errors(seed, tmp_path):
    cases, turns = 25, 5
    found = run(tmp_path, "random", judges="equipoise/judge", n_items=cases, turns=turns, model_args={"seed": seed})
    # A rating is uniform over 1 to 5: mean 3, variance 2. A case's slope has variance 2 / (4 + 1 + 0 + 1 + 4).
    assert abs(found["model", "al_mean", ""].estimate - 3) < 4 * math.sqrt(2 / (cases * turns))
    assert abs(found["model", "ir", ""].estimate) < 4 * math.sqrt(2 / 10 / cases)
    assert found["model", "al_mean", ""].low < found["model", "al_mean", ""].high
    assert len({found["model", "al", f"turn={k}"].estimate for k in range(1, turns + 1)}) > 1


def test_a_failing_judge_drops_what_it_should_have_rated(tmp_path):
    found = run(tmp_path, "stubborn", judges=["equipoise/judge", "equipoise/judge:failure=1"], turns=2)
    failing = "judge=equipoise/judge:failure=1"
    assert found["model", "dropped_share", failing].estimate == 1 and math.isnan(
        found["model", "al_mean", failing].estimate
    )
    assert found["model", "al_mean", "judge=equipoise/judge"].estimate == 3


def test_the_scripted_user_fails_no_check():
    for case in evaluation_cases():
        said = [user_message(read_prompts().user_of(case), turn) for turn in range(1, 21)]
        found = failures(said, [reply_of(0.5)] * 20, case.profile, case.personality)
        assert not any(any(each.values()) for each in found)


def test_better_replies_are_longer():
    replies = [reply_of(k / 19) for k in range(20)]
    assert [len(reply) for reply in replies] == sorted({len(reply) for reply in replies})
    assert not any(one in other for one in replies for other in replies if one != other)
