"""The one format of preference data: JSONL that TRL reads as it is (conversational, explicit prompt)."""

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, model_validator

from equipoise.harness.files import write_text
from equipoise.harness.inputs import fitted

Split = Literal["train", "dev", "test"]


class Message(BaseModel):
    """One chat message."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    role: Literal["system", "user", "assistant"]
    content: str


class Pair(BaseModel):
    """Two replies to the same conversation, of which the first is preferred.

    Attributes:
        prompt: The conversation so far; the last message is the user's.
        chosen, rejected: One assistant message each.
        dimension: What the preference is about (`resist`, `accept`; a knob of PersonaKnob).
        item, family, domain: Of the question, as in the long table.
        split: Families never straddle splits.
    """

    model_config = ConfigDict(frozen=True)

    prompt: tuple[Message, ...] = Field(min_length=1)
    chosen: tuple[Message, ...] = Field(min_length=1, max_length=1)
    rejected: tuple[Message, ...] = Field(min_length=1, max_length=1)
    dimension: str = Field(min_length=1)
    item: str = ""
    family: str = ""
    domain: str = ""
    split: Split = "train"

    @model_validator(mode="after")
    def _a_reply_follows_the_user(self) -> "Pair":
        if self.prompt[-1].role != "user":
            raise ValueError("prompt: expected the last message to be the user's")
        if self.chosen[0].role != "assistant" or self.rejected[0].role != "assistant":
            raise ValueError("chosen/rejected: expected an assistant message each")
        return self

    @property
    def key(self) -> str:
        """SHA-256 of prompt and replies: equal pairs are duplicates wherever they come from."""
        said = [[m.model_dump() for m in part] for part in (self.prompt, self.chosen, self.rejected)]
        return hashlib.sha256(json.dumps(said, ensure_ascii=False).encode()).hexdigest()


P = TypeVar("P", bound=Pair)


def read_pairs(path: Path, kind: type[P]) -> list[P]:
    """The pairs of a JSONL file.

    Raises:
        InputError: The file cannot be read, is empty, or a line does not fit.
    """
    from equipoise.tasks.questions.parse import read_jsonl

    return [fitted(kind, record, path, line) for line, record in read_jsonl(path)]


def write_pairs(path: Path, pairs: Iterable[Pair]) -> None:
    """Pairs as JSONL, whole or not at all."""
    write_text(path, "".join(f"{pair.model_dump_json()}\n" for pair in pairs))
