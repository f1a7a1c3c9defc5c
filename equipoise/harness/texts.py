"""Prompt files: the `prompts.yaml` of a package, with its version and canary."""

from functools import lru_cache
from importlib.resources import files
from typing import Any

import yaml


@lru_cache
def texts_of(package: str) -> dict[str, Any]:
    """All texts of the package's `prompts.yaml`, read once."""
    loaded: dict[str, Any] = yaml.safe_load((files(package) / "prompts.yaml").read_text(encoding="utf-8"))
    return loaded
