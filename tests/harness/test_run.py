"""Runs: killed and resumed without repeating a finished sample; bad plans cost no call."""

import asyncio
import os
import shlex
import signal
import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import inspect_ai
import pytest
from inspect_ai.log import list_eval_logs, read_eval_log
from loopback import CountingServer

from equipoise.errors import InputError
from equipoise.harness.run import Plan, build_model, run
from equipoise.harness.suite import TaskPlan
from equipoise.tasks import persuasion

ITEMS, CALLS_PER_ITEM = 5, 36
COMMAND = [
    sys.executable, "-m", "equipoise", "run", "persuasion", "--model", "openai-api/counted/m", "-T", f"n_items={ITEMS}",
    "-T", "start=seeded", "--max-connections", "4", "--display", "none", "--draws", "50", "-o", "run",
]  # fmt: skip


def plan_of(**arguments) -> Plan:
    return Plan(tasks=(TaskPlan(task="persuasion", args=arguments),), models=("equipoise/oracle",))


@pytest.fixture
def server():
    with closing(CountingServer()) as counting:
        yield counting


@pytest.fixture
def second_server():
    with closing(CountingServer()) as counting:
        yield counting


def environment(server: CountingServer, home: Path) -> dict[str, str]:
    return {**os.environ, "COUNTED_BASE_URL": server.url, "COUNTED_API_KEY": "none", "XDG_DATA_HOME": str(home)}


def test_killed_run_resumes_without_repeating_a_finished_sample(server, second_server, tmp_path):
    options = {"cwd": tmp_path, "env": environment(server, tmp_path / "home")}
    first = subprocess.Popen(COMMAND, **options, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    server.wait_for(ITEMS * CALLS_PER_ITEM // 2)
    first.kill()  # SIGKILL: no handler runs
    first.wait()
    killed = datetime.now(UTC)
    # The second process asks a server of its own: requests of the first may still be in flight.
    options["env"] = environment(second_server, tmp_path / "home")
    again = subprocess.run(COMMAND, **options, capture_output=True, text=True)
    assert again.returncode == 0, again.stderr

    logs = list_eval_logs(str(tmp_path / "run/logs"))
    assert len(logs) == 1, "one log set"
    log = read_eval_log(logs[0])
    assert log.status == "success"
    samples = {sample.id: sample for sample in log.samples}
    assert len(samples) == len(log.samples) == ITEMS * 4

    kept = [s for s in log.samples if datetime.fromisoformat(s.completed_at) < killed]
    calls = {s.id: sum(event.event == "model" for event in s.events) for s in log.samples}
    assert len(kept) >= ITEMS * 4 // 2 - 4, "what was finished before the kill is kept, but for the four in flight"
    rest = sum(calls.values()) - sum(calls[s.id] for s in kept)
    assert second_server.total == rest, "and none of it was asked again"
    assert server.total + rest <= ITEMS * CALLS_PER_ITEM + 4 * 9, "only dialogues in flight were started over"

    third = subprocess.run(COMMAND, **options, capture_output=True, text=True)
    assert third.returncode == 0
    assert second_server.total == rest, "a finished run asks nothing"


@pytest.mark.parametrize(("number", "display"), [(signal.SIGINT, "plain"), (signal.SIGTERM, "none")])
def test_interrupted_run_makes_nothing_of_a_part_and_resumes(number, display, server, second_server, tmp_path):
    command = [*COMMAND, "--model", "equipoise/oracle", "--display", display]
    options = {"cwd": tmp_path, "env": environment(server, tmp_path / "home"), "text": True}
    first = subprocess.Popen(
        command, **options, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True,
        # The background of a script ignores SIGINT, and its children inherit that.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )  # fmt: skip
    server.wait_for(ITEMS * CALLS_PER_ITEM // 2)
    first.send_signal(number)
    output, error = first.communicate()
    assert first.returncode == 130, error
    last = error.strip().splitlines()[-1]
    assert last.startswith("equipoise: interrupted, not complete")
    assert last.endswith(shlex.join(["equipoise", *command[3:]])), "how to go on"
    assert "report:" not in output
    assert {path.name for path in (tmp_path / "run").iterdir()} == {"logs", "plan.json"}

    part = subprocess.run([*COMMAND[:3], "report", "run", "--draws", "0"], **options, capture_output=True)
    assert part.returncode == 0, part.stderr
    assert "PARTIAL: persuasion on openai-api/counted/m: " in part.stderr
    assert "<strong>Partial:</strong>" in (tmp_path / "run/report.html").read_text()

    asked = [read_eval_log(log) for log in list_eval_logs(str(tmp_path / "run/logs"))]
    finished = [s for log in asked if log.eval.model != "equipoise/oracle" for s in log.samples if not s.error]
    assert finished, "what had finished is in the log"
    options["env"] = environment(second_server, tmp_path / "home")
    again = subprocess.run(command, **options, capture_output=True)
    assert again.returncode == 0, again.stderr
    calls = sum(event.event == "model" for sample in finished for event in sample.events)
    assert second_server.total == ITEMS * CALLS_PER_ITEM - calls, "and is not asked again"
    assert "Partial:" not in (tmp_path / "run/report.html").read_text()


def test_a_task_without_a_log_is_an_interruption(tmp_path, monkeypatch):
    """Inspect calls a set of which it was interrupted a success, and returns the logs of its finished tasks only."""
    eval_set = inspect_ai.eval_set

    def interrupted(*arguments, **options):
        _, logs = eval_set(*arguments, **options)
        return True, logs[1:]

    monkeypatch.setattr(inspect_ai, "eval_set", interrupted)
    plan = plan_of(n_items=1)
    with pytest.raises(KeyboardInterrupt):
        run(plan, [persuasion(n_items=1)], tmp_path, display="none")


def test_a_cancellation_that_comes_through_is_an_interruption(tmp_path, monkeypatch):
    """As from the full-screen display."""

    def cancelled(*arguments, **options):
        raise asyncio.CancelledError

    monkeypatch.setattr(inspect_ai, "eval_set", cancelled)
    with pytest.raises(KeyboardInterrupt):
        run(plan_of(n_items=1), [persuasion(n_items=1)], tmp_path, display="none")


def test_full_disk_is_one_line_and_leaves_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr("shutil.disk_usage", lambda path: SimpleNamespace(free=1_000_000))
    plan = plan_of(n_items=1)
    with pytest.raises(InputError, match=r"run: only 1 MB free") as caught:
        run(plan, [persuasion(n_items=1)], tmp_path / "run", display="none")
    assert "\n" not in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_holds_one_run(tmp_path):
    for n_items in (1, 2):
        plan = plan_of(n_items=n_items, start="natural")
        if n_items == 2:
            with pytest.raises(InputError, match="other arguments"):
                run(plan, [persuasion(**plan.tasks[0].args)], tmp_path, display="none")
        else:
            assert run(plan, [persuasion(**plan.tasks[0].args)], tmp_path, display="none") == []


def test_equal_plans_share_a_folder_and_different_ones_do_not():
    plan = plan_of(n_items=3)
    assert plan.folder() == plan_of(n_items=3).folder()
    assert plan.folder() != plan_of(n_items=4).folder()
    assert plan.folder().name.startswith("persuasion-")


@pytest.mark.parametrize("name", ["nowhere/model", "equipoise/nobody", "noslash", "openai-api/unset/m"])
def test_model_that_cannot_be_built_is_one_line(name, monkeypatch):
    monkeypatch.delenv("UNSET_API_KEY", raising=False)
    with pytest.raises(InputError) as caught:
        build_model(name, {})
    assert "\n" not in str(caught.value)
    assert name.rsplit("/", 1)[-1] in str(caught.value)


def test_model_argument_that_does_not_exist_is_one_line():
    with pytest.raises(InputError, match="colour"):
        build_model("equipoise/oracle", {"colour": "red"})
