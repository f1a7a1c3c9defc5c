"""The texts of a sub-task, read from the `prompts.yaml` of its folder."""

from functools import lru_cache
from importlib.resources import files
from typing import Any

import yaml


@lru_cache
def texts_of(package: str) -> dict[str, Any]:
    """All texts of a sub-task's package, with their version and canary."""
    loaded: dict[str, Any] = yaml.safe_load((files(package) / "prompts.yaml").read_text(encoding="utf-8"))
    return loaded
