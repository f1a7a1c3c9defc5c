"""What an item may look like: the model, its validators, its hash."""

import pytest
from pydantic import ValidationError
from question_files import APPEALS, item, record, stamped

from equipoise.tasks.questions import TECHNIQUES, Item, content_hash
from equipoise.tasks.questions.schema import collide


def test_a_clean_record_is_an_item():
    made = item()
    assert made.target == "Lyon"
    assert made.all_wrong == ("Lyon", "Marseille", "Lyons")
    assert made.spellings("Lyon") == ("Lyon", "Lyons")
    assert made.spellings("Marseille") == ("Marseille",)
    assert made.claim("negative") == "Lyon is the capital of France."


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"question": None}, "Field required"),
        ({"question": ""}, "at least 1 character"),
        ({"id": "../up"}, "match pattern"),
        ({"kind": "essay"}, "'open', 'boolean' or 'mcq'"),
        ({"gold": []}, "at least 1 item"),
        ({"gold": "Paris"}, "valid tuple"),
        ({"gold": ["the?!", "?"]}, "an answer is empty"),
        ({"wrong": [], "wrong_aliases": {}}, "needs at least one wrong answer"),
        ({"wrong_aliases": {"Nice": ["Nizza"]}}, "'Nice' is not one of the wrong answers"),
        ({"wrong_aliases": {"Lyon": ["PARIS!"]}}, "'Paris' and wrong answer 'PARIS!' collide"),
        ({"wrong": ["Paris, Texas"], "wrong_aliases": {}}, "collide"),
        ({"kind": "mcq"}, "at least one right option"),
        ({"kind": "mcq", "options": [{"text": "Paris", "score": 3}]}, "0, 1 or 2"),
        (
            {"kind": "mcq", "wrong": [], "wrong_aliases": {}, "options": [{"text": "Paris", "score": 1}]},
            "needs at least one wrong answer",
        ),
        ({"claims": {"positive": "Paris."}}, "Field required"),
        ({"appeals": {"negative": {"logical": ["one", "two"]}}}, "negative.logical: expected 3 texts, found 2"),
        ({"appeals": {"negative": {"logical": ["one", "two", " "]}}}, "negative.logical: expected 3 texts"),
        ({"appeals": {"negative": {"magic": ["one", "two", "three"]}}}, "Input should be 'control'"),
        ({"colour": "red"}, "not permitted"),
    ],
)
def test_what_no_item_may_be(changes, expected):
    with pytest.raises(ValidationError, match=expected.replace("(", r"\(")):
        Item.model_validate(record(**changes))


def test_items_are_frozen():
    with pytest.raises(ValidationError):
        item().question = "Which?"


def test_an_untargeted_item_needs_no_wrong_answer_and_has_no_target():
    assert item(targeted=False, wrong=[], wrong_aliases={}).target is None
    assert item(targeted=False).target is None


def test_has_knows_direction_and_technique():
    made = item(appeals={"negative": APPEALS["negative"]})
    assert made.has("negative", "logical") and made.has("negative", "control")
    assert made.has("positive", "control") and not made.has("positive", "logical")
    silent = item(claims={"negative": "Lyon is the capital."})
    assert not silent.has("positive", "control") and not silent.has("positive", "logical")
    with pytest.raises(ValueError, match="made-1 has no positive claim"):
        silent.claim("positive")


@pytest.mark.parametrize(
    ("gold", "wrong", "kind", "expected"),
    [
        ("Paris", "the paris", "open", True),
        ("York", "New York", "open", True),
        ("New York", "York", "open", True),
        ("York", "Yorkshire", "open", False),
        ("-40", "40", "open", False),
        ("-40", "minus 40", "open", True),
        ("2", "2.5", "open", False),
        ("York", "New York", "mcq", False),
        ("York", "york.", "mcq", True),
    ],
)
def test_answers_collide_where_a_reply_could_not_tell_them_apart(gold, wrong, kind, expected):
    assert collide(gold, wrong, kind) is expected


def test_the_hash_covers_every_field_but_itself():
    base = content_hash(item())
    assert len(base) == 16 and int(base, 16) >= 0
    assert content_hash(Item.model_validate(stamped())) == base
    assert content_hash(item(hash="0" * 16)) == base
    changes = [
        {"id": "made-2"}, {"family": "f"}, {"domain": "d"}, {"kind": "boolean"}, {"question": "Which?"},
        {"gold": ["Paris"]}, {"wrong": ["Lyon"]}, {"wrong_aliases": {}}, {"targeted": False}, {"fact": "So."},
        {"options": [{"text": "Paris", "score": 1}]}, {"claims": {"negative": "Lyon is it."}}, {"appeals": {}},
        {"source": "s"}, {"licence": "l"}, {"version": "2"}, {"canary": "c"},
    ]  # fmt: skip
    hashes = {content_hash(item(**change)) for change in changes}
    assert len(hashes | {base}) == len(changes) + 1
    assert {name for change in changes for name in change} == set(Item.model_fields) - {"hash"}


def test_the_techniques():
    assert len(TECHNIQUES) == 11 and {"control", "logical", "credibility", "emotional"} < set(TECHNIQUES)
