"""Files of ratings: which there are, in which format, and where in one of them a row stands."""

import difflib
import gzip
import io
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import IO, TypedDict

import pyarrow.parquet as pa_parquet

from equipoise.errors import InputError

_FORMATS = {".csv": "csv", ".tsv": "csv", ".jsonl": "jsonl", ".ndjson": "jsonl", ".parquet": "parquet"}


class Place(TypedDict):
    """Where something stands, as arguments of InputError."""

    path: Path | str
    line: int | None


def ratings_files(path: Path) -> list[Path]:
    """The file itself, or the Parquet files in a folder and below, by name."""
    if path.is_file():
        return [path]
    if not path.is_dir():
        raise InputError("no such file or folder", path=path)
    found = [
        file for file in sorted(path.rglob("*.parquet"))
        if file.is_file() and not any(part.startswith((".", "_")) for part in file.relative_to(path).parts)
    ]  # fmt: skip
    if not found:
        raise InputError("holds no Parquet; expected a file, or a folder of .parquet files", path=path)
    return found


def file_format(file: Path) -> str:
    """csv, jsonl or parquet, told by the suffix."""
    suffixes = [suffix.lower() for suffix in file.suffixes]
    zipped = suffixes[-1:] == [".gz"]
    kind = _FORMATS.get("".join(suffixes[-2:-1] if zipped else suffixes[-1:]))
    if kind is None or (zipped and kind == "parquet"):
        found = "".join(suffixes[-2:] if zipped else suffixes[-1:])
        expected = "expected .csv, .tsv, .jsonl (also with .gz) or .parquet"
        raise InputError(f"unknown table format {found!r:.40}; {expected}", path=file)
    return kind


def locate(path: Path, row: int) -> tuple[Path, int]:
    """The file of a folder that holds a row, and the row's number in it, both from 0; a file holds all its rows."""
    files = ratings_files(path)
    for file in files[:-1]:
        size = pa_parquet.read_metadata(file).num_rows
        if row < size:
            return file, row
        row -= size
    return files[-1], row


def place_in(file: Path, row: int) -> Place:
    """A 0-based row of one file as its line, or in Parquet, which has no lines, as its row counted from 1."""
    if file_format(file) == "parquet":
        return {"path": f"{file}: row {row + 1}", "line": None}
    return {"path": file, "line": line_of(file, row)}


def line_of(file: Path, row: int) -> int:
    """1-based line on which a 0-based data row of a CSV or JSONL file starts: blank lines and line breaks count."""
    csv = file_format(file) == "csv"
    delimiter = delimiter_of(file)
    record, within = (-1, False) if csv else (0, False)
    number = 0
    with open_bytes(file) as binary, io.TextIOWrapper(binary, encoding="latin-1", newline="" if csv else "\n") as lines:
        for number, given in enumerate(lines, 1):
            line = given.removeprefix("ï»¿") if number == 1 else given  # the byte order mark
            if not within and line.strip("\r\n" if csv else None):
                if record == row:
                    return number
                record += 1
            within = csv and _ends_within_quotes(line, delimiter, within)
    return number


def _ends_within_quotes(line: str, delimiter: str, within: bool) -> bool:
    """Whether the next line continues a quoted field; a quotation mark inside an unquoted one is only a character."""
    at = line.find('"')
    while at >= 0:
        if not within:
            within = at == 0 or line[at - 1] == delimiter
        elif line[at + 1 : at + 2] == '"':
            at += 1
        else:
            within = False
        at = line.find('"', at + 1)
    return within


def open_bytes(file: Path) -> IO[bytes]:
    """The file's bytes, unzipped."""
    return gzip.open(file, "rb") if file.suffix.lower() == ".gz" else file.open("rb")  # type: ignore[return-value]


def delimiter_of(file: Path) -> str:
    """What stands between two fields of a row."""
    return "\t" if ".tsv" in file.name.lower()[-7:] else ","


def require_columns(file: Path, header: Collection[str], names: Sequence[str]) -> None:
    """Every name is in the header exactly once.

    Raises:
        InputError: One is not; the message lists what is there and the nearest name.
    """
    there = list(header)
    for name in names:
        count = there.count(name)
        if count > 1:
            raise InputError(f"the file has {count} columns of this name; expected one", path=file, field=name)
        if not count:
            raise InputError(f"no such column; {listing('the file has', there, name)}", path=file, field=name)


def listing(lead: str, there: Sequence[str], wanted: str) -> str:
    """Names in one short line, with the nearest to the wanted one; they come from a file nobody has vouched for."""
    short = [name for name in there[:1000] if len(name) <= 80]
    near = difflib.get_close_matches(wanted.casefold(), [name.casefold() for name in short], 1, 0.6)
    hint = next((f"; did you mean {name!r}?" for name in short if near == [name.casefold()]), "")
    shown = ", ".join(name if name.isprintable() and 0 < len(name) <= 80 else f"{name!r:.80}" for name in there[:20])
    return f"{lead} {shown or 'nothing'}{f' and {len(there) - 20} more' if len(there) > 20 else ''}{hint}"
