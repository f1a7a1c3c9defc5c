"""Scripted judges: errors that are known exactly."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from equipoise.errors import InputError
from equipoise.harness.agents import level_of, publish_levels, verdict
from equipoise.harness.agents.judge import read_settings
from equipoise.harness.run import build_model

PROMPT = """The text:
=====
{text}
=====

Criterion manners.polite:
Is it polite?
Scale:
1: rude
2: so so
3: polite

Reply with exactly one of these and nothing else: 1, 2, 3"""


def judge(settings=""):
    return build_model(f"equipoise/judge{settings}", {}).api


@pytest.mark.parametrize(
    ("level", "points", "severity", "expected"),
    [
        (1, 5, 0, 4),
        (1, 5, 1, 3),
        (0, 5, 1, 0),
        (0, 5, -1, 1),
        (0.5, 5, 0, 2),
        (0.5, 2, 0, 1),
        (1, 2, 1, 0),
        (1, 5, 9, 0),
    ],
)
def test_verdict_by_hand(level, points, severity, expected):
    assert verdict(level, points, severity) == expected


@given(st.floats(0, 1), st.integers(2, 10), st.floats(-20, 20), st.floats(-5, 5))
def test_verdict_stays_on_the_scale_and_falls_with_severity(level, points, severity, error):
    assert 0 <= verdict(level, points, severity + 1, error) <= verdict(level, points, severity, error) < points


def test_levels_are_looked_up_by_the_longest_text_and_the_closest_label():
    publish_levels({"the text of test_levels": {"*": 0.0}, "the text of test_levels, longer": {"manners": 1.0}})
    short, longer = "x the text of test_levels x", "x the text of test_levels, longer x"
    assert (level_of(short, "manners.polite"), level_of(longer, "manners.polite")) == (0.0, 1.0)
    assert 0 <= level_of(longer, "other") < 1 and level_of(longer, "other") == level_of(longer, "other")


def test_one_criterion_gives_a_reply_and_several_a_json_object():
    publish_levels({"a very polite text": {"manners.polite": 1.0, "manners.short": 0.0}})
    prompt = PROMPT.format(text="a very polite text")
    assert judge().reply(prompt) == "3" and judge(":severity=1").reply(prompt) == "2"
    both = prompt.replace("\n\nReply", "\n\nCriterion manners.short:\nIs it\nshort?\nScale:\nno: x\nyes: y\n\nReply")
    assert judge().reply(both) == '{"manners.polite": "3", "manners.short": "no"}'


def test_failures_have_the_stated_share_and_depend_on_the_seed():
    texts = [PROMPT.format(text=f"text number {n}") for n in range(2000)]
    failed = [
        [judge(f":failure=0.2:seed={seed}").reply(text) == "I would rather not say." for text in texts]
        for seed in (1, 2)
    ]
    for found in failed:
        assert abs(sum(found) / 2000 - 0.2) < 4 * (0.2 * 0.8 / 2000) ** 0.5
    assert failed[0] != failed[1]


def test_noise_has_the_stated_spread():
    publish_levels({"the middle of a long scale": {"*": 0.5}})
    points = "\n".join(f"{n}: point {n}" for n in range(101))
    prompt = "the middle of a long scale {n}\n\nCriterion a:\nx\nScale:\n" + points + "\n\nReply"
    found = [int(judge(":noise=10:seed=4").reply(prompt.replace("{n}", str(n)))) for n in range(2000)]
    mean = sum(found) / 2000
    spread = (sum((value - mean) ** 2 for value in found) / 1999) ** 0.5
    assert abs(mean - 50) < 4 * 10 / 2000**0.5 and abs(spread - 10) < 4 * 10 / 4000**0.5


@pytest.mark.parametrize("name", ["judge:strict=1", "judge:severity=high", "judge:severity"])
def test_a_wrong_setting_is_named(name):
    with pytest.raises(InputError, match=r"setting|number"):
        read_settings(name)
