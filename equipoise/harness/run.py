"""Run tasks on models with Inspect's `eval_set`: one folder, resumable by the same command."""

import asyncio
import errno
import hashlib
import json
import re
import shutil
import signal
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict, Field

import equipoise
from equipoise.errors import InputError
from equipoise.harness.files import write_text
from equipoise.harness.roles import check_apart, check_role
from equipoise.harness.suite import TaskPlan

if TYPE_CHECKING:
    from inspect_ai import Task
    from inspect_ai.log import EvalLog
    from inspect_ai.model import Model

LOGS = "logs"
PLAN_FILE = "plan.json"
EVAL_SET_FILE = "eval-set.json"
"""Inspect's list of the tasks of a set, in the log folder."""

LEAST_FREE_BYTES = 50_000_000


KNOWN_ROLES = ("judge", "partner", "persuader", "extractor", "user")
"""Roles that our tasks know; another name is a slip of the pen."""


class Plan(BaseModel):
    """What is run; equal plans share a folder, so that the same command resumes.

    Attributes:
        tasks: Tasks with their arguments.
        models: Inspect model names, measured with `model_args`.
        controls: Control agents, measured beside them.
        model_args: As for `inspect eval -M`.
        roles: Models of each role (`judge`, `partner`, …).
        generate: Generation settings of the subject (`max_tokens`, `temperature`, …).
        limit, epochs: As for `inspect eval`; over all tasks.
        name: Of the default folder; empty = the first task's.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    tasks: tuple[TaskPlan, ...]
    models: tuple[str, ...]
    controls: tuple[str, ...] = ()
    model_args: dict[str, Any] = Field(default_factory=dict)
    roles: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    generate: dict[str, Any] = Field(default_factory=dict)
    limit: int | None = None
    epochs: int | None = None
    name: str = ""

    def text(self) -> str:
        """As JSON with sorted keys: equal plans have equal texts."""
        return json.dumps(self.model_dump(mode="json", exclude={"name"}), sort_keys=True, indent=1)

    def folder(self, root: Path = Path("runs")) -> Path:
        """Default run folder: a name and a hash of the plan."""
        name = self.name or self.tasks[0].task.rsplit("/", 1)[-1].split(".")[0]
        return root / f"{name}-{hashlib.sha256(self.text().encode()).hexdigest()[:8]}"


def run(
    plan: Plan,
    tasks: "Sequence[Task | str]",
    folder: Path,
    display: str | None = None,
    max_connections: int | None = None,
    max_retries: int | None = None,
) -> list[str]:
    """Run what the folder does not hold yet.

    Finished samples are never run again: logs of a process that was killed are recovered from Inspect's sample
    buffer and continued. Models are built first, so that a wrong name costs nothing.

    Args:
        plan: What to run.
        tasks: The plan's tasks, built (or names that Inspect resolves).
        folder: Run folder; logs go to its `logs`.
        display: Inspect's progress display (`full`, `rich`, `plain`, `none`).
        max_connections: Requests at the same time per model.
        max_retries: How often a failing request is repeated; None = Inspect's default, without end.

    Returns:
        What did not finish, a line each; empty if every sample of every task did.

    Raises:
        InputError: Unknown model or argument; a role that a task requires is not given; no space on the disk; a
            folder that cannot be written.
        KeyboardInterrupt: SIGINT or SIGTERM came before everything had finished; what had is kept.
    """
    from inspect_ai import eval_set
    from inspect_ai._util.error import PrerequisiteError

    models = [build_model(name, plan.model_args) for name in plan.models]
    models += [build_model(name, {}) for name in plan.controls]
    check_roles(plan, tasks)
    built = {role: [build_model(name, {}) for name in names] for role, names in plan.roles.items()}
    roles: dict[str, Any] = {role: found if len(found) > 1 else found[0] for role, found in built.items()}
    _prepare(folder, plan)
    try:
        with terminated_like_interrupted():
            finished, logs = eval_set(
                list(tasks),  # type: ignore[arg-type]
                task_args=plan.tasks[0].args if isinstance(tasks[0], str) else {},
                log_dir=str(folder / LOGS),
                model=models,
                model_roles=roles or None,
                limit=plan.limit,
                epochs=plan.epochs,
                display=display,  # type: ignore[arg-type]
                log_dir_allow_dirty=True,
                continue_on_fail=True,
                retry_on_error=1,
                retry_attempts=1,
                retry_wait=5,
                max_tasks=len(models) * len(tasks),
                max_connections=max_connections,
                max_retries=max_retries,
                metadata={"equipoise_version": equipoise.__version__, "model_revisions": _revisions(plan)},
                **plan.generate,
            )
    except asyncio.CancelledError:  # the full-screen display lets it through
        raise KeyboardInterrupt from None
    except PrerequisiteError as error:
        raise InputError(_plain(error)) from None
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES):
            raise InputError(
                f"cannot be written ({error.strerror}); finished samples are kept, run the same command to go on",
                path=folder,
            ) from None
        raise
    if not finished:
        _require_space(folder, folder)  # a disk that filled up shows as failed samples
    # Of an interrupted set Inspect (0.3.285) returns True and the logs of the tasks that had finished: those that were
    # cancelled, and those that had not begun, are left out. It also prints that all tasks were completed.
    if len(logs) < len(json.loads((folder / LOGS / EVAL_SET_FILE).read_text(encoding="utf-8"))["tasks"]):
        raise KeyboardInterrupt
    _remove_superseded(folder / LOGS)
    return [_failure(log) for log in logs if not is_complete(log)]


@contextmanager
def terminated_like_interrupted() -> Iterator[None]:
    """SIGTERM (a batch system, `docker stop`) does what SIGINT does: Inspect writes the finished samples, then ends.

    Not where SIGINT is ignored, as in the background of a script: SIGTERM would then be ignored, too.
    """
    main = threading.current_thread() is threading.main_thread()
    if not main or signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
        yield
        return
    before = signal.signal(signal.SIGTERM, lambda *_: signal.raise_signal(signal.SIGINT))
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def check_roles(plan: Plan, tasks: "Sequence[Task | str]") -> None:
    """Refuse a plan whose roles do not fit its tasks, before anything is asked.

    Raises:
        InputError: A role that a task needs is not given, one that no task knows is, or a model would judge or answer
            itself.
    """
    ours = all(not isinstance(task, str) for task in tasks)
    for role in plan.roles:
        if ours and role not in KNOWN_ROLES:
            raise InputError(f"unknown model role {role!r}; expected one of {', '.join(KNOWN_ROLES)}")
    for planned, task in zip(plan.tasks, tasks, strict=True):
        about = getattr(task, "metadata", None) or {}
        for role in about.get("required_roles", []):
            if role not in plan.roles:
                raise InputError(f"task {planned.task!r} needs the model role {role!r}: --model-role {role}=MODEL")
        for role in about.get("independent_roles", []):
            for subject in (*plan.models, *plan.controls):
                check_role(role, plan.roles.get(role, ()), subject, bool(about.get("allow_same")))
        for one, other in about.get("separate_roles", []):
            models, others = plan.roles.get(one, ()), plan.roles.get(other, ())
            check_apart(one, models, other, others, bool(about.get("allow_same")))


def is_complete(log: "EvalLog") -> bool:
    """Whether every planned sample of a log has a score."""
    results = log.results
    return log.status == "success" and results is not None and results.completed_samples >= results.total_samples


def _failure(log: "EvalLog") -> str:
    """Task, model, and the first error of a log that did not finish."""
    from inspect_ai.log import read_eval_log_sample_summaries

    errors = [s.error for s in read_eval_log_sample_summaries(log.location) if s.error]
    first = log.error.message if log.error else next(iter(errors), log.status)
    done, planned = (log.results.completed_samples, log.results.total_samples) if log.results else (0, "?")
    return f"{log.eval.task} on {log.eval.model}: {done} of {planned} samples finished; {_plain(first):.200}"


def _remove_superseded(logs: Path) -> None:
    """Delete logs of killed attempts once a later log of the same task holds all their finished samples."""
    from inspect_ai.log import list_eval_logs, read_eval_log_sample_summaries

    from equipoise.harness.table import read_header

    newest: dict[str, set[tuple[int | str, int]]] = {}
    for info in list_eval_logs(str(logs), descending=True):
        header = read_header(info.name.removeprefix("file://"))
        done = {(s.id, s.epoch) for s in read_eval_log_sample_summaries(info) if s.completed and not s.error}
        later = newest.setdefault(header.eval.task_id, done)
        if later is not done and done <= later:
            Path(info.name.removeprefix("file://")).unlink()


def build_model(name: str, arguments: dict[str, Any]) -> "Model":
    """An Inspect model by name; everything that can be wrong with name or arguments is an `InputError`."""
    from inspect_ai._util.error import PrerequisiteError
    from inspect_ai.model import get_model

    try:
        if name.startswith("hf/"):
            return _hf_model(name.removeprefix("hf/"), arguments)
        return get_model(name, memoize=False, **arguments)
    except InputError:
        raise
    except (PrerequisiteError, ValueError, TypeError, ImportError, OSError) as error:
        raise InputError(f"model {name!r}: {_plain(error)}") from None


def _hf_model(name: str, arguments: dict[str, Any]) -> "Model":
    """A model in this process, by our own variant of Inspect's provider."""
    if name.startswith((".", "/", "~")) and not (Path(name).expanduser() / "config.json").is_file():
        raise InputError("no such model; expected a Hugging Face folder with a config.json", path=name)
    try:
        from equipoise.harness.hf import hf_model
    except ImportError as error:
        raise InputError(f"hf/ models need torch and transformers: pip install 'equipoise[train]' ({error})") from None
    return hf_model(str(Path(name).expanduser()) if name.startswith("~") else name, arguments)


def _prepare(folder: Path, plan: Plan) -> None:
    """Make the run folder, if there is room on its disk and it holds no other run.

    Samples of two settings in one folder would be pooled without a word.
    """
    stored, text = folder / PLAN_FILE, plan.text()
    if stored.is_file() and stored.read_text(encoding="utf-8") != text:
        raise InputError(
            f"holds a run with other arguments (see {PLAN_FILE}); give another folder with -o", path=folder
        )
    existing = next(path for path in (folder, *folder.absolute().parents) if path.exists())
    _require_space(existing, folder)
    try:
        (folder / LOGS).mkdir(parents=True, exist_ok=True)
        write_text(stored, text)
    except OSError as error:
        raise InputError(f"cannot be created ({error.strerror})", path=folder) from None
    from equipoise.harness.table import read_header

    for log in (folder / LOGS).rglob("*.eval"):
        read_header(str(log))  # a log that cannot be read would stop Inspect half-way, with a traceback


def _require_space(existing: Path, folder: Path) -> None:
    free = shutil.disk_usage(existing).free
    if free < LEAST_FREE_BYTES:
        raise InputError(
            f"only {free / 1e6:.0f} MB free on this disk, expected at least {LEAST_FREE_BYTES / 1e6:.0f} MB; "
            "finished samples are kept, run the same command to go on",
            path=folder,
        )


def _revisions(plan: Plan) -> dict[str, str]:
    """Revisions that the harness itself knows: the embedded model is identified by its weights."""
    if "equipoise/embedded" not in (*plan.models, *(name for names in plan.roles.values() for name in names)):
        return {}
    from equipoise.harness.embedded.weights import digest, weights

    return {"equipoise/embedded": f"sha256:{digest(weights())[:16]}"}


def _plain(error: Exception | str) -> str:
    """An error's text on one line and without markup."""
    text = " ".join(str(error).split())
    return re.sub(r"\[/?[a-z ]+\]", "", text).removeprefix("ERROR: ")
