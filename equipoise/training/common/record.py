"""What a training folder tells: plan, history and the summary of its data, as far as they are there."""

import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, NamedTuple

NO_MEASURE = ("stage", "step", "epoch", "kind", "seconds", "unparsed", "balanced")
"""Keys of a dev line that are no measures; counts end with `_n`, too."""


class Line(NamedTuple):
    """One line of `history.jsonl`.

    Attributes:
        stage: `sft` or `dpo`.
        kind: `train` (of an optimiser step) or `dev` (of a checkpoint).
        step: Optimiser steps of the stage so far.
        epoch: Passes over the data so far.
        values: The other numbers; NaN where there is none.
    """

    stage: str
    kind: Literal["train", "dev"]
    step: int
    epoch: float
    values: dict[str, float]

    def get(self, name: str) -> float:
        """A number; NaN where there is none."""
        return self.values.get(name, math.nan)


@dataclass(frozen=True)
class Record:
    """A training as its folder tells it.

    Attributes:
        out: The folder.
        plan: What was asked for; empty if it cannot be read.
        lines: The history by stage and step; of a step that a resumed training repeated, what came last.
        summary: Of the data; empty if it cannot be read.
        faults: What is missing or broken, in words.
    """

    out: Path
    plan: Mapping[str, Any]
    lines: Sequence[Line]
    summary: Mapping[str, Any]
    faults: Sequence[str]

    @property
    def stages(self) -> list[str]:
        """In the order of training."""
        return list(dict.fromkeys(line.stage for line in self.lines))

    def of(self, kind: str, stage: str | None = None) -> list[Line]:
        """Lines of a kind, of one stage or all."""
        return [line for line in self.lines if line.kind == kind and stage in (None, line.stage)]

    @property
    def measures(self) -> list[str]:
        """What the dev check measured."""
        names = dict.fromkeys(name for line in self.of("dev") for name in line.values)
        return [name for name in names if name not in NO_MEASURE and not name.endswith("_n")]

    @property
    def start(self) -> Line | None:
        """The dev check of the model before training."""
        first = next(iter(self.of("dev")), None)
        return first if first and first.step == 0 else None

    @property
    def chosen(self) -> Line | None:
        """The dev check of the checkpoint that became the model."""
        found = re.search(r"([^/\\]+)[/\\]checkpoint-(\d+)[/\\]?$", str(self.plan.get("chosen_checkpoint") or ""))
        where = (found[1], int(found[2])) if found else None
        return next((line for line in self.of("dev") if (line.stage, line.step) == where), None)

    def part(self, name: str) -> Mapping[str, Any]:
        """A part of the plan that holds names and values; empty if it is not there."""
        return _mapping(self.plan.get(name))


def read_record(out: Path) -> Record:
    """What the folder of a training tells; never fails, for a training that was cut off has a report as well."""
    faults: list[str] = []
    plan = read_object(out / "plan.json", faults)
    lines = _read_history(out / "history.jsonl", faults)
    data = _mapping(plan.get("data")).get("path")
    summary = read_object(Path(str(data)) / "summary.json", faults) if data else {}
    return Record(out, plan, lines, summary, faults)


def flat(values: Mapping[Any, Any], before: str = "") -> dict[str, str]:
    """Nested names and values as one level: `{"a": {"b": 1}}` is `{"a.b": "1"}`; objects in a list are numbered."""
    found: dict[str, str] = {}
    for key, value in values.items():
        name = f"{before}{key}"
        if isinstance(value, Mapping) and value:
            found |= flat(value, f"{name}.")
        elif isinstance(value, list) and value and all(isinstance(each, Mapping) for each in value):
            found |= flat(dict(enumerate(value, 1)), f"{name}.")
        else:
            found[name] = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    return found


def read_object(path: Path, faults: list[str]) -> Mapping[str, Any]:
    """The names and values of a JSON file; empty if it cannot be read, which is added to the faults."""
    try:
        return _mapping(json.loads(path.read_text(encoding="utf-8", errors="replace")))
    except FileNotFoundError:
        faults.append(f"{path.name} is not there")
    except (OSError, ValueError, RecursionError):
        faults.append(f"{path.name} cannot be read")
    return {}


def _read_history(path: Path, faults: list[str]) -> list[Line]:
    try:
        texts = path.read_text(encoding="utf-8", errors="replace").split("\n")
    except FileNotFoundError:
        faults.append(f"{path.name} is not there")
        return []
    except (OSError, ValueError):  # a path that is none is a ValueError
        faults.append(f"{path.name} cannot be read")
        return []
    read = [_line(text) for text in texts if text.strip()]
    found = {(line.stage, line.step, line.kind): line for line in read if line}
    if broken := read.count(None):
        faults.append(f"{broken} of {len(read)} lines of {path.name} cannot be read and are left out")
    if not found:
        faults.append(f"{path.name} holds no step yet")
    order = {stage: at for at, stage in enumerate(dict.fromkeys(line.stage for line in found.values()))}
    return sorted(found.values(), key=lambda line: (order[line.stage], line.step))


def _line(text: str) -> Line | None:
    """A line of the history; None if it is none (a killed process leaves half a line)."""
    try:
        content = json.loads(text)
        stage, kind, step, epoch = (content.pop(name) for name in ("stage", "kind", "step", "epoch"))
        if kind not in ("train", "dev"):
            return None
        numbers = {name: value for name, value in content.items() if value is None or isinstance(value, int | float)}
        values = {name: math.nan if value is None else float(value) for name, value in numbers.items()}
        return Line(str(stage), kind, int(step), float(epoch), values)
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError):
        return None


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
