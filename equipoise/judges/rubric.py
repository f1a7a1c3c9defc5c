"""Rubrics: what a judge is asked, as text files with front matter (`rubrics/*.md`) that people can review."""

import re
from collections.abc import Sequence
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from equipoise.errors import InputError
from equipoise.harness.inputs import fault

_FRONT = re.compile(r"\A---\n(.*?)\n---\n(.*)\Z", re.DOTALL)
_PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")


class Point(BaseModel):
    """One point of a scale.

    Attributes:
        reply: What the judge writes for it.
        value: The number that it counts as.
        means: Its anchor: when this point is the right one.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    reply: str = Field(min_length=1)
    value: float
    means: str = Field(min_length=1)


class Criterion(BaseModel):
    """One thing that is looked at.

    Attributes:
        name: Identifier; a separately judged criterion gives the measure `DIMENSION.NAME`.
        text: The question, or what to consider.
        scale: Anchors of its own; empty = the rubric's.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    text: str = Field(min_length=1)
    scale: tuple[Point, ...] = ()


class Rubric(BaseModel):
    """What judges are asked about a text.

    Attributes:
        name: Identifier, the file's name.
        dimension: What is measured; the measure of its votes in the long table.
        version: A changed text needs a new one; votes are told apart by the prompt's hash anyway.
        canary: String that a training set must not contain.
        judged: `separately`: one vote per criterion; `together`: one vote in which all criteria are weighed.
        scale: Points from lowest to highest value, each with its anchor.
        criteria: What is looked at; may be empty for `together`.
        body: What the judge is shown; `{field}` marks the untrusted texts, which are fenced.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    dimension: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    version: str = Field(min_length=1)
    canary: str = Field(pattern=r"^\S{16,}$")
    judged: Literal["separately", "together"] = "together"
    scale: tuple[Point, ...] = ()
    criteria: tuple[Criterion, ...] = ()
    body: str = Field(min_length=1)

    @model_validator(mode="after")
    def _whole(self) -> "Rubric":
        names = [criterion.name for criterion in self.criteria]
        if len(set(names)) < len(names):
            raise ValueError("criteria: expected names that differ")
        if self.judged == "separately" and not names:
            raise ValueError("criteria: expected at least one where they are judged separately")
        if not self.fields:
            raise ValueError("body: expected at least one {field}")
        for scale in [criterion.scale or self.scale for criterion in self.criteria] or [self.scale]:
            replies = {point.reply.casefold() for point in scale}
            if len(scale) < 2 or len(replies) < len(scale):
                raise ValueError("scale: expected at least two points with replies that differ")
        return self

    @property
    def fields(self) -> tuple[str, ...]:
        """Names of the texts that the judge is shown, in the order of the body."""
        return tuple(dict.fromkeys(_PLACEHOLDER.findall(self.body)))

    def units(self, only: Sequence[str] = (), measure: str = "") -> list["Unit"]:
        """What gets a vote each.

        Args:
            only: Names of criteria; empty = all.
            measure: Stands in for the dimension in the votes' measure.

        Raises:
            InputError: A criterion that the rubric does not have.
        """
        named = measure or self.dimension
        if self.judged == "together":
            text = "\n".join(f"- {criterion.text}" for criterion in self.criteria)
            return [Unit(named, self.dimension, text, self.scale)]
        known = {criterion.name: criterion for criterion in self.criteria}
        for name in only:
            if name not in known:
                raise InputError(f"rubric {self.name!r} has no criterion {name!r}; expected one of {', '.join(known)}")
        return [
            Unit(f"{named}.{each.name}", f"{self.dimension}.{each.name}", each.text, each.scale or self.scale)
            for each in ([known[name] for name in only] or self.criteria)
        ]


class Unit:
    """What one vote is about.

    Attributes:
        measure: Name of the vote in the long table.
        label: What the judge is told that it is about; it never tells the condition, as `measure` may (`al_swapped`).
        text: The question, or what is weighed together.
        scale: The allowed replies with their values.
    """

    def __init__(self, measure: str, label: str, text: str, scale: Sequence[Point]) -> None:
        self.measure, self.label, self.text, self.scale = measure, label, text, tuple(scale)

    @property
    def replies(self) -> tuple[str, ...]:
        """What the judge may write."""
        return tuple(point.reply for point in self.scale)

    def value(self, reply: str) -> float:
        """The number that an allowed reply counts as."""
        return next(point.value for point in self.scale if point.reply == reply)


def read_rubric(path: Path) -> Rubric:
    """A rubric from a file: YAML front matter between two lines `---`, then the body.

    Raises:
        InputError: No such file, no front matter, or a field that does not fit.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"cannot be read ({error})", path=path) from None
    return _parse(text, path)


@lru_cache
def shipped_rubrics() -> dict[str, Rubric]:
    """The rubrics that come with the package, by name."""
    folder = files(__package__ or "") / "rubrics"
    found = [_parse(entry.read_text(encoding="utf-8"), Path(entry.name)) for entry in folder.iterdir()
             if entry.name.endswith(".md") and entry.name != "README.md"]  # fmt: skip
    return {rubric.name: rubric for rubric in sorted(found, key=lambda rubric: rubric.name)}


def rubric_named(name: str) -> Rubric:
    """A shipped rubric.

    Raises:
        InputError: There is none of that name.
    """
    known = shipped_rubrics()
    if name not in known:
        raise InputError(f"unknown rubric {name!r}; expected a file or one of {', '.join(known)}")
    return known[name]


def _parse(text: str, path: Path) -> Rubric:
    match = _FRONT.match(text.replace("\r\n", "\n"))
    if match is None:
        raise InputError("expected YAML front matter between two lines '---', then the text for the judge", path=path)
    try:
        front: Any = yaml.safe_load(match.group(1))
    except yaml.YAMLError as error:
        line = getattr(getattr(error, "problem_mark", None), "line", None)
        first = str(error).splitlines()[0]
        raise InputError(f"front matter: {first}", path=path, line=None if line is None else line + 2) from None
    if not isinstance(front, dict):
        raise InputError("front matter: expected a mapping of names to values", path=path)
    try:
        return Rubric(**{"name": path.stem, **front, "body": match.group(2).strip()})
    except ValidationError as error:
        field, message = fault(error)
        raise InputError(message, path=path, field=field) from None
