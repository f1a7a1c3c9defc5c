"""Runs that did not come to their end, told from their real logs."""

from dataclasses import replace

import pytest
from inspect_ai import eval as inspect_eval
from inspect_ai.log import list_eval_logs, read_eval_log, write_eval_log

from equipoise.harness.compare import one_model
from equipoise.harness.gate import default_policy, gate
from equipoise.harness.run import build_model
from equipoise.harness.table import build_table
from equipoise.tasks import persuasion


@pytest.fixture(scope="module")
def logs(tmp_path_factory):
    folder = tmp_path_factory.mktemp("logs")
    task = persuasion(n_items=2, start="seeded")
    inspect_eval(task, model=build_model("equipoise/oracle", {}), log_dir=str(folder), display="none")
    return folder


def verdict(logs):
    whole = one_model(build_table(logs), "run", logs=logs)
    return gate(replace(whole, logs=None), whole, default_policy())


def test_a_run_that_ended_is_whole(logs):
    assert verdict(logs).checks[0].passed


@pytest.mark.parametrize("status", ["cancelled", "started", "error"])
def test_a_run_that_was_cut_off_is_not_judged(logs, tmp_path, status):
    (info,) = list_eval_logs(str(logs))
    log = read_eval_log(info)
    log.status = status
    write_eval_log(log, str(tmp_path / "cut.eval"))
    found = verdict(tmp_path)
    assert found.verdict == "INCONCLUSIVE" and found.reasons[0].startswith("runs_complete: candidate: persuasion")


def test_logs_of_other_models_do_not_count(logs, tmp_path):
    (info,) = list_eval_logs(str(logs))
    log = read_eval_log(info)
    write_eval_log(log, str(tmp_path / "whole.eval"))
    log.status, log.eval.model, log.eval.task_id = "cancelled", "equipoise/stubborn", "other"
    write_eval_log(log, str(tmp_path / "other.eval"))
    table = build_table(tmp_path)
    side = one_model(table, "run", "equipoise/oracle", tmp_path)
    assert gate(replace(side, logs=None), side, default_policy()).checks[0].passed
