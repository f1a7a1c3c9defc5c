"""Earlier runs: found, named as baselines, looked up; whatever is broken is told and stops nothing else."""

import json
import os
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
import pytest

from equipoise.errors import InputError
from equipoise.harness.run import EVAL_SET_FILE, Plan, run
from equipoise.harness.runs import baselines, checked, find_runs, read_run, remove_baseline, resolve, set_baseline
from equipoise.harness.runs.baselines import LOCK_FILE, fingerprint
from equipoise.harness.suite import TaskPlan
from equipoise.harness.table import build_table, read_table, write_table
from equipoise.tasks import persuasion

ROWS = "task,model,item,arm,measure,value\nt,m,a,x,correct,1\nt,m,b,x,correct,0\nt,m,c,x,correct,\n"


@pytest.fixture(scope="module")
def finished(tmp_path_factory) -> Path:
    """A run of one task on two control agents, 4 samples each, with its table."""
    folder = tmp_path_factory.mktemp("made") / "run"
    plan = Plan(
        tasks=(TaskPlan(task="persuasion", args={"n_items": 1}),), models=("equipoise/oracle",),
        controls=("equipoise/stubborn",), limit=4,
    )  # fmt: skip
    assert run(plan, [persuasion(n_items=1)], folder, "none") == []
    write_table(build_table(folder / "logs"), folder / "table.parquet")
    return folder


@pytest.fixture
def root(finished, tmp_path, monkeypatch) -> Path:
    """`runs` with one finished run, seen from the folder that holds it."""
    monkeypatch.chdir(tmp_path)
    shutil.copytree(finished, "runs/persuasion-1a2b3c4d")
    return Path("runs")


@pytest.fixture
def only(root) -> Path:
    return root / "persuasion-1a2b3c4d"


def logs_in(folder: Path) -> list[Path]:
    return sorted(folder.glob("logs/*.eval"))


def test_record_of_a_finished_run(root, only):
    (found,) = find_runs(root)
    assert (found.folder, found.name, found.state) == (only, "persuasion-1a2b3c4d", "complete")
    assert (found.tasks, found.models, found.controls) == (
        ("persuasion",), ("equipoise/oracle",), ("equipoise/stubborn",),
    )  # fmt: skip
    assert (found.finished, found.planned, found.samples) == (8, 8, "8 of 8")
    assert {(each.model, each.finished, each.complete) for each in found.progress} == {
        ("equipoise/oracle", 4, True), ("equipoise/stubborn", 4, True),
    }  # fmt: skip
    assert found.started <= found.ended <= datetime.now(UTC)
    assert (found.table, found.logs, found.problems) == (only / "table.parquet", only / "logs", ())


def test_newest_first_at_any_depth_and_nothing_inside_a_run(root, only):
    shutil.copytree(only, root / "sweep/seed-1/old")
    for log in logs_in(root / "sweep/seed-1/old"):
        log.unlink()
    os.utime(root / "sweep/seed-1/old", (0, 0))
    shutil.copytree(only, only / "copy")
    assert [found.name for found in find_runs(root)] == ["persuasion-1a2b3c4d", "sweep/seed-1/old"]
    assert find_runs(only)[0].name == "persuasion-1a2b3c4d", "a run as the root is itself the list"
    assert find_runs(Path("nowhere")) == []


def test_a_task_without_a_log_or_unknown_to_inspect_makes_a_run_partial(root, only):
    logs_in(only)[0].unlink()
    (found,) = find_runs(root)
    assert (found.state, found.finished, found.planned) == ("partial", 4, None)
    assert sorted(each.planned or 0 for each in found.progress) == [0, 4]
    (only / "logs" / EVAL_SET_FILE).unlink()  # killed before Inspect had begun
    (found,) = find_runs(root)
    assert len(found.progress) == 1 and (found.state, found.samples) == ("partial", "4 of ?")


def test_folder_of_logs_without_a_plan(only, tmp_path):
    for name in ("plan.json", "table.parquet"):
        (only / name).unlink()
    (found,) = find_runs(Path("runs"))
    assert found.name == "persuasion-1a2b3c4d/logs" and found.state == "complete"
    assert set(found.models) == {"equipoise/oracle", "equipoise/stubborn"}
    assert found.tasks == ("persuasion",)


BROKEN = {
    "plan is cut off": ("plan.json", b'{"tasks": [', "plan.json"),
    "plan is no plan": ("plan.json", b'{"tasks": 3}', "field 'tasks'"),
    "plan is not UTF-8": ("plan.json", b"\xff\xfe\x00", "plan.json"),
    "plan is nested without end": ("plan.json", b"[" * 100_000, "plan.json"),
    "list of tasks is a list": ("logs/eval-set.json", b"[]", "eval-set.json"),
    "list of tasks is nested without end": ("logs/eval-set.json", b"[" * 100_000, "eval-set.json"),
    "log is text": ("logs/2026-01-01T00-00-00-00-00_x_y.eval", b"nope", "2026-01-01T00"),
    "log is empty": ("logs/2026-01-01T00-00-00-00-00_x_y.json", b"", "2026-01-01T00"),
}


@pytest.mark.parametrize("case", list(BROKEN))
def test_a_broken_run_is_listed_beside_the_others(case, root, only):
    file, content, named = BROKEN[case]
    shutil.copytree(only, root / "broken")
    (root / "broken" / file).write_bytes(content)
    found = {each.name: each for each in find_runs(root)}
    assert found["persuasion-1a2b3c4d"].state == "complete"
    assert found["broken"].state == "broken"
    (problem,) = found["broken"].problems
    assert named in problem and "\n" not in problem


def test_links_are_followed_once_and_loops_end(root, only, tmp_path):
    shutil.move(only, tmp_path / "elsewhere")
    (root / "link").symlink_to(tmp_path / "elsewhere")
    (root / "again").symlink_to(tmp_path / "elsewhere")
    (root / "loop").symlink_to(root.absolute())
    (root / "dangling").symlink_to("gone")
    (tmp_path / "elsewhere/logs/loop").symlink_to(tmp_path / "elsewhere")
    (found,) = find_runs(root)
    assert (found.name, found.state, found.finished) == ("again", "complete", 8)


@pytest.fixture
def nobody():
    """Root may read everything, so not as root."""
    before = os.geteuid()
    if before == 0:
        os.seteuid(65534)
    yield
    os.seteuid(before)


@pytest.mark.parametrize("part", [".", "logs"])
def test_a_run_that_may_not_be_read_is_listed(part, root, request):
    secret = root / "secret"
    for folder in (Path(), secret / "logs"):
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o755)
    (secret / "plan.json").write_text("{}")
    (secret / part).chmod(0)
    request.getfixturevalue("nobody")
    found = {each.name: each for each in find_runs(root)}
    assert any("secret" in line and "may not be read" in line for line in found["secret"].problems)
    if part == ".":
        with pytest.raises(InputError, match="secret: may not be read"):
            resolve("secret", root)
    os.seteuid(os.getuid())
    (secret / part).chmod(0o755)


def test_names_that_no_text_file_can_hold(root, only):
    shutil.copytree(only, root / os.fsdecode(b"caf\xe9\n"))
    assert [found.state for found in find_runs(root)] == ["complete", "complete"]


def test_baseline_is_set_listed_in_the_record_and_removed(root, only):
    made = set_baseline("release-1", only, root)
    assert made.source == "persuasion-1a2b3c4d", "relative to its file"
    assert made.tasks == ("persuasion",) and made.models == ("equipoise/oracle", "equipoise/stubborn")
    assert baselines(root) == {"release-1": made} and checked("release-1", root) == only
    assert find_runs(root)[0].baselines == ("release-1",)
    assert "\n" in (root / "baselines.json").read_text(), "for people"
    remove_baseline("release-1", root)
    assert baselines(root) == {} and only.is_dir()
    with pytest.raises(InputError, match="no baseline 'release-1'; none is set"):
        remove_baseline("release-1", root)


@pytest.mark.parametrize("name", ["../up", "a/b", "", ".", "..", ".hidden", "-v", "a b", "a\nb", "é", "a\0"])
def test_names_that_are_paths_options_or_not_words(name, root, only):
    with pytest.raises(InputError, match="baseline name"):
        set_baseline(name, only, root)
    assert not (root / "baselines.json").exists()


def test_a_name_that_a_file_or_run_has_is_refused(root, only):
    Path("main").touch()
    for name in ("main", "runs", "persuasion-1a2b3c4d"):
        with pytest.raises(InputError, match="has this name"):
            set_baseline(name, only, root)


def test_project_may_be_moved_with_its_baselines(root, only, tmp_path, monkeypatch):
    Path("tables").mkdir()
    Path("tables/ours.csv").write_text(ROWS)
    set_baseline("run", only, root)
    set_baseline("table", Path("tables/ours.csv"), root)
    shutil.move(tmp_path, f"{tmp_path}-moved")
    monkeypatch.chdir(f"{tmp_path}-moved")
    assert read_table(checked("table", root))["item"].tolist() == ["a", "b", "c"]
    assert checked("run", root) == only


def test_a_source_outside_of_the_project_is_kept_as_a_full_path(root, tmp_path_factory):
    outside = tmp_path_factory.mktemp("outside") / "t.csv"
    outside.write_text(ROWS)
    assert set_baseline("far", outside, root).source == str(outside)
    assert checked("far", root) == outside


def test_moved_or_changed_results_are_told_in_one_line(root, only):
    set_baseline("main", only, root)
    table = read_table(only)
    write_table(table.sample(frac=1, random_state=1), only / "table.parquet")
    assert checked("main", root) == only, "the same rows in another order are the same results"
    write_table(table.assign(value=table["value"].where(table.index != 3)), only / "table.parquet")
    for use in (lambda: checked("main", root), lambda: resolve("main", root)):
        with pytest.raises(InputError, match=r"other rows than when it was set on .*: equipoise baseline set main RUN"):
            use()
    (only / "table.parquet").write_bytes(b"x")
    with pytest.raises(InputError, match=r"'main', set on .*, cannot be read"):
        checked("main", root)
    only.rename(root / "renamed")
    with pytest.raises(InputError, match=r"'main', set on .*, is not there any more"):
        resolve("main", root)


def test_a_run_without_a_table_is_known_by_its_logs(root, only):
    (only / "table.parquet").unlink()
    set_baseline("main", only, root)
    write_table(build_table(only), only / "table.parquet")
    assert checked("main", root) == only, "its table is what its logs hold"
    (only / "table.parquet").unlink()
    logs_in(only)[0].unlink()
    with pytest.raises(InputError, match="other rows"):
        checked("main", root)


def test_fingerprint_is_of_rows_not_of_files(tmp_path):
    (tmp_path / "t.csv").write_text(ROWS)
    table = read_table(tmp_path / "t.csv")
    table.to_parquet(tmp_path / "t.parquet")
    table.to_json(tmp_path / "t.jsonl", orient="records", lines=True)
    same = {fingerprint(read_table(tmp_path / name)) for name in ("t.csv", "t.parquet", "t.jsonl")}
    assert same == {fingerprint(table), fingerprint(table.assign(value=[1.0, -0.0, -float("nan")]))}
    assert len({*same, *(fingerprint(table.assign(**{name: changed})) for name, changed in {
        "value": [0.0, 1.0, float("nan")], "item": ["a", "b", "d"], "missing": ["", "", "refused"], "judge": "j",
    }.items())}) == 5  # fmt: skip
    assert fingerprint(table) != fingerprint(pd.concat([table, table[:1]]))


@pytest.mark.parametrize(
    ("content", "named"),
    [("{", "Invalid JSON"), ("[]", "an object"), ('{"a": {"source": "x"}}', "field 'a.fingerprint'"), ("\0", "JSON")],
)
def test_a_broken_file_of_baselines_is_one_line_and_hides_no_run(content, named, root, only):
    (root / "baselines.json").write_text(content)
    for use in (lambda: baselines(root), lambda: set_baseline("b", only, root), lambda: resolve("b", root)):
        with pytest.raises(InputError, match=r"baselines\.json") as caught:
            use()
        assert named in str(caught.value) and "\n" not in str(caught.value)
    assert (root / "baselines.json").read_text() == content
    assert resolve(str(only), root).path == only
    assert len(find_runs(root)) == 1


SETTER = """
import sys
from pathlib import Path
from equipoise.harness.runs import set_baseline
print("ready", flush=True)
sys.stdin.readline()
for number in range(15):
    set_baseline(f"{sys.argv[1]}{number}", Path("t.csv"), Path("runs"))
"""


def test_two_processes_that_set_baselines_lose_none(tmp_path):
    (tmp_path / "t.csv").write_text(ROWS)
    setters = [
        subprocess.Popen([sys.executable, "-c", SETTER, name], cwd=tmp_path, text=True, stdin=subprocess.PIPE,
                         stdout=subprocess.PIPE)
        for name in "ab"
    ]  # fmt: skip
    for setter in setters:
        assert setter.stdout.readline() == "ready\n"
    for setter in setters:
        setter.stdin.write("go\n")
        setter.stdin.flush()
    for setter in setters:
        setter.communicate()
        assert setter.returncode == 0
    assert set(baselines(tmp_path / "runs")) == {f"{name}{number}" for name in "ab" for number in range(15)}
    assert {path.name for path in (tmp_path / "runs").iterdir()} == {"baselines.json", LOCK_FILE}


def test_a_folder_that_cannot_be_written(only):
    Path("t.csv").write_text(ROWS)
    with pytest.raises(InputError, match="cannot be written"):
        set_baseline("main", only, Path("t.csv"))


def test_resolve_takes_paths_baselines_runs_and_starts(root, only):
    Path("t.csv").write_text(ROWS)
    set_baseline("release", only, root)
    assert resolve("runs/persuasion-1a2b3c4d") == resolve("runs/persuasion-1a2b3c4d", root)
    found = {text: resolve(text, root) for text in (str(only), "release", "persuasion-1a2b3c4d", "pers", "t.csv")}
    assert {text: source.path for text, source in found.items()} == {
        **dict.fromkeys(found, only),
        "t.csv": Path("t.csv"),
    }
    assert {text for text, source in found.items() if source.baseline} == {"release"}
    assert found["pers"].name == "persuasion-1a2b3c4d" and found["release"].name == "release"
    assert found["pers"].logs == only / "logs" and found["t.csv"].logs is None
    assert resolve(str(only / "table.parquet"), root).logs == only / "logs"
    logs = resolve(str(only / "logs"), root)
    assert logs.path == logs.logs == only / "logs" and len(read_table(logs.path)) == len(read_table(only))


def test_a_folder_that_holds_no_results_does_not_hide_a_name(root, only):
    set_baseline("release", only, root)
    Path("release").mkdir()
    assert resolve("release", root).baseline == "release"
    Path("pers").mkdir()
    assert resolve("pers", root).path == only


def test_results_and_a_baseline_of_one_name_are_not_guessed_between(root, only):
    set_baseline("release", only, root)
    shutil.copytree(only, "release")
    with pytest.raises(InputError, match="both a path and a baseline"):
        resolve("release", root)
    assert resolve("./release", root).path == Path("release")


MISSES = {
    "persuasoin": "did you mean persuasion-1a2b3c4d",
    "relaese": "did you mean release",
    "runs/persuasion-1a2b3c4e": "did you mean persuasion-1a2b3c4d",
    "zzz": "expected a run folder, the name of a baseline",
    "": "expected a run folder",
    "   ": "expected a run folder",
    "a\0b": "expected a run folder",
    "x" * 5000: "expected a run folder",
    "two": "the start of 2 runs: two-a, two-b; write more",
    "runs": "is a folder of runs; name one of them: persuasion-1a2b3c4d, two-a, two-b",
    "empty": "holds neither a run nor logs",
    "notes.txt": "unknown format",
}


@pytest.mark.parametrize("text", list(MISSES), ids=[text[:12] for text in MISSES])
def test_a_miss_says_what_was_expected_and_what_is_near(text, root, only):
    Path("empty").mkdir()
    Path("notes.txt").touch()
    for name in ("two-a", "two-b"):
        shutil.copytree(only, root / name)
    set_baseline("release", only, root)
    with pytest.raises(InputError) as caught:
        resolve(text, root)
    assert MISSES[text] in str(caught.value) and "\n" not in str(caught.value)


def test_a_log_that_was_cut_off_counts_its_finished_samples(only):
    """Inspect writes results and header last."""
    import zipfile

    log = logs_in(only)[0]
    with zipfile.ZipFile(log) as archive:
        kept = {name: archive.read(name) for name in archive.namelist() if name != "header.json"}
    with zipfile.ZipFile(log, "w") as archive:
        for name, content in kept.items():
            archive.writestr(name, content)
    found = read_run(only)
    assert (found.state, found.samples, found.problems) == ("partial", "8 of 8", ())
    assert json.dumps([each.complete for each in found.progress]).count("false") == 1
