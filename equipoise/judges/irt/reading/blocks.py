"""A file of ratings as a stream of blocks of columns, so that a file may be larger than memory."""

import codecs
import json
import re
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pa_parquet

from equipoise.errors import InputError
from equipoise.judges.irt.reading.files import (
    delimiter_of,
    file_format,
    line_of,
    open_bytes,
    place_in,
    ratings_files,
    require_columns,
)

BLOCK = 4 << 20
"""Bytes of text read at once; one row must fit. Arrow reads up to about 30 blocks ahead."""

ROWS = 1 << 16
"""Rows of Parquet read at once."""

_TEXT = pa.dictionary(pa.int32(), pa.string())
_CONSTANTS = {"Infinity": "Infinity", "-Infinity": "-Infinity"}  # and NaN is nothing, as in Parquet
_JSON = json.JSONDecoder(parse_int=str, parse_float=str, parse_constant=_CONSTANTS.get)
_BROKEN = (pa.ArrowException, OSError, EOFError, zlib.error, UnicodeDecodeError)


@dataclass(frozen=True)
class Block:
    """Some consecutive rows.

    Attributes:
        file: The file that holds them: the one asked for, or one of the folder.
        first: Its row, counted from 0 without header and blank lines, that is the first one here.
        columns: The columns asked for. Numbers keep their type in Parquet; in CSV and JSONL everything is text.
    """

    file: Path
    first: int
    columns: dict[str, pa.Array]

    def __len__(self) -> int:
        return len(next(iter(self.columns.values())))


def read_blocks(path: Path, names: Sequence[str]) -> Iterator[Block]:
    """The columns `names` of a file or folder, block by block.

    Raises:
        InputError: Nothing there, an unknown format, a column that is absent or there twice, a file that does not
            parse (with the line, where there is one).
    """
    for file in ratings_files(path):
        kind = file_format(file)
        read = {"csv": _csv_blocks, "jsonl": _jsonl_blocks, "parquet": _parquet_blocks}[kind]
        if kind != "parquet":
            _check_start(file)
        yield from read(file, names)


def _check_start(file: Path) -> None:
    try:
        with open_bytes(file) as stream:
            start = stream.read(2)
    except _BROKEN as error:
        _fail(file, error)
    if start in (b"\xff\xfe", b"\xfe\xff"):
        raise InputError("is not UTF-8 but UTF-16; expected UTF-8", path=file)


def _csv_blocks(file: Path, names: Sequence[str]) -> Iterator[Block]:
    """Everything as text: an id such as 007 stays what it is, and a wrong number can be named with its line."""
    header: list[str] = []
    first = 0
    try:
        header = _csv_reader(file, None).schema.names
        require_columns(file, header, names)
        for batch in _csv_reader(file, names):
            yield Block(file, first, dict(zip(batch.schema.names, batch.columns, strict=True)))
            first += batch.num_rows
    except _BROKEN as error:
        _fail(file, error, header)


def _csv_reader(file: Path, names: Sequence[str] | None) -> Any:
    """Arrow's streaming reader; without names it is only asked for the header."""
    chosen = {} if names is None else {"include_columns": names, "column_types": dict.fromkeys(names, _TEXT)}
    zipped = file.suffix.lower() == ".gz"
    return pa_csv.open_csv(
        pa.input_stream(str(file), compression="gzip" if zipped else None),
        pa_csv.ReadOptions(use_threads=False, block_size=BLOCK),  # one thread: its errors name the row
        pa_csv.ParseOptions(delimiter=delimiter_of(file), newlines_in_values=True),
        pa_csv.ConvertOptions(strings_can_be_null=False, **chosen),
    )


def _jsonl_blocks(file: Path, names: Sequence[str]) -> Iterator[Block]:
    """Numbers are kept as they are written, as text. Columns are the keys of the first block."""
    first = 0
    try:
        for records in _records(file):
            if not first:
                require_columns(file, dict.fromkeys(key for record in records for key in record), names)
            yield Block(file, first, {name: _json_column(file, first, records, name) for name in names})
            first += len(records)
    except _BROKEN as error:
        _fail(file, error)


def _records(file: Path) -> Iterator[list[dict[str, Any]]]:
    records: list[dict[str, Any]] = []
    size, number = 0, 0
    with open_bytes(file) as stream:
        while line := stream.readline(BLOCK + 1):
            number += 1
            line = line.removeprefix(codecs.BOM_UTF8) if number == 1 else line
            if len(line) > BLOCK:
                raise InputError(f"line is longer than {BLOCK >> 20} MiB", path=file, line=number)
            if line.strip():
                records.append(_record(file, number, line))
                size += len(line)
            if size > BLOCK:
                yield records
                records, size = [], 0
    if records:
        yield records


def _record(file: Path, number: int, line: bytes) -> dict[str, Any]:
    try:
        text = line.decode("utf-8")
        record = _JSON.decode(text)
    except UnicodeDecodeError:
        raise InputError("is not UTF-8", path=file, line=number) from None
    except json.JSONDecodeError as error:
        raise InputError(f"is not JSON ({error.msg} at column {error.colno})", path=file, line=number) from None
    except RecursionError:
        raise InputError("is nested too deeply", path=file, line=number) from None
    if not isinstance(record, dict):
        raise InputError("expected an object with one field per column", path=file, line=number)
    return record


def _json_column(file: Path, first: int, records: Sequence[dict[str, Any]], name: str) -> pa.Array:
    found = [record.get(name) for record in records]
    for row, value in enumerate(found):
        if isinstance(value, bool):
            found[row] = "true" if value else "false"
        elif isinstance(value, list | dict):
            kind = "a list" if isinstance(value, list) else "an object"
            message = f"expected text or a number, found {kind}"
            raise InputError(message, field=name, **place_in(file, first + row))
    try:
        return pa.array(found, pa.string())
    except UnicodeEncodeError:  # half of a surrogate pair, which JSON can spell with \u and no text can hold
        row = next(row for row, value in enumerate(found) if value and not _is_text(value))
        raise InputError("is not text", field=name, **place_in(file, first + row)) from None


def _is_text(value: str) -> bool:
    return not any("\ud800" <= character <= "\udfff" for character in value)


def _parquet_blocks(file: Path, names: Sequence[str]) -> Iterator[Block]:
    """Text comes as codes; no column is read ahead, and a row group larger than memory is read page by page."""
    first = 0
    try:
        schema = pa_parquet.read_schema(file)
        require_columns(file, schema.names, names)
        text = [name for name in names if _is_text_type(schema.field(name).type)]
        with pa_parquet.ParquetFile(file, read_dictionary=text, pre_buffer=False, buffer_size=1 << 20) as table:
            for batch in table.iter_batches(ROWS, columns=list(names), use_threads=False):
                yield Block(file, first, {name: batch.column(batch.schema.get_field_index(name)) for name in names})
                first += batch.num_rows
    except _BROKEN as error:
        _fail(file, error)


def _is_text_type(kind: pa.DataType) -> bool:
    tests = (pa.types.is_string, pa.types.is_large_string, pa.types.is_binary, pa.types.is_large_binary)
    return any(test(kind) for test in tests)


def _fail(file: Path, error: BaseException, header: Sequence[str] = ()) -> NoReturn:
    """What Arrow or the system says, in our words and with a line where it tells the row."""
    said = str(error)
    row = re.search(r"Row #(\d+): ", said)
    line = line_of(file, int(row[1]) - 2) if row else None
    fields = re.search(r"Expected (\d+) columns, got (\d+)", said)
    column = re.search(r"In CSV column #(\d+): ", said)
    if isinstance(error, UnicodeDecodeError) or "invalid UTF8" in said:
        field = header[int(column[1])] if column and header else None
        line = line or (1 if file_format(file) == "csv" else None)
        raise InputError("is not UTF-8", path=file, line=line, field=field) from None
    if fields:
        raise InputError(f"expected {fields[1]} fields, found {fields[2]}", path=file, line=line) from None
    if "straddling" in said or ("Empty CSV" in said and file.stat().st_size > BLOCK):
        message = f"a row is longer than {BLOCK >> 20} MiB (is a quotation mark left open?)"
        raise InputError(message, path=file) from None
    if "Empty CSV" in said:
        raise InputError("has no rows", path=file) from None
    reason = getattr(error, "strerror", None) or (said.splitlines() or [type(error).__name__])[0]
    raise InputError(f"cannot be read as {file.suffix} ({reason:.160})", path=file) from None
