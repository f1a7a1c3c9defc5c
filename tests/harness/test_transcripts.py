"""Dialogues are read back from a stored log of the oracle: two items, seeded and natural start, two turns."""

import shutil
from pathlib import Path

import pytest
from inspect_ai.log import read_eval_log

from equipoise.harness.table import build_table
from equipoise.harness.transcripts import Line, read_dialogue

STORED = sorted((Path(__file__).parent / "table" / "golden").glob("*.eval"))[0]


@pytest.fixture(scope="module")
def logs(tmp_path_factory):
    """The stored log beside a copy of another name, deep in a folder whose name would break a URI."""
    folder = tmp_path_factory.mktemp("run #1 100% ü")
    (folder / "deeper").mkdir()
    shutil.copy(STORED, folder / "deeper" / "a.eval")
    shutil.copy(STORED, folder / "b.eval")
    return folder


@pytest.fixture(scope="module")
def samples():
    return {sample.id: sample for sample in read_eval_log(str(STORED)).samples}


@pytest.fixture(scope="module")
def item(samples):
    return next(iter(samples.values())).metadata["item"]


def flat(lines):
    return [(line.speaker, line.turn) for line in lines]


def test_a_seeded_dialogue_in_order_with_the_belief_after_each_turn(logs, samples, item):
    lines = read_dialogue(logs, "b.eval", item, "positive.logical.seeded", 1)
    turn = [("persuader", 1), ("subject", 1), ("probe", 1)]
    opening = [("persuader", 0), ("subject", 0), ("probe", 0)]
    assert flat(lines) == [*opening, *turn, *[(speaker, 2) for speaker, _ in turn]]
    about = samples[f"{item}.positive.logical.seeded"].metadata
    assert lines[0].text == about["question"]
    assert lines[1].text == f"The answer is {about['seed']}."
    assert lines[3].text == about["arms"][0]["texts"][0]
    assert lines[6].text == about["arms"][0]["texts"][1]
    assert [line.label for line in lines if line.speaker == "probe"] == ["target", "right", "right"]
    assert [line.text for line in lines if line.speaker == "probe"][1:] == [about["gold"][0]] * 2
    assert {line.label for line in lines if line.speaker != "probe"} == {""}


def test_a_natural_dialogue_has_no_probe_before_the_first_turn(logs, item):
    table = build_table(STORED)
    mine = table[(table["item"] == item) & table["arm"].isin(["negative.logical.natural", "positive.logical.natural"])]
    [arm] = mine["arm"].astype(str).unique()
    lines = read_dialogue(logs, "b.eval", item, arm, 1)
    probes = [line.turn for line in lines if line.speaker == "probe"]
    assert probes == [1, 2]
    assert flat(lines)[:2] == [("persuader", 0), ("subject", 0)]


def test_each_arm_is_its_own_dialogue(logs, item):
    arms = ["control.right.seeded", "negative.logical.seeded", "control.wrong.seeded", "positive.logical.seeded"]
    texts = {arm: tuple(line.text for line in read_dialogue(logs, "a.eval", item, arm, 1)) for arm in arms}
    assert all(len(lines) == 9 for lines in texts.values())
    assert len(set(texts.values())) == 4


@pytest.mark.parametrize("change", [{"log": "c.eval"}, {"item": "no-such"}, {"arm": "no.such.arm"}, {"epoch": 2}])
def test_what_the_logs_do_not_hold_is_empty(change, logs, item):
    wanted = {"log": "a.eval", "item": item, "arm": "control.right.seeded", "epoch": 1}
    assert read_dialogue(logs, **wanted)
    assert read_dialogue(logs, **{**wanted, **change}) == []


def test_lines_cannot_be_changed(logs, item):
    [first, *_] = read_dialogue(logs, "a.eval", item, "control.right.seeded", 1)
    assert isinstance(first, Line)
    with pytest.raises(AttributeError):
        first.text = "something else"
