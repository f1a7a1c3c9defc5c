"""Data of the model pages that is loaded when opened: all metrics, and the same few dialogues for every model."""

import json
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import Any

from equipoise.leaderboard.site.inert import script
from equipoise.leaderboard.site.source import Source
from equipoise.leaderboard.site.view import View

BATCH = 50
"""Submissions whose data are read at once."""

MOST_CHARACTERS, MOST_LINES = 20_000, 200
"""Of a line, and of a dialogue, that are shown."""


def write_metrics(source: Source, view: View, data: Path) -> None:
    """Write `models/SUBMISSION/metrics-TASK.js`: all metrics of a model on a task, column by column."""
    query = """SELECT submission, task, arm, measure, "by", round(estimate, 6), round(low, 6), round(high, 6), n,
        missing, round(worst_low, 6), round(worst_high, 6) FROM metrics
        WHERE edition = ? AND submission IN (SELECT unnest(?)) ORDER BY submission, task, arm, measure, "by" """
    for submission, task, rows in _by_task(source, view, query):
        _write(view, data, "metrics", submission, task, [list(row[2:]) for row in rows])


def write_transcripts(source: Source, view: View, data: Path, most: int) -> None:
    """Write `models/SUBMISSION/transcripts-TASK.js` with the chosen dialogues.

    Args:
        source: The board.
        view: The edition.
        data: Folder for the files.
        most: Dialogues of a task.
    """
    _choose(source, view.edition.edition, most)
    query = """SELECT submission, task, item, arm, epoch, lines FROM transcripts JOIN chosen USING (task, item, arm)
        WHERE edition = ? AND submission IN (SELECT unnest(?))
        QUALIFY row_number() OVER (PARTITION BY submission, task, item, arm ORDER BY epoch) = 1
        ORDER BY submission, task, place"""
    for submission, task, rows in _by_task(source, view, query):
        dialogues = [[item, arm, epoch, *_lines(lines)] for _, _, item, arm, epoch, lines in rows]
        _write(view, data, "transcripts", submission, task, dialogues)


def _choose(source: Source, edition: str, most: int) -> None:
    """Items and arms by the hash of their names, the same for all models: nobody can pick, and pages can be compared.

    What less than half of a task's submissions have is left out: a stray name of one submission changes nothing.
    """
    source.connection.execute(
        """CREATE OR REPLACE TEMP TABLE chosen AS
        WITH pairs AS (SELECT task, item, arm, count(DISTINCT submission) AS having_it FROM transcripts
            WHERE edition = ? GROUP BY ALL),
        models AS (SELECT task, count(DISTINCT submission) AS models FROM transcripts WHERE edition = ? GROUP BY task)
        SELECT task, item, arm, row_number() OVER (PARTITION BY task ORDER BY md5(item || chr(31) || arm)) AS place
        FROM pairs JOIN models USING (task) WHERE 2 * having_it >= models QUALIFY place <= ?""",
        [edition, edition, most],
    )


def _by_task(source: Source, view: View, query: str) -> Iterator[tuple[str, str, Iterator[tuple[Any, ...]]]]:
    """Rows of a query by submission and task, some submissions at a time."""
    names = sorted(row.submission for row in view.submissions)
    for start in range(0, len(names), BATCH):
        part = names[start : start + BATCH]
        rows = source.connection.execute(query, [view.edition.edition, part]).fetchall()
        for (submission, task), group in groupby(rows, key=lambda row: row[:2]):
            if task in view.slugs:
                yield submission, task, group


def _lines(text: str) -> tuple[list[list[object]], int]:
    """Speaker, turn, text, label and whether it is cut, of every line that is shown, and how many are not.

    Nothing where the text is not such a list.
    """
    try:
        loaded = json.loads(text)
    except ValueError:
        return [], 0
    lines = [line for line in loaded if isinstance(line, dict)] if isinstance(loaded, list) else []
    shown: list[list[object]] = [
        [str(line.get("speaker", "")), _turn(line.get("turn")), said[:MOST_CHARACTERS], str(line.get("label", "")),
         int(len(said) > MOST_CHARACTERS)]
        for line in lines[:MOST_LINES] for said in [str(line.get("text", ""))]
    ]  # fmt: skip
    return shown, len(lines) - len(shown)


def _turn(value: object) -> int:
    return value if isinstance(value, int) and 0 <= value < 10_000 else 0


def _write(view: View, data: Path, kind: str, submission: str, task: str, value: object) -> None:
    folder = data / "models" / submission
    folder.mkdir(parents=True, exist_ok=True)
    name = f"{kind}-{view.slugs[task]}"
    (folder / f"{name}.js").write_text(script(f"models/{submission}/{name}", value), encoding="ascii")
