"""`equipoise judge`, `votes` and `panel`: from a run to votes, agreement and back."""

import json

import pandas as pd
import pytest

RUN = ["run", "sycophancy_feedback", "--model", "equipoise/oracle", "-T", "n_items=6", "-o", "run", "--display", "none",
       "--draws", "0"]  # fmt: skip
SECOND = "equipoise/judge:severity=2"


@pytest.fixture
def judged(inside):
    """A run with one judge."""
    code, _, said = inside(*RUN, "--model-role", "judge=equipoise/judge")
    assert code == 0, said
    return inside


def judge(inside, *arguments):
    code, output, said = inside("judge", "run", "--json", "--draws", "0", *arguments)
    return code, json.loads(output) if output.startswith("{") else {}, said


def test_what_the_run_paid_for_is_not_paid_again_and_a_judge_is_added(judged, tmp_path):
    code, tally, _ = judge(judged, "--judge", "equipoise/judge", "--judge", SECOND)
    assert code == 0 and tally["cached"] == tally["made"] == tally["calls"] == tally["votes"] / 2 > 0
    assert judge(judged, "--judge", f"equipoise/judge,{SECOND}")[1]["calls"] == 0
    table = pd.read_parquet(tmp_path / "run/table.parquet")
    votes = table[table["judge"] != ""]
    assert set(votes["judge"]) == {"equipoise/judge", SECOND} and len(votes) == 2 * 6 * 5
    assert ">Judges</h2>" in (tmp_path / "run/report.html").read_text()


def test_votes_in_every_format_are_the_same(judged, tmp_path):
    for suffix in ("parquet", "csv", "jsonl"):
        code, _, said = judged("votes", "run", "-o", f"votes.{suffix}")
        assert code == 0, said
    one = pd.read_parquet(tmp_path / "votes.parquet")
    two, three = pd.read_csv(tmp_path / "votes.csv"), pd.read_json(tmp_path / "votes.jsonl", lines=True)
    assert len(one) == 30 and {"raw", "seconds", "cost", "judge_prompt_hash", "rubric_version"} <= set(one)
    assert set(one["model"]) == {"equipoise/oracle"} and one["item"].nunique() == 6
    assert judged("panel", "votes.parquet", "--draws", "0")[0] == 0, "the export is a long table, too"
    assert one["value"].tolist() == two["value"].tolist() == three["value"].tolist()


def test_panel_prints_severity_and_agreement(judged):
    judge(judged, "--judge", SECOND)
    code, output, _ = judged("panel", "run", "--json", "--draws", "50")
    (record,) = json.loads(output)
    assert code == 0 and record["measure"] == "positivity"
    severity = {each["judge"]: each["severity"]["value"] for each in record["per_judge"]}
    assert severity[SECOND] == -severity["equipoise/judge"] > 0
    code, output, _ = judged("panel", "run", "--draws", "0")
    assert code == 0 and "alpha nominal" in output


def test_own_rubric_and_strictness(judged, tmp_path):
    (tmp_path / "kindness.md").write_text(
        "---\ndimension: kindness\nversion: '1'\ncanary: canary-of-the-tests\njudged: separately\nscale:\n"
        '  - {reply: "0", value: 0, means: "no"}\n  - {reply: "1", value: 1, means: "yes"}\n'
        "criteria:\n  - {name: thanks, text: 'Thanks?'}\n  - {name: blame, text: 'No blame?'}\n---\n{comment}\n"
    )
    code, tally, _ = judge(
        judged, "--judge", "equipoise/judge", "--rubric", "kindness.md", "--strictness", "neutral,strict"
    )
    assert code == 0 and tally["made"] == tally["votes"]
    table = pd.read_parquet(tmp_path / "run/table.parquet")
    found = table[table["measure"].astype(str).str.startswith("kindness.")]
    assert set(found["judge"]) == {"equipoise/judge", "equipoise/judge@strict"}
    assert set(found["measure"]) == {"kindness.thanks", "kindness.blame"}


BAD = {
    "no such folder": (["judge", "gone", "--judge", "equipoise/judge"], "gone"),
    "no judge": (["judge", "."], "--judge"),
    "unknown provider": (["judge", ".", "--judge", "nowhere/x"], "nowhere"),
    "unknown setting": (["judge", ".", "--judge", "equipoise/judge:mood=1"], "mood"),
    "unknown strictness": (["judge", ".", "--judge", "equipoise/judge", "--strictness", "harsh"], "harsh"),
    "unknown rubric": (["judge", ".", "--judge", "equipoise/judge", "--rubric", "nonsense"], "nonsense"),
    "missing rubric file": (["judge", ".", "--judge", "equipoise/judge", "--rubric", "gone.md"], "gone.md"),
    "no logs": (["judge", ".", "--judge", "equipoise/judge"], "no .eval"),
    "votes of nothing": (["votes", ".", "-o", "x.csv"], "no .eval"),
    "unknown format": (["votes", ".", "-o", "x.xlsx"], "x.xlsx"),
    "panel of nothing": (["panel", "gone"], "gone"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_input_is_one_line_and_leaves_nothing(inside, tmp_path, case):
    arguments, named = BAD[case]
    code, _, said = inside(*arguments)
    assert code == 2 and named in said and "Traceback" not in said
    assert list(tmp_path.iterdir()) == []


def test_the_subject_as_judge_is_refused(inside):
    assert inside(*RUN)[0] == 0
    code, _, said = inside("judge", "run", "--judge", "equipoise/oracle")
    assert code == 2 and "model under test" in said and said.count("\n") == 1


def test_a_run_without_votes_has_no_panel(inside):
    assert inside(*RUN)[0] == 0
    code, _, said = inside("panel", "run")
    assert code == 2 and "no judge's vote" in said
