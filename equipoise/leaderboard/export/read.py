"""Read `board.duckdb`: the one source of every number that is exported or drawn."""

import json
import math
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from equipoise.errors import InputError

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

Row = dict[str, Any]

SUBMISSION = re.compile(r"[a-z0-9][a-z0-9._-]{0,79}")
EDITION = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}")
"""What may stand in a file's name."""


class Reader:
    """An open board.

    Attributes:
        profile: `title`, `url`, `maintainers`, … of the board.
    """

    def __init__(self, connection: "DuckDBPyConnection", path: Path) -> None:
        self._connection, self.path = connection, path
        self.profile = {str(row["key"]): str(row["value"] or "") for row in self.rows("SELECT * FROM board")}

    def rows(self, query: str, values: Sequence[Any] = ()) -> list[Row]:
        """Rows as dictionaries; NaN becomes None.

        Raises:
            InputError: The database has no such table or column.
        """
        import duckdb

        try:
            found = self._connection.execute(query, list(values))
            names = [str(column[0]) for column in found.description or []]
            return [{name: _known(value) for name, value in zip(names, row, strict=True)} for row in found.fetchall()]
        except duckdb.Error as error:
            raise InputError(f"is not the database of a board ({_first_line(error)})", path=self.path) from None

    def submissions(self) -> list[Row]:
        """All rows of the board, edition by edition, in the order in which they were added.

        Raises:
            InputError: An id cannot be part of a file's name.
        """
        query = (
            "SELECT s.* FROM submissions s LEFT JOIN editions e USING (edition) "
            "ORDER BY e.position, s.edition, s.added, s.submission"
        )
        found = self.rows(query)
        for row in found:
            for name, pattern in (("submission", SUBMISSION), ("edition", EDITION)):
                if not pattern.fullmatch(str(row[name])):
                    message = f"expected a name of letters, digits and . _ -, found {str(row[name])[:80]!r}"
                    raise InputError(message, path=self.path, field=f"submissions.{name}")
        return found

    def of(self, table: str, submission: Row, order: str) -> list[Row]:
        """Rows of a table that belong to one submission of one edition."""
        query = f"SELECT * FROM {table} WHERE edition = ? AND submission = ? ORDER BY {order}"
        return self.rows(query, [submission["edition"], submission["submission"]])

    def margins(self, submission: Row) -> list[Row]:
        """Metrics whose meaning and direction are fixed, those on the scorecard, where they have a value."""
        found = self.of("metrics", submission, 'task, "by", side DESC, heading')
        return [row for row in found if row["heading"] and row["estimate"] is not None]


@contextmanager
def open_board(path: Path) -> Iterator[Reader]:
    """Open a board's database for reading; it can reach no other file.

    Raises:
        InputError: Nothing there, or no database of a board.
    """
    import duckdb

    if not path.is_file():
        raise InputError("no such file; expected the database of a board", path=path)
    try:
        connection = duckdb.connect(str(path), read_only=True, config={"enable_external_access": "false"})
    except duckdb.Error as error:
        raise InputError(f"is not the database of a board ({_first_line(error)})", path=path) from None
    with connection:
        yield Reader(connection, path)


def json_object(text: object) -> dict[str, Any]:
    """What a column with JSON text holds; empty if it holds no object."""
    try:
        found = json.loads(str(text or "{}"))
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def texts(values: dict[str, Any]) -> dict[str, str]:
    """Values as text, as a schema wants its free details; what is not known is left out. Numbers keep all digits."""
    found = {}
    for name, value in values.items():
        if value is not None and value != "":
            found[name] = str(value).lower() if isinstance(value, bool) else str(value)
    return found


def _known(value: Any) -> Any:
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:160]
