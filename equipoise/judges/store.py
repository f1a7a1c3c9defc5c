"""The votes of a log folder in one SQLite file: nothing is paid twice, and several processes may write at once."""

import os
import socket
import sqlite3
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Literal, NamedTuple

import psutil

from equipoise.errors import InputError
from equipoise.judges.vote import Vote

STORE_FILE = "votes.sqlite"
"""Name of the store, beside the logs."""

VERSION = 1
"""Of the tables below."""

LEASE = 900.0
"""Seconds after which the claim of a process on another machine is taken over. (On this machine we look for it.)"""

_TABLES = """
CREATE TABLE IF NOT EXISTS votes (key TEXT PRIMARY KEY, final INTEGER NOT NULL, vote TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS claims (key TEXT PRIMARY KEY, owner TEXT NOT NULL, since REAL NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS places (
  log TEXT NOT NULL, sample TEXT NOT NULL, epoch INTEGER NOT NULL, arm TEXT NOT NULL, turn INTEGER NOT NULL,
  key TEXT NOT NULL, since REAL NOT NULL, PRIMARY KEY (log, sample, epoch, arm, turn, key)
) WITHOUT ROWID;
"""

_KEEP = """
INSERT INTO votes VALUES (?, ?, ?) ON CONFLICT (key) DO UPDATE SET final = excluded.final, vote = excluded.vote
WHERE NOT votes.final
"""
"""A failed call gives way to any later vote, a vote to nothing."""

Claim = Literal["mine", "theirs", "done"]


class Place(NamedTuple):
    """Where in the logs a vote belongs; equal texts share one.

    Attributes:
        log: Name of the log file.
        sample: Sample id, as text.
        epoch, arm, turn: As in the long table.
        key: The vote's.
    """

    log: str
    sample: str
    epoch: int
    arm: str
    turn: int
    key: str


def store_path(logs: Path) -> Path:
    """Where the votes on the logs of a run folder, a log folder or a log file are kept."""
    if logs.is_file():
        return logs.parent / STORE_FILE
    return (logs / "logs" if (logs / "logs").is_dir() else logs) / STORE_FILE


class Store:
    """Votes by content, claims on votes that somebody is asking for, and the places where votes belong.

    Each vote is committed as it arrives (SQLite, write-ahead log), so a killed process loses none. A call is made only
    under a claim; claims of processes that are gone are taken over. The file must be on a local disk: SQLite's
    write-ahead log does not work over network file systems.

    Args:
        path: The file; made if absent.

    Raises:
        InputError: The file cannot be opened, is no store, or one of a later version.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.owner = f"{socket.gethostname()}:{os.getpid()}:{psutil.Process().create_time():.3f}"
        self._gone: dict[str, bool] = {}
        try:
            self._db = sqlite3.connect(path, timeout=60, isolation_level=None, check_same_thread=False)
            self._db.execute("PRAGMA journal_mode=WAL")
            self._db.execute("PRAGMA synchronous=NORMAL")
            version = self._db.execute("PRAGMA user_version").fetchone()[0]
            if version > VERSION:
                raise InputError(f"is a vote store of version {version}, expected at most {VERSION}", path=path)
            self._db.executescript(_TABLES + f"PRAGMA user_version={VERSION};")
        except sqlite3.Error as error:
            raise InputError(f"cannot be used as a vote store ({error})", path=path) from None

    def __enter__(self) -> "Store":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Give the file back."""
        self._db.close()

    def get(self, keys: Sequence[str]) -> dict[str, Vote]:
        """The known votes among the keys; a failed call is none, it is made again."""
        found: dict[str, Vote] = {}
        for start in range(0, len(keys), 500):
            part = keys[start : start + 500]
            marks = ",".join("?" * len(part))
            rows = self._db.execute(f"SELECT key, vote FROM votes WHERE final AND key IN ({marks})", part)
            found.update((key, Vote.model_validate_json(vote)) for key, vote in rows)
        return found

    def claim(self, keys: Sequence[str]) -> Claim:
        """Ask to make the call for these votes.

        Returns:
            `mine`: make it, then `put` or `release`. `theirs`: somebody is at it. `done`: all of them are there.
        """
        with self._transaction():
            if len(self.get(keys)) == len(set(keys)):
                return "done"
            for key in keys:
                held = self._db.execute("SELECT owner, since FROM claims WHERE key = ?", (key,)).fetchone()
                if held is not None and not self._is_stale(*held):
                    return "theirs"
            claims = [(key, self.owner, time.time()) for key in keys]
            self._db.executemany("INSERT OR REPLACE INTO claims VALUES (?, ?, ?)", claims)
            return "mine"

    def put(self, votes: Iterable[Vote]) -> None:
        """Keep votes and end the claims on them."""
        found = list(votes)
        with self._transaction():
            self._db.executemany(_KEEP, [_row(vote) for vote in found])
            self._db.executemany("DELETE FROM claims WHERE key = ?", [(vote.key,) for vote in found])

    def add(self, votes: Iterable[Vote]) -> None:
        """Take over votes that were made elsewhere; known ones stay as they are."""
        with self._transaction():
            self._db.executemany(_KEEP, [_row(vote) for vote in votes])

    def release(self, keys: Iterable[str]) -> None:
        """Give up claims of this process."""
        with self._transaction():
            self._db.executemany("DELETE FROM claims WHERE key = ? AND owner = ?", [(k, self.owner) for k in keys])

    def forget(self, keys: Sequence[str]) -> None:
        """Drop votes, so that they are asked for again."""
        with self._transaction():
            self._db.executemany("DELETE FROM votes WHERE key = ?", [(key,) for key in keys])

    def place(self, places: Iterable[Place], since: float) -> None:
        """Remember where votes belong, and since when: the latest vote of a judge on a measure is the one that counts.

        Args:
            places: Where.
            since: Seconds since 1970; a place that is known already keeps the later time.
        """
        with self._transaction():
            self._db.executemany(
                "INSERT INTO places VALUES (?, ?, ?, ?, ?, ?, ?) "
                "ON CONFLICT DO UPDATE SET since = max(since, excluded.since)",
                [(*place, since) for place in places],
            )

    def placed(self, log: str | None = None) -> Iterator[tuple[Place, Vote]]:
        """Votes with their places, of one log or of all; within a place the latest last."""
        where, bound = ("", ()) if log is None else (" WHERE log = ?", (log,))
        columns = "log, sample, epoch, arm, turn, key"
        query = f"SELECT {columns}, vote FROM places JOIN votes USING (key){where} ORDER BY {columns[:-5]}, since"
        for *place, vote in self._db.execute(query, bound):
            yield Place(*place), Vote.model_validate_json(vote)

    def count(self) -> int:
        """Number of votes, failed calls not counted."""
        return int(self._db.execute("SELECT count(*) FROM votes WHERE final").fetchone()[0])

    def _is_stale(self, owner: str, since: float) -> bool:
        """Whether the process behind a claim is gone."""
        if owner == self.owner:
            return False
        host, pid, started = owner.rsplit(":", 2)
        if host != socket.gethostname():
            return time.time() - since > LEASE
        if not self._gone.get(owner):
            self._gone[owner] = not _runs(int(pid), float(started))
        return self._gone[owner]

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")


def _row(vote: Vote) -> tuple[str, bool, str]:
    return vote.key, vote.missing != "error", vote.model_dump_json()


def _runs(pid: int, started: float) -> bool:
    """Whether a process is alive: the number alone may have been given to another one."""
    try:
        return bool(abs(psutil.Process(pid).create_time() - started) < 1.0)
    except psutil.Error:
        return False
