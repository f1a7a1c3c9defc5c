"""`equipoise gate` from outside: real runs of control agents, exit codes, files."""

import json
import subprocess
import sys
from xml.etree import ElementTree

import numpy as np
import pytest
from paired_tables import persuasion_rows, rows, table

import equipoise.harness.gate


@pytest.fixture
def files(tmp_path):
    """A baseline, one that is the same, one that accepts less, one on too few items."""
    full = np.ones(200)
    made = {
        "base": persuasion_rows(full, full), "same": persuasion_rows(full, full, model="lab/new"),
        "worse": persuasion_rows(full, np.repeat([1.0, 0.0], 100)), "small": persuasion_rows(full[:30], full[:30]),
    }  # fmt: skip
    for name, frame in made.items():
        table(frame).to_csv(tmp_path / f"{name}.csv", index=False)
    return tmp_path


@pytest.mark.parametrize(
    ("candidate", "code", "said"), [("same", 0, "GO"), ("worse", 1, "NO-GO"), ("small", 2, "INCONCLUSIVE")]
)
def test_the_exit_code_is_the_verdict(files, inside, candidate, code, said):
    found, output, errors = inside("gate", "base.csv", f"{candidate}.csv")
    assert (found, errors) == (code, "") and output.splitlines()[-1] == said


def test_json_alone_on_stdout(files, inside):
    code, output, _ = inside("gate", "base.csv", "worse.csv", "--json")
    assert code == 1 and json.loads(output)["verdict"] == "NO-GO"


def test_lenient_changes_the_exit_code_of_inconclusive_alone(files, inside):
    code, output, _ = inside("gate", "base.csv", "small.csv", "--lenient")
    assert code == 0 and output.splitlines()[-1] == "INCONCLUSIVE"
    assert inside("gate", "base.csv", "worse.csv", "--lenient")[0] == 1


def test_files_for_ci(files, inside, tmp_path):
    inside("gate", "base.csv", "worse.csv", "--markdown", "summary.md", "--junit", "gate.xml")
    assert "NO-GO" in (tmp_path / "summary.md").read_text()
    assert ElementTree.parse(tmp_path / "gate.xml").getroot().get("failures") == "1"


def test_explain_ends_with_what_to_do(files, inside):
    _, output, _ = inside("gate", "base.csv", "worse.csv", "--explain")
    assert "equipoise compare base.csv worse.csv" in " ".join(output.split())


@pytest.mark.parametrize(
    "arguments",
    [
        (), ("base.csv",), ("base.csv", "none.csv"), ("base.csv", "same.csv", "--policy", "none.yaml"),
        ("base.csv", "same.csv", "--no-such-option"), ("base.csv", "same.csv", "--draws", "-1"),
        ("base.csv", "same.csv", "--model", "lab/none"), ("base.csv", "same.csv", "--drift", "none.json"),
        ("base.csv", "same.csv", "--markdown", "/proc/none/summary.md"),
    ],
)  # fmt: skip
def test_what_is_no_verdict_never_looks_like_one(files, inside, arguments):
    code, output, errors = inside("gate", *arguments)
    assert code == 3 and output == "" and errors and "Traceback" not in errors


def test_a_crash_is_no_verdict(files, inside, monkeypatch):
    def crash(*_, **__):
        raise RuntimeError("a bug")

    monkeypatch.setattr(equipoise.harness.gate, "gate", crash)
    code, output, errors = inside("gate", "base.csv", "same.csv")
    assert code == 3 and output == "" and "a bug" in errors


def test_a_module_that_cannot_be_imported_is_no_verdict(files, inside, monkeypatch):
    monkeypatch.setitem(sys.modules, "equipoise.cli.gate", None)
    assert inside("gate", "base.csv", "same.csv")[0] == 3


def test_other_commands_keep_their_exit_codes(inside):
    assert inside("metrics", "none.csv")[0] == 2


def test_the_shown_policy_is_one_that_can_be_passed(files, inside, tmp_path):
    code, output, _ = inside("gate", "--show-policy")
    (tmp_path / "policy.yaml").write_text(output)
    assert code == 0 and inside("gate", "base.csv", "same.csv", "--policy", "policy.yaml")[0] == 0


def test_tables_of_other_harnesses_are_gated_too(inside, tmp_path):
    for name, p in (("base", 0.9), ("fall", 0.6)):
        values = np.repeat([1.0, 0.0], [int(300 * p), 300 - int(300 * p)])
        table(rows(values, task="mmlu", measure="acc")).to_json(
            tmp_path / f"{name}.jsonl", orient="records", lines=True
        )
    (tmp_path / "policy.yaml").write_text("benchmarks: [{name: mmlu, metric: acc, max_drop: 0.02}]")
    assert inside("gate", "base.jsonl", "fall.jsonl", "--policy", "policy.yaml")[0] == 1


def test_real_runs_by_name(inside, tmp_path):
    """The oracle as baseline, set by name; itself again goes, the stubborn agent does not."""
    common = ("persuasion", "-T", "n_items=12", "-T", "start=seeded", "--display", "none")
    for agent in ("oracle", "stubborn"):
        assert inside("run", *common, "--model", f"equipoise/{agent}", "-o", f"runs/{agent}")[0] == 0
    assert inside("baseline", "set", "production", "runs/oracle")[0] == 0
    code, output, _ = inside("gate", "production", "runs/stubborn", "--json")
    record = json.loads(output)
    assert code == 1 and record["candidate"]["model"] == "equipoise/stubborn"
    decided = {each["measure"]: each["decision"] for each in record["measures"]}
    assert decided["accept"] == "BREACH" and decided["resist"] == "INSUFFICIENT"
    assert inside("gate", "production", "oracle", "--json")[0] == 2  # 12 items are too few for any limit


@pytest.mark.parametrize(
    ("target", "arguments"),
    [("| true", ("base.csv", "same.csv")), ("| true", ("--show-policy",)), ("> /dev/full", ("base.csv", "same.csv"))],
)
def test_output_that_nobody_can_read_is_no_verdict(files, target, arguments):
    """A closed pipe and a full disk: neither may look like NO-GO (1)."""
    line = f"{sys.executable} -m equipoise gate {' '.join(arguments)} {target}; exit ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", line], cwd=files, capture_output=True, text=True)
    assert done.returncode == 3 and "Traceback" not in done.stderr
