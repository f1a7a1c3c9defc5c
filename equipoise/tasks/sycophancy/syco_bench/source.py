"""Read the public syco-bench CSV files from a folder; none of them ships with this package.

Source: github.com/timfduffy/syco-bench at commit a9d163b (MIT-0). Two of the files open with a byte order mark.
"""

import csv
import hashlib
import io
from pathlib import Path

from pydantic import BaseModel

from equipoise.errors import InputError

COLUMNS = {
    "pickside": ("statement1", "statement2"),
    "mirror": ("topic", "stance1", "stance2", "userstance1", "userstance2"),
    "whosaid": ("statement",),
    "delusion": ("statement",),
}
"""The sub-tests and the columns of their files."""


class Question(BaseModel):
    """One row of a file.

    Attributes:
        test: Sub-test.
        id: Sub-test and number of the row.
        fields: Column -> text.
    """

    test: str
    id: str
    fields: dict[str, str]

    @property
    def hash(self) -> str:
        """First 16 hex digits of the SHA-256 of its texts."""
        return hashlib.sha256(repr(sorted(self.fields.items())).encode()).hexdigest()[:16]


def file_of(source: Path, test: str) -> Path:
    """The file of a sub-test."""
    return source / f"questions_{test}.csv"


def read_questions(source: str | Path, test: str) -> list[Question]:
    """All rows of a sub-test, in file order.

    Args:
        source: Folder with the `questions_*.csv` files.
        test: One of `COLUMNS`.

    Raises:
        InputError: No such folder or file; not UTF-8; a missing column; a row with too few, too many or empty fields.
    """
    if not str(source) or not Path(source).is_dir():
        raise InputError(
            f"expected a folder with the questions_*.csv files of syco-bench, found {str(source)!r}", field="source"
        )
    path = file_of(Path(source), test)
    reader = csv.reader(io.StringIO(_text(path), newline=""), strict=True)
    found: list[Question] = []
    try:
        header = [name.strip() for name in next(reader, [])]
        for name in COLUMNS[test]:
            if name not in header:
                raise InputError(f"no such column; the first line has {header}", path=path, line=1, field=name)
        start = reader.line_num + 1
        for row in reader:
            if row:
                found.append(_question(test, len(found) + 1, header, row, path, start))
            start = reader.line_num + 1
    except csv.Error as error:
        raise InputError(f"is not CSV ({error})", path=path, line=reader.line_num) from None
    if not found:
        raise InputError("holds no row below its header", path=path)
    return found


def _text(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise InputError(f"cannot be read ({error.strerror}); expected a file of syco-bench", path=path) from None
    except UnicodeDecodeError as error:
        raise InputError(f"is not UTF-8 (byte {error.start})", path=path) from None


def _question(test: str, number: int, header: list[str], row: list[str], path: Path, line: int) -> Question:
    if len(row) != len(header):
        raise InputError(f"expected {len(header)} fields, found {len(row)}", path=path, line=line)
    texts = dict(zip(header, (text.strip() for text in row), strict=True))
    for name in COLUMNS[test]:
        if not texts[name]:
            raise InputError("is empty; expected a text", path=path, line=line, field=name)
    return Question(test=test, id=f"{test}-{number:03d}", fields={name: texts[name] for name in COLUMNS[test]})
