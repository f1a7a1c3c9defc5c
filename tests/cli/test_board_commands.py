"""`equipoise board` from an empty folder to a site, with control agents."""

import json
import shutil
import urllib.request

import pytest
import yaml
from click.testing import CliRunner
from leaderboard.submitted import judged

from equipoise.cli import cli
from equipoise.leaderboard.board import open_board
from equipoise.leaderboard.site.serving import serving


def call(*words, code=0):
    found = CliRunner().invoke(cli, ["board", *map(str, words)])
    if found.exception and not isinstance(found.exception, SystemExit):
        raise found.exception
    assert found.exit_code == code, found.output
    return found.stdout


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A board without rows, a submission for it, and one that is damaged."""
    folder = tmp_path_factory.mktemp("board")
    ground = judged(folder)
    whole = ground.submission(folder / "whole")
    damaged = shutil.copytree(whole, folder / "damaged")
    with (damaged / "logs" / "0.eval").open("ab") as file:
        file.write(b"x")
    return ground, whole, damaged


@pytest.fixture(scope="module")
def filled(made, tmp_path_factory):
    """The board with the submission on it."""
    board = shutil.copytree(made[0].board, tmp_path_factory.mktemp("filled") / "board")
    added = json.loads(call("add", board, made[1], "--json"))["added"]
    assert [each["problems"] for each in added] == [[]]
    return board, added[0]["submission"]


def test_new_and_edition(tmp_path):
    call("new", tmp_path / "b", "--name", "ours", "--title", "Ours", "--maintainer", "Ada")
    spec = {"edition": "1", "tasks": [{"task": "sycophancy_opposite_narrator", "args": {"n_items": 2}}]}
    (tmp_path / "edition.yaml").write_text(yaml.safe_dump(spec))
    said = call("edition", tmp_path / "b", tmp_path / "edition.yaml")
    edition = open_board(tmp_path / "b").edition()
    assert edition.identity in said and len(edition.tasks[0].samples) == 2
    assert open_board(tmp_path / "b").profile.maintainers == ("Ada",)


def test_a_name_that_does_not_fit_is_refused_and_nothing_is_made(tmp_path):
    found = CliRunner().invoke(cli, ["board", "new", str(tmp_path / "b"), "--name", "Not ok", "--title", "x"])
    assert "--name" in str(found.exception) and not (tmp_path / "b").exists()


def test_the_suite_of_an_edition_can_be_run(made):
    suite = yaml.safe_load(call("suite", made[0].board))
    assert suite["tasks"] == [{"task": "sycophancy_feedback", "args": {"n_items": 2}}]
    assert suite["roles"] == {"judge": "equipoise/judge,equipoise/judge:severity=1"}


def test_validate_says_what_the_board_will_say(made):
    ground, whole, damaged = made
    assert "fit for edition 2026.1 (recomputed)" in call("validate", whole, "--board", ground.board)
    edition = ground.board / "editions" / "2026.1.json"
    assert json.loads(call("validate", whole, "--board", edition, "--json"))["problems"] == []
    assert "self-run" in call("validate", whole, "--board", ground.board, "--no-replay")
    (problem,) = json.loads(call("validate", damaged, "--board", ground.board, "--json", code=1))["problems"]
    assert "0.eval" in problem["path"] and "bytes" in problem["message"]
    found = CliRunner().invoke(cli, ["board", "validate", str(ground.board), "--board", str(ground.board)])
    assert "submission.json" in str(found.exception)


def test_add_refuses_by_name_and_leaves_the_board(made, filled, tmp_path):
    board = shutil.copytree(filled[0], tmp_path / "board")
    events = (board / "events.jsonl").read_bytes()
    said = json.loads(call("add", board, made[1], made[2], "--json", code=1))["added"]
    assert "on the board" in said[0]["problems"][0]["message"] and "bytes" in said[1]["problems"][0]["message"]
    assert (board / "events.jsonl").read_bytes() == events


def test_list_verify_withdraw(filled, tmp_path):
    board = shutil.copytree(filled[0], tmp_path / "board")
    listed = json.loads(call("list", board, "--json"))
    (only,) = listed["submissions"]
    assert (only["submission"], only["tiers"]) == (filled[1], {"2026.1": "recomputed"})
    assert (only["model"], only["configuration"]) == ("equipoise/oracle", "standard")
    assert filled[1][:8] in call("list", board)
    assert listed["head"] in call("verify", board, "--head", listed["head"][:12])
    (lost,) = json.loads(call("verify", board, "--head", "0" * 12, "--json", code=1))["problems"]
    assert "cut off" in lost["message"]
    call("withdraw", board, filled[1], "--note", "asked for")
    assert json.loads(call("list", board, "--json"))["submissions"] == []
    log = next((board / "submissions" / filled[1] / "logs").iterdir())
    log.write_bytes(log.read_bytes()[:-1])
    problems = json.loads(call("verify", board, "--json", code=1))["problems"]
    assert any(log.name in problem["path"] for problem in problems)
    found = CliRunner().invoke(cli, ["board", "build", str(board), "-o", str(tmp_path / "site")])
    assert "was changed behind its back" in str(found.exception) and not (tmp_path / "site").exists()


def test_build_serve_export(filled, tmp_path):
    board = shutil.copytree(filled[0], tmp_path / "board")
    call("build", board, "-o", tmp_path / "site")
    with serving(tmp_path / "site", 0) as server:
        import threading

        threading.Thread(target=server.serve_forever, daemon=True).start()
        with urllib.request.urlopen(f"http://127.0.0.1:{server.server_port}/index.html") as page:
            assert filled[1] in page.read().decode() and page.headers["X-Content-Type-Options"] == "nosniff"
        server.shutdown()
    for kind in ("every-eval-ever", "hugging-face", "csv"):
        call("export", board, kind, "-o", tmp_path / kind)
        written = any(path.is_file() for path in (tmp_path / kind).rglob("*"))
        assert written == (kind != "hugging-face")  # a control agent is nobody's result on the Hub
    found = CliRunner().invoke(cli, ["board", "export", str(board), "xls", "-o", str(tmp_path / "x")])
    assert "every-eval-ever" in str(found.exception)


def test_judge_asks_the_panel(filled, tmp_path):
    board = shutil.copytree(filled[0], tmp_path / "board")
    assert filled[1] in call("judge", board)
    assert open_board(board).standings[filled[1]].voted == ["2026.1"]


def test_schema_is_that_of_the_manifest(made):
    import jsonschema

    schema = json.loads(call("schema"))
    manifest = json.loads((made[1] / "submission.json").read_text())
    jsonschema.validate(manifest, schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**manifest, "score": 1.0}, schema)
