"""The current edition of a board as a source of plots."""

from collections import Counter
from pathlib import Path

import pandas as pd

from equipoise.errors import InputError
from equipoise.harness.metrics import Metric
from equipoise.leaderboard.export.read import Reader, Row, open_board
from equipoise.leaderboard.plots.source import ITEMS, MEASURES, Source, tasks_meant

QUERY = (
    "SELECT * FROM metrics WHERE edition = ? AND task IN (SELECT unnest(?)) AND (headline OR \"by\" LIKE '%turn=%') "
    'ORDER BY task, submission, arm, measure, "by"'
)


def board_source(path: Path, task: str = "") -> Source:
    """Read all that is drawn; a row is named as on the board, with its id where names are the same.

    Raises:
        InputError: No board's database, no edition, no submission to it, or no such task.
    """
    with open_board(path) as board:
        editions = board.rows("SELECT edition FROM editions ORDER BY current DESC, position DESC LIMIT 1")
        edition = editions[0]["edition"] if editions else ""
        where = [edition]
        tasks = [str(row["task"]) for row in board.rows("SELECT DISTINCT task FROM metrics WHERE edition = ?", where)]
        wanted = tasks_meant(tasks, task, path) if task else tasks
        names = _names([row for row in board.submissions() if row["edition"] == edition])
        if not names:
            raise InputError(f"has no submission to edition {edition!r}: nothing can be drawn", path=path)
        metrics = [_metric(row, names) for row in board.rows(QUERY, [edition, wanted]) if row["submission"] in names]
        capability = _table(
            board, edition, wanted,
            'SELECT task, dimension, submission AS name, measure AS value, low, high, status AS remark FROM capability',
        )  # fmt: skip
        severity = _table(
            board, edition, wanted,
            'SELECT task, dimension, judge AS name, severity AS value, low, high, status AS remark FROM severity',
        )  # fmt: skip
        unfitted = _unfitted(board, edition, wanted)
        items = _table(board, edition, wanted, "SELECT task, side, item, difficulty FROM items", ITEMS)
    capability["name"] = capability["name"].map(lambda name: names.get(name, name))
    known = items[items["difficulty"].notna()].astype({"difficulty": float})
    return Source(
        path, lambda: metrics, lambda: _known(capability), lambda: _known(severity), lambda: known, lambda: unfitted
    )


def _unfitted(board: Reader, edition: str, tasks: list[str]) -> dict[tuple[str, str], str]:
    """Task and dimension -> why its votes gave no fit."""
    query = (
        "SELECT task, dimension, max(reason) AS reason FROM capability "
        "WHERE edition = ? AND task IN (SELECT unnest(?)) GROUP BY task, dimension "
        "HAVING count(measure) FILTER (isfinite(measure)) = 0 AND max(reason) <> '' ORDER BY ALL"
    )
    return {(row["task"], row["dimension"]): row["reason"] for row in board.rows(query, [edition, tasks])}


def _names(rows: list[Row]) -> dict[str, str]:
    """Submission -> what it is called; control agents keep the name that they are known by."""
    called = {row["submission"]: str(row["model"] if row["control"] else row["name"]) for row in rows}
    often = Counter(called.values())
    return {key: name if often[name] == 1 else f"{name} ({key})" for key, name in called.items()}


def _metric(row: Row, names: dict[str, str]) -> Metric:
    task, arm, measure, by = (str(row[name]) for name in ("task", "arm", "measure", "by"))
    estimate, low, high, worst_low, worst_high = (
        _number(row[name]) for name in ("estimate", "low", "high", "worst_low", "worst_high")
    )
    n, missing, items, families = (int(row[name] or 0) for name in ("n", "missing", "items", "families"))
    return Metric(
        task, names[row["submission"]], arm, measure, by, estimate, low, high, n, missing, items, families,
        worst_low, worst_high, bool(row["headline"]),
    )  # fmt: skip


def _number(value: object) -> float:
    return float("nan") if value is None else float(str(value))


def _table(board: Reader, edition: str, tasks: list[str], query: str, columns: list[str] = MEASURES) -> pd.DataFrame:
    rows = board.rows(f"{query} WHERE edition = ? AND task IN (SELECT unnest(?)) ORDER BY ALL", [edition, tasks])
    return pd.DataFrame(rows, columns=columns)


def _known(table: pd.DataFrame) -> pd.DataFrame:
    numbers = dict.fromkeys(("value", "low", "high"), "float64")
    return table[table["value"].notna()].astype(numbers).reset_index(drop=True)
