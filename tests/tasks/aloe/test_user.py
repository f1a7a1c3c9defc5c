"""The simulated user: what is cleaned, how often it is asked, and what it sees."""

import anyio
import pytest
from inspect_ai.model import ModelOutput, ModelUsage, get_model
from inspect_ai.util import LimitExceededError

from equipoise.harness.dialogue import Dialogue
from equipoise.tasks.aloe.user import APART, TRIES, SimulatedUser, cleaned


@pytest.mark.parametrize(
    ("message", "seen"),
    [
        ("*waves*  Hi,\n\n you! *sits down* ", "Hi, you!"),
        ("This is **really** good", "This is really good"),
        ("*sighs*", ""),
        ("  ", ""),
        ("3 * 4 is 12", "3 * 4 is 12"),
        ("* one\n* two", "* one * two"),
    ],
)
def test_gestures_and_white_space_go(message, seen):
    assert cleaned(message) == seen


def user(*replies):
    """A user whose model gives these replies in turn, and the calls it gets."""
    calls = []

    def respond(messages, tools, tool_choice, config):
        said = replies[min(len(calls), len(replies) - 1)]
        calls.append(([(message.role, message.text) for message in messages], config))
        if isinstance(said, Exception):
            raise said
        output = ModelOutput.from_content("mockllm", said)
        output.usage = ModelUsage()
        return output

    model = get_model("mockllm/someone", memoize=False, custom_outputs=respond)
    return SimulatedUser(model, "You are Ada.", "Begin.", 123, 7), calls


def speak(one, dialogue=None):
    return anyio.run(one.speak, dialogue or Dialogue(), 4)


def test_it_sees_its_part_the_opening_and_the_dialogue_with_roles_flipped():
    one, calls = user("Fine.")
    dialogue = Dialogue()
    for speaker, text in (("user", "Hello."), ("subject", "Hi."), ("user", "How are you?"), ("subject", "")):
        dialogue.say(speaker, text)
    before = dialogue.records()
    assert speak(one, dialogue) == "Fine."
    ((messages, config),) = calls
    assert messages == [
        ("system", "You are Ada."), ("user", "Begin."), ("assistant", "Hello."), ("user", "Hi."),
        ("assistant", "How are you?"), ("user", "(no reply)"),
    ]  # fmt: skip
    assert (config.max_tokens, config.seed, config.temperature) == (123, 7 + APART, None)
    assert dialogue.records() == before and dialogue.systems == {}


def test_failures_and_empty_messages_are_tried_again_with_another_seed():
    one, calls = user(RuntimeError("down"), " *nods* ", "There you are.")
    assert speak(one) == "There you are."
    assert [config.seed for _, config in calls] == [7 + APART, 7 + 2 * APART, 7 + 3 * APART]


@pytest.mark.parametrize(
    ("reply", "told"), [("*nods*", "it said nothing"), (RuntimeError("down"), "RuntimeError: down")]
)
def test_after_three_tries_it_gives_up(reply, told):
    one, calls = user(reply)
    with pytest.raises(RuntimeError, match=rf"turn 4 in 3 tries: {told}"):
        speak(one)
    assert len(calls) == TRIES == 3


def test_a_limit_is_no_failure_of_the_user():
    one, calls = user(LimitExceededError("token", value=2, limit=1))
    with pytest.raises(LimitExceededError):
        speak(one)
    assert len(calls) == 1
