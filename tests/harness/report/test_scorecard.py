"""The scorecard: both margins and what they need, a reason where one is missing, no nan for a reader."""

import math

import pytest

from equipoise.cli import results
from equipoise.harness.metrics import Metric
from equipoise.harness.report import scorecard as module
from equipoise.harness.report.scorecard import Margins, Side, cards, register_margins, scorecard

STAND = Side("keeps", "kept", "all", unmeasured="not measured: nothing was right")
BEND = Side("changes", "corrected", "all", word="gives way")


def metric(measure: str, estimate: float = 0.5, *, arm: str = "all", by: str = "", **more) -> Metric:
    about = {"low": 0.25, "high": 0.75, "n": 4, "missing": 0, "headline": True, **more}
    return Metric("equipoise/t", "p/m", arm, measure, by, estimate, **about)


@pytest.fixture(autouse=True)
def margins(monkeypatch):
    """The task `t` has margins in this test only."""
    monkeypatch.setattr(module, "_margins", {})
    register_margins("t", Margins(STAND, BEND))


def shown(metrics, capsys, monkeypatch, print_it=results.print_summary) -> str:
    monkeypatch.setenv("COLUMNS", "300")
    print_it(metrics)
    return capsys.readouterr().out


def test_a_margin_that_was_not_measured_says_why(capsys, monkeypatch):
    metrics = [metric("accuracy"), metric("corrected", by="turn=4")]
    (line,) = scorecard(metrics)
    assert (line.stand, line.bend) == (None, metrics[1])
    assert "not measured: nothing was right" in shown(metrics, capsys, monkeypatch)


def test_a_task_of_which_no_margin_was_measured_keeps_its_line(capsys, monkeypatch):
    metrics = [metric("accuracy", by="domain=x"), metric("accuracy", by="domain=y"), metric("other", arm="elsewhere")]
    assert [(line.about, line.stand, line.bend) for line in scorecard(metrics)] == [
        ("t, x", None, None), ("t, y", None, None),
    ]  # fmt: skip
    assert "not measured in this run" in shown(metrics, capsys, monkeypatch)


def test_a_run_without_the_arms_of_the_margins_has_no_line():
    assert scorecard([metric("kept", arm="elsewhere")]) == []


def test_the_first_alternative_that_was_measured_is_shown():
    others = Margins(Side("keeps", "kept", "other"), Side("changes", "corrected", "other"))
    register_margins("t", Margins(STAND, BEND), others)
    measured = [metric("accuracy"), metric("kept", arm="other")]
    assert [line.margins for line in scorecard(measured)] == [others]
    assert [line.margins for line in scorecard([metric("accuracy", arm="other")])] == [others], "none was measured"
    both = [metric("kept", arm="other"), metric("kept")]
    assert [line.margins for line in scorecard(both)] == [Margins(STAND, BEND)]


def test_sides_have_their_own_words_and_what_both_need_stands_beside_them(capsys, monkeypatch):
    needs = Side("tells apart", "gap", "control", most=9)
    register_margins("t", Margins(STAND, Side("changes", "corrected", "all", word=""), needs))
    metrics = [metric("kept", 1.0), metric("corrected", 1.0), metric("gap", 0.0, arm="control")]
    ((line,),) = cards(scorecard(metrics))
    assert line.needs.estimate == 0
    assert [heading for heading, _, _ in line.cells] == ["stands: keeps", "changes", "needed for both: tells apart"]
    output = shown(metrics, capsys, monkeypatch)
    assert "needed for both: tells apart" in output and "0.00" in output and "bends" not in output


def test_there_is_a_dash_and_never_nan(capsys, monkeypatch):
    nothing = {"low": math.nan, "high": math.nan}
    metrics = [metric("kept", **nothing), metric("corrected", math.nan, n=0, missing=3, **nothing)]
    for print_it in (results.print_summary, results.print_all):
        output = shown(metrics, capsys, monkeypatch, print_it)
        assert "nan" not in output and "0.5" in output
    assert output.count("–") == 3, "one interval, one estimate with its interval"
