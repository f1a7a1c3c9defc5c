"""Which schema the records of an item file have: what `equipoise data` needs to know."""

from collections.abc import Mapping
from itertools import islice
from pathlib import Path
from typing import Any

from equipoise.tasks.aloe.pools import OwnPersonality, OwnProfile
from equipoise.tasks.dignified_peer.items import PeerItem
from equipoise.tasks.questions.parse import read_jsonl
from equipoise.tasks.questions.schema import Identified, Item
from equipoise.tasks.questions.validate import Problem, validate_file
from equipoise.tasks.sycophancy.items import KINDS, validate_records

SCHEMAS: dict[str, type[Identified]] = {**KINDS, "profile": OwnProfile, "personality": OwnPersonality}
"""Schemas by the `kind` of their records. Dignified Peer items are told by their `mask`, questions by neither."""


def schema_of(record: Mapping[str, Any]) -> type[Identified]:
    """The schema that a record should have."""
    return PeerItem if "mask" in record else SCHEMAS.get(str(record.get("kind")), Item)


def check(path: Path) -> tuple[int, list[Problem]]:
    """Number of items that parse, and every problem of the file.

    Raises:
        InputError: The file cannot be read or is not JSONL at all.
    """
    first = next((schema_of(record) for _, record in islice(read_jsonl(path), 1)), Item)
    found, problems = validate_file(path) if first is Item else validate_records(path, schema_of)
    return len(found), problems
