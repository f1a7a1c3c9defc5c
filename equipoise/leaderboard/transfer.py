"""Rows into a board's database, and out of the submissions' derived tables."""

import json
import re
from collections.abc import Callable, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pyarrow as pa

from equipoise.errors import InputError
from equipoise.leaderboard import derived
from equipoise.leaderboard.board import Board, Standing
from equipoise.leaderboard.edition import Edition
from equipoise.leaderboard.schema import FLAG, REAL, TABLES, TEXT, WHOLE

BATCH = 50
"""Submissions whose tables are copied at a time; memory is bounded by this, not by the board."""

VOTES = (
    "eval_id",
    "task",
    "item",
    "family",
    "arm",
    "epoch",
    "turn",
    "measure",
    "judge",
    "judge_prompt_hash",
    "value",
    "missing",
)
"""Columns of a vote, besides `model`: the submission."""

SOURCE = """
read_parquet($files, filename = true, file_row_number = true)
JOIN (SELECT unnest($names) AS filename, unnest($ids) AS submission, unnest($places) AS place) USING (filename)
"""
"""Derived tables of several submissions, each row with the submission that it is of."""

IN_ORDER = "ORDER BY place, file_row_number"

ARROW: dict[str, Any] = {TEXT: pa.string(), REAL: pa.float64(), WHOLE: pa.int32(), FLAG: pa.bool_()}
PLAIN: dict[str, Callable[[Any], Any]] = {REAL: float, WHOLE: int, FLAG: bool}


def edition_votes(board: Board, edition: str) -> pd.DataFrame:
    """Votes of all submissions of an edition, `model` being the submission.

    Raises:
        InputError: A table is absent or cannot be read.
    """
    try:
        with duckdb.connect() as connection:
            return votes_of(connection, board, edition)
    except duckdb.Error as error:
        raise InputError(f"cannot be read ({str(error).splitlines()[0]:.200})", path=board.path) from None


def standing_in(board: Board, edition: str) -> list[Standing]:
    """The submissions that stand in an edition, in the order of their arrival."""
    return [standing for standing in board.standings.values() if edition in standing.editions]


def files_of(board: Board, edition: str, name: str) -> dict[str, Path]:
    """One derived table of every submission that stands in an edition.

    Raises:
        InputError: One is absent.
    """
    standings = standing_in(board, edition)
    files = {each.submission: board.derived(each.submission, edition).resolve() / name for each in standings}
    for file in files.values():
        if not file.is_file():
            raise InputError("is absent; expected the derived tables of every submission that stands", path=file)
    return files


def votes_of(connection: duckdb.DuckDBPyConnection, board: Board, edition: str) -> pd.DataFrame:
    """Votes of all submissions of an edition, `model` being the submission."""
    files = files_of(board, edition, derived.ROWS)
    return _frame(connection, f"submission AS model, {_listed(VOTES)}", "judge <> ''", files, ["model", *VOTES])


def scores_of(connection: duckdb.DuckDBPyConnection, board: Board, edition: Edition) -> pd.DataFrame:
    """Item values of all submissions of an edition, of its tasks."""
    names = ["submission", *derived.SCORES_SCHEMA.names]
    files = files_of(board, edition.name, derived.SCORES)
    own = {"tasks": [task.task for task in edition.tasks]}
    return _frame(connection, _listed(names), "list_contains($tasks, task)", files, names, **own)


def _frame(
    connection: duckdb.DuckDBPyConnection, columns: str, where: str, files: dict[str, Path], names: Sequence[str],
    **given: Any,
) -> pd.DataFrame:  # fmt: skip
    """Rows of derived tables as a frame whose text columns are categories, in alphabetical order."""
    if not files:
        return pd.DataFrame(columns=list(names))
    query = f"SELECT {columns} FROM {SOURCE} WHERE {where} {IN_ORDER}"
    table: pa.Table = connection.sql(query, params={**_source(files), **given}).to_arrow_table()
    text = [name for name in table.column_names if pa.types.is_string(table.schema.field(name).type)]
    for name in text:
        coded = table[name].combine_chunks().dictionary_encode()
        table = table.set_column(table.column_names.index(name), name, coded)
    frame: pd.DataFrame = table.to_pandas()
    return frame.assign(
        **{name: frame[name].cat.reorder_categories(sorted(frame[name].cat.categories)) for name in text}
    )


def copy(connection: duckdb.DuckDBPyConnection, table: str, edition: Edition, files: dict[str, Path]) -> None:
    """The rows of all submissions' derived tables that belong to tasks of the edition."""
    names = [name for name in TABLES[table] if name != "edition"]
    tasks = [task.task for task in edition.tasks]
    for start in range(0, len(files), BATCH):
        batch = dict(islice(files.items(), start, start + BATCH))
        connection.execute(
            f"INSERT INTO {table} BY NAME SELECT $edition AS edition, {_listed(names)} FROM {SOURCE} "
            f"WHERE list_contains($tasks, task) {IN_ORDER}",
            {**_source(batch), "edition": edition.name, "tasks": tasks},
        )


def _source(files: dict[str, Path]) -> dict[str, Any]:
    """The parameters of `SOURCE`; names are escaped, so that DuckDB sees no pattern in them."""
    names = [str(file) for file in files.values()]
    escaped = [re.sub(r"([*?\[])", r"[\1]", name) for name in names]
    return {"files": escaped, "names": names, "ids": list(files), "places": list(range(len(files)))}


def insert(connection: duckdb.DuckDBPyConnection, table: str, rows: pd.DataFrame, **same: str) -> None:
    """Rows into a table; columns that it does not have are left out, those that the rows lack are empty or NULL."""
    columns = {}
    for name, kind in TABLES[table].items():
        values = [same[name]] * len(rows) if name in same else rows[name].tolist() if name in rows else []
        columns[name] = pa.array([_cell(value, kind) for value in values or [None] * len(rows)], ARROW[kind])
    connection.register("incoming", pa.table(columns))
    connection.execute(f'INSERT INTO "{table}" BY NAME SELECT * FROM incoming')
    connection.unregister("incoming")


def _cell(value: Any, kind: str) -> Any:
    """A value as its column has it."""
    if kind == TEXT:
        if value is None or value != value:
            return ""
        return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, sort_keys=True)
    return None if value is None or value != value else PLAIN[kind](value)


def _listed(names: Sequence[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)
