"""Versions of tasks, read from the `eval.yaml` beside them."""

from functools import lru_cache
from importlib.resources import files
from typing import NamedTuple

import yaml


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
