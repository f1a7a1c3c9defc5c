"""The self-preference probe gives back how much a judge favours its family, whatever the severities and qualities."""

import math

import numpy as np
import pandas as pd
import pytest

from equipoise.errors import InputError
from equipoise.harness.table import conform
from equipoise.judges.probes import self_preference

GPT, CLAUDE, LLAMA = "openai/gpt-a", "anthropic/claude-a", "meta/llama-a"
GPT_JUDGE, CLAUDE_JUDGE, MISTRAL_JUDGE = "openai/gpt-judge", "anthropic/claude-judge", "mistral/mistral-judge"
SEVERITY = {GPT_JUDGE: 0.5, CLAUDE_JUDGE: -1.0, MISTRAL_JUDGE: 0.25, f"{GPT_JUDGE}@strict": 1.5}
FAVOUR = {(GPT_JUDGE, GPT): 0.7, (CLAUDE_JUDGE, CLAUDE): 0.3, (f"{GPT_JUDGE}@strict", GPT): 0.7}


def votes(
    models=(GPT, CLAUDE, LLAMA), judges=(GPT_JUDGE, CLAUDE_JUDGE, MISTRAL_JUDGE), items=12, noise=None, favour=FAVOUR
):
    """Quality differs by model and item, severity by judge; what a judge adds for a model is `favour`."""
    generator = np.random.default_rng(5)
    rows = []
    for item in range(items):
        for model in models:
            quality = 5 + generator.normal()
            for judge in judges:
                value = quality - SEVERITY[judge] + favour.get((judge, model), 0)
                value += noise(item, model, judge) if noise else 0
                rows.append(
                    {"task": "t", "model": model, "item": f"i{item}", "family": f"f{item // 2}", "arm": "a", "turn": 1,
                     "measure": "m", "judge": judge, "judge_prompt_hash": "h", "value": value, "missing": ""}
                )  # fmt: skip
    return pd.DataFrame(rows)


def found_in(frame):
    return {each.judge: each for each in self_preference(conform(frame))}


def test_known_preferences_are_given_back_whatever_severity_and_quality():
    found = found_in(votes())
    assert found[GPT_JUDGE].preference.value == pytest.approx(0.7)
    assert found[CLAUDE_JUDGE].preference.value == pytest.approx(0.3)
    assert math.isnan(found[MISTRAL_JUDGE].preference.value)
    assert found[MISTRAL_JUDGE].preference.reason == "no model of this judge's family"
    gpt = found[GPT_JUDGE]
    assert (gpt.own, set(gpt.others), set(gpt.references)) == (
        (GPT,), {CLAUDE, LLAMA}, {CLAUDE_JUDGE, MISTRAL_JUDGE},
    )  # fmt: skip
    assert (gpt.votes, gpt.missing, gpt.preference.units) == (36, {}, 12)


def test_judges_without_a_preference_get_nothing():
    found = found_in(votes(favour={}))
    assert found[GPT_JUDGE].preference.value == pytest.approx(0, abs=1e-12)


def test_another_judges_preference_does_not_enter():
    only_claude = {(CLAUDE_JUDGE, CLAUDE): 3.0}
    assert found_in(votes(favour=only_claude))[GPT_JUDGE].preference.value == pytest.approx(0, abs=1e-12)


def test_two_judges_of_two_families_cannot_be_told_apart_without_a_third_family():
    found = found_in(votes((GPT, CLAUDE), (GPT_JUDGE, CLAUDE_JUDGE)))
    assert all(math.isnan(each.preference.value) for each in found.values())
    assert all("neither judge's family" in each.preference.reason for each in found.values())
    third = found_in(votes((GPT, CLAUDE, LLAMA), (GPT_JUDGE, CLAUDE_JUDGE)))
    assert third[GPT_JUDGE].preference.value == pytest.approx(0.7)


def test_one_judge_or_one_family_says_so():
    assert found_in(votes(judges=(GPT_JUDGE,)))[GPT_JUDGE].preference.reason == "no judge of another family"
    found = found_in(votes((GPT,), (GPT_JUDGE, MISTRAL_JUDGE)))
    assert "neither judge's family" in found[GPT_JUDGE].preference.reason
    family = found_in(votes(judges=(GPT_JUDGE, f"{GPT_JUDGE}@strict")))
    assert family[f"{GPT_JUDGE}@strict"].preference.reason == "no judge of another family", (
        "one model, two strictnesses"
    )


def test_a_strictness_is_part_of_the_name_and_not_of_the_family():
    found = found_in(votes(judges=(f"{GPT_JUDGE}@strict", MISTRAL_JUDGE)))
    assert found[f"{GPT_JUDGE}@strict"].preference.value == pytest.approx(0.7)


def test_the_interval_is_the_t_interval_of_the_family_means():
    def noise(item, model, judge):
        return [0.0, 0.2, 0.4][item // 2] if (judge, model) == (GPT_JUDGE, GPT) else 0.0

    found = found_in(votes(judges=(GPT_JUDGE, MISTRAL_JUDGE), items=6, noise=noise))[GPT_JUDGE].preference
    # family means 0.7, 0.9, 1.1: mean 0.9, standard error 0.2 / sqrt(3), t(2) = 4.302653
    assert (found.value, found.low, found.high) == pytest.approx((0.9, 0.9 - 0.496828, 0.9 + 0.496828), abs=1e-5)


def test_missing_votes_are_counted_by_reason_and_leave_only_their_units_out():
    frame = votes()
    lost = (frame["judge"] == GPT_JUDGE) & (frame["model"] == GPT) & (frame["item"].isin(["i0", "i1", "i2"]))
    frame.loc[lost, ["value", "missing"]] = [np.nan, "unparsed"]
    elsewhere = (frame["judge"] == CLAUDE_JUDGE) & (frame["model"] == LLAMA)
    frame.loc[elsewhere, ["value", "missing"]] = [np.nan, "refused"]
    found = found_in(frame)
    gpt = found[GPT_JUDGE]
    assert (gpt.votes, gpt.missing, gpt.preference.units) == (36, {"unparsed": 3}, 9)
    assert gpt.preference.value == pytest.approx(0.7), "the other judge's votes on the third family are not needed"
    assert found[CLAUDE_JUDGE].missing == {"refused": 12}
    frame.loc[frame["judge"] == GPT_JUDGE, ["value", "missing"]] = [np.nan, "error"]
    silent = found_in(frame)[GPT_JUDGE]
    assert math.isnan(silent.preference.value) and silent.missing == {"error": 36}
    frame["value"], frame["missing"] = np.nan, "error"
    assert found_in(frame)[GPT_JUDGE].preference.reason == "no vote with a value"


def test_measures_are_told_apart_and_control_agents_left_out():
    frame = votes()
    other = frame.assign(measure="n", value=frame["value"].round())
    control = frame[frame["model"] == LLAMA].assign(model="equipoise/oracle", value=10.0)
    table = conform(pd.concat([frame, other, control]))
    found = self_preference(table)
    assert [each.measure for each in found] == ["m"] * 3 + ["n"] * 3
    assert all("equipoise/oracle" not in (*each.own, *each.others) for each in found)
    assert next(each for each in found if each.judge == GPT_JUDGE).preference.value == pytest.approx(0.7)
    with pytest.raises(InputError, match="no votes of judges"):
        self_preference(conform(control))
    with pytest.raises(InputError, match="no votes of judges"):
        self_preference(conform(frame.assign(judge="")))
