"""Put submissions onto a board: all checks first, then one step that either happened or did not."""

import hashlib
import multiprocessing
import signal
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from equipoise.errors import InputError
from equipoise.leaderboard.board import DERIVED, SUBMISSIONS, Board
from equipoise.leaderboard.changes import Change, changing
from equipoise.leaderboard.edition import Edition, digest
from equipoise.leaderboard.freezing import Builder
from equipoise.leaderboard.intake.check import Release
from equipoise.leaderboard.intake.prepare import RECEIVED, TABLES, Prepared, prepare
from equipoise.leaderboard.intake.problems import Problem, printable, problem
from equipoise.leaderboard.manifest import MANIFEST_FILE

AT_ONCE = 200
"""Submissions that get onto the board in one step: many are named together, and a killed process loses no more."""


@dataclass(frozen=True)
class Added:
    """What became of one source.

    Attributes:
        source: Folder or zip.
        submission: Its id; empty if it could not be read at all.
        tier: Of the row; empty if there is none.
        problems: Why it was refused; empty if it was not.
    """

    source: Path
    submission: str = ""
    tier: str = ""
    problems: list[Problem] = field(default_factory=list)


def add(
    board: Path,
    sources: Sequence[Path],
    build: Builder,
    again: bool = True,
    replaces: str = "",
    note: str = "",
    workers: int = 1,
    on_done: Callable[[Added], None] | None = None,
) -> list[Added]:
    """Check submissions and put those that have no problem onto the current edition of a board.

    Args:
        board: Its folder.
        sources: Folders, or zips of one.
        build: Builds a task.
        again: Replay every sample; without it their tier is `self-run`.
        replaces: Id of the submission whose place is taken (one source only).
        note: For the changelog.
        workers: Processes that check at the same time.
        on_done: Called with each source's outcome.

    Returns:
        The outcomes, in the order of the sources.

    Raises:
        InputError: No board, no edition, this code asks other items than the edition, nothing to be replaced.
    """
    outcomes: list[Added] = []
    with changing(board) as change:
        edition = change.board.edition()
        if replaces:
            change.board.submission(replaces)
        known = _Known(change.board, edition, replaces)
        waiting = 0
        for source, prepared in _prepared(change, sources, edition, build, again, workers):
            outcome = outcome_of(source, prepared)
            if isinstance(prepared, Prepared) and not outcome.problems:
                if problems := known.problems(prepared):
                    outcome = replace(outcome, tier="", problems=problems)
                else:
                    known.remember(prepared)
                    _name(change, prepared, edition, replaces, note)
                    waiting += 1
            outcomes.append(outcome)
            if on_done:
                on_done(outcome)
            if waiting >= AT_ONCE:
                change.make()
                waiting = 0
        if waiting:
            change.make()
    return outcomes


def outcome_of(source: Path, prepared: Prepared | InputError) -> Added:
    """What the checks say of a source."""
    if isinstance(prepared, InputError):
        return Added(source, problems=[problem(str(prepared.path or source), prepared.field or "", prepared.message)])
    tier = "" if prepared.problems else prepared.tier
    return Added(source, prepared.submission, tier, prepared.problems)


def _name(change: Change, prepared: Prepared, edition: Edition, replaces: str, note: str) -> None:
    board = change.board.path
    change.place(prepared.staging / RECEIVED, board / SUBMISSIONS / prepared.submission)
    tables = f"{edition.name}/{prepared.submission}"
    change.place(prepared.staging / TABLES, board / DERIVED / tables)
    details = {
        "tier": prepared.tier,
        "files": prepared.files,
        "manifest": prepared.manifest.digest,
        "model": _setting(prepared),
        "eval_ids": prepared.eval_ids,
        "marks": prepared.marks,
        "tables": tables,
        "derived": sums(prepared.staging / TABLES),
    }
    if replaces:
        details["replaces"] = replaces
    change.tell("replace" if replaces else "add", edition.name, prepared.submission, printable(note, 400), **details)


class _Known:
    """What is on the board, to refuse what is there already."""

    def __init__(self, board: Board, edition: Edition, replaces: str) -> None:
        self._board = board.profile.name
        self._ids, self._evals, self._settings = set(board.standings), dict[str, str](), dict[str, str]()
        for event in board.events:
            if event.kind in ("add", "replace"):
                for mark in (*event.details.get("eval_ids", []), *event.details.get("marks", [])):
                    self._evals[mark] = event.submission
                stands = event.submission in board.standings and event.submission != replaces
                if stands and event.edition == edition.name:
                    self._settings[event.details["model"]] = event.submission

    def problems(self, prepared: Prepared) -> list[Problem]:
        if prepared.manifest.board != self._board:
            said = f"expected {self._board!r}, found {prepared.manifest.board!r}"
            return [problem(MANIFEST_FILE, "board", said)]
        if prepared.submission in self._ids:
            return [problem(MANIFEST_FILE, "files", f"these files are on the board as {prepared.submission}")]
        for mark in (*prepared.eval_ids, *prepared.marks):
            if mark in self._evals:
                said = f"a log of this run was submitted before, in {self._evals[mark]}"
                return [problem(MANIFEST_FILE, "files", said)]
        if before := self._settings.get(_setting(prepared)):
            said = (
                f"this model stands on the board with the same revision and settings, as {before}; "
                "a further run takes its place with --replace, and is counted as an attempt"
            )
            return [problem(MANIFEST_FILE, "model", said)]
        return []

    def remember(self, prepared: Prepared) -> None:
        self._ids.add(prepared.submission)
        self._evals |= dict.fromkeys((*prepared.eval_ids, *prepared.marks), prepared.submission)
        self._settings[_setting(prepared)] = prepared.submission


def _setting(prepared: Prepared) -> str:
    """What makes two runs attempts at the same thing."""
    model = prepared.manifest.model
    same = [model.model, model.revision, model.weights_sha256, prepared.manifest.generation]
    return digest(same)[:16]


def sums(folder: Path) -> dict[str, str]:
    """SHA-256 of every file of a folder, by its name."""
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.iterdir())}


_release: Release | None = None


def _prepared(
    change: Change, sources: Sequence[Path], edition: Edition, build: Builder, again: bool, workers: int
) -> Iterator[tuple[Path, Prepared | InputError]]:
    """Each source prepared, in order, by one process or several."""
    with _mapping(edition, build, min(workers, len(sources))) as mapped:
        jobs = [(source, change.staging(), again) for source in sources]
        yield from zip(sources, mapped(_prepare, jobs), strict=True)


@contextmanager
def _mapping(
    edition: Edition, build: Builder, workers: int
) -> Iterator[Callable[..., Iterator[Prepared | InputError]]]:
    if workers <= 1:
        _begin(edition, build)
        yield map
        return
    _begin(edition, build)  # here, too: an edition that does not fit is told once, and not by a broken pool
    with ProcessPoolExecutor(workers, multiprocessing.get_context("spawn"), _begin_worker, (edition, build)) as pool:
        yield pool.map


def _begin(edition: Edition, build: Builder) -> None:
    global _release
    _release = Release(edition, build)


def _begin_worker(edition: Edition, build: Builder) -> None:
    """Ctrl-C is for the process that holds the board; asyncio also runs faster where it need not watch for it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _begin(edition, build)


def _prepare(job: tuple[Path, Path, bool]) -> Prepared | InputError:
    source, staging, again = job
    assert _release is not None
    try:
        return prepare(source, staging, _release, again)
    except InputError as error:
        return error
    except Exception as error:  # one submission that breaks something must not keep the others out
        return InputError(f"could not be checked ({printable(f'{type(error).__name__}: {error}', 200)})", path=source)
