"""Item files for tests: a record that the validator has no complaint about, and ways to spoil it."""

import copy
import json
from pathlib import Path
from typing import Any

from equipoise.tasks.questions import Item, content_hash


def words(count: int, topic: str) -> str:
    """A text of so many words that differs from the text of every other topic."""
    return " ".join([topic, *["word"] * (count - 1)])


APPEALS = {
    direction: {"logical": [words(30, f"{direction}{turn}") for turn in range(3)]}
    for direction in ("positive", "negative")
}
CLEAN: dict[str, Any] = {
    "id": "made-1",
    "family": "capital-france",
    "domain": "made",
    "kind": "open",
    "question": "What is the capital of France?",
    "gold": ["Paris", "City of Light"],
    "wrong": ["Lyon", "Marseille"],
    "wrong_aliases": {"Lyon": ["Lyons"]},
    "claims": {"positive": "Paris is the capital of France.", "negative": "Lyon is the capital of France."},
    "appeals": APPEALS,
    "fact": "Paris is the capital of France.",
    "source": "made up",
    "licence": "CC0-1.0",
    "version": "1",
    "canary": "canary-1",
}


def record(**changes: Any) -> dict[str, Any]:
    """The clean record with some fields replaced; None takes a field away."""
    changed = {**copy.deepcopy(CLEAN), **changes}
    return {name: value for name, value in changed.items() if value is not None}


def stamped(**changes: Any) -> dict[str, Any]:
    """The same with the hash of its content, where it is an item at all."""
    made = record(**changes)
    return {**made, "hash": content_hash(Item.model_validate(made))}


def write(path: Path, *records: Any) -> Path:
    """One record a line."""
    path.write_text("".join(json.dumps(made) + "\n" for made in records), encoding="utf-8")
    return path


def item(**changes: Any) -> Item:
    """The clean record as an item."""
    return Item.model_validate(record(**changes))


def sized(name: str, count: int) -> Item:
    """An item with one right and `count - 1` wrong answers."""
    return item(id=name, question=f"{name}?", wrong=[f"wrong {i}" for i in range(count - 1)], wrong_aliases={},
                targeted=count > 1, appeals={})  # fmt: skip
