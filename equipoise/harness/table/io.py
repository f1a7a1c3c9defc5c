"""Read and write the long table: Parquet, CSV or JSONL, whole or not at all."""

import warnings
from pathlib import Path
from typing import Any

import pandas as pd

from equipoise.errors import InputError
from equipoise.harness.files import write_whole
from equipoise.harness.table.build import build_table
from equipoise.harness.table.schema import COLUMNS, TEXT, conform

TABLE_FILE = "table.parquet"
"""Name of the long table in a run folder."""


def read_table(path: Path) -> pd.DataFrame:
    """The long table of a run folder (built from its logs if it has none yet), or of a Parquet, CSV or JSONL file.

    Raises:
        InputError: Nothing there, an unknown format, a file that does not parse, a column that does not fit, a row
            that is there twice.
    """
    file = path / TABLE_FILE if path.is_dir() else path
    if path.is_dir() and not file.is_file():
        return build_table(path)
    if not file.is_file():
        raise InputError("no such file or folder", path=path)
    try:
        if file.suffix == ".parquet":
            frame = pd.read_parquet(file)
        elif file.suffix == ".csv":
            frame = _read_csv(file)
        elif file.suffix in (".jsonl", ".ndjson"):
            frame = pd.read_json(
                file,
                lines=True,
                dtype=False,
                precise_float=True,
                encoding="utf-8-sig",
            )
        else:
            raise InputError(f"unknown table format {file.suffix!r}; expected .parquet, .csv or .jsonl", path=file)
    except InputError:
        raise
    except (ValueError, OSError, KeyError, TypeError, AttributeError, pd.errors.ParserWarning) as error:
        first = (str(error).splitlines() or [type(error).__name__])[0]
        raise InputError(f"cannot be read as {file.suffix} ({first:.160})", path=file) from None
    if frame.empty:
        raise InputError("has no rows", path=file)
    table = conform(frame, file)
    _check_repeats(table, file)
    return table


def _check_repeats(table: pd.DataFrame, file: Path) -> None:
    """One row is one number that was measured once: a second one would be averaged with it without a word."""
    again = table.duplicated([name for name in COLUMNS if name not in ("value", "missing")])
    if again.any():
        row = int(again.to_numpy().argmax())
        cell = ", ".join(f"{name} {table[name].iloc[row]}" for name in ("item", "arm", "epoch", "turn", "measure"))
        raise InputError(f"row {row + 1} repeats an earlier one ({cell}); expected repeats as epochs", path=file)


def _read_csv(file: Path) -> pd.DataFrame:
    """Text stays text (ids with leading zeros, hashes that look like numbers); a row that is too long is an error."""
    text: dict[str, Any] = dict.fromkeys(TEXT, str)
    with warnings.catch_warnings():
        warnings.simplefilter("error", pd.errors.ParserWarning)
        return pd.read_csv(
            file,
            dtype=text,
            index_col=False,
            keep_default_na=False,
            na_values={"value": ["", "NaN", "nan", "NA"]},
        )


def write_table(table: pd.DataFrame, path: Path) -> None:
    """Write Parquet to a temporary name beside the target, then rename.

    Raises:
        InputError: The disk is full or the folder cannot be written.
    """
    write_whole(path, lambda partial: table.to_parquet(partial, index=False, compression="zstd"))
