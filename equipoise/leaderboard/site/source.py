"""Reads the DuckDB file of a board: the only thing the site is made from."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import duckdb

from equipoise.errors import InputError

Row = SimpleNamespace
"""A row of a table, its columns as attributes."""

IDENTIFIER = re.compile(r"[a-z0-9][a-z0-9._-]{0,79}")
EDITION = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}")


class Source:
    """A board's file, open for reading."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self.connection = connection

    def rows(self, query: str, *values: object) -> list[Row]:
        """All rows of a query."""
        cursor = self.connection.execute(query, list(values))
        names = [column[0] for column in cursor.description or []]
        return [Row(**dict(zip(names, row, strict=True))) for row in cursor.fetchall()]

    def tuples(self, query: str, *values: object) -> Iterator[tuple[Any, ...]]:
        """The rows of a query, a batch at a time: for what does not fit into memory at once."""
        cursor = self.connection.cursor().execute(query, list(values))
        while batch := cursor.fetchmany(2000):
            yield from batch


@contextmanager
def open_source(database: Path, scratch: Path) -> Iterator[Source]:
    """Open a board's file.

    Args:
        database: The file.
        scratch: Folder for what does not fit into memory; need not exist.

    Raises:
        InputError: There is no such file, it is no DuckDB file, or tables are not as expected.
    """
    if not database.is_file():
        raise InputError("does not exist; expected a board's DuckDB file", path=database)
    try:
        config: dict[str, Any] = {"threads": 2, "memory_limit": "500MB", "temp_directory": str(scratch)}
        with duckdb.connect(str(database), read_only=True, config=config) as connection:
            source = Source(connection)
            _check_names(source, database)
            yield source
    except duckdb.Error as error:
        raise InputError(f"is no DuckDB file of a board ({str(error).splitlines()[0]})", path=database) from None


def _check_names(source: Source, database: Path) -> None:
    """Names of editions and submissions become file names."""
    for table, column, pattern in (("editions", "edition", EDITION), ("submissions", "submission", IDENTIFIER)):
        for (name,) in source.tuples(f"SELECT DISTINCT {column} FROM {table}"):
            if not pattern.fullmatch(str(name)):
                message = f"expected a name like {pattern.pattern}, found {name!a:.60}"
                raise InputError(message, path=database, field=column)
