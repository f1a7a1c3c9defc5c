"""Exports and plots of a database that the board itself has written."""

import csv
import json
from pathlib import Path

import duckdb
import pytest
from jsonschema import Draft7Validator
from leaderboard.boards import synthetic_board

from equipoise.leaderboard.database import write_database
from equipoise.leaderboard.export import FORMATS
from equipoise.leaderboard.plots import Style, choose, draw, listing, read_source

SCHEMAS = Path(__file__).parent / "schemas"


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    folder = tmp_path_factory.mktemp("whole") / "board"
    synthetic_board(folder)
    return write_database(folder)


def known(database: Path, query: str) -> list[tuple]:
    with duckdb.connect(str(database), read_only=True) as connection:
        return connection.execute(query).fetchall()


def test_every_eval_ever(whole, tmp_path):
    paths = FORMATS["every-eval-ever"](whole, tmp_path)
    aggregate, instance = (
        Draft7Validator(json.loads((SCHEMAS / f"{name}.schema.json").read_text()))
        for name in ("eval", "instance_level_eval")
    )
    documents = [json.loads(path.read_text()) for path in paths if path.suffix == ".json"]
    lines = [json.loads(line) for path in paths if path.suffix == ".jsonl" for line in path.open()]
    assert [e.message for each in documents for e in aggregate.iter_errors(each)] == []
    assert [e.message for each in lines for e in instance.iter_errors(each)] == []
    scores = sorted(r["score_details"]["score"] for each in documents for r in each["evaluation_results"])
    expected = known(
        whole,
        "SELECT estimate FROM metrics WHERE heading <> '' AND estimate IS NOT NULL AND NOT isnan(estimate) "
        "UNION ALL SELECT measure FROM capability WHERE measure IS NOT NULL AND NOT isnan(measure)",
    )
    assert len(documents) == len(known(whole, "SELECT * FROM submissions")) and scores == sorted(v for (v,) in expected)
    values = sorted(each["evaluation"]["score"] for each in lines)
    assert values == sorted(value for (value,) in known(whole, "SELECT value FROM scores")) and values
    named = {r["evaluation_result_id"] for each in documents for r in each["evaluation_results"]}
    assert {each["evaluation_result_id"] for each in lines} <= named
    assert any(each["messages"] for each in lines)
    ranked = [
        r for each in documents for r in each["evaluation_results"] if "rank_best" in r["score_details"]["details"]
    ]
    assert len(ranked) == len(known(whole, "SELECT * FROM ranks WHERE best > 0")) > 0


def test_the_other_formats(whole, tmp_path):
    (path,) = FORMATS["csv"](whole, tmp_path)
    with path.open(newline="") as file:
        assert len(list(csv.DictReader(file))) == known(whole, "SELECT count(*) FROM metrics")[0][0]
    models = known(whole, "SELECT * FROM submissions WHERE NOT control AND configuration = 'standard'")
    assert len(FORMATS["hugging-face"](whole, tmp_path)) == len(models) > 0


def test_plots(whole):
    source = read_source(whole.parent)
    found = listing(source)
    assert {"capability", "severity", "items"} <= set(found)
    with Style().context():
        for kind in found:
            assert draw(choose(source, kind), Style()).axes
