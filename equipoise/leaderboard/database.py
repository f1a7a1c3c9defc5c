"""`board.duckdb`: everything that a board shows, rebuilt from its events and derived tables at any time."""

import json
import tempfile
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd

from equipoise.errors import InputError
from equipoise.leaderboard import derived
from equipoise.leaderboard.board import ROW, Board, Standing, open_board
from equipoise.leaderboard.edition import Edition, digest
from equipoise.leaderboard.linking import anchors_of, check_links, links_table
from equipoise.leaderboard.schema import TABLES, definition
from equipoise.leaderboard.standings import agreement_table, item_statistics, judged, ranks
from equipoise.leaderboard.transfer import copy, files_of, insert, scores_of, standing_in, votes_of

DATABASE_FILE = "board.duckdb"

MEMORY, THREADS = "500MB", 2
"""What DuckDB may use; what does not fit goes to the disk."""

COPIED = {
    "metrics": derived.METRICS,
    "scores": derived.SCORES,
    "counts": derived.COUNTS,
    "transcripts": derived.TRANSCRIPTS,
}
"""Tables that are the submissions' derived tables, one under the other."""

STANDARD = "standard"

Tell = Callable[[str], None]


def write_database(board: Path, target: Path | None = None, on_step: Tell | None = None) -> Path:
    """Write the database of a board, whole or not at all.

    Args:
        board: Folder of the board.
        target: File to write; by default `board.duckdb` in the folder.
        on_step: Called with a few words before each step.

    Returns:
        The file.

    Raises:
        InputError: The folder is no board, its events were tampered with, a table is absent or cannot be read, or the
            file cannot be written.
    """
    opened, path = open_board(board), target or board / DATABASE_FILE
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".database-", dir=path.parent) as folder:
            partial = Path(folder) / DATABASE_FILE
            with duckdb.connect(str(partial)) as connection:
                connection.execute(f"SET memory_limit = '{MEMORY}'; SET threads = {THREADS}")
                _fill(connection, opened, on_step or (lambda _: None))
            partial.replace(path)
    except OSError as error:
        raise InputError(f"cannot be written ({error.strerror or error})", path=path) from None
    except duckdb.Error as error:
        raise InputError(f"cannot be built ({str(error).splitlines()[0]:.200})", path=path) from None
    return path


def _fill(connection: duckdb.DuckDBPyConnection, board: Board, tell: Tell) -> None:
    for table in TABLES:
        connection.execute(definition(table))
    insert(connection, "board", _board(board))
    insert(connection, "events", pd.DataFrame([event.model_dump() for event in board.events]))
    insert(connection, "editions", _editions(board))
    insert(connection, "files", _files(board))
    for name, edition in board.editions.items():
        standings = standing_in(board, name)
        tell(f"{name}: {len(standings)} submissions")
        submissions = pd.DataFrame([_submission(board, edition, each) for each in standings])
        insert(connection, "submissions", submissions, edition=name)
        for table, file in COPIED.items():
            copy(connection, table, edition, files_of(board, name, file))
        votes = votes_of(connection, board, name)
        insert(connection, "tasks", _tasks(edition, set(votes["task"].astype(str))), edition=name)
        _stand(connection, board, edition, submissions, votes, tell)


def _stand(
    connection: duckdb.DuckDBPyConnection, board: Board, edition: Edition, submissions: pd.DataFrame,
    votes: pd.DataFrame, tell: Tell,
) -> None:  # fmt: skip
    """What all submissions of an edition say together."""
    name, ranked = edition.name, _ranked(submissions)
    scores = scores_of(connection, board, edition)
    tell(f"{name}: ranks")
    insert(connection, "ranks", ranks(scores, ranked), edition=name)
    texts = {(task.task, item): text for task in edition.tasks for item, _, text in task.items.values()}
    items = item_statistics(scores, ranked)
    keys = zip(items["task"], items["item"], strict=True)
    insert(connection, "items", items.assign(text=[texts.get(key, "") for key in keys]), edition=name)
    tell(f"{name}: judges")
    anchors = anchors_of(board, edition)
    found = judged(votes, anchors)
    insert(connection, "capability", found.capability, edition=name)
    insert(connection, "severity", found.severity, edition=name)
    insert(connection, "agreement", agreement_table(votes), edition=name)
    if anchors is not None:
        checks = check_links(found.fits, judged(votes).fits, anchors)
        insert(connection, "links", links_table(checks), edition=name)


def _board(board: Board) -> pd.DataFrame:
    profile = board.profile
    told = {name: getattr(profile, name) for name in ("title", "description", "url", "citation", "license")}
    told["maintainers"] = ", ".join(profile.maintainers)
    told |= {"head": board.head, "edition": next(reversed(board.editions), ""), "equipoise": version("equipoise")}
    return pd.DataFrame(told.items(), columns=["key", "value"])


def _editions(board: Board) -> pd.DataFrame:
    last = next(reversed(board.editions), "")
    rows = [
        (
            name,
            place,
            edition.opened,
            edition.identity,
            name == last,
            edition.spec.title,
            edition.spec.model_dump_json(),
            edition.text(),
        )
        for place, (name, edition) in enumerate(board.editions.items(), 1)
    ]
    return pd.DataFrame(rows, columns=list(TABLES["editions"]))


def _files(board: Board) -> pd.DataFrame:
    """What was submitted, file by file, so that everybody can open the logs behind a number."""
    rows = [(each.submission, *file) for each in board.standings.values() for file in sorted(each.files.items())]
    return pd.DataFrame(rows, columns=list(TABLES["files"]))


def _tasks(edition: Edition, voted: set[str]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "task": task.task,
            "title": task.task.rsplit("/", 1)[-1],
            "version": task.version,
            "epochs": task.epochs,
            "items": len({item for item, _, _ in task.items.values()}),
            "args": json.dumps(task.args, ensure_ascii=False, sort_keys=True),
            "judged": task.task in voted,
        }
        for task in edition.tasks
    )


def _submission(board: Board, edition: Edition, standing: Standing) -> dict[str, Any]:
    """A row of `submissions`: what intake found, and what only events know."""
    path = board.derived(standing.submission, edition.name) / ROW
    try:
        row: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InputError(f"cannot be read ({error}); expected the row of a submission", path=path) from None
    told = {"submission": standing.submission, "tier": standing.tiers[edition.name], "added": standing.added}
    if edition.name in standing.voted:
        told["votes_by"] = "board"
    return {**row, **told, "digest": digest(sorted(standing.files.items()))}


def _ranked(submissions: pd.DataFrame) -> list[str]:
    """Submissions that have ranks: no control agents and no custom configurations."""
    if submissions.empty:
        return []
    chosen = ~submissions["control"].astype(bool) & (submissions["configuration"] == STANDARD)
    return list(submissions.loc[chosen, "submission"])
