"""Items from files in the columns of PersonaKnob: what each cell has to hold, with file, line and field where not.

Columns and rules: specification, section 5 (data card of `qisein/PersonaKnob`, MIT). The set itself is not shipped.
"""

import ast
import csv
import hashlib
import io
import json
import math
import re
import warnings
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from equipoise.errors import InputError
from equipoise.tasks.dignified_peer.dimensions import DIMENSIONS, Dimension, ordered
from equipoise.tasks.dignified_peer.items import PeerItem, reject
from equipoise.tasks.questions.parse import parse_item, read_jsonl

ENDINGS = (".csv", ".jsonl")
"""What item files end with."""

REQUIRED = ("mask", "prompt", "golden")
OPTIONAL = ("seed_scene", "context", "trigger")


def read_public(path: Path) -> list[PeerItem]:
    """The items of one CSV or JSONL file in PersonaKnob's columns, in file order; unknown columns are left out.

    A reject of a dimension outside the mask is left out, with one warning per file.

    Raises:
        InputError: The file cannot be read, a required column is not there, or a cell does not fit.
    """
    items: list[PeerItem] = []
    outside: list[str] = []
    for number, (line, row) in enumerate(_rows(path), 1):
        items.append(_item(row, path, line, f"{_plain(path.stem)}-{number:05d}", outside))
    if not items:
        raise InputError("holds no items", path=path)
    if outside:
        message = f"{path}: {len(outside)} rejects of a dimension outside their mask are left out, the first in "
        warnings.warn(message + outside[0], stacklevel=2)
    return items


def parse_mask(cell: Any) -> tuple[Dimension, ...]:
    """The dimensions that a mask names, in our order: a list, or its text as JSON or else as a Python literal.

    Raises:
        ValueError: It is no non-empty subset of A, T, E, C.
    """
    given = _literal(cell) if isinstance(cell, str) else cell
    fits = isinstance(given, list | tuple | set) and given and all(code in DIMENSIONS for code in given)
    if not fits:
        raise ValueError(f"expected a non-empty list out of {', '.join(DIMENSIONS)}, such as [\"E\", \"A\"]; "
                         f"found {cell!r:.60}")  # fmt: skip
    return ordered(given)


def _literal(text: str) -> Any:
    for read in (json.loads, ast.literal_eval):
        try:
            return read(text.strip())
        except (ValueError, SyntaxError, RecursionError, MemoryError, TypeError):
            continue
    return None


def _item(row: Mapping[str, Any], path: Path, line: int, name: str, outside: list[str]) -> PeerItem:
    """One row as an item; rejects outside its mask are noted in `outside`."""
    for field in REQUIRED:
        if _absent(row.get(field)):
            raise InputError("is empty or absent", path=path, line=line, field=field)
    try:
        mask = parse_mask(row["mask"])
    except ValueError as error:
        raise InputError(str(error), path=path, line=line, field="mask") from None
    given: dict[str, Any] = {field: row[field] for field in (*REQUIRED[1:], *OPTIONAL) if not _absent(row.get(field))}
    for dimension in DIMENSIONS:
        field = reject(dimension)
        if _absent(row.get(field)):
            continue
        if dimension in mask:
            given[field] = row[field]
        else:
            outside.append(f"line {line}, field '{field}'")
    family = str(given.get("seed_scene", "")).strip()
    record = {
        **given,
        "id": name,
        "family": hashlib.sha256(family.encode()).hexdigest()[:16] if family else name,
        "domain": "".join(mask),
        "mask": mask,
        "source": str(path),
    }
    return parse_item(record, path, line, PeerItem)


def _absent(cell: Any) -> bool:
    """Whether a cell holds nothing: none, NaN as a number or as pandas writes it, or blanks."""
    if isinstance(cell, float):
        return math.isnan(cell)
    return cell is None or (isinstance(cell, str) and cell.strip().casefold() in ("", "nan"))


def _plain(name: str) -> str:
    """A file's name as the beginning of an identifier."""
    return re.sub(r"[^A-Za-z0-9]+", "-", name).strip("-") or "items"


def _rows(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """First line and cells of each record."""
    if path.suffix.lower() == ".jsonl":
        return read_jsonl(path)
    if path.suffix.lower() == ".csv":
        return _csv(path)
    raise InputError(f"expected a file that ends with {' or '.join(ENDINGS)}", path=path)


def _csv(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """Records of a CSV file. Strict: a quote that is never closed would swallow the rest of the file."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"cannot be read ({error})", path=path) from None
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    line = 1
    try:
        columns = next(reader, [])
        for field in REQUIRED:
            if field not in columns:
                raise InputError(f"column is absent; found {', '.join(columns)[:200]}", path=path, line=1, field=field)
        line = reader.line_num + 1
        for cells in reader:
            if cells and len(cells) != len(columns):
                message = f"expected {len(columns)} cells, as many as columns, found {len(cells)}"
                raise InputError(message, path=path, line=line)
            if cells:
                yield line, dict(zip(columns, cells, strict=True))
            line = reader.line_num + 1
    except csv.Error as error:
        raise InputError(f"broken CSV ({error})", path=path, line=line) from None
