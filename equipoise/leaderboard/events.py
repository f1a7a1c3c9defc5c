"""What happened to a board, in order: an append-only file whose lines are chained by their hashes.

A line that is changed, removed or put in between breaks the chain. Lines that are cut off at the end do not: publish
the head hash (the site shows it), and anybody can tell that a board has lost its end.
"""

import json
import os
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from equipoise.errors import InputError
from equipoise.harness.files import write_whole
from equipoise.leaderboard.edition import digest

EVENTS_FILE = "events.jsonl"

FIRST = "0" * 64
"""`previous` of the first event."""

Kind = Literal["edition", "add", "replace", "withdraw", "rejudge", "carry", "rerun"]


class Event(BaseModel):
    """One thing that happened.

    Attributes:
        seq: 1, 2, 3, …
        time: UTC, ISO 8601.
        kind: `edition` (one was opened), `add` (a submission), `replace` (a submission takes another's place),
            `withdraw`, `rejudge` (the board's own panel voted), `carry` (into a later edition), `rerun` (the
            maintainers measured the model themselves).
        edition: Which one it is about.
        submission: Which one it is about, if any.
        note: In words.
        details: What else there is to know: digests of files, the tier, what was replaced.
        previous: Hash of the event before.
        hash: SHA-256 over all of the above.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    seq: int = Field(ge=1)
    time: str
    kind: Kind
    edition: str
    submission: str = ""
    note: str = ""
    details: dict[str, Any] = Field(default_factory=dict)
    previous: str
    hash: str = ""

    def sealed(self) -> "Event":
        """With its hash."""
        return self.model_copy(update={"hash": digest(self.model_dump(mode="json", exclude={"hash"}))})


def read_events(board: Path) -> list[Event]:
    """All events of a board, oldest first.

    Raises:
        InputError: The file cannot be read, a line is no event, or the chain is broken there: it was tampered with.
    """
    path = board / EVENTS_FILE
    try:
        text = path.read_bytes().decode("utf-8")
    except OSError as error:
        raise InputError(f"cannot be read ({error.strerror}); expected the events of a board", path=path) from None
    except UnicodeDecodeError:
        raise InputError("is not UTF-8", path=path) from None
    *lines, rest = text.split("\n")  # not at other marks that end a line: texts may hold them
    if rest:
        raise InputError("is cut off", path=path, line=len(lines) + 1)
    events: list[Event] = []
    for number, line in enumerate(lines, 1):
        try:
            event = Event.model_validate_json(line)
        except ValidationError as error:
            raise InputError(f"is no event ({error.errors()[0]['msg'][:160]})", path=path, line=number) from None
        before = events[-1].hash if events else FIRST
        same = event.seq == number and event.previous == before and event.sealed().hash == event.hash
        if not same or line != _line(event):
            raise InputError("breaks the chain of hashes: this or an earlier line was changed", path=path, line=number)
        events.append(event)
    return events


def following(
    events: Sequence[Event], kind: Kind, edition: str, submission: str = "", note: str = "", **details: Any
) -> Event:
    """The event that comes after these, sealed."""
    return Event(
        seq=len(events) + 1,
        time=datetime.now(UTC).isoformat(timespec="seconds"),
        kind=kind,
        edition=edition,
        submission=submission,
        note=note,
        details=details,
        previous=events[-1].hash if events else FIRST,
    ).sealed()


def write_events(board: Path, events: Sequence[Event]) -> None:
    """Replace the file in one step: readers see the events before, or all of these."""
    text = "".join(f"{_line(event)}\n" for event in events)
    write_whole(board / EVENTS_FILE, lambda partial: _write_to_disk(partial, text))


def _line(event: Event) -> str:
    """The one way in which an event is written."""
    return json.dumps(event.model_dump(mode="json"), ensure_ascii=False)


def _write_to_disk(path: Path, text: str) -> None:
    """Not only to the system's memory: the name must not get there before the content."""
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
