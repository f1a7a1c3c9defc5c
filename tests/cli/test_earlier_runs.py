"""`equipoise runs`, `show` and `baseline`: what people and scripts read of earlier runs."""

import json
import shutil
from pathlib import Path

import pytest

RUN = ["run", "persuasion", "--model", "equipoise/oracle", "-T", "n_items=2", "--display", "none", "--draws", "0"]
LONG = "vllm/an-organisation-with-a-long-name/checkpoint-of-the-eleventh-month-step-00012000-bf16-instruct"


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> Path:
    """A run folder made by the command line itself."""
    from click.testing import CliRunner

    from equipoise.cli import cli

    folder = tmp_path_factory.mktemp("made") / "run"
    done = CliRunner().invoke(cli, [*RUN, "-o", str(folder)])
    assert done.exit_code == 0, done.output
    return folder


@pytest.fixture
def call(inside, made, monkeypatch):
    """`equipoise …` beside a folder `runs` that holds `persuasion-1a2b3c4d`."""
    monkeypatch.setenv("COLUMNS", "80")
    shutil.copytree(made, "runs/persuasion-1a2b3c4d")
    return inside


def change_plan(**changes) -> None:
    file = Path("runs/persuasion-1a2b3c4d/plan.json")
    file.write_text(json.dumps({**json.loads(file.read_text()), **changes}))


def test_runs_in_an_empty_place(inside):
    assert inside("runs") == (0, "no runs in runs\n", "")
    assert inside("runs", "--json") == (0, "[]\n", "")
    code, _, error = inside("runs", "gone")
    assert code == 2 and error == "equipoise: gone: no such folder\n"


def test_runs_as_a_table_and_as_json(call):
    assert call("baseline", "set", "release", "pers")[0] == 0
    code, output, error = call("runs")
    assert code == 0 and error == ""
    for text in ("persuasion-1a2b3c4d", "= release", "oracle", "10 of 10", "started, UTC"):
        assert text in output
    (record,) = json.loads(call("runs", "--json")[1])
    assert (record["state"], record["finished"], record["planned"]) == ("complete", 10, 10)
    assert record["folder"] == "runs/persuasion-1a2b3c4d" and record["baselines"] == ["release"]
    assert record["started"] <= record["ended"] and record["table"].endswith("table.parquet")
    for option in (["--task", "PERS"], ["--model", "oracle"]):
        assert len(json.loads(call("runs", "--json", *option)[1])) == 1
    for option in (["--task", "debate"], ["--model", "gpt"], ["--task", "pers", "--model", "gpt"]):
        assert call("runs", *option)[1] == "no runs in runs that fit\n"


@pytest.mark.parametrize("columns", ["80", "120"])
def test_every_line_fits_and_long_names_are_whole(columns, call, monkeypatch):
    monkeypatch.setenv("COLUMNS", columns)
    change_plan(models=[LONG, *(f"p/model-{number}" for number in range(9))])
    call("baseline", "set", "a-name-of-a-release-that-is-long", "pers")
    for command in (["runs"], ["show", "pers"], ["baseline", "list"]):
        _, output, _ = call(*command)
        assert max(map(len, output.splitlines())) <= int(columns), command
        assert "…" not in output.split("Brackets")[0].replace("0.16…1.00", "") or command[0] == "show"
    cells = "".join(line.split("│")[3].strip() for line in call("runs")[1].splitlines() if line.startswith("│"))
    assert LONG.rsplit("/", 1)[1] in cells and "+7 more" in cells


def test_nothing_steers_the_terminal_or_is_taken_for_markup(call):
    change_plan(models=["[red]m[/red]\x1b[31m\x07"], generate={"[bold]": "\x1b]0;t\x07"})
    Path("runs/persuasion-1a2b3c4d").rename("runs/[link=x]\x1b[2J")
    for command in (["runs"], ["show", "[link"], ["baseline", "set", "b", "[link"], ["baseline", "list"]):
        code, output, error = call(*command)
        assert code == 0 and "\x1b" not in output + error and "\x07" not in output + error, command
        assert "[link=x]" in output
    assert "[red]m[/red]" in call("show", "[link")[1]


def test_a_broken_run_is_in_the_table_and_its_reason_on_stderr(call):
    shutil.copytree("runs/persuasion-1a2b3c4d", "runs/other")
    Path("runs/other/plan.json").write_text("{")
    code, output, error = call("runs")
    assert code == 0 and "broken" in output and "persuasion-1a2b3c4d" in output
    assert error.startswith("equipoise: broken: runs/other/plan.json: ") and error.count("\n") == 1
    code, output, error = call("show", "other")
    assert code == 0 and "broken, 10 of 10 samples" in output and "plan.json" in error
    Path("runs/baselines.json").write_text("{")
    code, output, error = call("runs")
    assert code == 0 and "persuasion-1a2b3c4d" in output and "runs/baselines.json" in error


def test_show_says_what_was_run_and_what_came_out(call):
    change_plan(roles={"judge": ["a/b", "c/d"]}, limit=7, generate={"temperature": 0.5})
    code, output, _ = call("show", "runs/persuasion-1a2b3c4d")
    words = " ".join(output.split())
    assert code == 0
    said = (
        "complete, 10 of 10 samples", "models equipoise/oracle", "n_items=2", "role judge a/b, c/d",
        "settings limit 7, temperature 0.5", "inspect_ai 0.3.", "no answer is missing", "stands: right answers",
        "report: runs/persuasion-1a2b3c4d/report.html", "table: runs/persuasion-1a2b3c4d/table.parquet",
    )  # fmt: skip
    assert [text for text in said if text not in words] == []
    shown = json.loads(call("show", "pers", "--json")[1])
    assert shown["name"] == "persuasion-1a2b3c4d" and shown["plan"]["limit"] == 7
    assert [each["finished"] for each in shown["progress"]] == [10]
    assert {each["measure"] for each in shown["metrics"]} >= {"resist", "accept"}
    assert [group["missing"] for group in shown["missing"]] == [0] and shown["report"].endswith("report.html")


def test_show_of_a_run_without_a_table_of_a_broken_table_and_of_a_file(call):
    folder = Path("runs/persuasion-1a2b3c4d")
    shutil.copy(folder / "table.parquet", "t.parquet")
    (folder / "report.html").unlink()
    (folder / "table.parquet").unlink()
    code, output, _ = call("show", "pers")
    assert code == 0 and f"table:  none yet: equipoise table {folder}" in output
    assert f"report: none yet: equipoise report {folder}" in output and "stands" not in output
    assert json.loads(call("show", "pers", "--json")[1])["missing"] is None
    (folder / "table.parquet").write_bytes(b"x")
    code, output, error = call("show", "pers")
    assert code == 2 and "complete, 10 of 10" in output and error.count("\n") == 1
    code, output, _ = call("show", "t.parquet")
    assert code == 0 and "stands: right answers" in output and "table:  t.parquet" in output


def test_show_counts_what_is_missing_by_reason(inside, tmp_path):
    rows = "".join(f"t,m,i{number},a,correct,{value}\n" for number, value in enumerate(("1,", ",refused", ",unparsed")))
    (tmp_path / "t.csv").write_text("task,model,item,arm,measure,value,missing\n" + rows)
    words = " ".join(inside("show", "t.csv")[1].replace("│", " ").split())
    assert "t m 2 of 3 refused 1, unparsed 1" in words


def test_baseline_set_list_use_and_remove(call):
    assert call("baseline", "list") == (0, "no baselines; equipoise baseline set NAME RUN\n", "")
    code, output, _ = call("baseline", "set", "release", "pers")
    assert code == 0 and output.startswith("release: runs/persuasion-1a2b3c4d: persuasion on oracle, ")
    shutil.copy("runs/persuasion-1a2b3c4d/table.parquet", "t.parquet")
    assert "(was persuasion-1a2b3c4d)" in call("baseline", "set", "release", "t.parquet")[1]
    (record,) = json.loads(call("baseline", "list", "--json")[1])
    assert (record["name"], record["source"], record["problem"]) == ("release", "../t.parquet", None)
    assert call("show", "release")[0] == 0
    Path("t.parquet").unlink()
    code, output, error = call("baseline", "list")
    assert code == 0 and "cannot be used" in output and "is not there any more" in error
    code, output, error = call("show", "release")
    assert code == 2 and output == "" and error.count("\n") == 1 and "'release'" in error
    assert call("baseline", "remove", "release")[:2] == (0, "release: removed\n")
    code, _, error = call("baseline", "remove", "release")
    assert code == 2 and "no baseline 'release'" in error


@pytest.mark.parametrize("name", ["../evil", "a/b", ".", "runs", "persuasion-1a2b3c4d"])
def test_bad_baseline_name_is_one_line_exit_2_and_writes_nothing(name, call):
    code, output, error = call("baseline", "set", name, "pers")
    assert code == 2 and output == "" and error.count("\n") == 1 and "baseline name" in error
    assert not Path("runs/baselines.json").exists() and not Path("evil").exists()


def test_an_unfinished_run_as_a_baseline_is_said_to_be_partial(call):
    log = next(Path("runs/persuasion-1a2b3c4d/logs").glob("*.eval"))
    import zipfile

    with zipfile.ZipFile(log) as archive:
        kept = {entry: archive.read(entry) for entry in archive.namelist() if entry != "header.json"}
    with zipfile.ZipFile(log, "w") as archive:
        for entry, content in kept.items():
            archive.writestr(entry, content)
    code, _, error = call("baseline", "set", "part", "pers")
    assert code == 0 and "PARTIAL: persuasion on equipoise/oracle" in error
    assert "partial" in call("runs")[1] and "partial, 10 of 10" in call("show", "part")[1]


@pytest.mark.parametrize("command", ["runs", "show", "baseline"])
def test_help_has_an_example(command, inside):
    code, output, _ = inside(command, "--help")
    assert code == 0 and f"equipoise {command}" in output
