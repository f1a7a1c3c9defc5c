"""`equipoise data`: exit codes 0, 1 and 2, messages, and what is written."""

import json
from importlib.resources import files
from pathlib import Path

import pytest
from question_files import record, stamped, write

from equipoise.tasks.questions import validate_file


@pytest.fixture
def data(inside):
    """Run `equipoise data …`: (exit code, stdout, stderr)."""
    return lambda *arguments: inside("data", *map(str, arguments))


@pytest.fixture
def clean(tmp_path) -> Path:
    return write(tmp_path / "clean.jsonl", stamped())


@pytest.fixture
def spoilt(tmp_path) -> Path:
    """Two problems: an item without a fact, an unknown key."""
    return write(tmp_path / "spoilt.jsonl", stamped(fact=None), record(id="made-2", colour="red"))


def test_clean_files_exit_0(data, clean):
    assert data("validate", clean, clean) == (0, f"{clean}: 1 items, 0 problems\n" * 2, "")


def test_problems_exit_1_and_say_where(data, clean, spoilt):
    code, output, errors = data("validate", clean, spoilt)
    assert (code, errors) == (1, "")
    first, second, *summary = output.splitlines()
    assert first.startswith(f"{spoilt}:1: field 'fact': is missing")
    assert second == f"{spoilt}:2: field 'colour': Extra inputs are not permitted"
    assert summary == [f"{clean}: 1 items, 0 problems", f"{spoilt}: 1 items, 2 problems"]


def test_json_is_a_list_of_problems_and_nothing_else(data, clean, spoilt):
    code, output, _ = data("validate", "--json", clean)
    assert (code, json.loads(output)) == (0, [])
    code, output, _ = data("validate", spoilt, "--json")
    problems = json.loads(output)
    assert code == 1
    assert [(p["path"], p["line"], p["field"]) for p in problems] == [
        (str(spoilt), 1, "fact"),
        (str(spoilt), 2, "colour"),
    ]
    assert all(set(p) == {"path", "line", "field", "message"} for p in problems)


@pytest.mark.parametrize("content", [None, b"", b"{", b"[1]", b"caf\xe9"])
@pytest.mark.parametrize("arguments", [["validate"], ["validate", "--json"], ["stamp"]])
def test_what_is_no_jsonl_exits_2_with_one_line(data, tmp_path, clean, content, arguments):
    path = tmp_path / "bad.jsonl"
    if content is not None:
        path.write_bytes(content)
    files = [clean, path] if arguments[0] == "validate" else [path]
    code, output, errors = data(*arguments, *files)
    assert (code, output) == (2, "")
    assert errors.startswith(f"equipoise: {path}") and errors.count("\n") == 1
    assert (path.read_bytes() if path.exists() else None) == content


def test_a_folder_exits_2(data, tmp_path):
    for command in ("validate", "stamp"):
        code, output, errors = data(command, tmp_path)
        assert (code, output) == (2, "") and "cannot be read" in errors


@pytest.mark.parametrize("arguments", [["validate"], ["stamp"], ["stamp", "a", "b"], ["polish"], ["validate", "--xml"]])
def test_wrong_usage_exits_2(data, arguments):
    code, output, errors = data(*arguments)
    assert (code, output) == (2, "") and "Error" in errors


def test_validate_never_writes(data, tmp_path, clean, spoilt):
    before = {path.name: (path.read_bytes(), path.stat().st_mtime_ns) for path in tmp_path.iterdir()}
    data("validate", clean, spoilt)
    assert {path.name: (path.read_bytes(), path.stat().st_mtime_ns) for path in tmp_path.iterdir()} == before


def test_stamp_writes_the_hashes_and_only_them(data, tmp_path):
    old = [{**stamped(question="Où?"), "hash": "0" * 16}, record(id="made-2", question="Wo?")]
    path = tmp_path / "items.jsonl"
    path.write_text("\n\n".join(json.dumps(made, ensure_ascii=False) for made in old), encoding="utf-8-sig")
    assert data("stamp", path) == (0, f"{path}: 2 items stamped\n", "")
    assert validate_file(path)[1] == []
    text = path.read_bytes()
    new = [json.loads(line) for line in text.decode().splitlines()]
    assert [{**made, "hash": ""} for made in new] == [{**made, "hash": ""} for made in old]
    assert "Où?" in text.decode() and text.endswith(b"}\n") and not text.startswith(b"\xef\xbb\xbf")
    data("stamp", path)
    assert path.read_bytes() == text
    assert [left.name for left in tmp_path.iterdir()] == ["items.jsonl"]


def test_stamp_leaves_a_file_with_a_fault_alone(data, tmp_path):
    path = write(tmp_path / "items.jsonl", record(), record(id="made-2", colour="red"))
    before = path.read_bytes()
    code, output, errors = data("stamp", path)
    assert (code, output) == (2, "")
    assert errors == f"equipoise: {path}:2: field 'colour': Extra inputs are not permitted\n"
    assert path.read_bytes() == before and [left.name for left in tmp_path.iterdir()] == ["items.jsonl"]


@pytest.mark.parametrize(
    "name",
    ["dignified_peer/data/items.jsonl", "aloe/data/profiles.jsonl", "aloe/data/personalities.jsonl",
     "sycophancy/data/servant.jsonl", "questions/data/commonsense.jsonl"],
)  # fmt: skip
def test_every_shipped_kind_is_known_and_an_edit_is_found_and_stamped(inside, tmp_path, name):
    shipped = files("equipoise.tasks") / name
    copy = tmp_path / "items.jsonl"
    first, *rest = shipped.read_text(encoding="utf-8").splitlines()
    record = json.loads(first)
    record["version"] = "edited"
    copy.write_text("\n".join([json.dumps(record), *rest]) + "\n", encoding="utf-8")
    code, output, _ = inside("data", "validate", "items.jsonl")
    assert code == 1 and "items.jsonl:1: field 'hash'" in output and "1 problems" in output
    assert inside("data", "stamp", "items.jsonl")[0] == 0
    assert inside("data", "validate", "items.jsonl")[0] == 0
