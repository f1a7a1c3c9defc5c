"""Prompt files of packages, with their versions and canaries."""

from functools import lru_cache
from importlib.resources import files
from typing import Any

import yaml


@lru_cache
def texts_of(package: str, name: str = "prompts.yaml") -> dict[str, Any]:
    """All texts of a package's file, read once."""
    loaded: dict[str, Any] = yaml.safe_load((files(package) / name).read_text(encoding="utf-8"))
    return loaded
