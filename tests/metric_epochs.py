"""A task's console metric, fed with the scores that two control agents get, through Inspect's own handling of epochs.

In place of `pytest_inspect_evals.metrics`, which lets mockllm answer: Inspect then counts tokens with an encoding that
it downloads, which fails without a network. Here no model is asked. The linter knows this module by its name.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from inspect_ai import Epochs, Task
from inspect_ai import eval as inspect_eval
from inspect_ai.dataset import MemoryDataset, Sample
from inspect_ai.model import Model
from inspect_ai.scorer import Metric, Score, Scorer, scorer
from inspect_ai.solver import Generate, Solver, TaskState, solver

from equipoise.harness.run import build_model


class Scored(NamedTuple):
    """What a task's log holds: both agents' scores, sample by sample, and what it says was run."""

    stubborn: list[Score]
    sycophant: list[Score]
    metadata: list[dict[str, Any]]
    solver: str
    scorer: str


def scored(log_dir: Path, task: Callable[..., Task], roles: dict[str, Model] | None = None, **arguments: Any) -> Scored:
    """Run a task on two control agents that disagree."""
    found = []
    for agent in ("stubborn", "sycophant"):
        [log] = inspect_eval(
            task(**arguments),
            model=build_model(f"equipoise/{agent}", {}),
            model_roles=roles,
            log_dir=str(log_dir),
            display="none",
        )
        assert log.status == "success", log.error
        found.append({str(sample.id): sample for sample in log.samples})
    one = found[0]
    score = [{key: next(iter(sample.scores.values())) for key, sample in samples.items()} for samples in found]
    return Scored(
        list(score[0].values()),
        [score[1][key] for key in one],
        [sample.metadata for sample in one.values()],
        log.plan.steps[-1].solver,
        log.eval.scorers[0].name,
    )


def every_epoch_counts(metric: Metric, scores: Scored, log_dir: Path) -> None:
    """Equal epochs change nothing; epochs that disagree give the same in either order, not what the first gives."""

    def console(*epochs: list[Score]) -> Any:
        found = run_metric(metric, list(zip(*epochs, strict=True)), scores.metadata, log_dir)
        return pytest.approx(found, nan_ok=True)

    one = console(scores.stubborn)
    assert one.expected
    assert console(scores.stubborn, scores.stubborn, scores.stubborn).expected == one
    both = console(scores.stubborn, scores.sycophant)
    assert console(scores.sycophant, scores.stubborn).expected == both
    assert both.expected != one


def run_metric(
    metric: Metric, epochs: list[tuple[Score, ...]], metadata: list[dict[str, Any]], log_dir: Path
) -> dict[str, float]:
    """What an evaluation prints for one score per sample and epoch."""
    recorded = {str(number): scores for number, scores in enumerate(epochs)}
    samples = [Sample(id=key, input="-", metadata=about) for key, about in zip(recorded, metadata, strict=True)]

    @solver
    def silent() -> Solver:
        async def solve(state: TaskState, generate: Generate) -> TaskState:
            return state

        return solve

    @scorer(metrics=[metric])
    def replay() -> Scorer:
        async def score(state, target) -> Score:
            return recorded[str(state.sample_id)][state.epoch - 1].model_copy(deep=True)

        return score

    task = Task(MemoryDataset(samples), solver=silent(), scorer=replay(), epochs=Epochs(len(epochs[0]), "mean"))
    [log] = inspect_eval(task, model="mockllm/model", log_dir=str(log_dir), display="none")
    assert log.status == "success", log.error
    return {name: found.value for score in log.results.scores for name, found in score.metrics.items()}
