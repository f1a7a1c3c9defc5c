"""The task's texts, read from `prompts.yaml`."""

from functools import lru_cache
from importlib.resources import files
from typing import Any

import yaml


@lru_cache(maxsize=1)
def prompts() -> dict[str, Any]:
    """All texts with their version and canary."""
    loaded: dict[str, Any] = yaml.safe_load((files(__package__) / "prompts.yaml").read_text(encoding="utf-8"))
    return loaded
