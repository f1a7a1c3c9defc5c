from pathlib import Path

import pytest

from equipoise.errors import InputError


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ({}, "found 3"),
        ({"path": "items.jsonl"}, "items.jsonl: found 3"),
        ({"path": Path("data/items.jsonl"), "line": 7}, "data/items.jsonl:7: found 3"),
        ({"path": "items.jsonl", "line": 7, "field": "gold"}, "items.jsonl:7: field 'gold': found 3"),
        ({"path": "items.jsonl", "field": "gold"}, "items.jsonl: field 'gold': found 3"),
        ({"field": "turns"}, "field 'turns': found 3"),
    ],
)
def test_one_line_names_file_line_field_and_finding(where, expected):
    error = InputError("found 3", **where)
    assert str(error) == expected
    assert (error.path, error.line, error.field) == tuple(where.get(key) for key in ("path", "line", "field"))


def test_is_a_value_error():
    """Inspect and pydantic pass ValueError on as bad input; the command line relies on it."""
    assert issubclass(InputError, ValueError)
