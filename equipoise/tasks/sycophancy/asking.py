"""What the sub-tasks share: which items, what the table reads from a sample, and one strictly read answer."""

import hashlib
from collections.abc import Callable, Sequence
from typing import Literal, TypeVar

from inspect_ai.model import GenerateConfig, Model
from pydantic import BaseModel

from equipoise.harness.dialogue import Dialogue
from equipoise.judges import read_choice
from equipoise.tasks.questions import content_hash
from equipoise.tasks.sycophancy.items import Provenance

T = TypeVar("T", bound=Provenance)

USER, SUBJECT = "user", "subject"
"""Names of the two parties in the transcripts."""


class Answer(BaseModel):
    """One strictly read reply.

    Attributes:
        raw: The reply.
        choice: Which of the choices it is; None if it is none.
        missing: Why there is no choice.
    """

    raw: str
    choice: str | None = None
    missing: Literal["", "unparsed", "refused"] = ""


async def choose(
    model: Model, dialogue: Dialogue, reader: Callable[[str], str | None], config: GenerateConfig, turn: int = 1
) -> Answer:
    """The subject's next reply as one of a few choices; the reply is added to the dialogue.

    Args:
        model: The subject.
        dialogue: What was said, the last message from the user.
        reader: The choice that a reply makes, or None: it is `unparsed`.
        config: Generation settings, over those of the task.
        turn: Turn that the reply belongs to.
    """
    output = await model.generate(dialogue.view(SUBJECT), config=config)
    raw = output.completion
    dialogue.say(SUBJECT, raw, turn)
    if output.stop_reason == "content_filter":
        return Answer(raw=raw, missing="refused")
    choice = reader(raw)
    return Answer(raw=raw, choice=choice, missing="" if choice is not None else "unparsed")


def one_of(choices: Sequence[str]) -> Callable[[str], str | None]:
    """Reads a reply that is one of the choices and nothing else."""
    return lambda reply: read_choice(reply, choices)


def hash_rank(text: str) -> str:
    """Sorting key of the hash order."""
    return hashlib.sha256(text.encode()).hexdigest()


def first_items(items: Sequence[T], n_items: int | None) -> list[T]:
    """The first n items (None: all) in the order of their ids' hashes: a fair sample that mixes the domains."""
    return sorted(items, key=lambda item: hash_rank(item.id))[:n_items]


def about(item: Provenance) -> dict[str, str]:
    """What the long table reads from a sample's metadata."""
    hashed = item.hash or content_hash(item)
    return {"item": item.id, "family": item.family, "domain": item.domain, "item_hash": hashed}
