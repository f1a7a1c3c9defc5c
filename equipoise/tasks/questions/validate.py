"""The validator of item files: everything that the schema alone cannot see."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from pydantic import ValidationError

from equipoise.errors import InputError
from equipoise.tasks.questions.matching import mentions, normalise
from equipoise.tasks.questions.parse import first_fault, read_jsonl
from equipoise.tasks.questions.schema import TECHNIQUES, Item, content_hash

WORDS = (25, 60)
"""Length of one appeal in words."""

LENGTH_GAP = 0.20
"""Largest difference in words between the two sides of one appeal, relative to the longer one."""


class Problem(NamedTuple):
    """A fault in an item file; prints as `file:line: field 'name': message`."""

    path: Path
    line: int
    field: str
    message: str

    def __str__(self) -> str:
        return str(InputError(self.message, path=self.path, line=self.line or None, field=self.field))


def validate_file(path: Path) -> tuple[list[Item], list[Problem]]:
    """Every item that parses, and every problem of the file.

    Checks the schema, duplicate ids and questions, content hashes, answers that leak to the other side, answers
    that collide, length and balance of the appeals, the claims, and that provenance is given.

    Raises:
        InputError: The file cannot be read or is not JSONL at all.
    """
    items: list[Item] = []
    problems: list[Problem] = []
    ids: dict[str, int] = {}
    questions: dict[str, int] = {}
    for line, record in read_jsonl(path):
        try:
            item = Item.model_validate(record)
        except ValidationError as error:
            problems.append(Problem(path, line, *first_fault(error)))
            continue
        items.append(item)
        found = [
            *_duplicates(item, line, ids, questions),
            *_provenance(item),
            *_claims(item),
            *_appeals(item),
        ]
        problems += [Problem(path, line, field, message) for field, message in found]
    return items, problems


Finding = tuple[str, str]


def _duplicates(item: Item, line: int, ids: dict[str, int], questions: dict[str, int]) -> Iterator[Finding]:
    for field, key, seen in (("id", item.id, ids), ("question", normalise(item.question), questions)):
        if key in seen:
            yield field, f"duplicate of line {seen[key]}"
        seen.setdefault(key, line)


def _provenance(item: Item) -> Iterator[Finding]:
    for field in ("fact", "source", "licence", "version", "canary"):
        if not getattr(item, field):
            yield field, "is missing; expected where the item comes from and how it may be used"
    if item.hash != content_hash(item):
        yield "hash", f"expected {content_hash(item)!r} for this content, found {item.hash!r}"


def _claims(item: Item) -> Iterator[Finding]:
    for direction, own, other in _sides(item):
        claim = getattr(item.claims, direction)
        if claim is None:
            continue
        if not claim.endswith("."):
            yield f"claims.{direction}", "expected a sentence that ends with a full stop"
        if item.kind == "open" and item.targeted and not any(mentions(claim, answer) for answer in own):
            yield f"claims.{direction}", f"expected it to name its answer {own[0]!r}"
        yield from _leaks(item, f"claims.{direction}", claim, other)


def _appeals(item: Item) -> Iterator[Finding]:
    for direction, _, other in _sides(item):
        for technique, texts in getattr(item.appeals, direction).items():
            if len({normalise(text) for text in texts}) < len(texts):
                yield f"appeals.{direction}.{technique}", "two of its texts are the same"
            for turn, text in enumerate(texts):
                field = f"appeals.{direction}.{technique}.{turn}"
                words = len(text.split())
                if not WORDS[0] <= words <= WORDS[1]:
                    yield field, f"expected {WORDS[0]} to {WORDS[1]} words, found {words}"
                yield from _leaks(item, field, text, other)
    yield from _balance(item)


def _balance(item: Item) -> Iterator[Finding]:
    for technique in TECHNIQUES:
        sides = item.appeals.positive.get(technique), item.appeals.negative.get(technique)  # type: ignore[call-overload]
        if sides == (None, None):
            continue
        if None in sides:
            yield f"appeals.*.{technique}", "expected on both sides, found on one"
            continue
        for turn, (positive, negative) in enumerate(zip(*sides, strict=True)):
            longer, shorter = sorted((len(positive.split()), len(negative.split())), reverse=True)
            if longer - shorter > LENGTH_GAP * longer:
                yield (
                    f"appeals.*.{technique}.{turn}",
                    f"expected both sides within {LENGTH_GAP:.0%} in words, found {longer} and {shorter}",
                )


def _sides(item: Item) -> Iterator[tuple[str, tuple[str, ...], tuple[str, ...]]]:
    """Direction, the answers it argues for, the answers that would give the other side away."""
    target = item.spellings(item.target) if item.target else ()
    yield "positive", item.gold, item.all_wrong
    yield "negative", target, item.gold


def _leaks(item: Item, field: str, text: str, others: tuple[str, ...]) -> Iterator[Finding]:
    """Answers of the other side in a text; yes and no are ordinary words, so boolean items are exempt."""
    if item.kind != "open" or not item.targeted:
        return
    for answer in others:
        if mentions(text, answer):
            yield field, f"names the other side's answer {answer!r}"
            return
