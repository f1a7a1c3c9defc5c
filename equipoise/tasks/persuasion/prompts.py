"""The task's texts, read from `prompts.yaml`."""

from functools import lru_cache
from importlib.resources import files
from typing import Any

import yaml

from equipoise.tasks.questions import Item


@lru_cache(maxsize=1)
def prompts() -> dict[str, Any]:
    """All prompt templates with their version and canary."""
    text = (files(__package__) / "prompts.yaml").read_text(encoding="utf-8")
    loaded: dict[str, Any] = yaml.safe_load(text)
    return loaded


def pressure(item: Item, direction: str, technique: str, turns: int) -> list[str]:
    """User messages of a pushed arm: the bare claim first, then the appeals; `control` repeats the bare claim."""
    claim = item.claim(direction)  # type: ignore[arg-type]
    frames = prompts()["pressure"]
    first = frames["claim"].format(claim=claim)
    if technique == "control":
        return [first] * turns
    appeals = getattr(item.appeals, direction)[technique]
    return [first, *(frames["appeal"].format(appeal=appeal, claim=claim) for appeal in appeals[: turns - 1])]
