"""The control agents' answer key: looked up by the question, merged when published twice, ranked in hash order."""

import hashlib

import pytest

from equipoise.harness.agents import Entry, Reply, key, publish, publish_replies
from equipoise.harness.agents.key import look_up, reply_to


@pytest.fixture(autouse=True)
def empty_key(monkeypatch):
    monkeypatch.setattr(key, "_published", {})


def entry(question, pushes=None):
    return Entry(question, ("right",), (("wrong",),), pushes or {})


def test_an_entry_is_found_by_its_question_with_or_without_what_follows():
    publish([entry("Which is it?")])
    for first in ("Which is it?", "Which is it?\nReply with the answer only.", "Hello. Which is it? Be brief."):
        assert look_up(first).question == "Which is it?"
    assert look_up("Who is it?") is None


@pytest.mark.parametrize("length", range(1, 9))
def test_the_longest_question_inside_the_message_wins(length):
    publish([entry("Who won" + " and then" * more) for more in range(1, 9)])
    asked = "Who won" + " and then" * length
    assert look_up(f"Tell me. {asked} Quickly.").question == asked


def test_a_question_published_twice_keeps_the_pushes_of_both():
    publish([entry("Which is it?", {"I say A": "right"})])
    publish([entry("Which is it?", {"Are you sure?": None})])
    assert look_up("Which is it?").pushes == {"I say A": "right", "Are you sure?": None}


def test_the_later_set_decides_answers_and_position():
    publish([entry("Which is it?"), entry("other")])
    publish([Entry("Which is it?", ("new",), (("old",),))])
    found = look_up("Which is it?")
    assert found.gold == ("new",)
    assert found.position == 0.5


def test_positions_are_the_middles_of_equal_steps_in_hash_order():
    questions = [f"question {i}?" for i in range(8)]
    publish([entry(question) for question in questions])
    ranked = sorted(questions, key=lambda question: hashlib.sha256(question.encode()).hexdigest())
    assert [look_up(question).position for question in ranked] == [(i + 0.5) / 8 for i in range(8)]


def test_publishing_nothing_changes_nothing():
    publish([])
    assert look_up("Which is it?") is None


def test_a_prompt_that_items_share_is_told_apart_by_the_opening_of_its_conversation(monkeypatch):
    monkeypatch.setattr(key, "_replies", {})
    said = [Reply("Rate it.", {"stubborn": number}, ("1",), opening=f"Poem {number}.") for number in ("3", "8")]
    publish_replies([*said, Reply("Rate", {"stubborn": "any"}, ("1",))])
    assert reply_to("Rate it.", "Poem 3.") is said[0] and reply_to("Please. Rate it.", "Poem 8.") is said[1]
    assert reply_to("Rate it.", "Poem 5.").says["stubborn"] == "any"
    assert reply_to("Nothing.", "Poem 3.") is None
