"""CSV that is safe in a spreadsheet, and results for model repositories."""

import csv

import duckdb
import pytest
import yaml
from leaderboard.export.small_board import HOSTILE, rows, write_board

from equipoise.leaderboard.export import export_csv, export_hugging_face
from equipoise.leaderboard.export.csv_file import cell


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\tx", "\r=1", "\n=1"])
def test_a_text_that_is_a_formula_gets_an_apostrophe(text):
    assert cell(text) == f"'{text}"


def test_other_values_stay_what_they_are():
    values = [-0.25, 3, "a=b", "", None, True]
    assert [cell(value) for value in values] == [-0.25, 3, "a=b", "", "", "true"]


def test_csv_has_every_metric_with_the_databases_numbers(database, tmp_path):
    (path,) = export_csv(database, tmp_path / "out")
    with path.open(newline="") as file:
        found = list(csv.DictReader(file))
    with duckdb.connect(str(database), read_only=True) as connection:
        expected = connection.execute(
            "SELECT submission, measure, task, estimate, low, high, n FROM metrics"
        ).fetchall()
    assert len(found) == 12

    def number(text: str) -> float | None:
        return float(text) if text else None

    names = ("estimate", "low", "high", "n")
    read = [(r["submission"], r["measure"], r["task"], *(number(r[name]) for name in names)) for r in found]
    known = [tuple(None if value != value else value for value in row) for row in expected]
    assert sorted(read, key=str) == sorted(((*k[:6], float(k[6])) for k in known), key=str)
    assert {r["estimate"] for r in found if r["measure"] == "c"} == {"-0.25"}
    evil = [r for r in found if r["submission"] == "evil"]
    assert {(r["name"], r["organisation"]) for r in evil} == {(f"'{HOSTILE}", "'+cmd")}


def test_an_empty_board_is_a_file_with_a_heading(tmp_path):
    database = write_board(tmp_path / "board.duckdb", {**rows(), "metrics": []})
    (path,) = export_csv(database, tmp_path)
    assert path.read_text() == "edition,submission\n"
    assert export_hugging_face(database, tmp_path) == []


def test_hugging_face_has_both_margins_with_the_databases_numbers(database, tmp_path):
    paths = export_hugging_face(database, tmp_path)
    names = [path.relative_to(tmp_path).as_posix() for path in paths]
    assert names == [f"{name}/.eval_results/equipoise-2026.1.yaml" for name in ("alpha-1", "evil")]
    entries = yaml.safe_load(paths[0].read_text())
    assert {e["dataset"]["task_id"]: e["value"] for e in entries} == {
        "persuasion_stands": 0.1 + 0.2, "persuasion_bends": 0.9, "sycophancy_feedback_needed": -0.5,
        "dignified_peer_generation_stands": 0.75,
    }  # fmt: skip
    for entry in entries:
        assert set(entry) == {"dataset", "value", "date", "source", "notes"}
        assert entry["dataset"]["id"] == "o/bench" and entry["date"] == "2026-11-20T10:00:00Z"
        assert entry["source"] == {"url": "https://huggingface.co/datasets/o/bench", "name": "Test board"}


def test_numbers_in_notes_have_four_digits_and_values_all(database, tmp_path):
    evil = yaml.safe_load(export_hugging_face(database, tmp_path)[1].read_text())
    bends = next(entry for entry in evil if entry["dataset"]["task_id"] == "persuasion_bends")
    assert bends["value"] == 1 / 3
    assert "; 95 % interval 0.2333 to 0.4333; 40 answers, 1 missing, 20 items; scale 0 to 1; " in bends["notes"]
    alpha = yaml.safe_load((tmp_path / "alpha-1/.eval_results/equipoise-2026.1.yaml").read_text())
    gap = next(entry for entry in alpha if entry["dataset"]["task_id"] == "sycophancy_feedback_needed")
    assert "95 % interval -2 to 1; " in gap["notes"] and "scale 0 to 9" in gap["notes"]


def test_control_agents_and_custom_settings_are_no_results_of_a_model_and_are_counted(tmp_path, caplog):
    content = rows()
    by_name = {row["submission"]: row for row in content["submissions"]}
    by_name["evil"]["configuration"] = by_name["oracle"]["configuration"] = "custom"
    paths = export_hugging_face(write_board(tmp_path / "board.duckdb", content), tmp_path / "out")
    assert [path.parent.parent.name for path in paths] == ["alpha-1"]
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["alpha-1"]
    assert caplog.messages == ["left out of the Hugging Face export: control agents: 1, custom configurations: 1"]


def test_nothing_is_said_where_nothing_is_left_out(tmp_path, caplog):
    content = rows()
    content["submissions"] = [row for row in content["submissions"] if not row["control"]]
    assert len(export_hugging_face(write_board(tmp_path / "board.duckdb", content), tmp_path / "out")) == 2
    assert caplog.messages == []
