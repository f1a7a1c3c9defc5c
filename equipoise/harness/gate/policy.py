"""Policies: YAML files that say which falls block a release, how large they may be, and what has to be known."""

import hashlib
import json
from collections.abc import Iterable
from fnmatch import fnmatchcase
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Literal, NamedTuple

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from equipoise.errors import InputError
from equipoise.harness.metrics import Metric

Tier = Literal["critical", "supporting", "advisory"]
BLOCKING: tuple[Tier, ...] = ("critical", "supporting")
Share = Annotated[float, Field(ge=0, le=1)]


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


OWN = "equipoise/"


class Hypothesis(NamedTuple):
    """One limit: within it where the weighted sum of baseline and candidate is above the edge, beyond it where below.

    For a drop of at most m the sum is b - a and the edge -m, for a relative drop of at most r they are b - (1 - r) a
    and 0. So neither kind needs a ratio or a point estimate.
    """

    kind: Literal["drop", "relative drop"]
    value: float
    weights: tuple[float, float]
    edge: float


class Benchmark(_Strict):
    """One metric of one task, and how far it may fall.

    Attributes:
        name: The task.
        metric: The metric's name.
        arm: Its arm; `*` and `?` stand for any text, and every arm that fits is a comparison of its own.
        by: Its breakdown, likewise; empty = the task's headline metric.
        tier: `critical` and `supporting` block, `advisory` is shown and never counted.
        direction: Which values are better.
        max_drop: How much worse the candidate may be, on the metric's scale.
        max_relative_drop: How much worse it may be, as a share of the baseline's value.
        range: Lowest and highest possible value of an item, where the table cannot tell; bounds what a missing value
            may be.
        conditional: Whether the model's own answers decide which items count, so that an item that only one of the runs
            has is left out instead of missing.
        required: Whether the comparison is missed if neither run has it.
    """

    name: str
    metric: str
    arm: str = "*"
    by: str = ""
    tier: Tier = "critical"
    direction: Literal["higher", "lower"] = "higher"
    max_drop: float | None = Field(default=None, ge=0)
    max_relative_drop: Share | None = None
    range: tuple[float, float] | None = None
    conditional: bool = False
    required: bool = True

    @model_validator(mode="after")
    def _has_a_limit(self) -> "Benchmark":
        if self.max_drop is None and self.max_relative_drop is None:
            raise ValueError("expected max_drop, max_relative_drop or both")
        if self.range is not None and not self.range[0] < self.range[1]:
            raise ValueError("expected a range of a lower and a higher number")
        return self

    @property
    def hypotheses(self) -> list[Hypothesis]:
        """The limits, absolute first; with the signs turned where lower values are better."""
        better, found = (1.0 if self.direction == "higher" else -1.0), []
        if self.max_drop is not None:
            found.append(Hypothesis("drop", self.max_drop, (-better, better), -self.max_drop))
        if (share := self.max_relative_drop) is not None:
            found.append(Hypothesis("relative drop", share, (-better * (1 - better * share), better), 0.0))
        return found

    def is_about(self, task: str) -> bool:
        """Whether a task is meant; ours may be named with the package or without."""
        return self.name.removeprefix(OWN) == task.removeprefix(OWN)

    def named(self, metrics: Iterable[Metric]) -> list[Metric]:
        """The metrics of that name, with whatever breakdown."""
        fits = [m for m in metrics if self.is_about(m.task) and m.measure == self.metric]
        return [m for m in fits if fnmatchcase(m.arm, self.arm)]

    def select(self, metrics: Iterable[Metric]) -> list[Metric]:
        """The metrics that are meant, one per arm or breakdown that fits.

        Without a breakdown these are headline metrics; where none is, the undivided metric after the last turn.
        """
        named = self.named(metrics)
        if self.by:
            return [m for m in named if fnmatchcase(m.by, self.by)]
        last: dict[str, Metric] = {}
        for metric in named:
            if _turn(metric.by) >= _turn(last[metric.arm].by if metric.arm in last else ""):
                last[metric.arm] = metric
        return [m for m in named if m.headline] or list(last.values())


def _turn(by: str) -> int:
    """The turn that a breakdown names: 0 for none at all, -1 for a breakdown by anything else."""
    name, _, value = by.partition("=")
    return int(value) if name == "turn" and value.isdigit() else -1 if by else 0


class Missing(_Strict):
    """How much may be missing.

    Attributes:
        max_missing: Largest share of rows without a value in either run.
        bounds: `worst_case`: a comparison passes only if it would with every missing value at its worst, and is a
            breach only if it would be with every one at its best. `complete`: items with a value in both runs decide.
    """

    max_missing: Share = 0.05
    bounds: Literal["worst_case", "complete"] = "worst_case"


class Judges(_Strict):
    """What is asked of the judges of judged benchmarks.

    Attributes:
        drift_margin: How far a judge's severity may have moved between the runs, in logits.
        drift_share: How far its mean vote may have, as a share of the scale's range: for judges so consistent that
            logits, which are measured in a judge's own inconsistency, have no bounds. 0.2 logits are about 3.5 %.
        allow_same: Whether a judge may be the model under test or of its family.
    """

    drift_margin: float = Field(default=0.2, gt=0)
    drift_share: Share = 0.035
    allow_same: bool = False


class Policy(_Strict):
    """What a candidate has to hold against a baseline.

    Attributes:
        version: Of this format.
        alpha: One-sided error of a single comparison, and of all false NO-GOs together.
        multiplicity: How NO-GO is protected over its comparisons; GO needs no correction, since all have to pass.
        min_items, min_clusters: Fewest shared items and families that a comparison is decided on.
        missing: How much may be missing.
        judges: What is asked of judges; None = their drift is not checked, which the report says.
        benchmarks: What is compared.
    """

    version: Literal[1] = 1
    alpha: float = Field(default=0.025, gt=0, lt=0.5)
    multiplicity: Literal["holm", "none"] = "holm"
    min_items: int = Field(default=10, ge=2)
    min_clusters: int = Field(default=6, ge=2)
    missing: Missing = Missing()
    judges: Judges | None = Judges()
    benchmarks: tuple[Benchmark, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _blocks(self) -> "Policy":
        if all(benchmark.tier == "advisory" for benchmark in self.benchmarks):
            raise ValueError("expected at least one critical or supporting benchmark")
        return self

    @property
    def digest(self) -> str:
        """Hash of the content, the same for every way of writing it down."""
        return hashlib.sha256(json.dumps(self.model_dump(mode="json"), sort_keys=True).encode()).hexdigest()[:16]


def read_policy(path: Path) -> Policy:
    """A policy file.

    Raises:
        InputError: No such file, no YAML, or a field that is not as it should be.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"cannot be read ({getattr(error, 'strerror', None) or error})", path=path) from None
    return _parsed(text, path)


@cache
def default_policy() -> Policy:
    """The policy that ships with the package."""
    return _parsed(default_policy_text(), Path("default_policy.yaml"))


def default_policy_text() -> str:
    """Its YAML, with comments."""
    return (files("equipoise.harness.gate") / "default_policy.yaml").read_text(encoding="utf-8")


def _parsed(text: str, path: Path) -> Policy:
    try:
        content = yaml.safe_load(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        raise InputError(
            f"is not YAML ({getattr(error, 'problem', None) or 'cannot be read'})",
            path=path,
            line=mark.line + 1 if mark else None,
        ) from None
    if not isinstance(content, dict):
        raise InputError("expected a mapping with `benchmarks`", path=path)
    try:
        return Policy.model_validate(content)
    except ValidationError as error:
        first = error.errors()[0]
        message = first["msg"].removeprefix("Value error, ")
        if first["type"] == "extra_forbidden":
            kinds: dict[str, type[_Strict]] = {"benchmarks": Benchmark, "missing": Missing, "judges": Judges}
            known = kinds.get(str(first["loc"][0]), Policy) if len(first["loc"]) > 1 else Policy
            message = f"is not known; expected one of {', '.join(known.model_fields)}"
        raise InputError(message, path=path, field=".".join(map(str, first["loc"])) or None) from None
