"""`equipoise power`: a table, a sentence, a plan by looks, a curve."""

import json
from pathlib import Path

import pytest
import yaml
from power_tables import side

from equipoise.harness.power.words import chance
from equipoise.harness.table import write_table

RATES = [0.9, 0.5, 0.7, 0.8] * 20
POLICY = {"benchmarks": [{"name": f"t{task}", "metric": "right", "max_drop": 0.2} for task in range(2)]}


@pytest.fixture
def call(inside, monkeypatch):
    """`equipoise …` beside a run, a pilot and a policy."""
    monkeypatch.setenv("COLUMNS", "80")
    write_table(side([RATES, RATES], epochs=2).table, Path("run.parquet"))
    write_table(side([RATES, RATES], epochs=2, seed=2).table, Path("pilot.parquet"))
    Path("policy.yaml").write_text(yaml.safe_dump(POLICY))
    return lambda *more: inside("power", "--from", "run.parquet", "--policy", "policy.yaml", *more)


def test_table_sentence_and_looks(call):
    code, out, err = call()
    assert (code, err) == (0, "")
    words = " ".join(out.split())
    assert "t0 right (main)" in words and "t1 right (main)" in words
    assert "items of t0" in words and "with 2 epochs" in words
    assert "if nothing changed; a drop of 40 points in one comparison gets NO-GO" in words
    assert "alpha of the policy" in words and "by number of epochs" in words
    assert max(map(len, out.splitlines())) <= 80


def test_json_says_the_same(call):
    code, out, _ = call("--json", "--looks", "2", "--drop", "0.3", "--power", "0.7")
    found = json.loads(out)
    assert code == 0 and found["possible"] and found["power"] == 0.7
    assert set(found["tasks"]) == {"t0", "t1"}
    assert found["go"] >= 0.7 and found["no_go"] >= 0.7
    assert [row["drop"] for row in found["comparisons"]] == [0.3, 0.3]
    assert len(found["sequential"]["looks"]) == 2
    assert f"GO in {chance(found['go'])} of runs" in found["recommendation"]


def test_pilot(call):
    found = json.loads(call("--json", "--pilot", "pilot.parquet")[1])
    assert found["pilot"]
    assert all(row["components"]["deff"] >= 1 for row in found["comparisons"])


@pytest.mark.parametrize(
    ("name", "start"), [("c.html", b"<!doctype html>"), ("c.svg", b"<?xml"), ("c.png", b"\x89PNG")]
)
def test_curve(call, name, start):
    code, out, _ = call("-o", name, "--drop", "0.5")
    assert code == 0 and f"curve: {name}" in out
    assert Path(name).read_bytes().startswith(start)
    if name.endswith("html"):
        page = Path(name).read_text()
        assert "prefers-color-scheme: dark" in page and "NO-GO, one drop" in page
        assert "http" not in page.replace("http://www.w3.org", "")


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (("-o", "curve.pdf"), "curve.pdf: unknown format; expected .html, .svg, .png"),
        (("--drop", "0.1"), "expected more than the smallest limit (0.2), found 0.1"),
        (("--pilot", "nothing"), "found no 'nothing'"),
        (("--model", "other"), "holds no model 'other'"),
    ],
)
def test_bad_input_is_one_line(call, more, words):
    code, out, err = call(*more)
    assert (code, out) == (2, "")
    assert words in err and err.count("\n") == 1


def test_impossible_plans_say_why(call):
    Path("policy.yaml").write_text(
        yaml.safe_dump({"benchmarks": [*POLICY["benchmarks"], {**POLICY["benchmarks"][0], "name": "t9"}]})
    )
    code, out, _ = call()
    words = " ".join(out.split())
    assert code == 0
    assert "not planned t9 right: the run does not have it" in words
    assert "No number of items gives GO" in words
    assert "alpha of the policy" not in words
