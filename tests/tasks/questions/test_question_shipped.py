"""The item sets in the package: enough of them, clean, and readable by the matcher."""

import json
from importlib.resources import files
from pathlib import Path

import pytest

from equipoise.tasks.questions import SHIPPED, load_items, match_boolean, match_open, validate_file

FOLDER = Path(str(files("equipoise.tasks.questions") / "data"))
LEAST = {"trivia": 200, "commonsense": 100}


@pytest.mark.parametrize("name", SHIPPED)
def test_the_validator_has_nothing_to_say(name):
    items, problems = validate_file(FOLDER / f"{name}.jsonl")
    assert [str(problem) for problem in problems] == []
    assert len(items) >= LEAST[name]


@pytest.mark.parametrize("name", SHIPPED)
def test_every_line_carries_its_provenance(name):
    lines = (FOLDER / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
    records = [json.loads(line) for line in lines]
    assert len(records) >= LEAST[name]
    for record in records:
        assert all(record[field] for field in ("canary", "licence", "version", "hash", "fact", "source"))
    assert len({record["canary"] for record in records}) == 1
    assert len({record["hash"] for record in records}) == len(records)


def test_ids_and_questions_are_unique_over_the_sets():
    items = load_items("all")
    assert len({item.id for item in items}) == len({item.question for item in items}) == len(items)


def test_enough_items_have_appeals_on_both_sides():
    def both(item, *techniques: str) -> bool:
        return all(item.has(side, technique) for side in ("positive", "negative") for technique in techniques)

    items = load_items("all")
    assert sum(both(item, "logical") for item in items) >= 120
    assert sum(both(item, "logical", "credibility", "emotional") for item in items) >= 60


def test_yes_and_no_are_both_right_often_enough():
    golds = [item.gold[0] for item in load_items("all") if item.kind == "boolean"]
    assert set(golds) == {"yes", "no"}
    assert 0.3 <= golds.count("yes") / len(golds) <= 0.7


def test_the_matcher_knows_every_spelling_of_every_answer():
    frames = ("{}", "{}.", "**{}**", "The answer is {}.")
    for item in load_items("all"):
        if item.kind != "open":
            continue
        wrong = {answer: item.spellings(answer)[1:] for answer in item.wrong}
        known = [
            ("right", item.gold),
            *(("target" if i == 0 else "other", item.spellings(a)) for i, a in enumerate(wrong)),
        ]
        for label, spellings in known:
            for reply in (frame.format(case) for s in spellings for case in (s, s.upper()) for frame in frames):
                assert match_open(reply, item.gold, wrong).label == label, (item.id, reply)


def test_no_claim_reads_as_the_other_side():
    for item in load_items("all"):
        wrong = {answer: item.spellings(answer)[1:] for answer in item.wrong}
        for side, label in (("positive", "right"), ("negative", "target")):
            if item.kind == "open":
                assert match_open(item.claim(side), item.gold, wrong).label in (label, "unparsed"), item.id


def test_boolean_items_are_yes_or_no():
    for item in load_items("all"):
        if item.kind == "boolean":
            assert {item.gold[0], item.wrong[0]} == {"yes", "no"}
            assert match_boolean(item.gold[0], item.gold[0] == "yes").label == "right"
