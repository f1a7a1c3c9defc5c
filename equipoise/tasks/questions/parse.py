"""Parse item files: JSONL to items, every fault with file, line and field."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError

from equipoise.errors import InputError
from equipoise.tasks.questions.schema import Identified, Item

T = TypeVar("T", bound=Identified)


def read_items(path: Path, schema: type[T] = Item) -> list[T]:  # type: ignore[assignment]
    """Items of one JSONL file, in file order, by default questions.

    Raises:
        InputError: No such file, an empty one, a broken line, a field that does not fit, a duplicate id.
    """
    items: list[T] = []
    seen: dict[str, int] = {}
    for line, record in read_jsonl(path):
        item = parse_item(record, path, line, schema)
        if item.id in seen:
            raise InputError(
                f"duplicate id {item.id!r}, first on line {seen[item.id]}", path=path, line=line, field="id"
            )
        seen[item.id] = line
        items.append(item)
    return items


def parse_item(record: dict[str, Any], path: Path, line: int, schema: type[T] = Item) -> T:  # type: ignore[assignment]
    """One record as an item, by default a question."""
    try:
        return schema.model_validate(record)
    except ValidationError as error:
        field, message = first_fault(error)
        raise InputError(message, path=path, line=line, field=field) from None


def first_fault(error: ValidationError) -> tuple[str, str]:
    """Field and message of the first thing that did not fit, both on one line."""
    first = error.errors()[0]
    message = first["msg"].removeprefix("Value error, ")
    field = ".".join(repr(part).strip("'") for part in first["loc"])
    if not field and ": " in message:  # checks over several fields put the names in front themselves
        field, message = message.split(": ", 1)
    return field, message


def read_jsonl(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """Line numbers and objects of a JSONL file; blank lines are skipped, a byte order mark is allowed."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise InputError(f"cannot be read ({error.strerror}); expected a JSONL file of items", path=path) from None
    except UnicodeDecodeError as error:
        raise InputError(f"is not UTF-8 (byte {error.start})", path=path) from None
    if not text.strip():
        raise InputError("is empty; expected one JSON object per line", path=path)
    for number, raw in enumerate(text.split("\n"), 1):
        if not raw.strip():
            continue
        try:
            record = json.loads(raw)
        except (ValueError, RecursionError) as error:  # ValueError: also an integer of thousands of digits
            raise InputError(f"broken JSON ({error})", path=path, line=number) from None
        if not isinstance(record, dict):
            raise InputError(f"expected a JSON object, found {type(record).__name__}", path=path, line=number)
        yield number, record
