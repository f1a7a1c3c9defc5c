"""Whether a board is what its events say: every file that they name is there, and has the content that they state."""

import hashlib
from collections.abc import Iterator, Mapping
from pathlib import Path

from equipoise.errors import InputError
from equipoise.leaderboard.board import DERIVED, SUBMISSIONS, Board, open_board
from equipoise.leaderboard.edition import EDITIONS, read_edition
from equipoise.leaderboard.events import EVENTS_FILE
from equipoise.leaderboard.intake.problems import Problem, problem
from equipoise.leaderboard.manifest import MANIFEST_FILE, read_manifest

NOTE = "note"
"""Field of a finding that is no fault: nothing that counts is concerned."""


def verify_board(board: Path, head: str = "") -> list[Problem]:
    """Compare all files of a board with its chain of events.

    Args:
        board: Its folder.
        head: Hash of an event that was published, or the start of one; without it a chain that lost its end is whole.

    Returns:
        What differs. Findings whose field is `note` do no harm: folders that no event names are not shown.

    Raises:
        InputError: The folder is no board.
    """
    try:
        there = open_board(board)
        lost = [] if any(event.hash.startswith(head) for event in there.events) else [_lost(head)]
        return [*lost, *_editions(there), *_named(there), *_orphans(there)]
    except InputError as error:
        if error.path is None or Path(error.path).name != EVENTS_FILE or error.line is None:
            raise
        return [problem(EVENTS_FILE, f"line {error.line}", error.message)]


def _lost(head: str) -> Problem:
    return problem(EVENTS_FILE, "hash", f"no event has the hash {head!r}: the chain was cut off, or made anew")


def faults(found: list[Problem]) -> list[Problem]:
    """The findings that are not mere notes."""
    return [each for each in found if each.field != NOTE]


def _editions(board: Board) -> Iterator[Problem]:
    for event in board.events:
        if event.kind == "edition":
            name = f"{EDITIONS}/{event.edition}.json"
            yield from _compare(board.path, EDITIONS, event.details.get("files", {}))
            try:
                identity = read_edition(board.path / name).identity
            except InputError as error:
                yield problem(name, error.field or "", error.message)
                continue
            if identity != event.details.get("identity"):
                yield problem(name, "", "is not the edition that was opened: its identity differs")


def _named(board: Board) -> Iterator[Problem]:
    for folder, files in board.named.items():
        if not (board.path / folder).is_dir():
            yield problem(folder, "", "an event names it, and it is not there")
        elif files is not None:
            yield from _compare(board.path, folder, files)
            own = {MANIFEST_FILE} if folder.startswith(f"{SUBMISSIONS}/") else set()
            for name in sorted(_files(board.path / folder) - files.keys() - own):
                yield problem(f"{folder}/{name}", "", "is there, and no event names it")
    for event in board.events:
        if event.kind in ("add", "replace") and (digest := event.details.get("manifest")):
            folder = f"{SUBMISSIONS}/{event.submission}"
            try:
                text = read_manifest(board.path / folder).text()
                written = (board.path / folder / MANIFEST_FILE).read_bytes()
            except InputError as error:
                yield problem(f"{folder}/{MANIFEST_FILE}", error.field or "", error.message)
                continue
            if hashlib.sha256(text.encode()).hexdigest() != digest or written != text.encode():
                yield problem(f"{folder}/{MANIFEST_FILE}", "", "is not what was submitted")


def _compare(board: Path, folder: str, files: Mapping[str, str]) -> Iterator[Problem]:
    for name, stated in files.items():
        path = board / folder / name
        if path.is_symlink() or not path.is_file():
            yield problem(f"{folder}/{name}", "", "an event names it, and it is no plain file or not there")
            continue
        with path.open("rb") as file:
            if hashlib.file_digest(file, "sha256").hexdigest() != stated:
                yield problem(f"{folder}/{name}", "", "was changed: it has another SHA-256 than when it was added")


def _files(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if not path.is_dir()}


def _orphans(board: Board) -> Iterator[Problem]:
    """Folders that no event names, and editions that were never opened."""
    named = board.named
    for path in sorted((board.path / SUBMISSIONS).glob("*")):
        if f"{SUBMISSIONS}/{path.name}" not in named:
            yield problem(f"{SUBMISSIONS}/{path.name}", NOTE, "no event names it; it is not shown")
    tables = {Path(name).parent.as_posix() for name in named}
    for path in sorted((board.path / DERIVED).rglob("*")):
        name = path.relative_to(board.path).as_posix()
        below = any(name == each or name.startswith(f"{each}/") for each in named)
        above = any(each == name or each.startswith(f"{name}/") for each in tables | set(named))
        parent = path.parent.relative_to(board.path).as_posix()
        if not below and not above and (parent == DERIVED or any(each.startswith(f"{parent}/") for each in named)):
            yield problem(name, NOTE, "no event names it; it is not shown")
    opened = {event.edition for event in board.events if event.kind == "edition"}
    for path in sorted((board.path / EDITIONS).glob("*.json")):
        if path.stem not in opened:
            yield problem(f"{EDITIONS}/{path.name}", NOTE, "no event opened it; it is not used")
