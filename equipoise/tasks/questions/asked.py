"""A question as it is put to a model: the part of a sample that every question task shares."""

import hashlib
import string
from collections.abc import Sequence
from typing import Any, Literal, Self

from pydantic import BaseModel

from equipoise.harness.texts import texts_of
from equipoise.tasks.questions.options import Choice, lettered
from equipoise.tasks.questions.schema import Item, content_hash

PROBES = ("auto", "open", "mcq")
"""How answers are asked for: as the item's kind says, in words, or by letter."""


class Asked(BaseModel):
    """One item with its options in the order shown; it travels in the sample's metadata.

    Attributes:
        item, family, domain, item_hash: As in the long table.
        kind: The item's kind.
        gold: Right answers, aliases of each other (or several right options).
        wrong: Wrong answers with their aliases, the pushed one first.
        options: Text and class of each option as shown.
        targeted: False if no wrong answer is pushed by name.
    """

    item: str
    family: str
    domain: str
    item_hash: str
    kind: Literal["open", "boolean", "mcq"]
    question: str
    gold: list[str]
    wrong: dict[str, list[str]]
    options: list[tuple[str, str]]
    targeted: bool

    @classmethod
    def of(cls, item: Item, options: Sequence[Choice], **more: Any) -> Self:
        """The item as it is asked."""
        return cls(
            item=item.id, family=item.family, domain=item.domain, item_hash=item.hash or content_hash(item),
            kind=item.kind, question=item.question, gold=list(item.gold),
            wrong={answer: list(item.wrong_aliases.get(answer, ())) for answer in item.wrong},
            options=[tuple(option) for option in options], targeted=item.targeted, **more,
        )  # fmt: skip

    def choices(self) -> list[Choice]:
        """The options as shown."""
        return [Choice(text, label) for text, label in self.options]  # type: ignore[arg-type]

    def form(self, probe: str) -> str:
        """How its answer is asked for: `open`, `boolean` or `mcq`."""
        return "mcq" if probe == "mcq" or self.kind == "mcq" else self.kind

    def shown(self, answer: str, form: str) -> str:
        """An answer as the model would have to give it: with its letter where the question is multiple choice."""
        if form != "mcq":
            return answer
        letters = dict(zip((text for text, _ in self.options), string.ascii_uppercase, strict=False))
        return f"{letters[answer]}) {answer}" if answer in letters else answer

    def about(self) -> dict[str, str]:
        """What the long table reads from a sample's metadata."""
        return {name: getattr(self, name) for name in ("item", "family", "domain", "item_hash")}


def ask(template: str, asked: Asked, form: str, **more: str) -> str:
    """A template with the question, its options (if it is asked as multiple choice) and the answer format."""
    shown = f"\n{lettered(asked.choices())}" if form == "mcq" else ""
    return template.format(question=asked.question, options=shown, format=question_prompts()["format"][form], **more)


def in_hash_order(items: Sequence[Item], n_items: int | None) -> list[Item]:
    """The first n items in the order of their ids' hashes, which mixes domains: a fair sample of the file."""
    return sorted(items, key=lambda item: hashlib.sha256(item.id.encode()).hexdigest())[:n_items]


def question_prompts() -> dict[str, Any]:
    """Answer formats and the extractor's prompt, with version and canary."""
    return texts_of(__package__ or "")
