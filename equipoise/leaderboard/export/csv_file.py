"""All metrics of a board as one CSV file, a row per metric."""

import csv
from pathlib import Path
from typing import Any

from equipoise.harness.files import write_whole
from equipoise.leaderboard.export.read import open_board

CSV_FILE = "metrics.csv"

ABOUT = (
    "model", "name", "organisation", "provider", "revision", "access", "license", "tier", "configuration", "control",
    "votes_by", "equipoise", "created",
)  # fmt: skip
"""Columns of a submission that stand beside each of its metrics."""

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
"""Beginnings of a text that a spreadsheet would compute."""


def export_csv(database: Path, target: Path) -> list[Path]:
    """Write `metrics.csv`: every metric of every submission, headline or not.

    Numbers have all their digits, so that reading them gives the database's values; an empty cell means unknown.

    Args:
        database: `board.duckdb`.
        target: Folder, made if it is not there.

    Raises:
        InputError: The database cannot be read or the folder cannot be written.
    """
    about = ", ".join(f"s.{name}" for name in ABOUT)
    query = (
        f"SELECT m.edition, m.submission, {about}, m.* EXCLUDE (edition, submission) "
        "FROM metrics m JOIN submissions s USING (edition, submission) "
        'ORDER BY m.edition, m.submission, m.task, m.arm, m.measure, m."by"'
    )
    with open_board(database) as board:
        board.submissions()  # checks their names
        rows = board.rows(query)
    path = target / CSV_FILE

    def write(partial: Path) -> None:
        with partial.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(list(rows[0]) if rows else ["edition", "submission"])
            writer.writerows([[cell(value) for value in row.values()] for row in rows])

    write_whole(path, write)
    return [path]


def cell(value: Any) -> Any:
    """A value as a spreadsheet may see it: text that would be a formula gets an apostrophe, numbers stay numbers."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return value
    text = str(value).replace("\0", "")
    return f"'{text}" if text.startswith(FORMULA) else text
