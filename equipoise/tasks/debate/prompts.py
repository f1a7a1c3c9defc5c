"""The task's texts, read from `prompts.yaml`."""

from functools import lru_cache
from importlib.resources import files
from typing import Any

import yaml


@lru_cache(maxsize=1)
def prompts() -> dict[str, Any]:
    """All prompt templates with their version and canary."""
    text = (files(__package__) / "prompts.yaml").read_text(encoding="utf-8")
    loaded: dict[str, Any] = yaml.safe_load(text)
    return loaded


def discuss_prompt(messages: list[str]) -> str:
    """What a speaker is told of the others: the instruction first, then each of their messages in its frame."""
    heard = "\n\n".join(f"{prompts()['frame']} {message.strip() or '(no reply)'}" for message in messages)
    return str(prompts()["discuss"]).replace("{heard}", heard)  # a message may hold braces of its own
