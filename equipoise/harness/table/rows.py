"""How a scorer hands its numbers to the long table: small blocks in the score's metadata.

Inspect keeps short metadata (under 1 kB a key) in the log's summaries, which are read hundreds of times faster than
the samples themselves. So the rows of each arm and judge are one block, and repeat nothing.
"""

import math
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

PREFIX = "rows|"
"""Metadata keys of the blocks: `rows|ARM`, or `rows|ARM|JUDGE|PROMPT_HASH` for a judge's votes."""

MISSING = ("", "unparsed", "refused", "limit", "error", "not_reached")
"""Why a value is missing; empty if it is not."""


class Row(NamedTuple):
    """One number that was measured once, or the reason why there is none (`value` NaN)."""

    arm: str
    turn: int
    measure: str
    value: float
    missing: str = ""
    judge: str = ""
    judge_prompt_hash: str = ""


class Rows:
    """Rows of one sample, collected by a scorer."""

    def __init__(self) -> None:
        self._blocks: dict[str, dict[str, list[list[Any]]]] = {}

    def add(
        self, arm: str, turn: int, measure: str, value: float | bool | None,
        missing: str = "", judge: str = "", judge_prompt_hash: str = "",
    ) -> None:  # fmt: skip
        """One number, or the reason why there is none.

        Args:
            arm: Condition.
            turn: Dialogue turn, 0 = before any pressure.
            measure: What is measured.
            value: The number (six significant digits are kept); None or NaN = missing.
            missing: Reason, one of `MISSING`; needed if and only if there is no value.
            judge: Judge's model name; empty for exact scoring.
            judge_prompt_hash: Hash of the judge's prompt.

        Raises:
            ValueError: A value with a reason for missing it, or none without one.
        """
        absent = value is None or math.isnan(value)
        if absent != bool(missing) or missing not in MISSING:
            raise ValueError(f"{measure} in {arm}: value {value!r} does not go with missing={missing!r}")
        key = PREFIX + arm + (f"|{judge}|{judge_prompt_hash}" if judge else "")
        turns, cells = self._blocks.setdefault(key, {}).setdefault(measure, [[], []])
        turns.append(turn)
        cells.append(missing if value is None or absent else float(f"{value:.6g}"))

    def metadata(self) -> dict[str, Any]:
        """The score metadata that carries the rows: block -> measure -> [turns, values or reasons]."""
        return dict(self._blocks)


def rows_of(metadata: Mapping[str, Any] | None) -> Iterator[Row]:
    """The rows that a scorer left in a score's metadata; none if it left none."""
    for key, block in (metadata or {}).items():
        if not key.startswith(PREFIX) or not isinstance(block, dict):
            continue
        arm, judge, prompt = (*key.removeprefix(PREFIX).split("|"), "", "")[:3]
        for measure, (turns, cells) in block.items():
            for turn, cell in zip(turns, cells, strict=True):
                if isinstance(cell, str):
                    yield Row(arm, turn, measure, math.nan, cell, judge, prompt)
                else:
                    yield Row(arm, turn, measure, cell, "", judge, prompt)


def has_rows(metadata: Mapping[str, Any] | None) -> bool:
    """Whether a scorer left rows in the metadata, even if a summary dropped some of them for their size."""
    return any(key.startswith(PREFIX) for key in metadata or {})


def is_cut(metadata: Mapping[str, Any] | None) -> bool:
    """Whether a summary dropped a block for its size, so that the full sample has to be read."""
    return any(key.startswith(PREFIX) and not isinstance(block, dict) for key, block in (metadata or {}).items())
