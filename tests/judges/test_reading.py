"""Replies are read strictly; probabilities count only where a token tells the reply."""

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from inspect_ai.model import ChatCompletionChoice, ChatMessageAssistant, Logprob, Logprobs, ModelOutput, TopLogprob
from panels import CRITERIA, YES_NO, rubric

from equipoise.judges import read_choice
from equipoise.judges.reading import read_joint, weigh

UNITS = rubric(judged="separately", criteria=CRITERIA).units()
(UNIT,) = rubric().units()


@pytest.mark.parametrize("reply", ["10", " 10. ", "**10**", "'10'", "10\n", "+10", "(10)"])
def test_numbers_are_read_as_whole_replies(reply):
    assert read_choice(reply, [str(n) for n in range(1, 11)]) == "10"


@pytest.mark.parametrize("reply", ["", "11", "1 0", "10/10", "Rating: 10", "1 or 10", "0", "-1", "ten"])
def test_anything_else_is_no_choice(reply):
    assert read_choice(reply, [str(n) for n in range(1, 11)]) is None


@pytest.mark.parametrize(("reply", "choice"), [("-5", "-5"), ("−5.", "-5"), ("+5", "5"), ("5", "5"), ("- 5", None)])
def test_signs_are_read(reply, choice):
    assert read_choice(reply, [str(n) for n in range(-5, 6)]) == choice


@pytest.mark.parametrize(
    ("reply", "polite", "short"),
    [
        ('{"manners.polite": "YES", "manners.short": "4"}', "YES", "4"),
        ('```json\n{"manners.polite": "no", "manners.short": 4}\n```', "NO", "4"),
        ('{"manners.polite": "YES"}', "YES", None),
        ('{"manners.polite": "YES", "manners.polite": "NO", "manners.short": "4"}', None, "4"),
        ('{"manners.polite": true, "manners.short": 4.0}', None, None),
        ('{"manners.polite": ["YES"], "manners.short": "9"}', None, None),
        ('Here you are: {"manners.polite": "YES"}', None, None),
        ('["manners.polite", "YES"]', None, None),
        ("YES", None, None),
        ("", None, None),
        ("[" * 100_000, None, None),
    ],
)
def test_joint_replies(reply, polite, short):
    assert read_joint(reply, UNITS) == {"manners.polite": polite, "manners.short": short}


@given(st.text())
def test_no_reply_breaks_the_reader(reply):
    assert set(read_joint(reply, UNITS)) == {"manners.polite", "manners.short"}
    json.dumps(read_choice(reply, UNIT.replies))


def output_of(*candidates):
    """A reply whose first token has the given candidates (token, probability)."""
    top = [TopLogprob(token=token, logprob=math.log(p)) for token, p in candidates]
    first = Logprob(token=top[0].token, logprob=top[0].logprob, top_logprobs=top)
    choice = ChatCompletionChoice(message=ChatMessageAssistant(content="x"), logprobs=Logprobs(content=[first]))
    return ModelOutput(model="m", choices=[choice])


def test_weighted_value_by_hand():
    mean, mass = weigh(output_of(("4", 0.5), (" 5", 0.3), ("The", 0.15), ("1", 0.05)), UNIT)
    assert mean == pytest.approx((4 * 0.5 + 5 * 0.3 + 1 * 0.05) / 0.85) and mass == pytest.approx(0.85)


def test_words_may_be_cut_into_tokens_but_numbers_may_not():
    (unit,) = rubric(scale=YES_NO).units()
    assert weigh(output_of(("Ye", 0.6), ("No", 0.2), ("y", 0.1)), unit) == (pytest.approx(0.75), pytest.approx(0.8))
    ten = rubric(scale=[{"reply": str(n), "value": n, "means": "x"} for n in range(1, 11)]).units()[0]
    assert weigh(output_of(("1", 0.5), ("10", 0.5)), ten)[0] == pytest.approx(5.5)


def test_no_weighted_value_without_log_probabilities_or_replies_among_them():
    assert weigh(ModelOutput.from_content("m", "4"), UNIT) == (None, None)
    assert weigh(output_of(("The", 0.9)), UNIT) == (None, 0.0)
