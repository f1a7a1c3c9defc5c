"""What is wrong with a submission, told by file and field."""

from collections.abc import Sequence
from dataclasses import dataclass

MOST_SHOWN = 5
"""Problems of one kind of one file that are told; the rest is counted."""


@dataclass(frozen=True)
class Problem:
    """One reason to refuse a submission.

    Attributes:
        path: File in the submission.
        field: Field or place in it; may be empty.
        message: What was found and what was expected, in one printable line.
    """

    path: str
    field: str
    message: str

    def __str__(self) -> str:
        return ": ".join(part for part in (self.path, self.field, self.message) if part)

    def record(self) -> dict[str, str]:
        """As a JSON object."""
        return {"path": self.path, "field": self.field, "message": self.message}


def problem(path: str, field: str, message: str) -> Problem:
    """A problem whose texts may come from a submission: made printable, one line each, and short."""
    return Problem(printable(path, 200), printable(field, 200), printable(message, 400))


def printable(text: str, most: int) -> str:
    """Untrusted text for a message."""
    start = text if len(text) <= most else text[: most - 1] + "…"
    return "".join(c if c.isprintable() else "�" for c in start)


def shortened(path: str, found: Sequence[tuple[str, str]]) -> list[Problem]:
    """Field and message pairs of one file as problems; of very many the first few and a count."""
    told = [problem(path, field, message) for field, message in found[:MOST_SHOWN]]
    more = len(found) - len(told)
    return [*told, Problem(path, "", f"and {more:,} more like these")] if more else told
