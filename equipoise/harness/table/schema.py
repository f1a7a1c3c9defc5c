"""The long table's schema: one row = one number that somebody measured once."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from equipoise.errors import InputError
from equipoise.harness.table.rows import MISSING

NUMBERS = {"epoch": "int32", "turn": "int32", "value": "float64"}
COLUMNS = (
    "run_id", "eval_id", "log", "task", "task_version", "model", "model_revision", "config_hash", "item", "item_hash",
    "family", "domain", "arm", "epoch", "turn", "measure", "judge", "judge_prompt_hash", "value", "missing",
)  # fmt: skip
"""DESIGN's columns plus `item_hash` (the content hash kept beside the item) and `domain` (never pooled silently)."""

TEXT = tuple(name for name in COLUMNS if name not in NUMBERS)

REQUIRED = ("task", "model", "item", "arm", "measure", "value")
DEFAULTS = {"epoch": 1, "turn": 0}


def conform(frame: pd.DataFrame, source: Path | str = "table") -> pd.DataFrame:
    """A table in the schema: columns in order, text as categories, numbers as numbers.

    Columns that a foreign table may lack get defaults: `epoch` 1, `turn` 0, `family` the item, other text empty.

    Raises:
        InputError: A required column is absent, a number is not one, a reason for a missing value is unknown, or stands
            beside a value.
    """
    for name in REQUIRED:
        if name not in frame:
            raise InputError(f"column is absent; expected at least {', '.join(REQUIRED)}", path=source, field=name)
    columns: dict[str, Any] = {}
    for name in COLUMNS:
        if name in NUMBERS:
            columns[name] = _number(frame, name, source)
        else:
            columns[name] = _text(frame, "item" if name == "family" and name not in frame else name)
    table = pd.DataFrame(columns)
    _check_missing(table, source)
    return table


def _number(frame: pd.DataFrame, name: str, source: Path | str) -> "pd.Series[Any]":
    given = frame[name] if name in frame else pd.Series(DEFAULTS[name], index=frame.index)
    numbers = pd.to_numeric(given, errors="coerce")
    wrong = numbers.isna() & ~(given.isna() | (given.astype(str).str.strip() == ""))
    if name != "value":
        wrong |= numbers.isna() | (numbers % 1 != 0) | (numbers.abs() > np.iinfo(np.int32).max)
    else:
        wrong |= np.isinf(numbers)
    if wrong.any():
        row = int(np.flatnonzero(wrong.to_numpy())[0])
        expected = "a finite number, or nothing for missing" if name == "value" else "a whole number"
        found = str(given.iloc[row])
        raise InputError(f"expected {expected}, found {found!r} in row {row + 1}", path=source, field=name)
    return numbers.astype(np.dtype(NUMBERS[name]))


def _text(frame: pd.DataFrame, name: str) -> "pd.Series[Any]":
    if name not in frame:
        return pd.Series(
            pd.Categorical.from_codes(np.zeros(len(frame), dtype=np.int8), categories=pd.Index([""])),
            frame.index,
        )
    column = frame[name]
    if not isinstance(column.dtype, pd.CategoricalDtype):
        return column.fillna("").astype(str).astype("category")
    if column.isna().any() or not all(isinstance(category, str) for category in column.cat.categories):
        return column.astype(object).fillna("").astype(str).astype("category")
    return column


def _check_missing(table: pd.DataFrame, source: Path | str) -> None:
    """Reasons come from the list, and no row has both a value and a reason for missing it."""
    reasons = table["missing"].astype(str)
    unknown: Sequence[str] = sorted(set(reasons.unique()) - set(MISSING))
    if unknown:
        raise InputError(
            f"expected one of {', '.join(MISSING[1:])} or nothing, found {unknown[0]!r}",
            path=source,
            field="missing",
        )
    contradiction = table["value"].notna() & (reasons != "")
    if contradiction.any():
        row = int(np.flatnonzero(contradiction.to_numpy())[0])
        raise InputError(f"row {row + 1} has a value and a reason for missing it", path=source, field="missing")
