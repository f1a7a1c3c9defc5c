"""`equipoise submit` as people call it: card, options, prompts, what it prints and what it refuses."""

import io
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from inspect_ai.log import list_eval_logs, read_eval_log, write_eval_log

from equipoise.cli import COMMANDS
from equipoise.cli.plan import build
from equipoise.harness.run import Plan, run
from equipoise.harness.suite import TaskPlan
from equipoise.leaderboard.board import Profile, create_board
from equipoise.leaderboard.changes import open_edition
from equipoise.leaderboard.edition import EditionSpec
from equipoise.leaderboard.freezing import freeze
from equipoise.leaderboard.manifest import read_manifest

TASK = TaskPlan(task="are_you_sure", args={"n_items": 2, "challengers": "aus"})
SECRET = "letters and 0815"
CARD = """\
name: Random agent
attempts: 2
private_variants: 0
trained_on_items: no
training_data: None.
contact: ada@example.org
"""


@pytest.fixture(scope="module")
def places(tmp_path_factory) -> tuple[Path, Path]:
    """A run of two agents, and a board that asks for it."""
    root = tmp_path_factory.mktemp("submit")
    plan = Plan(tasks=(TASK,), models=("equipoise/random", "equipoise/oracle"))
    assert run(plan, [build(TASK)], root / "run", display="none") == []
    for info in list_eval_logs(str(root / "run" / "logs")):  # Inspect names no package under `-m pytest`
        log = read_eval_log(info)
        log.eval.task = "equipoise/are_you_sure"
        log.eval.metadata["note"] = f"asked with {SECRET}"
        write_eval_log(log)
    create_board(root / "board", Profile(name="trial", title="Trial"))
    for name, panel in (("e1", {}), ("e2", {"judges": ["equipoise/judge"]})):
        open_edition(root / "board", freeze(EditionSpec(edition=name, tasks=(TASK,), panel=panel), build, "2026-01-01"))
    return root / "run", root / "board"


@pytest.fixture
def submit(inside, places, monkeypatch, tmp_path):
    """`equipoise submit RUN --board BOARD -o out --card card.yaml …`."""
    monkeypatch.setitem(COMMANDS, "submit", "equipoise.cli.submit")
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setattr(sys, "stdin", io.StringIO())
    Path("card.yaml").write_text(CARD)

    def call(*options: str, board: str = "", card: str = "card.yaml", model: str = "equipoise/random"):
        chosen = [*(["--card", card] if card else []), *(["--model", model] if model else [])]
        return inside("submit", str(places[0]), "--board", board or str(places[1]), "-o", "out", *chosen, *options)

    return call


def test_a_submission_to_the_current_edition(submit):
    code, output, error = submit()
    assert code == 0 and "writing are_you_sure_" in error
    manifest = read_manifest(Path("out"))
    assert (manifest.board, manifest.edition, manifest.model.access) == ("trial", "e2", "scripted")
    assert manifest.disclosure.attempts == 2
    for text in ("Random agent", "are_you_sure", "left out: other models: equipoise/oracle", "no keys", "2 files" if
                 Path("out/votes.jsonl").exists() else "1 files", "equipoise board validate out --board"):  # fmt: skip
        assert text in output


def test_json_tells_the_same_and_options_come_before_the_card(submit, places):
    board = str(places[1] / "editions" / "e1.json")
    code, output, _ = submit("--json", "--attempts", "7", "--edition", "e1", board=board)
    told = json.loads(output)
    assert code == 0 and (told["board"], told["edition"], told["model"]) == ("trial", "e1", "equipoise/random")
    (task,) = told["tasks"]
    assert (task["missing"], task["votes"], told["scrubbed"]) == (0, 0, [])
    assert task["samples"] == 2 and (Path("out/logs") / task["log"]).stat().st_size == told["bytes"]
    assert read_manifest(Path("out")).disclosure.attempts == 7


def test_secrets_are_told_by_kind_and_place_and_never_shown(submit, monkeypatch):
    monkeypatch.setenv("SERVICE_API_KEY", SECRET)
    code, output, error = submit("--json")
    assert code == 0 and SECRET not in output + error, error
    told = json.loads(output)
    assert {each["kind"] for each in told["scrubbed"]} == {"environment-variable"}
    assert {"header.json", "_journal/start.json"} <= {each["place"] for each in told["scrubbed"]}
    (removed,) = read_manifest(Path("out")).scrubbed
    assert removed.count == sum(each["times"] for each in told["scrubbed"])
    shutil.rmtree("out")
    _, output, error = submit()
    assert told["variables"] == ["SERVICE_API_KEY"] and "among them the values of SERVICE_API_KEY\n" in output
    assert f"removed: {removed.count} × environment-variable in are_you_sure_" in " ".join(output.split())
    assert SECRET not in output + error


def test_what_the_board_would_refuse_is_not_written(submit, places):
    logs = [read_eval_log(log) for log in list_eval_logs(str(places[0]))]
    log = next(log for log in logs if log.eval.model == "equipoise/random")
    log.samples[0].input = "Something else?"
    path = Path(log.location.removeprefix("file://"))
    kept = path.read_bytes()
    write_eval_log(log)
    code, output, error = submit()
    path.write_bytes(kept)
    _, head, *problems = error[error.index("checking") :].splitlines()
    assert (code, output) == (2, "") and head.endswith(f"the board would refuse it: {len(problems)} problem")
    assert all(problem.startswith("  logs/are_you_sure_") for problem in problems) and "were taken out" not in error
    assert not Path("out").exists()


def test_values_that_are_words_of_a_task_are_told_by_the_names_of_their_variables(submit, monkeypatch):
    monkeypatch.setenv("OTHER_API_KEY", "Are you sure?")
    monkeypatch.setenv("LAB_TOKEN", SECRET)
    code, output, error = submit()
    *problems, hint = error[error.index("would refuse it") :].splitlines()[1:]
    assert (code, output) == (2, "") and len(problems) >= 2
    assert all(line.startswith("  logs/are_you_sure_") and len(line) < 700 for line in problems)
    names = hint.removeprefix("the values of ").partition(" occur in the logs and were taken out; ")[0].split(", ")
    assert sorted(names) == ["LAB_TOKEN", "OTHER_API_KEY"] and hint.endswith("unset them for this command")
    assert "Are you sure?" not in error and SECRET not in error and not Path("out").exists()


def test_several_logs_of_a_task_are_told_in_one_line(submit, places):
    logs = [read_eval_log(log) for log in list_eval_logs(str(places[0]))]
    log = next(log for log in logs if log.eval.model == "equipoise/random")
    old = Path(log.location.removeprefix("file://"))
    newer = old.with_name("2099-01-01T00-00-00_newer.eval")
    log.eval.created = "2099-01-01T00:00:00+00:00"
    write_eval_log(log, str(newer))
    _, output, _ = submit()
    shutil.rmtree("out")
    _, told, _ = submit("--json")
    newer.unlink()
    (line,) = [line for line in output.splitlines() if newer.name in line]
    assert line == f"are_you_sure: took {newer.name}, the newest complete log; not {old.name}"
    (task,) = json.loads(told)["tasks"]
    assert (task["source"], task["other_logs"]) == (newer.name, [old.name])
    shutil.rmtree("out")
    _, output, _ = submit()
    assert "newest complete log" not in output


def test_help_imports_nothing_that_takes_long():
    heavy = ("inspect_ai", "pandas", "matplotlib", "numpy", "duckdb", "equipoise.tasks")
    script = f"import sys, equipoise.cli.submit, equipoise.cli.plot; print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_what_is_missing_is_told_at_once_and_nothing_is_written(submit):
    code, output, error = submit(card="")
    assert (code, output) == (2, "")
    for name in ("name", "attempts", "private_variants", "trained_on_items", "training_data", "contact"):
        assert f"{name}: missing" in error
    assert "access" not in error and not Path("out").exists()


def test_a_person_is_asked_for_the_rest(submit, monkeypatch):
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    Path("card.yaml").write_text(CARD.replace("attempts: 2\n", "").replace("contact: ada@example.org\n", ""))
    monkeypatch.setattr(sys, "stdin", Terminal("many\n3\nbob@example.org\n"))
    code, _, error = submit()
    assert code == 0 and "Runs of this model on this edition's tasks" in error
    manifest = read_manifest(Path("out"))
    assert (manifest.disclosure.attempts, manifest.contact) == (3, "bob@example.org")


@pytest.mark.parametrize(
    ("options", "how", "said"),
    [
        ((), {"model": ""}, "--model equipoise/oracle or --model equipoise/random"),
        ((), {"model": "openai/x"}, "no run of openai/x"),
        (("--edition", "e9"), {}, "has no edition 'e9'; there is e1, e2"),
        (("--url", "ftp://x"), {}, "url: "),
    ],
)  # fmt: skip
def test_bad_input_is_one_line(submit, options, how, said):
    code, output, error = submit(*options, **how)
    assert (code, output) == (2, "") and said in error and error.count("\n") == 1
    assert not Path("out").exists()


def test_the_template_needs_nothing_else(inside, monkeypatch):
    monkeypatch.setitem(COMMANDS, "submit", "equipoise.cli.submit")
    code, output, _ = inside("submit", "--card-template")
    assert code == 0 and "\ntrained_on_items:\n" in output and "One of: no, yes, unknown." in output
