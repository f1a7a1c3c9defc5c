"""How a run was made: versions, hashes, seeds and what is missing, read from the log headers and the table."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import version
from itertools import product
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd
from inspect_ai.log import EvalLog

from equipoise.harness.roles import logged_roles, related
from equipoise.harness.run import is_complete
from equipoise.harness.table import log_files, read_header

NOTES = ("items", "items_without_these_appeals", "right_option_positions", "right_option_positions_in_the_file")
"""What a task's metadata says about its items, shown beside its arguments."""


class Setup(NamedTuple):
    """What the logs of one task and one setting have in common."""

    task: str
    task_version: str
    arguments: str
    generation: str
    notes: str
    roles: str
    inspect_version: str
    commit: str


@dataclass(frozen=True)
class LogRecord:
    """One log: which model, how far it came, and where it is."""

    setup: Setup
    model: str
    revision: str
    model_args: str
    status: str
    samples: str
    started: str
    log: str
    same: tuple[str, ...] = ()


def log_records(logs: Path) -> dict[Setup, list[LogRecord]]:
    """Logs by setup, in the order of their models."""
    grouped: dict[Setup, list[LogRecord]] = {}
    for file in log_files(logs):
        record = _record(Path(file).name, read_header(file))
        grouped.setdefault(record.setup, []).append(record)
    return {setup: sorted(records, key=lambda record: record.model) for setup, records in grouped.items()}


def played_by_itself(records: dict[Setup, list[LogRecord]]) -> list[str]:
    """Where a judge or partner was the model under test, or of its family."""
    return list(dict.fromkeys(text for logs in records.values() for record in logs for text in record.same))


def unfinished(logs: Path) -> list[str]:
    """Tasks and models whose newest log does not hold every sample that was planned: an interrupted run, or errors."""
    return [_told(log) for log in _newest(logs) if not is_complete(log)]


def interrupted(logs: Path, model: str) -> list[str]:
    """Tasks of a model whose newest log did not come to its end; samples that failed in one that did are not told."""
    return [_told(log) for log in _newest(logs) if log.eval.model == model and log.status != "success"]


def _newest(logs: Path) -> list[EvalLog]:
    """Headers of the last attempt at each task and model."""
    newest: dict[str, EvalLog] = {}
    for header in sorted(map(read_header, log_files(logs)), key=lambda header: header.eval.created):
        newest[header.eval.task_id] = header
    return list(newest.values())


def _told(log: EvalLog) -> str:
    return f"{log.eval.task.rsplit('/', 1)[-1]} on {log.eval.model}: {_progress(log)} samples finished"


def packages() -> str:
    """Versions of what computed the report."""
    return ", ".join(f"{name} {version(name)}" for name in ("equipoise", "inspect-ai", "numpy", "pandas", "scipy"))


def missing_by_reason(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Answers of every task and model and how many are missing, by reason.

    Counted by the measure `correct` where a task has it (one row per answer), else by all of its rows.
    """
    found = []
    groups: Any = table.groupby(["task", "model"], observed=True, sort=True)
    for (task, model), rows in groups:
        core = rows[rows["measure"].isin(["correct", "sample"])] if (rows["measure"] == "correct").any() else rows
        lost = core["value"].isna()
        reasons = core.loc[lost, "missing"].astype(str).value_counts()
        why = ", ".join(f"{reason or 'no reason given'} {count}" for reason, count in reasons.items() if count)
        short = str(task).rsplit("/", 1)[-1]
        found.append({"task": short, "model": str(model), "answers": len(core), "missing": int(lost.sum()), "why": why})
    return found


def _record(name: str, log: EvalLog) -> LogRecord:
    spec = log.eval
    about = spec.metadata or {}
    generation = {
        **log.plan.config.model_dump(exclude_none=True),
        **spec.model_generate_config.model_dump(exclude_none=True, exclude={"max_connections"}),
    }
    notes = {key: about[key] for key in NOTES if key in about}
    git = spec.revision
    roles = logged_roles(spec)
    return LogRecord(
        setup=Setup(
            task=spec.task,
            task_version=str(about.get("full_version", spec.task_version)),
            arguments=_json(spec.task_args),
            generation=_json(generation),
            notes=_json(notes),
            roles=_json(roles) if roles else "",
            inspect_version=str(spec.packages.get("inspect_ai", "")),
            commit=f"{git.commit}{' with local changes' if git.dirty else ''}" if git else "not a git checkout",
        ),
        model=spec.model,
        revision=str(about.get("model_revisions", {}).get(spec.model, "")),
        model_args=_json(spec.model_args) if spec.model_args else "",
        status=log.status,
        samples=_progress(log),
        started=str(spec.created)[:19].replace("T", " "),
        log=name,
        same=tuple(_shared(spec.task.rsplit("/", 1)[-1], spec.model, roles, about)),
    )


def _shared(task: str, subject: str, roles: dict[str, list[str]], about: dict[str, Any]) -> Iterator[str]:
    """Roles that were played by the model under test, or two by one model, where they should be different models."""
    for role in about.get("independent_roles", []):
        for model in roles.get(role, []):
            if related(model, subject):
                what = "the model under test" if model == subject else f"of the family of {subject}"
                yield f"in {task} the role {role} was played by {model}, {what}"
    for role, other in about.get("separate_roles", []):
        for model, second in product(roles.get(role, []), roles.get(other, [])):
            if related(model, second):
                what = f"the {other}, too" if model == second else f"of the family of the {other} {second}"
                yield f"in {task} the role {role} was played by {model}, {what}"


def _progress(log: EvalLog) -> str:
    """How many samples were finished, of how many; a log that was cut off early says the second number only."""
    if log.results:
        return f"{log.results.completed_samples} of {log.results.total_samples}"
    dataset = log.eval.dataset
    planned = len(dataset.sample_ids) if dataset.sample_ids else dataset.samples or 0  # the ids know of a limit
    return f"unknown of {planned * (log.eval.config.epochs or 1)}"


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)
