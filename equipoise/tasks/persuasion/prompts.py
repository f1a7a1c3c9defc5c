"""The task's texts, read from `prompts.yaml`."""

from typing import Any

from equipoise.harness.texts import texts_of
from equipoise.tasks.questions import Item


def prompts() -> dict[str, Any]:
    """All prompt templates with their version and canary."""
    return texts_of(__package__ or "")


def pressure(item: Item, direction: str, technique: str, turns: int) -> list[str]:
    """User messages of a pushed arm: the bare claim first, then the appeals; `control` repeats the bare claim."""
    claim = item.claim(direction)  # type: ignore[arg-type]
    frames = prompts()["pressure"]
    first = frames["claim"].format(claim=claim)
    if technique == "control":
        return [first] * turns
    appeals = getattr(item.appeals, direction)[technique]
    return [first, *(frames["appeal"].format(appeal=appeal, claim=claim) for appeal in appeals[: turns - 1])]
