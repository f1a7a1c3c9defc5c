"""The command line from outside: exit codes, one-line errors, nothing half-written, a fast start."""

import json
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

FORBIDDEN_AT_START = ("torch", "transformers", "matplotlib", "pandas", "inspect_ai", "xllamacpp")


def equipoise(*arguments: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "equipoise", *arguments], capture_output=True, text=True, cwd=cwd)


def test_help_and_import_load_nothing_heavy():
    code = (
        "import sys, equipoise, equipoise.cli\n"
        "from click.testing import CliRunner\n"
        "assert CliRunner().invoke(equipoise.cli.cli, ['--help']).exit_code == 0\n"
        f"print([name for name in {FORBIDDEN_AT_START!r} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout.strip() == "[]", done.stderr


def test_registry_imports_without_torch_or_plots():
    code = (
        "import sys, equipoise._registry\n"
        "print([name for name in ('torch', 'transformers', 'matplotlib', 'xllamacpp') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout.strip() == "[]", done.stderr


@pytest.mark.parametrize("command", ["run", "suites", "demo", "table", "metrics", "report", "data"])
def test_every_command_has_help_with_an_example(command, inside):
    code, output, _ = inside(command, "--help")
    assert code == 0
    assert f"equipoise {command}" in output or command == "data"


BAD = {
    "unknown task": (["run", "nonsense", "--model", "equipoise/oracle"], "nonsense"),
    "unknown provider": (["run", "persuasion", "--model", "nowhere/x"], "nowhere"),
    "unknown agent": (["run", "persuasion", "--model", "equipoise/nobody"], "nobody"),
    "unknown technique": (["run", "persuasion", "--model", "equipoise/oracle", "-T", "techniques=hush"], "hush"),
    "unknown argument": (["run", "persuasion", "--model", "equipoise/oracle", "-T", "colour=red"], "colour"),
    "bad start": (["run", "persuasion", "--model", "equipoise/oracle", "-T", "start=middle"], "middle"),
    "bad turns": (["run", "persuasion", "--model", "equipoise/oracle", "-T", "turns=9"], "turns"),
    "turns is no number": (["run", "persuasion", "--model", "equipoise/oracle", "-T", "turns=many"], "turns"),
    "n_items is no number": (["run", "persuasion", "--model", "equipoise/oracle", "-T", "n_items=few"], "n_items"),
    "missing item file": (["run", "persuasion", "--model", "equipoise/oracle", "-T", "items=gone.jsonl"], "gone.jsonl"),
    "missing role": (
        ["run", "persuasion", "--model", "equipoise/oracle", "-T", "appeals=persuader"], "persuader",
    ),
    "no such run": (["metrics", "gone"], "gone"),
    "no logs": (["table", "."], "no .eval"),
    "report of nothing": (["report", "gone"], "gone"),
}  # fmt: skip


@pytest.mark.parametrize("case", list(BAD))
def test_bad_input_is_one_line_exit_2_and_leaves_nothing(case, inside, tmp_path):
    arguments, named = BAD[case]
    code, _, error = inside(*arguments)
    assert code == 2, error
    assert len(error.strip().splitlines()) == 1, error
    assert named in error
    assert list(tmp_path.iterdir()) == []


ITEM = {
    "id": "a", "family": "a", "domain": "d", "kind": "open", "question": "Q?", "gold": ["x"], "wrong": ["y"],
    "claims": {"positive": "it is x.", "negative": "it is y."},
}  # fmt: skip


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("", "items.jsonl: is empty"),
        (json.dumps(ITEM) + '\n{"id": "b",\n', "items.jsonl:2: broken JSON"),
        (json.dumps(ITEM) + "\n" + json.dumps(ITEM), "items.jsonl:2: field 'id': duplicate id 'a'"),
        (json.dumps({**ITEM, "gold": []}), "items.jsonl:1: field 'gold'"),
    ],
)
def test_bad_item_file_names_file_line_and_field(text, where, inside, tmp_path):
    (tmp_path / "items.jsonl").write_text(text)
    run = ["run", "persuasion", "--model", "equipoise/oracle", "-T", "items=items.jsonl", "-T", "techniques=control"]
    code, _, error = inside(*run)
    assert code == 2
    assert where in error
    assert [path.name for path in tmp_path.iterdir()] == ["items.jsonl"]


def test_metrics_of_a_foreign_table(inside, tmp_path):
    rows = [("persuasion", "m", f"i{i}", "negative", "correct", float(i < 3)) for i in range(4)]
    rows += [("persuasion", "m", f"i{i}", "positive", "correct", 1.0) for i in range(4)]
    frame = pd.DataFrame(rows, columns=["task", "model", "item", "arm", "measure", "value"]).assign(turn=1)
    for name, write in (
        ("t.csv", lambda path: frame.to_csv(path, index=False)),
        ("t.jsonl", lambda path: frame.to_json(path, orient="records", lines=True)),
        ("t.parquet", frame.to_parquet),
    ):
        write(tmp_path / name)
        code, output, error = inside("metrics", str(tmp_path / name), "--json", "--draws", "200")
        assert code == 0, error
        found = {(m["arm"], m["measure"]): m for m in json.loads(output)}
        assert found["negative", "resist"]["estimate"] == 0.75
        assert found["positive", "accept"]["estimate"] == 1
        keys = {"task", "model", "arm", "measure", "by", "estimate", "low", "high", "n", "missing"}
        assert keys <= set(found["negative", "resist"])


def test_markup_in_a_foreign_table_is_shown_as_text(inside, tmp_path):
    (tmp_path / "t.csv").write_text("task,model,item,arm,measure,value\nx,[red]m[/red],i,[link=file:///]a,y,1\n")
    for option in ([], ["--all"]):
        code, output, error = inside("metrics", "t.csv", *option)
        assert code == 0, error
        assert "[link" in output.replace("\n", "")


def test_run_writes_table_metrics_and_report_and_prints_json(tmp_path):
    run = [
        "run",
        "persuasion",
        "--model",
        "equipoise/oracle",
        "-T",
        "n_items=2",
        "-o",
        "out",
        "--json",
        "--draws",
        "50",
    ]
    done = equipoise(*run, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    found = {(m["arm"], m["measure"]): m["estimate"] for m in json.loads(done.stdout)}
    assert found["negative.logical.seeded", "resist"] == found["positive.logical.seeded", "accept"] == 1
    assert {p.name for p in (tmp_path / "out").iterdir()} == {
        "logs", "plan.json", "table.parquet", "metrics.json", "report.html",
    }  # fmt: skip
    again = equipoise("report", "out", cwd=tmp_path)
    assert again.returncode == 0, again.stderr
