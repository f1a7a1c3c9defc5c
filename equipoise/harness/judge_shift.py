"""Severity shifts of judges between two occasions, read from the result files of `equipoise probe drift`."""

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from equipoise.errors import InputError

RESULTS = "drift.json"
"""The file in a folder of `probe drift`."""

ALL = "all measures"
"""In place of a measure: the judge on everything that it was asked, as far as it is one severity."""


@dataclass(frozen=True)
class JudgeShift:
    """How much harsher one judge votes on one measure than it did, paired on the transcript.

    Attributes:
        judge: Who votes now, with its strictness.
        measure: What about; `ALL` for all measures together.
        shift: Severity now minus then, in logits, positive = harsher now; infinite where all votes that differ moved
            the same way, NaN where none differs.
        low, high: 95 % interval; infinite where the votes set no bound, NaN where there are none.
        n: Pairs of votes.
        transcripts: Independent transcripts behind them.
        reason: Why an end or the shift is missing.
        frozen_judge: Who voted then; the same as `judge` unless two models are compared.
        scale_shift: Mean vote then minus now as a share of the scale's range, positive = harsher now.
        scale_low, scale_high: 95 % interval, finite also where no vote differs; NaN where there are none.
    """

    judge: str
    measure: str
    shift: float
    low: float
    high: float
    n: int
    transcripts: int
    reason: str = ""
    frozen_judge: str = ""
    scale_shift: float = math.nan
    scale_low: float = math.nan
    scale_high: float = math.nan

    def within(self, margin: float, share: float) -> bool:
        """Whether a whole interval lies inside: that in logits in ± margin, or that of the scale's share in ± share."""
        return (-margin < self.low and self.high < margin) or (-share < self.scale_low and self.scale_high < share)

    def beyond(self, margin: float, share: float) -> bool:
        """Whether both whole intervals lie outside, on the same side."""
        harsher = self.low > margin and self.scale_low > share
        return harsher or (self.high < -margin and self.scale_high < -share)


def read_shifts(*paths: Path) -> list[JudgeShift]:
    """The shifts in the results of `probe drift`, in the order of files and records.

    Nothing is dropped or merged: a judge that was checked twice is there twice.

    Args:
        paths: Result files, or folders that hold a `drift.json`.

    Raises:
        InputError: No such file, not a result of `probe drift`, one of a version without severity shifts, or a field
            that does not fit.
    """
    return [shift for path in paths for shift in _read(path / RESULTS if path.is_dir() else path)]


class _Told(BaseModel):
    """Numbers as they stand in the file: null = not finite."""

    model_config = ConfigDict(strict=True, allow_inf_nan=False)

    value: float | None
    low: float | None
    high: float | None
    reason: str = ""

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        inside = [each for each in (self.low, self.value, self.high) if each is not None]
        if inside != sorted(inside):
            raise ValueError("expected low <= value <= high")
        if self.value is None and not self.reason:
            raise ValueError("expected a reason where the value is null")
        return self


class _Severity(_Told):
    n: int = Field(ge=0)
    transcripts: int = Field(ge=0)

    @model_validator(mode="after")
    def _of_votes(self) -> Self:
        if self.transcripts > self.n or (self.n > 0) != (self.transcripts > 0):
            raise ValueError("expected between 1 and n transcripts")
        if not self.n and (self.value, self.low, self.high) != (None, None, None):
            raise ValueError("expected null where there are no votes")
        return self


class _Result(BaseModel):
    """A record; what else it holds is not needed here."""

    model_config = ConfigDict(strict=True)

    judge: str = Field(min_length=1)
    frozen_judge: str = Field(min_length=1)
    measure: str = Field(min_length=1)
    severity_shift: _Severity
    scale_shift: _Told

    def shift(self) -> JudgeShift:
        told, scale = self.severity_shift, self.scale_shift
        low, high = (
            (-math.inf if told.low is None else told.low, math.inf if told.high is None else told.high)
            if told.n
            else (math.nan, math.nan)
        )
        value = told.value
        if value is None:  # beyond all bounds on the side that is open, if only one is
            value = math.nan if math.isinf(low) == math.isinf(high) else low + high
        scaled = [math.nan if each is None else each for each in (scale.value, scale.low, scale.high)]
        return JudgeShift(
            self.judge,
            self.measure,
            value,
            low,
            high,
            told.n,
            told.transcripts,
            told.reason,
            self.frozen_judge,
            *scaled,
        )


class _File(BaseModel):
    model_config = ConfigDict(strict=True)

    probe: Literal["drift"]
    results: list[_Result] = Field(min_length=1)


def _read(path: Path) -> list[JudgeShift]:
    try:
        found = _File.model_validate_json(path.read_bytes())
    except OSError as error:
        what = f"cannot be read ({error.strerror}); expected the results of `equipoise probe drift -o FOLDER`"
        raise InputError(what, path=path) from None
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        message = first["msg"].removeprefix("Value error, ")
        if first["type"] == "missing" and first["loc"][-1] in ("severity_shift", "scale_shift"):
            message = "is missing; made by an older version, run the same `equipoise probe drift` again"
        field = ".".join(map(str, first["loc"])) or None
        raise InputError(message, path=path, field=field) from None
    return [result.shift() for result in found.results]
