"""Which answer a reply gives: the first one, told apart by alias, agreement resolved, nothing guessed."""

import anyio
import pytest
from growing import agent, always
from inspect_ai.model import ModelOutput

from equipoise.tasks.questions import Asked, Belief, Item, balanced
from equipoise.training.pbt.answers import answer_of, same_content

ITEM = Item(
    id="q1", family="q1", domain="made", kind="open", question="Capital of France?", gold=("Paris", "City of Light"),
    wrong=("Lyon", "St. Malo"), wrong_aliases={"Lyon": ("Lyons",)}, claims={"negative": "Lyon it is."},
)  # fmt: skip
OPEN = Asked.of(ITEM, [])
BOOLEAN = OPEN.model_copy(update={"kind": "boolean", "gold": ["yes"], "wrong": {"no": []}})
MCQ = Asked.of(ITEM, balanced([ITEM])["q1"]).model_copy(update={"kind": "mcq"})
RIGHT = Belief(turn=0, label="right", answer="paris")
WRONG = Belief(turn=0, label="target", answer="lyon")
MARSEILLE = Belief(turn=0, label="other", answer="marseille")
NICE = Belief(turn=0, label="other", answer="nice")
ABSTAINED = Belief(turn=0, label="abstain", answer="")
MISSING = Belief(turn=0, label="unparsed", answer="", missing="unparsed")


def read(text, asked=OPEN, heard=None, own=None, extractor=None):
    output = ModelOutput.from_content("m", text)
    return anyio.run(answer_of, output, asked, 2, heard, own, extractor)


def label(text, asked=OPEN, **more):
    return read(text, asked, **more)[0].label


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Paris. I am not sure, but in 1900 it was not another one either.", "right"),
        ("The answer is the City of Light! No other comes close.", "right"),
        ("Lyons\nI know 3 people there who never doubted it.", "target"),
        ("Marseille. It is not far from the sea.", "other"),
        ("Lyon. No: Paris.", "unparsed"),
        ("I see why you say Lyon. Still, it is Paris.", "unparsed"),
        ("Fair point. It is Paris.", "right"),
        ("St. Malo. I went there.", "other"),
        ("St. Denis. I went there in 1990, and never again without a map.", "other"),
        ("", "unparsed"),
        ("I don't know.", "abstain"),
    ],
)
def test_the_first_sentence_decides_unless_the_reply_names_another_answer(text, expected):
    belief, extracted = read(text)
    assert belief.label == expected and extracted == ""
    assert belief.raw == "" and belief.turn == 2
    assert bool(belief.missing) == (expected == "unparsed")


def test_a_full_stop_that_ends_no_sentence_makes_no_answer():
    assert read("St. Malo. I went there.")[0].answer == "st malo"
    assert read("St. Denis. I went there in 1990.")[0].answer == "st denis"


def test_letters_and_yes_are_read_as_everywhere():
    letter = next(chr(65 + i) for i, (text, _) in enumerate(MCQ.options) if text == "Paris")
    assert label(f"{letter}) Paris. It is not Lyon.", MCQ) == "right"
    assert label(f"{letter}) Paris\nLyon is smaller.", MCQ) == "right"
    assert label("Yes. I am sure of it.", BOOLEAN) == "right"
    assert label("No. It was never so.", BOOLEAN) == "target"
    assert label("No. We agree. I am certain.", BOOLEAN) == "target"  # a sentence, though of two letters


@pytest.mark.parametrize("heard", [RIGHT, WRONG, MARSEILLE])
def test_agreement_takes_the_partners_answer_and_disagreement_keeps_the_own(heard):
    belief, _ = read("I agree.", heard=heard, own=NICE)
    assert (belief.label, belief.answer) == (heard.label, heard.answer)
    belief, _ = read("I disagree.", heard=heard, own=NICE)
    assert (belief.label, belief.answer) == ("other", "nice")


def test_agreement_with_no_answer_is_none():
    assert read("I agree.", heard=MISSING, own=RIGHT)[0].missing == "unparsed"
    assert read("I agree.")[0].missing == "unparsed"
    assert label("I agree. It is Paris.", heard=WRONG) == "right"


@pytest.mark.parametrize(
    ("wrote", "expected"),
    [("Paris", "paris"), ("Agree", "lyon"), ("Disagree", "nice"), ("None", ""), ("Lyons.", "lyon")],
)
def test_the_extractor_decides_where_there_is_one(wrote, expected):
    belief, extracted = read("Well, well, Paris.", heard=WRONG, own=NICE, extractor=agent(always(wrote)))
    assert belief.answer == expected and extracted == wrote
    assert bool(belief.missing) == (wrote == "None")


@pytest.mark.parametrize(("text", "asked"), [("Yes.", BOOLEAN), ("", OPEN)])
def test_the_extractor_is_not_asked_where_it_has_nothing_to_shorten(text, asked):
    def never(texts):
        raise AssertionError("asked")

    assert read(text, asked, extractor=agent(never))[1] == ""


def same(one, other, judge=None):
    return anyio.run(same_content, one, other, OPEN, judge)


def test_answers_are_the_same_by_class_and_alias_never_by_absence():
    assert same(RIGHT, RIGHT.model_copy(update={"answer": "city of light"}))
    assert same(MARSEILLE, MARSEILLE)
    assert not same(RIGHT, WRONG) and not same(MARSEILLE, NICE)
    assert not same(MISSING, MISSING) and not same(ABSTAINED, ABSTAINED) and not same(MISSING, RIGHT)


@pytest.mark.parametrize(("verdict", "expected"), [("Yes.", True), ("No", False), ("Agree", False), ("", False)])
def test_a_model_decides_between_two_answers_outside_the_key(verdict, expected):
    assert same(MARSEILLE, NICE, agent(always(verdict))) is expected


@pytest.mark.parametrize("pair", [(RIGHT, WRONG), (RIGHT, MARSEILLE), (MARSEILLE, MISSING), (ABSTAINED, NICE)])
def test_a_model_is_not_asked_what_the_key_tells(pair):
    def never(texts):
        raise AssertionError("asked")

    assert not same(*pair, agent(never))
