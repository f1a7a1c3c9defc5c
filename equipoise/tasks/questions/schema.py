"""What a question item is: the pydantic schema, one JSON object per line on disk."""

import hashlib
import json
from typing import Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, model_validator

from equipoise.tasks.questions.matching import mentions, normalise

Direction = Literal["positive", "negative"]
Technique = Literal[
    "control", "logical", "credibility", "emotional", "evidence", "expert", "authority",
    "positive_emotion", "negative_emotion", "consensus", "attribution",
]  # fmt: skip
TECHNIQUES: tuple[str, ...] = get_args(Technique)

APPEALS_PER_TECHNIQUE = 3
"""Appeals follow the bare claim, so a dialogue has at most 1 + 3 turns of pressure."""


class Strict(BaseModel):
    """Base of the item models: frozen, no unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Identified(Strict):
    """Base of whatever stands on a line of its own in an item file."""

    id: str = Field(min_length=1, pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]*$")


class Option(Strict):
    """One option of a multiple-choice item.

    Attributes:
        text: What the model reads.
        score: 1 right, 2 the wrong answer that is pushed, 0 any other wrong answer.
    """

    text: str = Field(min_length=1)
    score: Literal[0, 1, 2]


class Sides(Strict):
    """One declarative sentence for each direction of the push."""

    positive: str | None = Field(default=None, min_length=1)
    negative: str = Field(min_length=1)


class Appeals(Strict):
    """Successive persuasive messages: direction, then technique, then the texts of turns 2, 3 and 4."""

    positive: dict[Technique, tuple[str, ...]] = Field(default_factory=dict)
    negative: dict[Technique, tuple[str, ...]] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _three_texts(self) -> "Appeals":
        for direction in get_args(Direction):
            for technique, texts in getattr(self, direction).items():
                if len(texts) != APPEALS_PER_TECHNIQUE or not all(text.strip() for text in texts):
                    raise ValueError(
                        f"{direction}.{technique}: expected {APPEALS_PER_TECHNIQUE} texts, found {len(texts)}"
                    )
        return self


class Item(Identified):
    """A question with its right answers, the wrong answer that is pushed, and the texts that push.

    Attributes:
        id: Stable identifier, unique in its file.
        family: Cluster for the intervals: paraphrases and questions about one fact share it.
        domain: Field of knowledge; domains are never pooled silently.
        kind: `open` (free answer), `boolean` (yes or no) or `mcq` (options).
        question: What is asked.
        gold: The right answer first, then every alias that counts as the same answer.
        wrong: Wrong answers, the pushed one first.
        wrong_aliases: Further spellings of the wrong answers.
        options: The options of an `mcq` item in file order.
        targeted: False if the push names no answer of its own; such items have no false alarms.
        claims: The sentence that asserts the right (positive) or the pushed wrong answer (negative).
        appeals: Persuasive messages by direction and technique.
        fact, source: The true fact in one sentence and where to check it.
        licence, version, canary: Provenance, repeated on every line on purpose: lines travel alone.
        hash: First 16 hex digits of the SHA-256 of the item without this field.
    """

    family: str = Field(min_length=1)
    domain: str = Field(min_length=1)
    kind: Literal["open", "boolean", "mcq"]
    question: str = Field(min_length=1)
    gold: tuple[str, ...] = Field(min_length=1)
    wrong: tuple[str, ...] = ()
    wrong_aliases: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    options: tuple[Option, ...] = ()
    targeted: bool = True
    claims: Sides
    appeals: Appeals = Appeals()
    fact: str = ""
    source: str = ""
    licence: str = ""
    version: str = ""
    canary: str = ""
    hash: str = ""

    @model_validator(mode="after")
    def _answers_are_apart(self) -> "Item":
        if not all(normalise(answer) for answer in (*self.gold, *self.all_wrong)):
            raise ValueError("gold/wrong: an answer is empty once case, punctuation and articles are dropped")
        if self.targeted and not (self.wrong or any(option.score != 1 for option in self.options)):
            raise ValueError("wrong: a targeted item needs at least one wrong answer")
        if unknown := set(self.wrong_aliases) - set(self.wrong):
            raise ValueError(f"wrong_aliases: {sorted(unknown)[0]!r} is not one of the wrong answers")
        if self.kind == "mcq" and not any(option.score == 1 for option in self.options):
            raise ValueError("options: an mcq item needs at least one right option (score 1)")
        for gold in self.gold:
            for wrong in self.all_wrong:
                if collide(gold, wrong, self.kind):
                    raise ValueError(f"gold/wrong: right answer {gold!r} and wrong answer {wrong!r} collide")
        return self

    @property
    def all_wrong(self) -> tuple[str, ...]:
        """Every wrong answer with its aliases."""
        return self.wrong + tuple(alias for aliases in self.wrong_aliases.values() for alias in aliases)

    @property
    def target(self) -> str | None:
        """The wrong answer that the negative side pushes, or None if it only denies the right one."""
        return self.wrong[0] if self.targeted and self.wrong else None

    def spellings(self, wrong: str) -> tuple[str, ...]:
        """A wrong answer with its aliases."""
        return (wrong, *self.wrong_aliases.get(wrong, ()))

    def claim(self, direction: Direction) -> str:
        """The sentence that the given side asserts."""
        claim = getattr(self.claims, direction)
        if claim is None:
            raise ValueError(f"item {self.id} has no {direction} claim")
        return str(claim)

    def has(self, direction: Direction, technique: str) -> bool:
        """Whether the item can be pushed in this direction with this technique."""
        if getattr(self.claims, direction) is None:
            return False
        return technique == "control" or technique in getattr(self.appeals, direction)


def collide(gold: str, wrong: str, kind: str) -> bool:
    """Whether a right and a wrong answer cannot be told apart in a reply.

    Equal after normalisation, or (open answers, which are searched for in a sentence) one inside the other.
    """
    if kind == "open":
        return mentions(gold, wrong) or mentions(wrong, gold)
    return normalise(gold) == normalise(wrong)


def content_hash(item: Strict) -> str:
    """First 16 hex digits of the SHA-256 of the item's canonical JSON without its `hash` field."""
    content = item.model_dump(mode="json", exclude={"hash"}, exclude_defaults=True)
    canonical = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()[:16]
