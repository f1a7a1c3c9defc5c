"""A log that an older Inspect wrote gives the same table for ever.

The golden files are made by `make_golden` below, never by hand: the oracle on two items, seeded and natural start, two
turns. Run this file's tests with EQUIPOISE_MAKE_GOLDEN=log to write a log of the Inspect that is installed (its version
is in the name, so older logs stay) and its table, or with EQUIPOISE_MAKE_GOLDEN=table to write the tables of all stored
logs again after a deliberate change of the table; then look at the difference before you commit it.
"""

import csv
import math
import os
import shutil
import subprocess
import sys
import zipfile
from importlib.metadata import version
from pathlib import Path

import pytest
from inspect_ai.log import read_eval_log

from equipoise.harness.table import COLUMNS, build_table

GOLDEN = Path(__file__).parent / "golden"
PROGRAM = """
from inspect_ai import eval
from equipoise.tasks import persuasion

task = persuasion(n_items=2, start="both", techniques="logical", turns=2)
[log] = eval(task, model="equipoise/oracle", display="none", log_dir="logs")
assert log.status == "success", log.error
"""


def make_golden(folder, what):
    """Write the golden files; the run is a process of its own in an empty folder, so that no path gets into the log."""
    if what == "log":
        subprocess.run([sys.executable, "-c", PROGRAM], cwd=folder, check=True)
        [log] = (folder / "logs").glob("*.eval")
        GOLDEN.mkdir(exist_ok=True)
        shutil.copy(log, GOLDEN / f"persuasion-{version('inspect_ai')}.eval")
    for stored in GOLDEN.glob("*.eval"):
        build_table(stored).to_csv(stored.with_suffix(".csv"), index=False, lineterminator="\n")


@pytest.fixture(scope="module", autouse=True)
def golden(tmp_path_factory):
    if what := os.environ.get("EQUIPOISE_MAKE_GOLDEN"):
        make_golden(tmp_path_factory.mktemp("golden"), what)
    return sorted(GOLDEN.glob("*.eval"))


def test_the_table_of_every_stored_log_is_the_stored_table(golden):
    assert golden
    for log in golden:
        with log.with_suffix(".csv").open(encoding="utf-8", newline="") as file:
            expected = list(csv.DictReader(file))
        table = build_table(log)
        assert tuple(expected[0]) == COLUMNS
        assert len(table) == len(expected) > 100
        for name in set(COLUMNS) - {"log", "value"}:
            assert [str(cell) for cell in table[name]] == [row[name] for row in expected], name
        values = ["" if math.isnan(value) else repr(value) for value in table["value"]]
        assert values == [row["value"] for row in expected]


def test_the_stored_logs_are_what_their_names_say(golden):
    for log in golden:
        header = read_eval_log(str(log), header_only=True)
        assert header.eval.packages["inspect_ai"] == log.stem.removeprefix("persuasion-")
        assert header.eval.task == "equipoise/persuasion"
        assert header.eval.model == "equipoise/oracle"


def test_the_stored_logs_are_small_and_tell_nothing_of_the_machine(golden):
    """No path, no host, no repository: they are published with the tests."""
    for log in golden:
        assert log.stat().st_size < 200_000
        header = read_eval_log(str(log), header_only=True)
        assert header.eval.revision is None
        assert header.eval.task_file is None
        with zipfile.ZipFile(log) as archive:
            content = b"".join(archive.read(name) for name in archive.namelist())
        for trace in (b"/home/", b"/root/", b"/tmp/", b"/Users/", b"site-packages"):
            assert trace not in content
