"""The texts that probes show to judges: JSONL that comes with the package."""

from functools import lru_cache
from importlib.resources import files
from typing import Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field


class Item(BaseModel):
    """What every line of a set holds; lines travel alone, so each has its provenance.

    Attributes:
        id: Identifier, unique in its set.
        source, licence, version: Where it comes from and how it may be used.
        canary: String that a training set must not contain.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = Field(min_length=1)
    source: str
    licence: str
    version: str
    canary: str = Field(pattern=r"^\S{16,}$")


class Pair(Item):
    """Two replies to a question.

    Attributes:
        kind: `unequal`: the first reply is the better one. `equal`: neither is.
        question: What was asked.
        replies: Both.
    """

    kind: Literal["equal", "unequal"]
    question: str
    replies: tuple[str, str]


class Padding(Item):
    """The same content twice.

    Attributes:
        question: What was asked.
        concise: The answer.
        padded: The answer with words that add nothing.
    """

    question: str
    concise: str
    padded: str


Kind = TypeVar("Kind", bound=Item)


def read_set(package: str, name: str, kind: type[Kind]) -> list[Kind]:
    """A set that comes with a package, from its `data/NAME.jsonl`."""
    text = (files(package) / "data" / f"{name}.jsonl").read_text(encoding="utf-8")
    return [kind.model_validate_json(line) for line in text.splitlines()]


@lru_cache
def pairs() -> tuple[Pair, ...]:
    """Pairs of replies for the position probe."""
    return tuple(read_set(__package__ or "", "pairs", Pair))


@lru_cache
def paddings() -> tuple[Padding, ...]:
    """Concise and padded replies for the verbosity probe."""
    return tuple(read_set(__package__ or "", "paddings", Padding))
