"""The scripted user, and replies that hang on what a conversation begins with."""

import anyio
import pytest
from inspect_ai.model import ChatMessageAssistant, ChatMessageSystem, ChatMessageUser

from equipoise.errors import InputError
from equipoise.harness.agents import Reply, key, publish_replies, user_message
from equipoise.harness.run import build_model


def said(name: str, *messages) -> str:
    return anyio.run(build_model(name, {}).generate, list(messages)).completion


def test_it_says_its_next_message_whatever_it_hears():
    system = ChatMessageSystem(content="You are Ada.")
    begin, own = ChatMessageUser(content="Begin."), ChatMessageAssistant(content="anything")
    assert said("equipoise/user", system, begin) == user_message("You are Ada.", 1)
    third = said("equipoise/user", system, begin, own, ChatMessageUser(content="Hm."), own, begin)
    assert third == user_message("You are Ada.", 3) != user_message("You are Eve.", 3)


def test_no_two_messages_are_alike():
    messages = {user_message(f"You are {name}.", turn) for name in range(50) for turn in range(1, 21)}
    assert len(messages) == 1000
    assert not any(one in other for one in list(messages)[:50] for other in messages if one != other)


def test_settings_are_refused():
    with pytest.raises(InputError):
        build_model("equipoise/user:loud", {})


def test_a_reply_may_hang_on_the_system_prompt_or_on_the_first_message(monkeypatch):
    monkeypatch.setattr(key, "_replies", {})
    publish_replies([
        Reply("Hi.", {"oracle": "plain"}, ("",)), Reply("Hi.", {"oracle": "told"}, ("",), opening="You know Ada."),
        Reply("Hi.", {"oracle": "first"}, ("",), opening="Hi."),
        Reply("Hi.", {"oracle": "on"}, ("",), opening="Hello."),
    ])  # fmt: skip
    hi, system = ChatMessageUser(content="Hi."), ChatMessageSystem(content="You know Ada.")
    before = [ChatMessageUser(content="Hello."), ChatMessageAssistant(content="Yes?")]
    other = [ChatMessageUser(content="Well."), ChatMessageAssistant(content="Yes?")]
    assert said("equipoise/oracle", hi) == "first"
    assert said("equipoise/oracle", *other, hi) == "plain"
    assert said("equipoise/oracle", *before, hi) == "on"
    assert said("equipoise/oracle", system, *before, hi) == "told"
    assert said("equipoise/oracle", ChatMessageSystem(content="Be kind."), *before, hi) == "on"
