"""Everything that a submission must be, checked in one pass over its files."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd
from inspect_ai import Task
from inspect_ai.log import EvalLog, EvalSample

from equipoise.errors import InputError
from equipoise.harness.metrics import is_control
from equipoise.harness.table import conform, frame_of
from equipoise.harness.table.rows import Row
from equipoise.leaderboard.edition import Edition, FrozenTask, digest
from equipoise.leaderboard.freezing import Builder, frozen
from equipoise.leaderboard.generation import is_standard, made_with, would_give
from equipoise.leaderboard.intake.archive import check_archive
from equipoise.leaderboard.intake.headers import header_problems
from equipoise.leaderboard.intake.problems import Problem, problem, shortened
from equipoise.leaderboard.intake.samples import Read, read_log, read_samples, unreadable
from equipoise.leaderboard.intake.votes import Ballot, read_votes_file
from equipoise.leaderboard.manifest import LOGS, MANIFEST_FILE, VOTES_FILE, Manifest

MOST_LOGS = 2
"""Of a task, before anything is read."""

DIALOGUE_COLUMNS = ("task", "item", "arm", "epoch", "lines")


@dataclass
class Checked:
    """What a submission turned out to be.

    Attributes:
        manifest: What it says of itself.
        problems: Why it is refused; empty if it is not.
        rows: Its long table, recomputed.
        dialogues: Its transcripts, one row each: `DIALOGUE_COLUMNS`, the lines as JSON.
        standard: Whether it was run with the edition's generation settings.
        model_args: What the model was built with, its revision apart.
        marks: A hash of what was recorded in each log.
        eval_ids: Of its logs.
        tier: `recomputed`, or `self-run` if it was not replayed.
    """

    manifest: Manifest
    problems: list[Problem] = field(default_factory=list)
    rows: pd.DataFrame = field(default_factory=pd.DataFrame)
    dialogues: pd.DataFrame = field(default_factory=pd.DataFrame)
    standard: bool = True
    model_args: dict[str, Any] = field(default_factory=dict)
    marks: list[str] = field(default_factory=list)
    eval_ids: list[str] = field(default_factory=list)
    tier: str = "recomputed"

    @property
    def control(self) -> bool:
        """Whether a control agent was measured."""
        return is_control(self.manifest.model.model)


class Release:
    """The tasks of an edition, built once by the code that is running.

    Args:
        edition: Frozen.
        build: Builds a task.

    Raises:
        InputError: This code asks something else than the edition froze.
    """

    def __init__(self, edition: Edition, build: Builder) -> None:
        self.edition = edition
        self.tasks: dict[str, Task] = {}
        for each in edition.tasks:
            task = build(each.plan)
            if frozen(each.plan, task).samples != each.samples:
                raise InputError(
                    f"this version of equipoise asks other items of {each.task} than edition {edition.name!r}; "
                    "use the version that the edition was opened with, or open a new edition",
                    field="samples",
                )
            self.tasks[each.task] = task


def check(
    folder: Path,
    manifest: Manifest,
    release: Release,
    again: bool = True,
    on_log: Callable[[str], None] | None = None,
    votes: Path | None = None,
) -> Checked:
    """Check a received submission against an edition, recomputing what it claims.

    Args:
        folder: Our copy: `submission.json`, `logs`, `votes.jsonl`.
        manifest: Of it.
        release: The edition with its tasks.
        again: Replay every sample (`equipoise.leaderboard.intake.replay`). Without it the rows are taken as they were
            scored, and the tier is `self-run`.
        on_log: Called with each log's name before its samples are read.
        votes: The board's own votes, which take the place of the submission's.

    Returns:
        What it is; with problems it must not get onto the board.
    """
    edition = release.edition
    checked = Checked(manifest, tier="recomputed" if again else "self-run")
    if manifest.edition != edition.name:
        said = f"expected {edition.name!r}, found {manifest.edition!r}"
        checked.problems.append(problem(MANIFEST_FILE, "edition", said))
        return checked
    final = votes is not None
    if votes is None and VOTES_FILE in {file.path for file in manifest.files}:
        votes = folder / VOTES_FILE
    ballots = _ballots(votes, checked) if votes else {}
    read: list[tuple[EvalLog, str, list[tuple[EvalSample, list[Row]]]]] = []
    dialogues: list[pd.DataFrame] = []
    for file, header, task in _logs(folder, manifest, release, checked):
        name = f"{LOGS}/{file.name}"
        if on_log:
            on_log(file.name)
        ballot = ballots.pop(file.name, Ballot())
        ballot.final = final
        try:
            found = read_samples(file, header, task, release.tasks[task.task] if again else None, edition, ballot)
        except InputError as error:
            checked.problems.append(problem(name, error.field or "", error.message))
            continue
        checked.problems += shortened(name, [*found.problems, *_lost(found, task, edition)])
        checked.marks.append(digest(sorted(found.marks))[:16])
        checked.eval_ids.append(header.eval.eval_id)
        read.append((header.model_copy(update={"samples": None}), file.name, found.found))
        dialogues.append(pd.DataFrame([(task.task, *line) for line in found.dialogues], columns=list(DIALOGUE_COLUMNS)))
    logs = {Path(file.path).name for file in manifest.files}
    strange = [name for name in ballots if name not in logs]
    checked.problems += [problem(VOTES_FILE, "log", f"{name!a} is no log of this submission") for name in strange]
    if read and not checked.problems:
        try:
            checked.rows = conform(frame_of(read), LOGS)
        except InputError as error:
            checked.problems.append(problem(LOGS, error.field or "", error.message))
        checked.dialogues = pd.concat(dialogues, ignore_index=True)
    return checked


def _ballots(votes: Path, checked: Checked) -> dict[str, Ballot]:
    try:
        return read_votes_file(votes)
    except InputError as error:
        line = f"line {error.line}" if error.line else ""
        where = ", ".join(part for part in (line, error.field or "") if part)
        checked.problems.append(problem(VOTES_FILE, where, error.message))
        return {}


def _logs(
    folder: Path, manifest: Manifest, release: Release, checked: Checked
) -> Iterator[tuple[Path, EvalLog, FrozenTask]]:
    """The logs whose headers fit, one after the other; one per task, none missing, all of one model and setting."""
    edition = release.edition
    seen: dict[str, str] = {}
    logs = [file for file in manifest.files if file.path != VOTES_FILE]
    if len(logs) > MOST_LOGS * len(edition.tasks):  # unpacking them all would take hours
        said = f"{len(logs)} logs, edition {edition.name!r} has {len(edition.tasks)} tasks: one log per task"
        checked.problems.append(problem(MANIFEST_FILE, "files", said))
        return
    for stated in logs:
        file = folder / stated.path
        try:
            check_archive(file)
            header = read_log(file)
        except InputError as error:
            checked.problems.append(problem(stated.path, error.field or "", error.message))
            continue
        task = edition.task(header.eval.task)
        if task is None:
            said = f"{header.eval.task!r} is no task of edition {edition.name!r}"
            checked.problems.append(problem(stated.path, "eval.task", said))
            continue
        if task.task in seen:
            said = f"is a second log of {task.task}; the first is {seen[task.task]}"
            checked.problems.append(problem(stated.path, "eval.task", said))
            continue
        seen[task.task] = stated.path
        try:
            faults = list(header_problems(header, task, edition, manifest))
            faults += _settings(header, release.tasks[task.task], release.edition, checked)
        except Exception as error:  # notes of any shape
            faults = [("", unreadable(error, file).message)]
        checked.problems += shortened(stated.path, faults)
        if not faults:
            header.eval.task = task.task
            yield file, header, task
    lacking = [task.task for task in edition.tasks if task.task not in seen]
    checked.problems += [problem(LOGS, "", f"there is no log of {task}") for task in lacking]


def _settings(header: EvalLog, task: Task, edition: Edition, checked: Checked) -> Sequence[tuple[str, str]]:
    """All logs were made with the settings that the manifest names; a standard run keeps to what the edition fixes."""
    made, stated = made_with(header), would_give(dict(checked.manifest.generation), task)
    fixed = edition.spec.generate.model_dump(exclude_none=True)
    checked.standard &= is_standard(made, checked.manifest.generation, fixed)
    checked.model_args |= {name: value for name, value in header.eval.model_args.items() if name != "revision"}
    checked.standard &= not any("template" in name for name in checked.model_args)  # a chat template is a prompt
    return [] if made == stated else [("generation", f"was run with {made}, the manifest says {stated}")]


def _lost(found: Read, task: FrozenTask, edition: Edition) -> list[tuple[str, str]]:
    planned = len(task.samples) * task.epochs
    if found.lost <= edition.spec.max_missing * planned:
        return []
    most = edition.spec.max_missing
    return [("samples", f"{found.lost} of {planned} ended with an error or at a limit, expected at most {most:.0%}")]
