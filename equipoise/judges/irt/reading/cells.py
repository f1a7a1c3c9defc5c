"""From the cells of one block to codes and numbers; a cell that does not fit is told with its place."""

import re
from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from equipoise.errors import InputError
from equipoise.judges.irt.reading.blocks import Block
from equipoise.judges.irt.reading.columns import Codes, Floats
from equipoise.judges.irt.reading.files import place_in

Rows = NDArray[np.intp]

_MISSING = {"", "nan", "null", "none", "na"}
"""What stands for a missing number in text, whatever its case: pandas, JSON, Python and R."""

_TRUTH = {"true": 1.0, "false": 0.0}
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?", re.ASCII)


def where_rows(block: Block, where: Mapping[str, str]) -> tuple[Rows | None, dict[str, list[str]]]:
    """Rows of the block to keep (None = all), and what each column of `where` holds in the rows kept before it."""
    kept: Rows | None = None
    texts = {}
    for name, wanted in where.items():
        codes, labels = _texts(block, name, kept)
        texts[name] = labels.to_pylist()
        hit = np.flatnonzero(np.array([*(text == wanted for text in texts[name]), False])[codes])
        kept = hit if kept is None else kept[hit]
    return kept, texts


def label_cells(block: Block, name: str, kept: Rows | None) -> tuple[Codes, pa.Array]:
    """A column of labels as places in the labels that occur.

    Raises:
        InputError: One is empty or is not text.
    """
    codes, labels = _texts(block, name, kept)
    empty = np.append(_numpy(pc.equal(pc.utf8_trim_whitespace(labels), "")), True)
    refuse(block, name, kept, empty[codes], "is empty; expected a label")
    return codes, labels


def number_cells(block: Block, name: str, kept: Rows | None, expected: str) -> Floats:
    """A column of numbers; NaN = missing.

    Raises:
        InputError: One is infinite or not a number.
    """
    column = block.columns[name]
    if _holds_numbers(column.type):
        values = _numpy(column.cast(pa.float64(), safe=False))
        values = values if kept is None else values[kept]
    else:
        codes, texts = _texts(block, name, kept)
        values = np.append(_parse(texts), np.nan)[codes]
    wrong = np.isinf(values)
    if wrong.any():
        at = int(wrong.argmax())
        found = column[at if kept is None else int(kept[at])].as_py()
        refuse(block, name, kept, wrong, f"expected {expected}, found {f'{found!r:.60}'}")
    return values


def refuse(block: Block, name: str, kept: Rows | None, wrong: NDArray[np.bool_], message: str) -> None:
    """Say where the first wrong row of a column is.

    Raises:
        InputError: There is one.
    """
    if wrong.any():
        at = int(wrong.argmax())
        row = block.first + (at if kept is None else int(kept[at]))
        raise InputError(message, field=name, **place_in(block.file, row))


def _texts(block: Block, name: str, kept: Rows | None) -> tuple[Codes, pa.Array]:
    """A column as places in the texts that occur in it (large strings, valid UTF-8); -1 = null."""
    column = block.columns[name]
    if pa.types.is_floating(column.type):
        column = pc.if_else(pc.is_nan(column), None, column)
    try:
        if not pa.types.is_dictionary(column.type):
            column = _cast(column).dictionary_encode()
        texts = _cast(column.dictionary)
    except (pa.ArrowNotImplementedError, pa.ArrowInvalid):
        message = f"expected text or numbers, found {column.type!s:.60}"
        raise InputError(message, field=name, path=block.file) from None
    codes = _numpy(column.indices.cast(pa.int32()).fill_null(-1))
    codes, texts = _occurring(codes if kept is None else codes[kept], texts)
    try:
        texts.validate(full=True)
    except pa.ArrowInvalid:
        broken = np.array([*(not _is_utf8(text.as_buffer().to_pybytes()) for text in texts), False])
        refuse(block, name, kept, broken[codes], "is not UTF-8")
    return codes, texts


def _cast(column: pa.Array) -> pa.Array:
    """As large strings, bytes as they are: which of them is broken is found out where it can be told."""
    return column.cast(options=pc.CastOptions(pa.large_string(), allow_invalid_utf8=True))


def _occurring(codes: Codes, texts: pa.Array) -> tuple[Codes, pa.Array]:
    """Only the texts that occur: a batch of Parquet comes with all those of its row group."""
    used = np.zeros(len(texts) + 1, dtype=bool)
    used[codes] = True
    if used[:-1].all():
        return codes, texts
    number = np.append(np.cumsum(used[:-1], dtype=np.int32) - 1, -1)
    return number[codes], texts.take(pa.array(np.flatnonzero(used[:-1])))


def _holds_numbers(kind: pa.DataType) -> bool:
    tests = (pa.types.is_integer, pa.types.is_floating, pa.types.is_decimal, pa.types.is_boolean)
    return any(test(kind) for test in tests)


def _parse(texts: pa.Array) -> Floats:
    """Numbers; NaN where a text stands for missing, infinity where it is no finite number."""
    try:
        values = _numpy(texts.cast(pa.float64()))
        if not np.isnan(values).any():
            return values
    except pa.ArrowInvalid:
        pass
    return np.array([_number(text) for text in texts.to_pylist()])


def _number(text: str) -> float:
    bare = text.strip().lower()
    if bare in _MISSING:
        return np.nan
    return float(bare) if _NUMBER.fullmatch(bare) else _TRUTH.get(bare, np.inf)


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _numpy(column: pa.Array) -> NDArray[Any]:
    return column.to_numpy(zero_copy_only=False)  # type: ignore[no-any-return]
