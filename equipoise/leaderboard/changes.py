"""Changes to a board: everything is put into place first and named last, in one step, by one process at a time."""

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import Any

from equipoise.errors import InputError
from equipoise.harness.files import locked, write_text, write_whole
from equipoise.leaderboard.board import ANCHORS_FILE, DERIVED, SUBMISSIONS, Board, open_board
from equipoise.leaderboard.edition import EDITIONS, Edition
from equipoise.leaderboard.events import Event, Kind, following, write_events

LOCK_FILE = ".lock"
STAGING = ".staging-"
PENDING = ".pending.json"
"""What a change is putting into place; it is gone once the change is named."""


class Change:
    """The right to add to a board, held by one process at a time."""

    def __init__(self, board: Board) -> None:
        self.board = board
        self._moves: list[tuple[Path, Path]] = []
        self._events: list[Event] = list(board.events)

    def staging(self) -> Path:
        """A new folder on the board's disk, in which things are prepared; it is gone when the change ends."""
        return Path(tempfile.mkdtemp(prefix=STAGING, dir=self.board.path))

    def place(self, prepared: Path, where: Path) -> None:
        """Move a prepared folder or file to its place when the change is made."""
        self._moves.append((prepared, where))

    def tell(self, kind: Kind, edition: str, submission: str = "", note: str = "", **details: Any) -> None:
        """Add an event when the change is made."""
        self._events.append(following(self._events, kind, edition, submission, note, **details))

    def make(self) -> None:
        """Put everything in place, then name it: the one step that counts."""
        path = self.board.path
        write_text(path / PENDING, json.dumps([str(where.relative_to(path)) for _, where in self._moves]))
        for prepared, where in self._moves:
            where.parent.mkdir(parents=True, exist_ok=True)
            _remove(where)  # left by a change that was killed before it was named
            prepared.replace(where)
        os.sync()  # a machine that loses power must not keep names of files that it has lost
        write_events(path, self._events)
        self._moves.clear()
        (path / PENDING).unlink()


@contextmanager
def changing(path: Path) -> Iterator[Change]:
    """Hold a board alone; what a killed process left half-way is removed first.

    Raises:
        InputError: The folder is no board, or cannot be written.
    """
    with locked(path / LOCK_FILE):
        for left in path.glob(f"{STAGING}*"):
            _remove(left)
        board = open_board(path)
        _take_back(board)
        change = Change(board)
        try:
            yield change
        finally:
            for left in path.glob(f"{STAGING}*"):
                _remove(left)


def _take_back(board: Board) -> None:
    """Remove what a killed change had put into place and not named."""
    pending = board.path / PENDING
    if pending.is_file():
        try:
            places = json.loads(pending.read_text(encoding="utf-8"))
        except ValueError:  # it was killed before it had moved anything
            places = []
        places = places if isinstance(places, list) else []
        named = board.named
        for place in filter(lambda place: _is_ours(board.path, place) and place not in named, places):
            _remove(board.path / place)
        pending.unlink()


def _is_ours(board: Path, place: object) -> bool:
    """Whether a name leads to a place for submissions or tables: whoever writes the file must not delete elsewhere."""
    if not isinstance(place, str) or PurePosixPath(place).parts[:1] not in ((SUBMISSIONS,), (DERIVED,)):
        return False
    where, room = (board / place).resolve(), (board / PurePosixPath(place).parts[0]).resolve()
    return room.parent == board.resolve() and room in where.parents


def open_edition(path: Path, edition: Edition, anchors: bytes = b"", note: str = "") -> None:
    """Open an edition; from now on it is the current one.

    Raises:
        InputError: There is one of that name, or its identity is that of the current one.
    """
    with changing(path) as change:
        known = change.board.editions
        if edition.name in known:
            raise InputError(f"has an edition {edition.name!r} already; a changed one needs a new name", path=path)
        same = next((name for name, other in known.items() if other.identity == edition.identity), None)
        if same:
            raise InputError(f"nothing that makes rows comparable differs from edition {same!r}", path=path)
        write_text(path / EDITIONS / f"{edition.name}.json", edition.text())
        if anchors:
            held = path / EDITIONS / ANCHORS_FILE.format(edition=edition.name)
            write_whole(held, lambda partial: partial.write_bytes(anchors))
        sums = {f"{edition.name}.json": hashlib.sha256(edition.text().encode()).hexdigest()}
        if anchors:
            sums[ANCHORS_FILE.format(edition=edition.name)] = hashlib.sha256(anchors).hexdigest()
        said = note or edition.spec.title
        change.tell("edition", edition.name, note=said, identity=edition.identity, files=sums)
        change.make()


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
