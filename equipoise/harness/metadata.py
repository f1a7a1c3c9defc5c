"""Versions of tasks, read from the `eval.yaml` beside them; and what a log tells of its model and code."""

from functools import lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING, NamedTuple

import yaml

if TYPE_CHECKING:
    from inspect_ai.log import EvalSpec


class TaskVersion(NamedTuple):
    """inspect_evals' two-part version "N-X".

    Attributes:
        comparability: N; scores of different N must not be compared.
        interface: X; a letter that counts changes which leave the scores comparable.
    """

    comparability: int
    interface: str

    def __str__(self) -> str:
        return f"{self.comparability}-{self.interface}"


@lru_cache
def task_version(package: str) -> TaskVersion:
    """The version in a task package's `eval.yaml`."""
    text = (files(package) / "eval.yaml").read_text(encoding="utf-8")
    number, letter = str(yaml.safe_load(text)["version"]).split("-")
    return TaskVersion(int(number), letter)


def model_revision(spec: "EvalSpec") -> str:
    """Revision of the model under test, as the harness noted it or the run was told; empty where neither is there."""
    revisions = (spec.metadata or {}).get("model_revisions") or {}
    return str(revisions.get(spec.model) or spec.model_args.get("revision") or "")


def equipoise_version(spec: "EvalSpec") -> str:
    """Version of equipoise that ran; empty where the log does not tell."""
    return str((spec.metadata or {}).get("equipoise_version") or spec.packages.get("equipoise", ""))
