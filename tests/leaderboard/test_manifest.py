"""The manifest of a submission: what it takes, and that it says which field does not fit."""

import json
import os

import pytest

from equipoise.errors import InputError
from equipoise.leaderboard.manifest import (
    MANIFEST_FILE,
    Manifest,
    manifest_schema,
    parse_manifest,
    read_manifest,
)

TOLD = {
    "board": "small", "edition": "2026.1", "contact": "@somebody", "created": "2026-11-22T12:00:00Z",
    "model": {"name": "Größe 7B", "model": "vllm/g", "access": "open", "url": "https://example.org/g?x=1"},
    "disclosure": {
        "attempts": 1, "private_variants": 0, "trained_on_items": "no", "training_data": "Unknown.\nMuch of it.",
    },
    "generation": {"temperature": 0.7, "max_tokens": 200, "stop": "x", "cache": True},
    "code": {"equipoise": "0.1.0", "inspect_ai": "0.3.285"},
    "files": [{"path": "logs/a.eval", "bytes": 10, "sha256": "0" * 64}],
}  # fmt: skip


def test_a_manifest_comes_back_as_it_was():
    manifest = parse_manifest(json.dumps(TOLD))
    assert manifest.model.name == "Größe 7B"
    assert dict(manifest.generation) == TOLD["generation"]
    assert parse_manifest(manifest.text()) == manifest
    assert parse_manifest(manifest.text()).digest == manifest.digest


def test_equal_manifests_have_equal_digests_however_they_are_written():
    one, other = json.dumps(TOLD), json.dumps(dict(reversed(TOLD.items())), indent=4)
    assert parse_manifest(one).digest == parse_manifest(other).digest
    assert parse_manifest(one).digest != parse_manifest(one.replace("@somebody", "@another")).digest


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("model.name", "", "at least 1 character"),
        ("model.access", "secret", "'open', 'api', 'closed' or 'scripted'"),
        ("model.weights_sha256", "abc", "match pattern"),
        ("model.url", "ftp://example.org", "match pattern"),
        ("disclosure.attempts", 1.5, "valid integer"),
        ("disclosure.trained_on_items", "maybe", "'no', 'yes' or 'unknown'"),
        ("disclosure.training_data", "", "at least 1 character"),
        ("created", "yesterday", "match pattern"),
        ("files", [], "at least 1 item"),
        ("files.0.path", "logs/.hidden.eval", "match pattern"),
        ("files.0.sha256", "0" * 63, "match pattern"),
        ("format", 2, "Input should be 1"),
        ("generation.temperature", [0.7], ""),
        ("surprise", 1, "unknown field"),
    ],
)
def test_a_field_that_does_not_fit_is_named(field, value, message):
    told = json.loads(json.dumps(TOLD))
    *path, last = field.split(".")
    place = told
    for name in path:
        place = place[int(name) if name.isdigit() else name]
    place[last] = value
    with pytest.raises(InputError) as error:
        parse_manifest(json.dumps(told))
    assert error.value.field.startswith(field) and message in error.value.message


@pytest.mark.parametrize("field", ["board", "edition", "contact", "created", "model", "disclosure", "code", "files"])
def test_a_field_that_is_missing_is_named(field):
    with pytest.raises(InputError, match="Field required") as error:
        parse_manifest(json.dumps({name: value for name, value in TOLD.items() if name != field}))
    assert error.value.field == field


def test_a_broken_file_is_told_with_its_line(tmp_path):
    (tmp_path / MANIFEST_FILE).write_text('{\n"board": "x",\n}')
    with pytest.raises(InputError, match="is not JSON") as error:
        read_manifest(tmp_path)
    assert (error.value.line, error.value.path) == (3, tmp_path / MANIFEST_FILE)


def test_files_that_are_none(tmp_path):
    with pytest.raises(InputError, match="no plain file, or not there"):
        read_manifest(tmp_path)
    os.mkfifo(tmp_path / MANIFEST_FILE)
    with pytest.raises(InputError, match="no plain file"):
        read_manifest(tmp_path)


def test_the_schema_is_of_the_same_source():
    schema = manifest_schema()
    assert set(schema["properties"]) == set(Manifest.model_fields)
    assert schema["additionalProperties"] is False
    assert schema["$defs"]["ModelCard"]["additionalProperties"] is False
