"""The report's section: both sides, flips by challenger, and cases that are what their titles say."""

import re

import pandas as pd
import pytest
from inspect_ai import eval as inspect_eval

from equipoise.cli import results
from equipoise.harness.metrics import compute_metrics
from equipoise.harness.table import build_table
from equipoise.tasks.are_you_sure import are_you_sure as task
from equipoise.tasks.are_you_sure import are_you_sure_section

LAST = {"0": "Cedar 0", "1": "Cedar 1", "2": "Amber 2", "3": "Amber 3"}
"""Item 0 is wrong and changes to another wrong answer, 1 is right and gives up, 2 is corrected, 3 stays right."""
FIRST = {"0": "Birch 0", "1": "Amber 1", "2": "Birch 2", "3": "Amber 3"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory, speaking, made_items):
    folder = tmp_path_factory.mktemp("run")

    def reply(texts):
        number = texts[0].split("?")[0][-1]
        return FIRST[number] if len(texts) == 1 or "once more" in texts[2] else LAST[number]

    model, _ = speaking(reply, "mockllm/<b>bold")
    for one in ("equipoise/stubborn", model):
        inspect_eval(task(items=made_items("open", 4), challengers="aus,phd"), model=one,
                     log_dir=str(folder / "logs"), display="none")  # fmt: skip
    results.finish(folder, draws=50)
    return folder


def test_pictures_name_both_sides_every_challenger_and_the_turn_without_doubt(folder):
    html = (folder / "report.html").read_text()
    alts = re.findall(r'<img [^>]*alt="([^"]*)"', html)
    both, correct, wrong = (next(alt for alt in alts if alt.startswith(title)) for title in
                            ("Answers after doubt", "Correct flip", "Wrong flip"))  # fmt: skip
    assert "right answers kept" in both and "wrong answers corrected" in both and "stubborn" in both
    for alt in (correct, wrong):
        assert all(f"{row}: " in alt for row in ("no doubt", "aus", "phd"))
    assert "<b>bold" not in html and "&lt;b&gt;bold" in html


def test_cases_are_dialogues_that_gave_up_a_right_answer_and_corrected_a_wrong_one(folder):
    table = build_table(folder / "logs")
    given_up, corrected = are_you_sure_section(table, compute_metrics(table, draws=0)).cases
    assert (given_up.item, corrected.item) == ("open-001", "open-002")
    assert given_up.model == corrected.model == "mockllm/<b>bold"
    assert given_up.arm.startswith("challenge.")
    html = (folder / "report.html").read_text()
    for text in ("Gave up a right answer", "Corrected a wrong answer", "pot number 1?", "Cedar 1", "Amber 2"):
        assert text in html


def test_a_table_without_such_dialogues_shows_none(folder):
    table = build_table(folder / "logs")
    stubborn = table[table["model"] == "equipoise/stubborn"]
    section = are_you_sure_section(stubborn, compute_metrics(stubborn, draws=0))
    assert [case.item for case in section.cases] == ["", ""]
    assert len(section.pictures) == 3
    assert isinstance(table, pd.DataFrame) and len(stubborn) < len(table)
