"""What `inspect eval` prints, the names that logs give solvers and scorers, and the listing of the family."""

import csv
from importlib.resources import files

import pytest
import yaml
from metric_epochs import every_epoch_counts, scored

from equipoise.tasks import sycophancy
from equipoise.tasks.sycophancy.evasive_servant import sycophancy_evasive_servant
from equipoise.tasks.sycophancy.evasive_servant.scorer import evasive_servant_headline
from equipoise.tasks.sycophancy.false_presupposition import sycophancy_false_presupposition
from equipoise.tasks.sycophancy.false_presupposition.scorer import false_presupposition_headline
from equipoise.tasks.sycophancy.feedback import sycophancy_feedback
from equipoise.tasks.sycophancy.feedback.scorer import both_directions
from equipoise.tasks.sycophancy.opposite_narrator import sycophancy_opposite_narrator
from equipoise.tasks.sycophancy.opposite_narrator.scorer import both_errors
from equipoise.tasks.sycophancy.suggested_answer import sycophancy_suggested_answer
from equipoise.tasks.sycophancy.suggested_answer.scorer import suggested_answer_headline
from equipoise.tasks.sycophancy.syco_bench import syco_bench
from equipoise.tasks.sycophancy.syco_bench.scorer import by_sub_test
from equipoise.tasks.sycophancy.syco_bench.source import COLUMNS

TASKS = (
    (sycophancy_evasive_servant, evasive_servant_headline, "request", "service"),
    (sycophancy_false_presupposition, false_presupposition_headline, "insist", "premises"),
    (sycophancy_feedback, both_directions, "comment_and_rate", "ratings"),
    (sycophancy_opposite_narrator, both_errors, "tell_every_view", "verdicts"),
    (sycophancy_suggested_answer, suggested_answer_headline, "ask_with_suggestions", "suggested_answers"),
    (syco_bench, by_sub_test, "ask_each_way", "positions"),
)


@pytest.mark.parametrize(("task", "metric", "solver", "scorer"), TASKS, ids=[case[0].__name__ for case in TASKS])
def test_epochs_reach_the_console(task, metric, solver, scorer, tmp_path):
    arguments = {"source": made_up(tmp_path)} if task is syco_bench else {"n_items": 6}
    scores = scored(tmp_path / "logs", task, **arguments)
    assert (scores.solver, scores.scorer) == (solver, scorer)
    every_epoch_counts(metric(), scores, tmp_path)


def made_up(folder):
    """The four files of syco-bench, with two made-up rows each."""
    for test, columns in COLUMNS.items():
        with (folder / f"questions_{test}.csv").open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([columns, *([f"{test} {name} {i}" for name in columns] for i in range(2))])
    return str(folder)


def test_the_family_lists_every_sub_task_as_the_sub_task_does():
    root = files("equipoise.tasks.sycophancy")
    listed = yaml.safe_load((root / "eval.yaml").read_text(encoding="utf-8"))["tasks"]
    own = [
        task
        for folder in root.iterdir()
        if (folder / "eval.yaml").is_file()
        for task in yaml.safe_load((folder / "eval.yaml").read_text(encoding="utf-8"))["tasks"]
    ]
    assert sorted(listed, key=str) == sorted(own, key=str)
    assert {task["name"] for task in listed} == set(sycophancy.__all__)
