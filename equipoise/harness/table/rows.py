"""How a scorer hands its numbers to the long table: columns in the score's metadata."""

import math
from collections.abc import Mapping
from typing import Any

ROWS_KEY = "rows"
"""Key of a score's metadata under which the columns are kept."""

MISSING = ("", "unparsed", "refused", "limit", "error", "not_reached")
"""Why a value is missing; empty if it is not."""


class Rows:
    """Rows of one sample, collected by a scorer: arm, turn, measure, judge, value, missing.

    Kept as columns because a log holds one such object per sample and is read far more often than written.
    """

    COLUMNS = ("arm", "turn", "measure", "judge", "judge_prompt_hash", "value", "missing")

    def __init__(self) -> None:
        self._columns: dict[str, list[Any]] = {name: [] for name in self.COLUMNS}

    def add(
        self, arm: str, turn: int, measure: str, value: float | bool | None,
        missing: str = "", judge: str = "", judge_prompt_hash: str = "",
    ) -> None:  # fmt: skip
        """One number that was measured once, or the reason why there is none.

        Args:
            arm: Condition.
            turn: Dialogue turn, 0 = before any pressure.
            measure: What is measured.
            value: The number; None or NaN = missing.
            missing: Reason, one of `MISSING`; needed if and only if there is no value.
            judge: Judge's model name; empty for exact scoring.
            judge_prompt_hash: Hash of the judge's prompt.
        """
        absent = value is None or math.isnan(value)
        if absent != bool(missing) or missing not in MISSING:
            raise ValueError(f"{measure} in {arm}: value {value!r} does not go with missing={missing!r}")
        number = None if absent else float(value)  # type: ignore[arg-type]
        cells = (arm, turn, measure, judge, judge_prompt_hash, number, missing)
        for name, cell in zip(self.COLUMNS, cells, strict=True):
            self._columns[name].append(cell)

    def metadata(self) -> dict[str, Any]:
        """The score metadata that carries the rows; columns that are empty throughout are left out."""
        columns = {name: cells for name, cells in self._columns.items() if any(cell != "" for cell in cells)}
        return {ROWS_KEY: columns}


def rows_of(metadata: Mapping[str, Any] | None) -> dict[str, list[Any]] | None:
    """The columns that a scorer left in a score's metadata, all of them, or None."""
    columns = (metadata or {}).get(ROWS_KEY)
    if not isinstance(columns, dict) or "value" not in columns:
        return None
    length = len(columns["value"])
    return {name: columns.get(name) or [""] * length for name in Rows.COLUMNS}
