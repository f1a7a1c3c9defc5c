"""From logs to the long table: our own task, foreign tasks, samples that were lost, files that are no logs."""

import math
import random
import shutil
import zipfile
from pathlib import Path

import pytest
from inspect_ai import Task
from inspect_ai import eval as inspect_eval
from inspect_ai.dataset import Sample
from inspect_ai.log import list_eval_logs, read_eval_log
from inspect_ai.scorer import Score, mean, scorer
from inspect_ai.solver import solver
from inspect_ai.util import LimitExceededError

from equipoise.errors import InputError
from equipoise.harness.table import COLUMNS, Rows, build_table, conform, log_files, read_table, write_table
from equipoise.tasks import persuasion

ARMS = {
    "control.right.seeded",
    "control.wrong.seeded",
    "negative.logical.seeded",
    "positive.logical.seeded",
}


def run(task, log_dir, model="equipoise/oracle", **options):
    [log] = inspect_eval(task, model=model, display="none", log_dir=str(log_dir), **options)
    return Path(log.location)


def oracle_task():
    return persuasion(n_items=2, start="both", techniques="logical")


@pytest.fixture(scope="module")
def logs(tmp_path_factory):
    """A run of the oracle in a folder whose name would break a URI, and one of the stubborn agent beneath it."""
    folder = tmp_path_factory.mktemp("run #1 100% ü")
    run(oracle_task(), folder)
    run(oracle_task(), folder / "deeper", "equipoise/stubborn", model_args={"p": 1.0, "seed": 3}, epochs=2)
    return folder


@pytest.fixture(scope="module")
def table(logs):
    return build_table(logs)


@pytest.fixture(scope="module")
def oracle_log(logs):
    [path] = logs.glob("*.eval")
    return path


@scorer(metrics=[mean()])
def plain():
    """Gives each sample the value that its metadata holds."""

    async def score(state, target):
        return Score(value=state.metadata["value"])

    return score


@scorer(metrics={"*": [mean()]})
def panel():
    async def score(state, target):
        return Score(value={"judge_a": 4, "judge_b": float("nan"), "judge_c": 0.5, "judge_d": False})

    return score


@scorer(metrics=[mean()])
def wordy():
    """Leaves more rows in one block than Inspect keeps in a log's summaries."""

    async def score(state, target):
        rows = Rows()
        for turn in range(400):
            rows.add("long", turn, "correct", turn % 2)
        return Score(value=1, metadata=rows.metadata())

    return score


@solver
def fate():
    """Lets a sample end as its metadata says."""

    async def solve(state, generate):
        if state.metadata.get("ends") == "error":
            raise RuntimeError("the provider gave up")
        if state.metadata.get("ends") == "limit":
            raise LimitExceededError("custom", value=2, limit=1)
        return state

    return solve


def foreign(values, *, scorers=None, ends=(), **about):
    """An Inspect task that knows nothing of us: one sample a value."""
    samples = [
        Sample(id=f"s{i}", input="question", metadata={"value": value, **about, **({"ends": end} if end else {})})
        for i, (value, end) in enumerate(zip(values, ends or [""] * len(values), strict=True))
    ]
    return Task(dataset=samples, solver=fate(), scorer=scorers or plain(), name="foreign", version=7)


def test_every_row_of_the_log_is_in_the_table(table, oracle_log):
    sizes = 0
    for sample in read_eval_log(str(oracle_log)).samples:
        for block in sample.scores["beliefs"].metadata.values():
            sizes += sum(len(turns) for turns, _ in block.values())
    assert sizes > 200
    assert (table["model"] == "equipoise/oracle").sum() == sizes


def test_the_table_is_in_the_schema(table, tmp_path):
    assert tuple(table.columns) == COLUMNS
    assert conform(table).equals(table)
    write_table(table, tmp_path / "t.parquet")
    assert read_table(tmp_path / "t.parquet").equals(table)


def test_one_run_names_its_task_model_and_items(table, oracle_log):
    oracle = table[table["model"] == "equipoise/oracle"].astype({"item": str, "item_hash": str, "family": str})
    for name, value in {
        "log": oracle_log.name,
        "task": read_eval_log(str(oracle_log), header_only=True).eval.task,
        "task_version": "1-A",
        "epoch": 1,
        "judge": "",
        "judge_prompt_hash": "",
        "model_revision": "",
    }.items():
        assert set(oracle[name]) == {value}, name
    for name in ("run_id", "eval_id", "config_hash"):
        assert oracle[name].nunique() == 1
    assert oracle["item"].nunique() == 2
    assert oracle.groupby("item")[["item_hash", "family", "domain"]].nunique().max().max() == 1
    assert set(oracle["item_hash"].str.len()) == {16}


def test_the_oracle_is_exact_at_the_last_turn(table):
    last = table[(table["model"] == "equipoise/oracle") & (table["turn"] == 4) & (table["measure"] == "correct")]
    shares = last.groupby("arm", observed=True)["value"].agg(["mean", "count"])
    assert set(shares.index) >= ARMS
    expected = dict.fromkeys(ARMS, 1.0) | {"control.wrong.seeded": 0.0}
    for arm, share in expected.items():
        assert (shares.loc[arm, "mean"], shares.loc[arm, "count"]) == (share, 2), arm


def test_the_natural_start_is_there_with_its_first_answers(table):
    first = table[(table["arm"] == "first.natural") & (table["measure"] == "correct")]
    assert sorted(first[first["model"] == "equipoise/oracle"]["value"]) == [0.0, 1.0]  # p = .5 of two items
    assert set(first[first["model"] == "equipoise/stubborn"]["value"]) == {1.0}  # p = 1


def test_two_runs_in_one_folder_stay_apart(table):
    by_model = table.astype({"model": str}).groupby("model")
    assert set(by_model.groups) == {"equipoise/oracle", "equipoise/stubborn"}
    for name in ("run_id", "eval_id", "log", "config_hash"):
        assert (by_model[name].nunique() == 1).all()
        assert table[name].nunique() == 2
    assert by_model["epoch"].apply(set).to_dict() == {"equipoise/oracle": {1}, "equipoise/stubborn": {1, 2}}


def test_a_single_log_gives_the_same_rows(table, oracle_log):
    alone = build_table(oracle_log)
    same = table[table["model"] == "equipoise/oracle"].reset_index(drop=True)
    assert alone.astype(str).equals(same.astype(str))


def test_each_log_is_announced(logs, oracle_log):
    names = []
    build_table(logs, names.append)
    assert sorted(names) == sorted(Path(info.name).name for info in list_eval_logs(str(logs)))
    assert oracle_log.name in names


def test_a_sample_counts_once_however_often_its_log_lies_there(table, logs, tmp_path):
    shutil.copytree(logs, tmp_path / "run")
    [original] = (tmp_path / "run").glob("*.eval")
    shutil.copy(original, tmp_path / "run" / "deeper" / "copy.eval")
    assert len(build_table(tmp_path / "run")) == len(table)


def test_json_logs_are_read_too(table, tmp_path):
    log = run(oracle_task(), tmp_path, log_format="json")
    assert log.suffix == ".json"

    def cells(rows):
        return sorted(rows.drop(columns=["run_id", "eval_id", "log"]).astype(str).to_numpy().tolist())

    expected = cells(table[table["model"] == "equipoise/oracle"])
    assert cells(build_table(log)) == cells(build_table(tmp_path)) == expected


def test_scores_of_a_foreign_task_become_numbers(tmp_path):
    values = ["C", "I", "P", 0.25, 3, True, "no idea", float("nan"), [1, 2]]
    expected = [1, 0, 0.5, 0.25, 3, 1, None, None, None]
    table = build_table(run(foreign(values), tmp_path))
    found = [None if math.isnan(value) else value for value in table["value"]]
    assert found == expected
    assert table["missing"].tolist() == ["" if value is not None else "unparsed" for value in expected]
    assert table["item"].tolist() == table["family"].tolist() == [f"s{i}" for i in range(len(values))]
    for name, value in {"task": "foreign", "task_version": "7", "measure": "plain", "arm": "", "turn": 0}.items():
        assert set(table[name]) == {value}, name


def test_a_dict_of_scores_is_one_measure_each(tmp_path):
    table = build_table(run(foreign([0, 0], scorers=panel()), tmp_path))
    assert table["measure"].tolist() == ["judge_a", "judge_b", "judge_c", "judge_d"] * 2
    assert table["value"].fillna(-1).tolist() == [4, -1, 0.5, 0] * 2
    assert table["missing"].tolist() == ["", "unparsed", "", ""] * 2


def test_several_scorers_are_several_measures(tmp_path):
    table = build_table(run(foreign(["C"], scorers=[plain(), panel()]), tmp_path))
    assert table["measure"].tolist() == ["plain", "judge_a", "judge_b", "judge_c", "judge_d"]


def test_item_family_and_domain_come_from_the_samples_metadata(tmp_path):
    about = {"item": "capital-1", "family": "capitals", "domain": "trivia", "item_hash": "00ff"}
    table = build_table(run(foreign(["C", "I"], **about), tmp_path))
    for name, value in about.items():
        assert set(table[name]) == {value}


def test_epochs_are_rows_of_their_own(tmp_path):
    table = build_table(run(foreign(["C", "I"]), tmp_path, epochs=3))
    assert sorted(zip(table["epoch"], table["item"], table["value"], strict=True)) == sorted(
        (epoch, item, value) for epoch in (1, 2, 3) for item, value in (("s0", 1.0), ("s1", 0.0))
    )


def test_more_rows_than_a_summary_holds_are_all_read(tmp_path):
    table = build_table(run(foreign([0, 0], scorers=wordy()), tmp_path))
    assert table["turn"].tolist() == list(range(400)) * 2
    assert table["value"].tolist() == [0.0, 1.0] * 400


@pytest.mark.parametrize("log_format", ["eval", "json"])
def test_lost_samples_are_missing_rows_with_the_reason(log_format, tmp_path):
    task = foreign(["C", "C", "C"], ends=["", "error", "limit"])
    table = build_table(run(task, tmp_path, fail_on_error=False, log_format=log_format))
    rows = sorted(zip(table["item"], table["measure"], table["value"].fillna(-1), table["missing"], strict=True))
    assert rows == [("s0", "plain", 1, ""), ("s1", "sample", -1, "error"), ("s2", "sample", -1, "limit")]


def test_a_lost_sample_is_missing_in_each_of_its_arms(tmp_path):
    task = foreign(["C", "C"], ends=["", "error"], arm_names=["negative.x.seeded", "control.right.seeded"])
    table = build_table(run(task, tmp_path, fail_on_error=False))
    lost = table[table["missing"] != ""]
    assert lost["arm"].tolist() == ["negative.x.seeded", "control.right.seeded"]
    assert set(lost["item"]) == {"s1"}


def test_a_log_that_ended_with_an_error_is_still_read(tmp_path):
    log = run(foreign(["C", "C"], ends=["", "error"]), tmp_path)
    assert read_eval_log(str(log), header_only=True).status == "error"
    assert "error" in set(build_table(log)["missing"])


def test_the_config_hash_tells_generation_settings_apart(tmp_path):
    tables = [
        build_table(run(foreign(["C"]), tmp_path / name, **options))
        for name, options in {"a": {}, "b": {}, "c": {"temperature": 0.5}, "d": {"model_args": {"p": 1.0}}}.items()
    ]
    a, b, c, d = (table["config_hash"].unique().tolist() for table in tables)
    assert a == b
    assert len({*a, *c, *d}) == 3


def test_the_models_revision_is_looked_up_in_the_runs_metadata(tmp_path):
    metadata = {"model_revisions": {"equipoise/oracle": "sha256:cafe", "other": "x"}}
    assert set(build_table(run(foreign(["C"]), tmp_path, metadata=metadata))["model_revision"]) == {"sha256:cafe"}


def unreadable(path, culprit):
    with pytest.raises(InputError, match="not a readable Inspect log") as caught:
        build_table(path)
    assert str(caught.value.path) == str(culprit)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", ["x.eval", "2026-01-01T00-00-00-00-00_x_y.json", "x.txt"])
def test_random_bytes_are_one_error_that_names_the_file(name, tmp_path):
    file = tmp_path / name
    for content in (random.Random(0).randbytes(2000), b"", b"{}", b"PK\x03\x04"):
        file.write_bytes(content)
        unreadable(file, file)


def test_one_bad_log_among_good_ones_is_named(logs, tmp_path):
    shutil.copytree(logs, tmp_path / "run")
    bad = tmp_path / "run" / "deeper" / "x.eval"
    bad.write_bytes(random.Random(0).randbytes(2000))
    unreadable(tmp_path / "run", bad)


def test_a_log_that_was_cut_off_is_named(oracle_log, tmp_path):
    content = oracle_log.read_bytes()
    (tmp_path / "cut.eval").write_bytes(content[: len(content) // 2])
    unreadable(tmp_path / "cut.eval", tmp_path / "cut.eval")


def test_a_log_with_a_readable_header_and_broken_samples_is_named(oracle_log, tmp_path):
    broken = tmp_path / "broken.eval"
    with zipfile.ZipFile(oracle_log) as whole, zipfile.ZipFile(broken, "w") as copy:
        for name in whole.namelist():
            copy.writestr(name, whole.read(name) if name in ("header.json", "reductions.json") else b"{broken")
    assert read_eval_log(str(broken), header_only=True).status == "success"
    unreadable(broken, broken)


@pytest.mark.parametrize("make", [lambda path: None, lambda path: path.mkdir()])
def test_nothing_there_is_an_error_that_names_the_path(make, tmp_path):
    path = tmp_path / "logs"
    make(path)
    with pytest.raises(InputError, match=r"no \.eval or \.json logs") as caught:
        build_table(path)
    assert caught.value.path == path


def test_a_log_without_scores_is_an_error(tmp_path):
    log = run(foreign(["C"]), tmp_path, score=False)
    with pytest.raises(InputError, match="no scored sample") as caught:
        build_table(log)
    assert caught.value.path == log


def test_a_log_without_scores_does_not_hide_the_others(tmp_path):
    run(foreign(["C"]), tmp_path, score=False)
    run(foreign(["I"]), tmp_path)
    assert build_table(tmp_path)["value"].tolist() == [0.0]


def test_log_files_are_plain_paths_that_exist(logs):
    files = log_files(logs)
    assert len(files) == 2
    assert files == sorted(files)
    assert all(Path(file).is_file() for file in files)
