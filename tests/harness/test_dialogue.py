import asyncio
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from inspect_ai.model import GenerateConfig, ModelOutput, ModelUsage, get_model

from equipoise.harness.dialogue import NO_REPLY, Dialogue, converse, model_speaker, scripted_speaker


def roles(messages):
    return [(message.role, message.text) for message in messages]


def scripted_model(name):
    """A local model that says `<name>1`, `<name>2`, … and keeps what it was shown."""
    shown = []

    def output(input, tools, tool_choice, config):
        shown.append((roles(input), config))
        said = sum(message.role == "assistant" for message in input)
        reply = ModelOutput.from_content("mockllm/model", f"{name}{said + 1}")
        reply.usage = ModelUsage()  # else Inspect counts tokens with a tokenizer that is downloaded
        return reply

    return get_model("mockllm/model", custom_outputs=output, memoize=False), shown


def example():
    dialogue = Dialogue()
    dialogue.say("anna", "a0")
    dialogue.say("ben", "b0")
    dialogue.say("anna", "a1", 1)
    dialogue.say("cleo", "c1", 1)
    dialogue.say("ben", "b1", 1)
    return dialogue


def test_each_party_sees_its_own_words_as_assistant_and_the_others_joined_as_user():
    dialogue = example()
    assert roles(dialogue.view("anna")) == [
        ("assistant", "a0"),
        ("user", "b0"),
        ("assistant", "a1"),
        ("user", "c1\n\nb1"),
    ]
    assert roles(dialogue.view("ben")) == [
        ("user", "a0"),
        ("assistant", "b0"),
        ("user", "a1\n\nc1"),
        ("assistant", "b1"),
    ]
    assert roles(dialogue.view("cleo")) == [("user", "a0\n\nb0\n\na1"), ("assistant", "c1"), ("user", "b1")]
    assert roles(dialogue.view("nobody")) == [("user", "a0\n\nb0\n\na1\n\nc1\n\nb1")]


@settings(deadline=None)
@given(st.lists(st.sampled_from(["anna", "ben", "cleo"]), max_size=12))
def test_views_partition_the_transcript(speakers):
    """Every utterance is an assistant message in exactly one view, its speaker's, and user text in the others."""
    dialogue = Dialogue()
    for number, speaker in enumerate(speakers):
        dialogue.say(speaker, f"<{number}>")
    for party in ("anna", "ben", "cleo"):
        view = dialogue.view(party)
        own = [m.text for m in view if m.role == "assistant"]
        heard = "\n\n".join(m.text for m in view if m.role == "user")
        assert own == [f"<{n}>" for n, speaker in enumerate(speakers) if speaker == party]
        assert heard == "\n\n".join(f"<{n}>" for n, speaker in enumerate(speakers) if speaker != party)
        assert all(not (a.role == b.role == "user") for a, b in pairwise(view))


def test_two_models_talk_without_role_inversion():
    """Were the roles not flipped, a model would find its own words in a user message, or count another's as its own."""
    (anna, shown_to_anna), (ben, shown_to_ben) = scripted_model("a"), scripted_model("b")
    dialogue = Dialogue()
    dialogue.say("host", "topic")
    parties = {"anna": model_speaker(anna, "anna"), "ben": model_speaker(ben, "ben")}
    assert asyncio.run(converse(dialogue, parties, turns=2)) == 2
    assert [(u.speaker, u.text, u.turn) for u in dialogue.utterances] == [
        ("host", "topic", 0),
        ("anna", "a1", 1),
        ("ben", "b1", 1),
        ("anna", "a2", 2),
        ("ben", "b2", 2),
    ]
    assert [messages for messages, _ in shown_to_anna] == [
        [("user", "topic")],
        [("user", "topic"), ("assistant", "a1"), ("user", "b1")],
    ]
    assert [messages for messages, _ in shown_to_ben] == [
        [("user", "topic\n\na1")],
        [("user", "topic\n\na1"), ("assistant", "b1"), ("user", "a2")],
    ]


def test_three_parties_speak_in_seat_order():
    models = {name: scripted_model(name[0]) for name in ("anna", "ben", "cleo")}
    dialogue = Dialogue()
    dialogue.say("host", "topic")
    parties = {name: model_speaker(model, name) for name, (model, _) in models.items()}
    asyncio.run(converse(dialogue, parties, turns=2))
    assert [u.speaker for u in dialogue.utterances] == ["host", *["anna", "ben", "cleo"] * 2]
    assert models["cleo"][1][1][0] == [("user", "topic\n\na1\n\nb1"), ("assistant", "c1"), ("user", "a2\n\nb2")]


def test_system_prompt_is_seen_by_its_party_alone():
    dialogue = example()
    dialogue.systems["ben"] = "convince them"
    assert roles(dialogue.view("ben"))[0] == ("system", "convince them")
    for other in ("anna", "cleo", "nobody"):
        assert all("convince" not in message.text for message in dialogue.view(other))
        assert all(message.role != "system" for message in dialogue.view(other))
    assert all("convince" not in str(record) for record in dialogue.records())


def test_the_model_gets_the_system_prompt_and_the_sampling_settings():
    model, shown = scripted_model("a")
    dialogue = Dialogue(systems={"anna": "be brief"})
    dialogue.say("ben", "hello")
    speak = model_speaker(model, "anna", GenerateConfig(seed=7, max_tokens=5))
    assert asyncio.run(speak(dialogue, 1)) == "a1"
    [(messages, config)] = shown
    assert messages == [("system", "be brief"), ("user", "hello")]
    assert (config.seed, config.max_tokens) == (7, 5)


def test_a_fork_and_its_origin_do_not_touch_each_other():
    dialogue = example()
    dialogue.systems["ben"] = "first"
    before = dialogue.records()
    copy = dialogue.fork()
    assert copy.records() == before
    copy.say("host", "what is your answer now?", 1)
    copy.systems["ben"] = "second"
    assert dialogue.records() == before
    assert dialogue.systems == {"ben": "first"}
    dialogue.say("anna", "later", 2)
    assert [record["text"] for record in copy.records()][-1] == "what is your answer now?"


@pytest.mark.parametrize("empty", ["", " ", "\n\t"])
def test_an_empty_message_is_replaced_in_the_views_and_kept_in_the_records(empty):
    dialogue = Dialogue()
    dialogue.say("anna", empty)
    dialogue.say("ben", "b")
    dialogue.say("anna", empty)
    assert roles(dialogue.view("anna"))[0] == ("assistant", NO_REPLY)
    assert roles(dialogue.view("ben"))[0] == ("user", NO_REPLY)
    assert roles(dialogue.view("cleo")) == [("user", f"{NO_REPLY}\n\nb\n\n{NO_REPLY}")]
    assert dialogue.records()[0] == {"speaker": "anna", "turn": 0, "text": empty}


def test_an_empty_system_prompt_is_left_out():
    dialogue = Dialogue(systems={"anna": ""})
    dialogue.say("ben", "b")
    assert roles(dialogue.view("anna")) == [("user", "b")]


@pytest.mark.parametrize(
    ("turns", "first_turn", "spoken", "last"),
    [
        (3, 1, [1, 2, 3], 3),
        (1, 1, [1], 1),
        (0, 1, [], 0),
        (4, 3, [3, 4], 4),
        (3, 3, [3], 3),
        (2, 3, [], 2),
        (2, 5, [], 4),
    ],
)
def test_turn_cap_and_first_turn(turns, first_turn, spoken, last):
    dialogue = Dialogue()
    parties = {"anna": scripted_speaker(["a1", "a2", "a3", "a4"])}
    assert asyncio.run(converse(dialogue, parties, turns, first_turn=first_turn)) == last
    assert [(u.turn, u.text) for u in dialogue.utterances] == [(turn, f"a{turn}") for turn in spoken]


def test_the_stop_rule_is_looked_at_after_each_whole_turn_and_ends_the_dialogue():
    dialogue = Dialogue()
    seen = []

    async def stop(dialogue, turn):
        seen.append((turn, [u.text for u in dialogue.utterances]))
        return turn == 2

    parties = {"anna": scripted_speaker(["a1", "a2", "a3"]), "ben": scripted_speaker(["b1", "b2", "b3"])}
    assert asyncio.run(converse(dialogue, parties, turns=3, stop=stop)) == 2
    assert seen == [(1, ["a1", "b1"]), (2, ["a1", "b1", "a2", "b2"])]
    assert len(dialogue.utterances) == 4


def test_a_stop_rule_that_never_agrees_lets_the_cap_decide():
    async def stop(dialogue, turn):
        return False

    dialogue = Dialogue()
    assert asyncio.run(converse(dialogue, {"anna": scripted_speaker(["a", "b"])}, turns=2, stop=stop)) == 2
    assert len(dialogue.utterances) == 2


def test_what_a_probe_says_in_a_fork_never_reaches_a_party():
    anna, shown = scripted_model("a")
    dialogue = Dialogue()
    dialogue.say("host", "topic")

    async def probe(dialogue, turn):
        dialogue.fork().say("host", "SECRET", turn)
        return False

    asyncio.run(converse(dialogue, {"anna": model_speaker(anna, "anna")}, turns=3, stop=probe))
    assert len(shown) == 3
    assert all("SECRET" not in text for messages, _ in shown for _, text in messages)
