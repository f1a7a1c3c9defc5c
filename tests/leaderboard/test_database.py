"""The database of a board, from its folder."""

import json
import shutil

import duckdb
import numpy as np
import pandas as pd
import pytest
from leaderboard.boards import open_world, submit, synthetic_board, world

from equipoise.errors import InputError
from equipoise.leaderboard.board import ROW, open_board
from equipoise.leaderboard.changes import changing
from equipoise.leaderboard.database import write_database
from equipoise.leaderboard.derived import METRICS, SCORES, TRANSCRIPTS
from equipoise.leaderboard.edition import digest
from equipoise.leaderboard.linking import export_anchors
from equipoise.leaderboard.schema import TABLES
from equipoise.leaderboard.standings import ranks
from equipoise.leaderboard.transfer import edition_votes


def tables_of(path) -> dict[str, pd.DataFrame]:
    with duckdb.connect(str(path), read_only=True) as connection:
        return {name: connection.execute(f'SELECT * FROM "{name}"').df() for name in TABLES}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    path = tmp_path_factory.mktemp("board") / "b"
    synthetic_board(path)
    return path


@pytest.fixture(scope="module")
def tables(folder):
    return tables_of(write_database(folder))


@pytest.fixture
def board(folder, tmp_path):
    """A copy that a test may change."""
    return shutil.copytree(folder, tmp_path / "copy")


def tell(board, kind, submission, edition="2026.1", **details):
    with changing(board) as change:
        change.tell(kind, edition, submission, "because", **details)
        change.make()


def test_every_table_has_its_columns_and_no_text_is_null(tables):
    for name, columns in TABLES.items():
        assert tables[name].columns.tolist() == list(columns)
        text = [column for column, kind in columns.items() if kind == "VARCHAR"]
        assert tables[name][text].notna().all().all(), name
    filled = {name for name, table in tables.items() if len(table)}
    assert filled == set(TABLES) - {"links"}


def test_submissions_are_what_intake_and_events_say(folder, tables):
    found = tables["submissions"].set_index("submission")
    assert found["control"].sum() == 1 and found["configuration"].tolist().count("custom") == 1
    one = found.loc["model-0002"]
    assert (one["tier"], one["model"], one["attempts"]) == ("recomputed", "made/model-0002", 1)
    assert json.loads(one["generation"]) == {"temperature": 0.0}
    events = open_board(folder).events
    assert one["added"] == next(event.time for event in events if event.submission == "model-0002")
    assert one["digest"] == digest([["logs/made-up.eval", digest("model-0002")]])
    assert tables["events"]["hash"].tolist() == [event.hash for event in events]


def test_editions_and_files_are_as_they_lie_in_the_folder(folder, tables):
    text = (folder / "editions" / "2026.1.json").read_text(encoding="utf-8")
    assert tables["editions"]["frozen"].tolist() == [text]
    files = tables["files"]
    assert set(files["submission"]) == set(tables["submissions"]["submission"])
    assert files[files["submission"] == "model-0002"].to_numpy().tolist() == [
        ["model-0002", "logs/made-up.eval", digest("model-0002")]
    ]


def test_derived_tables_stand_under_their_submission(folder, tables):
    for name, file in (("metrics", METRICS), ("scores", SCORES), ("transcripts", TRANSCRIPTS)):
        own = tables[name][tables[name]["submission"] == "model-0003"].reset_index(drop=True)
        source = pd.read_parquet(folder / "derived" / "2026.1" / "model-0003" / file)
        shared = [column for column in own if column in source]
        pd.testing.assert_frame_equal(own[shared], source[shared], check_dtype=False)


def test_ranks_are_those_of_ranked_submissions(folder, tables):
    found, about = tables["ranks"], tables["submissions"].set_index("submission")
    ranked = about.index[~about["control"] & (about["configuration"] == "standard")]
    assert set(found["submission"]) == set(ranked) and len(ranked) == 4
    files = {name: folder / "derived" / "2026.1" / name / SCORES for name in ranked}
    scores = pd.concat([pd.read_parquet(file).assign(submission=name) for name, file in files.items()])
    expected = ranks(scores, list(ranked))
    assert found[["best", "worst"]].to_numpy().tolist() == expected[["best", "worst"]].to_numpy().tolist()
    headline = tables["metrics"].query("side == 'stands'").set_index(["task", "submission"])["estimate"]
    stands = found[found["side"] == "stands"].set_index(["task", "submission"])["estimate"]
    assert np.allclose(stands, headline.reindex(stands.index))


def test_items_have_their_text_and_tasks_say_whether_they_are_judged(tables):
    assert tables["items"]["text"].str.startswith("Which of both is item-").all()
    assert (tables["items"]["n"] <= 4).all()
    assert tables["tasks"][["title", "items", "judged"]].to_numpy().tolist() == [
        ["made_up_0", 12, True],
        ["made_up_1", 12, False],
    ]


def test_judges_see_all_submissions(folder, tables):
    assert set(tables["capability"]["submission"]) == set(tables["submissions"]["submission"])
    votes = edition_votes(open_board(folder), "2026.1")
    assert len(votes) == tables["capability"]["votes"].sum() == tables["severity"]["votes"].sum()
    assert "alpha.ordinal" in set(tables["agreement"]["statistic"])


def test_two_builds_are_equal(board):
    once, again = (tables_of(write_database(board, board / name)) for name in ("one.duckdb", "two.duckdb"))
    for name in TABLES:
        pd.testing.assert_frame_equal(once[name], again[name])


def test_events_decide_what_stands(board):
    tell(board, "withdraw", "model-0001")
    tell(board, "rerun", "model-0002")
    tell(board, "rejudge", "model-0000", tables="2026.1/model-0000")
    found = tables_of(write_database(board))
    submissions = found["submissions"].set_index("submission")
    assert "model-0001" not in submissions.index
    for name in ("metrics", "scores", "counts", "ranks", "capability", "transcripts"):
        assert "model-0001" not in set(found[name]["submission"]), name
    assert submissions["tier"].to_dict()["model-0002"] == "re-run"
    assert submissions["votes_by"].to_dict() == {
        name: "board" if name == "model-0000" else "submitter" for name in submissions.index
    }
    assert found["events"]["note"].tolist()[-3:] == ["because"] * 3


def test_tasks_that_the_edition_does_not_have_are_left_out(board):
    path = board / "derived" / "2026.1" / "model-0000"  # the first that is read
    for file in (METRICS, SCORES):
        table = pd.read_parquet(path / file)
        table.replace({"task": {"equipoise/made_up_1": "equipoise/another"}}).to_parquet(path / file)
    found = tables_of(write_database(board))
    for name in ("metrics", "scores", "ranks", "items"):
        assert "equipoise/another" not in set(found[name]["task"])
    silent = found["ranks"].query("submission == 'model-0000' and task == 'equipoise/made_up_1'")
    assert found["ranks"]["task"].is_monotonic_increasing
    assert (silent["best"] == 0).all() and silent["estimate"].isna().all() and len(silent) == 2


def test_a_folder_whose_name_looks_like_a_pattern_is_read_as_it_is(folder, tmp_path):
    shutil.copytree(folder, tmp_path / "a1b")
    odd = shutil.copytree(folder, tmp_path / "a[1]*b' \"")
    tell(odd, "withdraw", "model-0004")
    assert len(tables_of(write_database(odd))["submissions"]) == 5


def test_what_came_in_is_text_and_never_a_statement(board):
    hostile = "x'); DROP TABLE metrics; -- \"<script>{{7*7}}"
    path = board / "derived" / "2026.1" / "model-0000"
    row = json.loads((path / ROW).read_text())
    (path / ROW).write_text(json.dumps({**row, "name": hostile, "notes": None, "unknown": "field"}))
    table = pd.read_parquet(path / TRANSCRIPTS)
    table.assign(lines=hostile, arm=hostile).to_parquet(path / TRANSCRIPTS)
    found = tables_of(write_database(board))
    own = found["submissions"].set_index("submission").loc["model-0000"]
    assert own["name"] == hostile and own["notes"] == ""
    assert (found["transcripts"].query("submission == 'model-0000'")["lines"] == hostile).all()
    assert len(found["metrics"]) == 6 * 2 * 4


def test_a_build_that_fails_leaves_the_database_as_it_was(board):
    path = write_database(board)
    before = path.read_bytes()
    damaged = board / "derived" / "2026.1" / "model-0002" / METRICS
    damaged.write_bytes(damaged.read_bytes()[:-20])
    with pytest.raises(InputError, match="cannot be built"):
        write_database(board)
    damaged.unlink()
    with pytest.raises(InputError, match="is absent") as caught:
        write_database(board)
    assert str(caught.value.path).endswith(f"model-0002/{METRICS}")
    assert path.read_bytes() == before
    assert [file.name for file in board.iterdir() if "database" in file.name or "duckdb" in file.name] == [path.name]


def test_an_empty_board_and_an_edition_without_submissions_have_empty_tables(tmp_path):
    open_world(tmp_path, world(1, 1, 4, judges=("a", "b")))
    found = tables_of(write_database(tmp_path, tmp_path / "site" / "b.duckdb"))
    assert {name for name, table in found.items() if len(table)} == {"board", "editions", "tasks", "events"}
    assert found["board"].set_index("key")["value"]["edition"] == "2026.1"


def test_a_second_edition_is_linked_to_the_first(board):
    true = world(6, 2, 12, judges=("judge/a", "judge/b", "judge/c"))
    export_anchors(board, board / "anchors.csv")
    open_world(board, true, "2026.2", (board / "anchors.csv").read_bytes())
    submit(board, true, "2026.2", seed=9, kind="carry")
    tell(board, "rerun", "model-0002", "2026.1")
    found = tables_of(write_database(board))
    assert found["editions"][["position", "current"]].to_numpy().tolist() == [[1, False], [2, True]]
    assert found["submissions"].groupby("edition").size().tolist() == [6, 6]
    again = found["submissions"].query("submission == 'model-0002'")
    assert dict(zip(again["edition"], again["tier"], strict=True)) == {"2026.1": "re-run", "2026.2": "recomputed"}
    severity = found["severity"].pivot(index="judge", columns="edition", values="severity")
    assert np.allclose(severity["2026.1"], severity["2026.2"])
    assert set(found["severity"].query("edition == '2026.2'")["status"]) == {"anchored"}
    links = found["links"].set_index("facet")
    assert links["common"].to_dict() == {"place": 12, "judge": 3} and set(links["edition"]) == {"2026.2"}
    (board / "editions" / "2026.2.anchors.csv").write_text("facet,label,measure\n")
    with pytest.raises(InputError, match="frozen with"):
        write_database(board)
