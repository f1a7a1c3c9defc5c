"""The position probe gives back the preference for a place that a judge was given."""

import math
from pathlib import Path

import pytest
from inspect_ai.model import ModelOutput, ModelUsage, get_model
from panels import scripted

from equipoise.harness.run import build_model
from equipoise.judges import Judge, Store
from equipoise.judges.probes import probe_position
from equipoise.judges.probes.material import pairs

UNEQUAL = sum(pair.kind == "unequal" for pair in pairs())
EQUAL = len(pairs()) - UNEQUAL
FIGURES = ("consistent", "accuracy", "ties_on_equal", "first_on_equal", "first_on_unequal")


def probed(*models):
    with Store(Path(":memory:")) as store:
        return probe_position([Judge(model) for model in models], store)


def scripted_judge(settings=""):
    return build_model(f"equipoise/judge{settings}", {})


def judge_that(answers):
    """A judge that sees the two replies of a prompt."""

    def reply(messages, tools, tool_choice, config):
        *_, first, _, second, _ = messages[0].text.split("\n=====\n")
        output = ModelOutput.from_content("mockllm/model", answers(first, second))
        output.usage = ModelUsage()
        return output

    return get_model("mockllm/model", memoize=False, custom_outputs=reply)


def values(found):
    return {name: getattr(found, name).value for name in FIGURES}


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ("", (1, 1, 1, 0, 0)),
        (":severity=3", (1, 1, 1, 0, 0)),
        (":position=1", (0, 0.5, 0, 1, 0.5)),
        (":position=2", (0, 0.5, 0, 1, 1)),
        (":position=-1", (0, 0.5, 0, -1, -0.5)),
    ],
)
def test_a_known_preference_is_given_back(settings, expected):
    (found,) = probed(scripted_judge(settings))
    assert values(found) == pytest.approx(dict(zip(FIGURES, expected, strict=True)))
    assert (found.missing.asked, found.missing.reasons) == (2 * len(pairs()), {})
    assert (found.consistent.units, found.accuracy.units, found.ties_on_equal.units) == (
        len(pairs()), 2 * UNEQUAL, 2 * EQUAL,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("said", "expected"),
    [("first", (0, 0.5, 0, 1, 1)), ("second", (0, 0.5, 0, -1, -1)), ("tie", (1, 0, 1, 0, 0))],
)
def test_judges_that_always_say_the_same(said, expected):
    (found,) = probed(scripted(said)[0])
    assert values(found) == pytest.approx(dict(zip(FIGURES, expected, strict=True)))


def test_a_taste_for_one_of_two_equal_replies_is_no_preference_for_a_place():
    liked = {pair.replies[0] for pair in pairs()}
    (found,) = probed(judge_that(lambda first, second: "first" if first in liked else "second"))
    assert values(found) == {
        "consistent": 1, "accuracy": 1, "ties_on_equal": 0, "first_on_equal": 0, "first_on_unequal": 0,
    }  # fmt: skip


def test_an_unbiased_judge_still_has_an_interval_that_its_pairs_allow():
    (found,) = probed(scripted_judge())
    low = 0.025 ** (1 / len(pairs()))  # exact interval of n out of n pairs
    assert (found.consistent.low, found.consistent.high) == pytest.approx((low, 1))
    assert found.first_on_equal.low < -0.1 and found.first_on_equal.high > 0.1
    alone = 0.025 ** (1 / UNEQUAL)  # two orders of a pair are one observation
    assert found.accuracy.low == pytest.approx(alone)


def test_a_pair_with_a_missing_vote_is_left_out_and_the_vote_counted():
    broken = {pair.replies[0] for pair in pairs() if pair.kind == "unequal"}
    (found,) = probed(judge_that(lambda first, second: "no idea" if first in broken else "tie"))
    assert found.missing.reasons == {"unparsed": UNEQUAL}
    assert (found.consistent.units, found.consistent.value, found.accuracy.units) == (EQUAL, 1, 0)
    assert math.isnan(found.accuracy.value) and found.accuracy.reason == "no pair with both votes"


def test_failures_are_missing_at_their_rate():
    (found,) = probed(scripted_judge(":failure=1"))
    assert found.missing.reasons == {"unparsed": 2 * len(pairs())} and found.missing.rate.value == 1
    assert all(math.isnan(value) for value in values(found).values())


def test_several_judges_are_told_apart():
    fair, biased = probed(scripted_judge(), scripted_judge(":position=1"))
    assert (fair.judge, biased.judge) == ("equipoise/judge", "equipoise/judge:position=1")
    assert (fair.first_on_equal.value, biased.first_on_equal.value) == (0, 1)
