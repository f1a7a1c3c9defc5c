"""What a run folder tells about itself without its samples being read: plan, log headers, what is there."""

import json
import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from pydantic import ValidationError

from equipoise.errors import InputError
from equipoise.harness.inputs import fault
from equipoise.harness.run import EVAL_SET_FILE, LOGS, PLAN_FILE, Plan, is_complete
from equipoise.harness.table import TABLE_FILE, log_files, read_header

if TYPE_CHECKING:
    from inspect_ai.log import EvalLog

Found = TypeVar("Found")
Task = tuple[str, str]
"""Name and model."""


class Progress(NamedTuple):
    """How far one task on one model came.

    Attributes:
        task, model: As Inspect names them.
        finished: Samples that have a score.
        planned: Samples times epochs; None before the task has begun.
        complete: Whether nothing is left to do.
    """

    task: str
    model: str
    finished: int
    planned: int | None
    complete: bool


@dataclass(frozen=True)
class RunRecord:
    """One run folder (or folder of logs).

    Attributes:
        folder: Where it is.
        name: Folder below the root that was searched, with slashes.
        plan: What was to be run; None where there is no plan that can be read.
        tasks, models, controls: By the plan, else by the logs.
        started, ended: First start and last end by the logs.
        progress: By task and model, from the newest log of each.
        versions: Packages that ran it.
        table, logs: Its long table and the folder of its logs, where they are there.
        baselines: Names that point at it.
        problems: What cannot be read, a line each.
    """

    folder: Path
    name: str
    plan: Plan | None = None
    tasks: tuple[str, ...] = ()
    models: tuple[str, ...] = ()
    controls: tuple[str, ...] = ()
    started: datetime | None = None
    ended: datetime | None = None
    progress: tuple[Progress, ...] = ()
    versions: tuple[str, ...] = ()
    table: Path | None = None
    logs: Path | None = None
    baselines: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()

    @property
    def finished(self) -> int:
        """Samples that have a score, over tasks and models."""
        return sum(each.finished for each in self.progress)

    @property
    def planned(self) -> int | None:
        """Samples that were planned; None while a task has not begun and its number is not known."""
        known = [each.planned for each in self.progress if each.planned is not None]
        return sum(known) if self.all_begun and len(known) == len(self.progress) else None

    @property
    def all_begun(self) -> bool:
        """Whether Inspect knows every task of the plan on every model; it does not if the run was killed at once."""
        plan = self.plan
        expected = len(plan.tasks) * (len(plan.models) + len(plan.controls)) if plan else 1
        return len(self.progress) >= expected

    @property
    def state(self) -> str:
        """`complete`, `partial`, `broken` (something cannot be read), or `table` (a table without logs)."""
        if self.problems:
            return "broken"
        if not self.progress:
            return "table" if self.table else "partial"
        return "complete" if self.all_begun and all(each.complete for each in self.progress) else "partial"

    @property
    def samples(self) -> str:
        """Samples with a score, of those that were planned."""
        return f"{self.finished} of {'?' if self.planned is None else self.planned}"


def logs_of(folder: Path) -> Path | None:
    """Where a run folder keeps its logs: `logs`, or the folder itself; None if it holds a table only."""
    check_open(folder)
    if (folder / LOGS).is_dir():
        return folder / LOGS
    return folder if _files(folder) else None


def check_open(folder: Path) -> None:
    """Refuse a folder that may not be read: pathlib would raise, and fsspec find it empty.

    Raises:
        InputError: It may not be.
    """
    if not os.access(folder, os.R_OK | os.X_OK, effective_ids=os.access in os.supports_effective_ids):
        raise InputError("may not be read (no permission)", path=folder)


def _files(logs: Path) -> list[str]:
    """The logs in a folder; none is no error."""
    try:
        return log_files(logs)
    except InputError:
        return []
    except OSError as error:
        raise InputError(f"cannot be read ({error.strerror})", path=logs) from None


def read_run(folder: Path, name: str = "", baselines: tuple[str, ...] = ()) -> RunRecord:
    """Read plan, list of tasks and log headers; whatever cannot be read is a line in `problems`.

    Args:
        folder: Run folder, or folder of logs.
        name: Its name; empty = the folder's.
        baselines: Names that point at it.
    """
    problems: list[str] = []
    logs = _noted(problems, lambda: logs_of(folder))
    if problems:
        return RunRecord(folder, name or folder.absolute().name, baselines=baselines, problems=tuple(problems))
    plan = _noted(problems, lambda: _read_plan(folder / PLAN_FILE))
    planned = _noted(problems, lambda: _read_set(logs / EVAL_SET_FILE)) if logs else None
    headers = _read_headers(logs, problems) if logs else []
    progress = _progress(headers, planned or {}, problems)
    started = [_time(log.stats.started_at or log.eval.created) for _, log in headers]
    ended = [_time(log.stats.completed_at) for _, log in headers]
    packages = [item for _, log in headers for item in sorted(log.eval.packages.items())]
    return RunRecord(
        folder=folder,
        name=name or folder.absolute().name,
        plan=plan,
        tasks=tuple(each.task for each in plan.tasks) if plan else _once(each.task for each in progress),
        models=plan.models if plan else _once(each.model for each in progress),
        controls=plan.controls if plan else (),
        started=min((time for time in started if time), default=None),
        ended=max((time for time in ended if time), default=None),
        progress=progress,
        versions=_once(f"{package} {version}" for package, version in packages),
        table=folder / TABLE_FILE if (folder / TABLE_FILE).is_file() else None,
        logs=logs,
        baselines=baselines,
        problems=tuple(problems),
    )


def _noted(problems: list[str], read: Callable[[], Found]) -> Found | None:
    """What `read` returns; its bad input becomes a line in `problems`."""
    try:
        return read()
    except InputError as error:
        problems.append(" ".join(str(error).split()))
        return None


def _read_plan(file: Path) -> Plan | None:
    if not file.is_file():
        return None
    try:
        return Plan.model_validate_json(file.read_bytes())
    except ValidationError as error:
        field, message = fault(error)
        raise InputError(f"is not a plan that can be read ({message})", path=file, field=field) from None
    except OSError as error:
        raise InputError(f"cannot be read ({error.strerror})", path=file) from None


def _read_set(file: Path) -> dict[str, Task]:
    """Inspect's list of the tasks of a run, by task id; empty if there is none."""
    check_open(file.parent)
    if not file.is_file():
        return {}
    try:
        listed = json.loads(file.read_text(encoding="utf-8"))["tasks"]
        return {str(task["task_id"]): (str(task["name"]), str(task["model"])) for task in listed}
    except OSError as error:
        raise InputError(f"cannot be read ({error.strerror})", path=file) from None
    except (ValueError, KeyError, TypeError, RecursionError):
        raise InputError("is not Inspect's list of the tasks of a run", path=file) from None


def _read_headers(logs: Path, problems: list[str]) -> "list[tuple[str, EvalLog]]":
    """Files and headers, oldest first."""
    files = _noted(problems, lambda: _files(logs)) or []
    read = [(file, _noted(problems, lambda file=file: read_header(file))) for file in files]  # type: ignore[misc]
    return sorted(((file, log) for file, log in read if log), key=lambda pair: pair[1].eval.created)


def _progress(
    headers: "list[tuple[str, EvalLog]]", planned: dict[str, Task], problems: list[str]
) -> tuple[Progress, ...]:
    """By task, those without a log last; of several attempts at one task the newest counts."""
    newest = {log.eval.task_id: (file, log) for file, log in headers}
    found = []
    for file, log in newest.values():
        finished = _noted(problems, lambda file=file, log=log: _finished(file, log))  # type: ignore[misc]
        total = log.results.total_samples if log.results else None
        total = total or len(log.eval.dataset.sample_ids or []) * (log.eval.config.epochs or 1) or None
        found.append(Progress(log.eval.task, log.eval.model, finished or 0, total, is_complete(log)))
    waiting = [Progress(*task, 0, None, False) for key, task in planned.items() if key not in newest]
    return (*found, *waiting)


def _finished(file: str, log: "EvalLog") -> int:
    """Samples with a score; a log that was cut off has them in its list of samples alone."""
    if log.results:
        return log.results.completed_samples
    from inspect_ai.log import read_eval_log_sample_summaries

    try:
        return sum(bool(each.completed and not each.error) for each in read_eval_log_sample_summaries(file))
    except Exception as error:  # zip, JSON and pydantic errors alike
        raise InputError(f"its list of samples cannot be read ({type(error).__name__})", path=file) from None


def _time(text: str | None) -> datetime | None:
    """A log's time, in UTC; None where there is none, or one that is no time."""
    try:
        time = datetime.fromisoformat(text or "")
    except ValueError:
        return None
    return (time if time.tzinfo else time.replace(tzinfo=UTC)).astimezone(UTC)


def _once(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))
