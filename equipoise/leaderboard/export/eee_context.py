"""What belongs to a submission, for Every Eval Ever; what a whole edition shares is read once."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from equipoise.leaderboard.export.read import Reader, Row, json_object

Place = tuple[Any, ...]
"""Submission, task, side, heading and breakdown of a rank."""


@dataclass(frozen=True)
class Shared:
    """What all submissions of an edition have in common.

    Attributes:
        edition: Its row; empty if it is not on the board.
        tasks: Rows by task.
        judges: Who voted, by task: those with a severity, else the panel.
        asked: Text of the items, by task and item.
        ranks: Those that are given, by submission, task, side, heading and breakdown.
    """

    edition: Row
    tasks: dict[str, Row]
    judges: dict[str, list[str]]
    asked: dict[tuple[str, str], str]
    ranks: dict[Place, Row]

    @classmethod
    def of(cls, board: Reader, edition: str) -> "Shared":
        """Read it."""

        def rows(query: str) -> list[Row]:
            return board.rows(query, [edition])

        editions = rows("SELECT * FROM editions WHERE edition = ?")
        tasks = {str(row["task"]): row for row in rows("SELECT * FROM tasks WHERE edition = ?")}
        asked = rows("SELECT DISTINCT task, item, text FROM items WHERE edition = ? AND text <> ''")
        ranks = rows("SELECT * FROM ranks WHERE edition = ? AND best > 0")
        voted = rows("SELECT DISTINCT task, judge FROM severity WHERE edition = ? ORDER BY judge")
        panel = json_object(editions[0]["spec"] if editions else "").get("panel")
        named = (panel.get("judges") if isinstance(panel, dict) else None) or []
        judges = {task: [str(judge) for judge in named] for task in tasks}
        for task in {str(row["task"]) for row in voted}:
            judges[task] = [str(row["judge"]) for row in voted if row["task"] == task]
        return cls(
            editions[0] if editions else {},
            tasks,
            judges,
            {(row["task"], row["item"]): str(row["text"]) for row in asked},
            {_place(row, row["submission"], row["by"]): row for row in ranks},
        )


@dataclass(frozen=True)
class Context:
    """A submission with what belongs to it."""

    board: Reader
    submission: Row
    shared: Shared

    @cached_property
    def margins(self) -> list[Row]:
        """Of this submission, those with a value."""
        return self.board.margins(self.submission)

    def rank(self, margin: Row) -> Row:
        """The rank of a margin; empty if it is not ranked."""
        place = _place(margin, self.submission["submission"], without_turn(margin["by"]))
        return self.shared.ranks.get(place, {})


def without_turn(by: str) -> str:
    """A margin's breakdown as ranks and item values have it: margins are taken after the last turn."""
    return ",".join(part for part in str(by).split(",") if not part.startswith("turn="))


def _place(row: Row, submission: str, by: str) -> Place:
    return submission, row["task"], row["side"], row["heading"], by
