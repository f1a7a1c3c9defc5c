"""A board is a folder: a profile, frozen editions, a chain of events, and the submissions that they name.

Nothing counts that no event names. So a submission is first put in place in full, and only then named: a process that
is killed leaves the board as it was before, or as it is after.
"""

import re
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, Field

from equipoise.errors import InputError
from equipoise.harness.files import write_text
from equipoise.harness.inputs import fitted, read_yaml
from equipoise.leaderboard.edition import EDITIONS, Edition, read_edition
from equipoise.leaderboard.events import Event, read_events, write_events
from equipoise.leaderboard.manifest import Line, Link, Prose

BOARD_FILE = "board.yaml"
SUBMISSIONS, DERIVED = "submissions", "derived"
"""Folders: what was submitted, as it was received; and the tables that were computed from it."""

ROW = "row.json"
"""In a folder of tables: what the board tells of the submission beside its numbers."""

ANCHORS_FILE = "{edition}.anchors.csv"

ID = re.compile(r"[a-z0-9][a-z0-9._-]{0,79}")


class Profile(BaseModel):
    """`board.yaml`: how the board presents itself.

    Attributes:
        name: Short, in submissions; lower case.
        title, description: On its pages.
        url: Where it is published.
        maintainers: Who answers for it.
        citation: How to cite it.
        license: Of its results.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")
    title: Line = Field(min_length=1)
    description: Prose = ""
    url: Link = ""
    maintainers: tuple[Line, ...] = ()
    citation: Prose = ""
    license: Line = ""


@dataclass
class Standing:
    """What the events say of one submission.

    Attributes:
        submission: Its id.
        tiers: `self-run`, `recomputed` or `re-run`, by edition: a rerun confirms what it was compared with.
        added: Date and time of its event.
        files: SHA-256 of every submitted file, by its path.
        tables: Folder below `derived` with the tables that were computed from it, by edition.
        voted: Editions in which the board's own panel has judged it.
    """

    submission: str
    tiers: dict[str, str]
    added: str
    files: dict[str, str]
    tables: dict[str, str]
    voted: list[str] = field(default_factory=list)

    @property
    def editions(self) -> list[str]:
        """In which it stands."""
        return list(self.tables)

    @property
    def tier(self) -> str:
        """In the last of them."""
        return self.tiers[self.editions[-1]]


class Board:
    """A board that is read; `changing` gives the right to add to it.

    Attributes:
        path: Its folder.
        profile: How it presents itself.
        events: What happened, oldest first.
    """

    def __init__(self, path: Path, profile: Profile, events: list[Event]) -> None:
        self.path, self.profile, self.events = path, profile, events

    @cached_property
    def editions(self) -> dict[str, Edition]:
        """By name, in the order in which they were opened; the last is the current one."""
        names = [event.edition for event in self.events if event.kind == "edition"]
        return {name: read_edition(self.path / EDITIONS / f"{name}.json") for name in names}

    def edition(self, name: str | None = None) -> Edition:
        """The edition of that name, or the current one.

        Raises:
            InputError: There is none of that name.
        """
        wanted = name or next(reversed(self.editions), "")
        if not self.editions:
            raise InputError("has no edition yet (equipoise board edition)", path=self.path)
        if wanted not in self.editions:
            known = ", ".join(self.editions) or "none"
            raise InputError(f"has no edition {wanted!r}; there is {known}", path=self.path)
        return self.editions[wanted]

    @cached_property
    def standings(self) -> dict[str, Standing]:
        """The submissions that stand on the board, by id, in the order of their arrival."""
        found: dict[str, Standing] = {}
        for event in self.events:
            if event.kind in ("add", "replace"):
                files, tier, tables = (event.details[name] for name in ("files", "tier", "tables"))
                standing = Standing(event.submission, {event.edition: tier}, event.time, files, {event.edition: tables})
                found[event.submission] = standing
                found.pop(event.details.get("replaces", ""), None)
            elif event.kind == "withdraw":
                found.pop(event.submission, None)
            elif event.submission in found:
                _amend(found[event.submission], event)
        return found

    def submission(self, name: str) -> Path:
        """Folder of a submission, as it was received.

        Raises:
            InputError: No such submission stands on the board.
        """
        if name not in self.standings:
            raise InputError(f"no submission {name!r} stands on this board", path=self.path)
        return self.path / SUBMISSIONS / name

    def derived(self, name: str, edition: str) -> Path:
        """Folder of the tables that were computed from a submission for an edition."""
        return self.path / DERIVED / self.standings[name].tables[edition]

    @property
    def named(self) -> dict[str, dict[str, str] | None]:
        """Folders that events name, with the SHA-256 of their files; None where an event does not tell it."""
        found: dict[str, dict[str, str] | None] = {}
        for event in self.events:
            if event.kind in ("add", "replace"):
                found[f"{SUBMISSIONS}/{event.submission}"] = event.details["files"]
            if tables := event.details.get("tables"):
                found[f"{DERIVED}/{tables}"] = event.details.get("derived")
        return found

    @property
    def head(self) -> str:
        """Hash of the last event."""
        return self.events[-1].hash if self.events else ""


def open_board(path: Path) -> Board:
    """A board as it is now.

    Raises:
        InputError: The folder is no board, or its events were tampered with.
    """
    profile = read_profile(path / BOARD_FILE)
    return Board(path, profile, read_events(path))


def read_profile(path: Path) -> Profile:
    """The profile of a board.

    Raises:
        InputError: The file cannot be read, is no YAML, or a field does not fit.
    """
    return fitted(Profile, read_yaml(path, "a board's profile"), path)


def create_board(path: Path, profile: Profile) -> None:
    """An empty board without an edition.

    Raises:
        InputError: The folder holds something already.
    """
    if path.is_dir() and any(path.iterdir()):
        raise InputError("is not empty; a new board needs a folder of its own", path=path)
    path.mkdir(parents=True, exist_ok=True)
    write_text(path / BOARD_FILE, yaml.safe_dump(profile.model_dump(mode="json"), sort_keys=False, allow_unicode=True))
    write_events(path, [])


def _amend(standing: Standing, event: Event) -> None:
    """What happened to a submission after it was added."""
    if event.kind in ("carry", "rejudge"):
        standing.tables[event.edition] = event.details["tables"]
        first = next(iter(standing.tiers.values()))
        standing.tiers.setdefault(event.edition, "recomputed" if first == "re-run" else first)
    if event.kind == "rejudge" or (event.kind == "carry" and event.details.get("voted")):
        standing.voted.append(event.edition)
    if event.kind == "rerun":
        standing.tiers[event.edition] = "re-run"
