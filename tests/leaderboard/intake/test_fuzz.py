"""Whatever bytes a submission has, its readers say what is wrong; benchmarks/fuzz_intake.py does it 100,000 times."""

import copy
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from inspect_ai.log import read_eval_log
from leaderboard.intake.fuzzing import Readers, inputs
from leaderboard.submitted import build, calls

from equipoise.leaderboard.intake.replay import replay
from equipoise.leaderboard.intake.samples import set_for

ROOT = Path(__file__).parents[3]
LONG = 100_000  # the most that intake takes is MOST_REPLY; what is not linear shows at a quarter of it, too
"""Characters of a reply."""

NASTY = (
    "a", "(", " ", "*", "**", "\n", "(A) ", "```json\n", '"', "9", "Answer: A\n", "<think>", "A.", "{", "\\", "é",
)  # fmt: skip
"""Repeated, these are what a pattern that goes back and forth takes for ever to read."""


@pytest.fixture(scope="module")
def readers(ask, judged, tmp_path_factory):
    return Readers(ask, judged, tmp_path_factory.mktemp("fuzz"))


def test_readers_raise_nothing_but_input_errors(readers):
    taken = [(name, read()) for name, _, read in inputs(readers, 3_000, seed=1)]
    assert len(taken) > 2_900
    assert sum(not was for _, was in taken) > 1_000, "most inputs are broken"
    assert any(was for name, was in taken if name == "manifest_values"), "and some are not"


def read_long_replies(log: str) -> None:
    """Replay a sample of a log once for each nasty text, as all of its replies."""
    header = read_eval_log(log)
    task = header.eval.task.removeprefix("equipoise/")
    from equipoise.harness.suite import TaskPlan

    built = build(TaskPlan(task=task, args=header.eval.task_args_passed))
    for text in NASTY:
        one = header.model_copy(update={"samples": copy.deepcopy(header.samples[:1])})
        said = (text * LONG)[:LONG]
        for call in calls(one):
            call.output.choices[0].message.content = call.output.completion = said
        (replayed,) = replay(built, one.eval, one.samples, set_for(one))
        print("read", repr(text), bool(replayed.problem), flush=True)


def test_replies_that_are_hard_to_read_end(talk, ask, judged):
    """In a process of its own: a pattern that goes on for ever cannot be interrupted."""
    logs = [str(ground.logs["oracle"]) for ground in (talk, ask, judged)]
    script = f"""
        import sys
        sys.path.insert(0, {str(ROOT / "tests")!r})
        from leaderboard.intake.test_fuzz import read_long_replies
        for log in {logs!r}:
            read_long_replies(log)
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script)], timeout=300, check=False, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stdout.count("read ") == len(NASTY) * len(logs)
