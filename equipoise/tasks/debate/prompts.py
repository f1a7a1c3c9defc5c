"""The task's texts, read from `prompts.yaml`."""

from typing import Any

from equipoise.harness.texts import texts_of


def prompts() -> dict[str, Any]:
    """All prompt templates with their version and canary."""
    return texts_of(__package__ or "")


def discuss_prompt(messages: list[str]) -> str:
    """What a speaker is told of the others: the instruction first, then each of their messages in its frame."""
    heard = "\n\n".join(f"{prompts()['frame']} {message.strip() or '(no reply)'}" for message in messages)
    return str(prompts()["discuss"]).replace("{heard}", heard)  # a message may hold braces of its own
