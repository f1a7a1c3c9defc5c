"""Ratings from a file as a small typed table: labels as codes, scores as small numbers, nothing that was not asked for.

Memory is bounded by the result: a file is read in blocks, and of each block only codes and numbers are kept.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
import pandas as pd

from equipoise.errors import InputError
from equipoise.judges.irt.reading.blocks import read_blocks
from equipoise.judges.irt.reading.cells import label_cells, number_cells, refuse, where_rows
from equipoise.judges.irt.reading.columns import LabelColumn, NumberColumn
from equipoise.judges.irt.reading.files import Place, listing, locate, place_in

_SEEN = 1000
"""At most so many values of a `where` column are kept, for the message that the one asked for is not among them."""


def read_ratings(
    path: Path,
    *,
    labels: Sequence[str],
    score: str,
    weights: str | None = None,
    where: Mapping[str, str] | None = None,
) -> pd.DataFrame:
    """The named columns of a long table of ratings.

    A label is kept as it stands in the file (`007` is not `7`); numbers in Parquet become `1` and `1.5`. Rows that
    `where` drops are not looked at further.

    Args:
        path: .csv, .tsv, .jsonl (each also with .gz), .parquet, or a folder of .parquet files.
        labels: Columns of labels: object, facets, response and so on; a name given twice is one column.
        score: Column of numbers; empty, NaN, NA or null = missing, true = 1, false = 0.
        weights: Column of numbers, which may be empty only where the score is missing.
        where: Column -> the text it must equal for a row to be kept.

    Returns:
        One row per rating, in the file's order. Labels are categoricals, their categories sorted as text and all used;
        scores have the smallest of int8, int16, int32, float32 and float64 that holds all of them exactly, and are
        NaN where missing; weights are float64.

    Raises:
        InputError: The file does not parse, a column is absent, a label is empty, a score or weight is not a finite
            number, or no row is left; the message names file, line (row in Parquet) and field.
    """
    where, texts = where or {}, list(dict.fromkeys(labels))
    numbers = {score: "a finite number, or nothing for missing"}
    if weights is not None:
        numbers[weights] = "a finite number"
    names = [*texts, score, *([] if weights is None else [weights])]
    if clash := next((name for name in names if names.count(name) > 1), None):
        raise InputError("expected different columns for labels, score and weights", path=path, field=clash)
    label_columns = {name: LabelColumn() for name in texts}
    number_columns = {name: NumberColumn() for name in numbers}
    seen: dict[str, set[str]] = {name: set() for name in where}
    rows = 0
    for block in read_blocks(path, list(dict.fromkeys([*names, *where]))):
        rows += len(block)
        kept, found = where_rows(block, where)
        for name, values in found.items():
            _remember(seen[name], values, where[name])
        for name in texts:
            label_columns[name].add(*label_cells(block, name, kept))
        cells = {name: number_cells(block, name, kept, expected) for name, expected in numbers.items()}
        if weights is not None:
            unweighted = np.isnan(cells[weights]) & ~np.isnan(cells[score])
            refuse(block, weights, kept, unweighted, "is empty; expected a finite number beside a score")
        for name in numbers:
            number_columns[name].add(cells[name])
    if not rows:
        raise InputError("has no rows", path=path)
    if not number_columns[score].length:
        _nothing_kept(path, where, seen)
    columns: dict[str, Any] = {name: label_columns.pop(name).categorical() for name in texts}
    columns[score] = number_columns.pop(score).array()
    if weights is not None:
        columns[weights] = number_columns.pop(weights).array(np.float64)
    return pd.DataFrame(columns, copy=False)


def place(path: Path, row: int, where: Mapping[str, str] | None = None) -> Place:
    """Where a row of the result stands in the file, as arguments of InputError: `InputError(…, **place(path, row))`.

    Its line, or in Parquet, which has no lines, its row counted from 1. Reads the file again, so for messages only.

    Args:
        path: As given to `read_ratings`.
        row: Row of its result, from 0.
        where: As given to `read_ratings`.
    """
    if not where:
        return place_in(*locate(path, row))
    for block in read_blocks(path, list(where)):
        kept, _ = where_rows(block, where)
        if kept is not None and row < len(kept):
            return place_in(block.file, block.first + int(kept[row]))
        row -= 0 if kept is None else len(kept)
    return {"path": path, "line": None}


def _remember(seen: set[str], texts: Sequence[str], wanted: str) -> None:
    """Keep what a message could show, and whether the text that is wanted was there."""
    seen.update([text for text in texts if len(text) <= 80][: max(0, _SEEN - len(seen))])
    if wanted in texts:
        seen.add(wanted)


def _nothing_kept(path: Path, where: Mapping[str, str], seen: Mapping[str, set[str]]) -> NoReturn:
    """Name the first condition that no row met among those that met the conditions before it."""
    before: list[str] = []
    for name, wanted in where.items():
        if wanted not in seen[name]:
            break
        before.append(f"{name} {wanted!r}")
    lead = f"expected {wanted!r} in some row{' with ' + ' and '.join(before) if before else ''}; found"
    raise InputError(listing(lead, sorted(seen[name]), wanted), path=path, field=name)
