"""Panels inside a running sample: every judge, every vote, nobody judges itself."""

import math

import pytest
from inspect_ai.model import ModelOutput
from panels import RUBRIC, log_of, scripted

from equipoise.errors import InputError
from equipoise.harness.agents import publish_levels
from equipoise.harness.run import build_model
from equipoise.harness.table import build_table
from equipoise.judges import PanelOptions, Vote, remembering

SEVERITIES = (0, 1, 3)
TEXTS = {f"comment number {n} of the panel tests": n / 9 for n in range(10)}


def judge(settings=""):
    return build_model(f"equipoise/judge{settings}", {})


def votes_in(log):
    """(sample, judge) -> the votes that the score keeps."""
    found = {}
    for sample in log.samples:
        for record in sample.scores["judged"].metadata["votes"]:
            vote = Vote.model_validate(record["vote"])
            found.setdefault((sample.id, vote.judge), []).append(vote)
    return found


def test_known_severities_give_exactly_the_expected_votes(tmp_path):
    publish_levels({text: {"positivity": level} for text, level in TEXTS.items()})
    names = [f":severity={severity}" for severity in SEVERITIES]
    log_of(tmp_path, TEXTS, [judge(name) for name in names])
    table = build_table(tmp_path)
    votes = table[table["judge"] != ""]
    assert len(votes) == 30 and set(votes["measure"]) == {"positivity"} and votes["judge_prompt_hash"].nunique() == 1
    for severity, name in zip(SEVERITIES, names, strict=True):
        own = votes[votes["judge"] == f"equipoise/judge{name}"].set_index("item")["value"]
        assert {item: own[item] for item in own.index} == {f"s{n}": max(1, 1 + n - severity) for n in range(10)}


def test_failures_are_missing_with_a_reason_and_cost_nobody_elses_vote(tmp_path):
    broken, silent = scripted(RuntimeError("no route"), name="mockllm/broken")[0], judge(":failure=1")
    filtered = scripted(ModelOutput.from_content("m", "5", stop_reason="content_filter"), name="mockllm/filtered")[0]
    log_of(tmp_path, ["a", "b"], [broken, judge(), silent, filtered])
    table = build_table(tmp_path)
    votes = table[table["judge"] != ""]
    assert {(str(row.judge), str(row.missing)) for row in votes.itertuples()} == {
        ("mockllm/broken", "error"), ("equipoise/judge", ""), ("equipoise/judge:failure=1", "unparsed"),
        ("mockllm/filtered", "refused"),
    }  # fmt: skip
    assert all(math.isnan(row.value) == bool(row.missing) for row in votes.itertuples()) and len(votes) == 8


def test_strictnesses_are_members_of_the_panel(tmp_path):
    model, asked = scripted("5")
    options = PanelOptions(strictness=("lenient", "neutral", "strict"), allow_same=True)
    log = log_of(tmp_path, ["a"], model, options)
    assert {name for _, name in votes_in(log)} == {"mockllm/model@lenient", "mockllm/model", "mockllm/model@strict"}
    assert len(asked) == 3 and build_table(tmp_path)["judge_prompt_hash"].nunique() == 3
    with pytest.raises(InputError, match="lenient, strict, found 'harsh'"):
        PanelOptions(strictness=("harsh",)).judges([])


def test_an_unbound_role_gives_no_votes_and_never_asks_the_subject(tmp_path):
    subject, asked = scripted("ok")
    log = log_of(tmp_path, ["a"], None, subject=subject)
    assert votes_in(log) == {} and len(asked) == 1 and not log.samples[0].error


def test_the_subject_and_its_family_are_refused_as_judges(tmp_path):
    refused = log_of(tmp_path, ["a"], scripted("5")[0], PanelOptions(), subject=scripted("ok")[0])
    assert "model under test" in refused.samples[0].error.message
    # mockllm/one and mockllm/other share no family by name
    allowed = log_of(tmp_path, ["a"], scripted("5", name="mockllm/judge")[0], PanelOptions())
    assert not allowed.samples[0].error


def test_the_exhibits_stay_in_the_sample_also_without_a_judge(tmp_path):
    log = log_of(tmp_path, ["a comment"])
    (kept,) = log.samples[0].store["exhibits"]
    assert kept == {"rubric": RUBRIC, "arm": "model", "turn": 1, "fields": {"comment": "a comment"}}


def test_a_remembered_vote_is_not_asked_for_again(tmp_path):
    model, asked = scripted("5")
    with remembering(tmp_path / "votes.sqlite"):
        first = log_of(tmp_path / "one", ["a", "a", "b"], model)
        assert len(asked) == 2, "equal texts of one epoch are one question"
        again = log_of(tmp_path / "two", ["a", "b"], model)
        assert len(asked) == 2 and len(votes_in(again)) == 2
        log_of(tmp_path / "three", ["a"], model, epochs=2)
        assert len(asked) == 3, "a second epoch is a vote of its own"
    log_of(tmp_path / "four", ["a"], model)
    assert len(asked) == 4, "nothing is remembered outside"
    assert [len(votes) for votes in votes_in(first).values()] == [1, 1, 1]
