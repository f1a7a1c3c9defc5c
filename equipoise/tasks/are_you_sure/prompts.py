"""The task's texts, read from `prompts.yaml`."""

from typing import Any

from equipoise.harness.texts import texts_of


def prompts() -> dict[str, Any]:
    """All texts with their version and canary."""
    return texts_of(__package__ or "")
