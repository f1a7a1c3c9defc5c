"""The checks of the simulated user: what each finds, and what ordinary messages of a friend do not trip."""

import re
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from equipoise.tasks.aloe.checks import failures, left_character, persona_dump, repetition, role_inversion
from equipoise.tasks.aloe.metrics import CHECKS
from equipoise.tasks.aloe.personas import evaluation_cases
from equipoise.tasks.aloe.pools import own_profiles

PROFILE = (
    "She is a 34-year-old tram driver in Porto. She swims in the sea from May to October. She cooks salt cod for her "
    "parents on Sundays. She is learning the concertina. She repairs an old motorbike. Her sister marries in autumn."
)
TRAITS = "Impatient: cuts in. Practical: wants a plan. Blunt: says no. Loyal: drops everything. Competitive: races."

ORDINARY = (
    "Hey! Took the tram out to the sea yesterday, the water was freezing but I stayed in for ages.",
    "My sister keeps sending me pictures of dresses. Help me, I have no opinion on lace.",
    "That was so out of character for him, he never forgets a birthday.",
    "They asked me to play the concertina at the wedding and told me to write a speech as well.",
    "My mother said she could help you with the boxes if you are still moving.",
    "A friend of mine has a bike for sale, interested?",
    "I am here, are you coming?",
    "Do you have any personal experience with cod?",
    "The instructions for this shelf are in Swedish, of course.",
    "I changed my profile picture, finally.",
    "As an aircraft mechanic he should know better.",
)


@pytest.mark.parametrize("message", ORDINARY)
def test_ordinary_messages_pass(message):
    (found,) = failures([message], ["Nice."], PROFILE, TRAITS)
    assert found == dict.fromkeys(CHECKS, False)


@pytest.mark.parametrize(
    "message",
    [
        "That sounds lovely! How can I help you today?",
        "As an AI language model, I don't have weekends.",
        "I’m an AI, so I cannot swim.",
        "I'm just a virtual assistant, but congratulations.",
        "I'm here to help with whatever you need.",
        "Is there anything else I can help with?",
        "Great. Feel free to reach out any time!",
        "Assistant: that is good news.",
        "Good to hear. Friend: thanks!",
        "What can I do for you?",
    ],
)
def test_speaking_as_the_assistant(message):
    assert role_inversion(message)
    assert not left_character(message)


def test_repeating_the_partner_is_an_inversion_and_repeating_oneself_is_none():
    partner = "The sea must have been cold in May, well done for staying in."
    assert role_inversion("The sea must have been cold in May! Well done, for staying in.", partner)
    assert not role_inversion("The sea was cold, yes, but I stayed in for the whole hour.", partner)
    assert not role_inversion("", "") and not role_inversion("...", "...")


@pytest.mark.parametrize(
    "message",
    [
        "In this role-play I am supposed to be a tram driver.",
        "Let's roleplay something else.",
        "According to my profile I swim a lot.",
        "My instructions say that I should open the conversation.",
        "The prompt says she is 34.",
        "I will stay in character from now on.",
        "I was told to act as a tram driver.",
        "My persona would love that.",
        "Hi [Name], how was your day?",
        "Hi [your friend's name here], how are you, [insert city name]?",
    ],
)
def test_talk_about_the_simulation(message):
    assert left_character(message)
    assert not role_inversion(message)


def test_telling_all_at_once():
    first_person = (
        "Hi! I'm a 34 year old tram driver from Porto, I swim in the sea, cook salt cod for my parents, learn the "
        "concertina and I'm repairing a motorbike."
    )
    assert persona_dump(first_person, PROFILE, TRAITS)
    assert not persona_dump("I swam in the sea today, and then learned a bit of concertina.", PROFILE, TRAITS)
    assert persona_dump("I'm impatient and practical, and blunt too.", PROFILE, TRAITS)
    assert not persona_dump("I'm impatient, I know, but practical.", PROFILE, TRAITS)
    assert persona_dump("I am calm, loyal and witty!", PROFILE, "He is calm, rarely upset. He is loyal. He is witty.")
    assert not persona_dump("I am calm and loyal!", PROFILE, "He is calm, rarely upset. He is loyal. He is witty.")
    assert not persona_dump("", PROFILE, TRAITS) and not persona_dump("Hello.", "She is.", "")


def test_no_one_or_two_facts_of_a_shipped_profile_tell_all_and_most_do():
    told = {size: [] for size in (1, 2, 6)}
    for profile in own_profiles():
        facts = re.split(r"(?<=\.) ", profile.text)
        for size, found in told.items():
            found += [persona_dump(" ".join(some), profile.text, TRAITS) for some in combinations(facts, size)]
    assert len(told[1]) > 500 and not any(told[1]) and not any(told[2])
    assert all(told[6])


def test_no_personality_is_recited_by_a_profile():
    assert not any(persona_dump(case.profile, "Nothing.", case.personality) for case in evaluation_cases())
    assert all(persona_dump(case.personality, case.profile, case.personality) for case in evaluation_cases())


def test_repetition():
    said = ["I went swimming in the sea today and it was cold", "What do you think of trams?"]
    assert repetition("I went swimming in the sea today, and it was SO cold!", said)
    assert repetition("what do you think of trams", said)
    assert not repetition("I went running along the river today and it was hot", said)
    assert not repetition("Yes.", []) and not repetition("", [""])


def test_four_fifths_of_the_words_are_the_limit():
    words = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
    assert repetition(" ".join(words[:8]), [" ".join(words)])  # 8 of 9
    assert repetition(" ".join(words[:4]), [" ".join(words[:5])])  # 4 of 5 exactly
    assert not repetition(" ".join(words[:7]), [" ".join(words)])  # 7 of 9


@given(st.lists(st.text(max_size=60), min_size=1, max_size=5))
def test_every_message_gets_every_check(said):
    found = failures(said, ["ok"] * len(said), PROFILE, TRAITS)
    assert [set(each) for each in found] == [set(CHECKS)] * len(said)
    assert not found[0]["repetition"]


@given(st.text(alphabet=st.characters(categories=["L"]), min_size=1).filter(str.strip), st.integers(1, 4))
def test_a_copy_is_a_repetition_wherever_it_stands(text, between):
    said = [text, *(f"between {text} number {i} and something else" for i in range(between)), text]
    assert failures(said, [""] * len(said), PROFILE, TRAITS)[-1]["repetition"]


def test_the_partners_reply_before_a_message_is_looked_at_and_no_other():
    replies = ["Cold water is good for you, they say", "Trams are better than buses anyway"]
    found = failures(["Hi", "Cold water is good for you they say", "Cold water is good for you, they say"],
                     [*replies, "ok"], PROFILE, TRAITS)  # fmt: skip
    assert [each["role_inversion"] for each in found] == [False, True, False]
    assert [each["repetition"] for each in found] == [False, False, True]
