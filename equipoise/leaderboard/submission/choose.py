"""Which logs of a run make up a submission: one model, and of every task of the edition the newest complete log."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from inspect_ai.log import EvalLog, list_eval_logs

from equipoise.errors import InputError
from equipoise.harness.run import is_complete
from equipoise.harness.table import log_files, read_header
from equipoise.leaderboard.edition import Edition, FrozenTask, digest


class Log(NamedTuple):
    """A log and its header."""

    path: Path
    header: EvalLog

    @property
    def task(self) -> str:
        """With its package, as editions name it: Inspect leaves ours out where it does not see it as installed."""
        name = self.header.eval.task
        return name if "/" in name else f"equipoise/{name}"

    @property
    def samples(self) -> tuple[int, int]:
        """Finished and planned samples, epochs counted."""
        results = self.header.results
        return (results.completed_samples, results.total_samples) if results else (0, 0)


@dataclass(frozen=True)
class Choice:
    """What is submitted.

    Attributes:
        model: Inspect's name of it.
        logs: By task, in the edition's order.
        left_out: Notes on models and tasks that are not submitted, a line each.
        others: Names of the logs of a task that were not taken, sorted, by task; tasks with a single log are not here.
    """

    model: str
    logs: dict[str, Log]
    left_out: tuple[str, ...]
    others: dict[str, tuple[str, ...]]


def choose(logs: Path, edition: Edition, model: str = "") -> Choice:
    """Pick the logs of one model for an edition.

    Args:
        logs: Folder of logs.
        edition: Says which tasks are needed.
        model: Which model, where the logs are of several.

    Raises:
        InputError: No log, several models and none is named, no such model, or tasks that the edition needs and the run
            lacks; all of them are named.
    """
    if logs.is_dir() and not list_eval_logs(str(logs)):
        raise InputError("holds no finished log; the run was interrupted? run the same command again", path=logs)
    found = [Log(Path(file), read_header(file)) for file in log_files(logs)]
    chosen = _model(found, model, logs)
    of_model = sorted(
        (log for log in found if log.header.eval.model == chosen),
        key=lambda log: log.header.eval.created,
        reverse=True,
    )
    picked, lacking = {}, []
    for task in edition.tasks:
        attempts = [log for log in of_model if log.task == task.task]
        reasons = [_reason(log, task) for log in attempts]
        if "" in reasons:
            picked[task.task] = attempts[reasons.index("")]
        else:
            lacking.append(f"{_short(task.task)} ({next(iter(reasons), 'not run')})")
    if lacking:
        raise InputError(f"{chosen} lacks tasks of edition {edition.name}: {'; '.join(lacking)}", path=logs)
    if packed := [log.path.name for log in picked.values() if log.path.suffix != ".eval"]:
        raise InputError(
            f"{', '.join(packed)}: expected logs in the .eval format; inspect log convert --to eval makes them",
            path=logs,
        )
    return Choice(chosen, picked, tuple(_left_out(found, of_model, edition, chosen)), _others(of_model, picked))


def _model(found: list[Log], model: str, logs: Path) -> str:
    models = sorted({log.header.eval.model for log in found})
    if model and model not in models:
        raise InputError(f"holds no run of {model}; there is {', '.join(models)}", path=logs)
    if not model and len(models) > 1:
        raise InputError(f"holds several models, a submission is one: --model {' or --model '.join(models)}", path=logs)
    return model or models[0]


def _reason(log: Log, task: FrozenTask) -> str:
    """Why a log cannot stand for a task of the edition; empty if it can."""
    spec = log.header.eval
    if not is_complete(log.header):
        done, planned = log.samples
        return f"not complete, {done} of {planned or '?'} samples; resume the run" if planned else "not complete"
    for name, wanted in task.args.items():
        if name in spec.task_args and digest(spec.task_args[name]) != digest(wanted):
            return f"run with {name}={spec.task_args[name]!r}, expected {wanted!r}"
    if (epochs := spec.config.epochs or 1) != task.epochs:
        return f"run with {epochs} epochs, expected {task.epochs}"
    ids = {str(each) for each in spec.dataset.sample_ids or ()}
    if ids and ids != set(task.samples):
        return f"run on other items: {len(ids & set(task.samples))} of the edition's {len(task.samples)} samples"
    return ""


def _left_out(found: Iterable[Log], of_model: list[Log], edition: Edition, model: str) -> Iterable[str]:
    if others := sorted({log.header.eval.model for log in found} - {model}):
        yield f"other models: {', '.join(others)}"
    known = {task.task for task in edition.tasks}
    if foreign := sorted({_short(log.task) for log in of_model} - {_short(task) for task in known}):
        yield f"tasks that edition {edition.name} does not have: {', '.join(foreign)}"


def _others(of_model: list[Log], picked: dict[str, Log]) -> dict[str, tuple[str, ...]]:
    names = {
        task: tuple(sorted(log.path.name for log in of_model if log.task == task and log.path != taken.path))
        for task, taken in picked.items()
    }
    return {task: others for task, others in names.items() if others}


def _short(task: str) -> str:
    return task.rsplit("/", 1)[-1]
