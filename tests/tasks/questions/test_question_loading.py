"""From files to items: whatever is wrong comes out as one line with file, line and field."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from question_files import record, write

from equipoise.errors import InputError
from equipoise.tasks.questions import Item, content_hash, load_items, validate_file
from equipoise.tasks.questions.parse import parse_item, read_items, read_jsonl

quick = settings(max_examples=100, deadline=None)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
FIELDS = st.sampled_from([*Item.model_fields, "colour", "a\nb", "a'b"])


def one_line(error: InputError) -> str:
    assert "\n" not in str(error) and "\r" not in str(error)
    return str(error)


# --- anything goes in, items or InputError come out ------------------------------------------------------------


@quick
@given(JSON)
def test_the_parser_takes_any_json_value(tmp_path_factory, value):
    try:
        assert isinstance(parse_item(value, tmp_path_factory.getbasetemp() / "x.jsonl", 7), Item)
    except InputError as error:
        assert "x.jsonl:7: " in one_line(error)


@quick
@given(st.dictionaries(FIELDS, JSON, max_size=3))
def test_the_parser_takes_any_value_in_any_field(tmp_path_factory, changes):
    try:
        item = parse_item({**record(), **changes}, tmp_path_factory.getbasetemp() / "x.jsonl", 7)
    except InputError as error:
        assert "x.jsonl:7: field '" in one_line(error) and error.field
    else:
        assert len(content_hash(item)) == 16


@quick
@given(st.text(max_size=60) | st.lists(JSON.map(json.dumps), max_size=4).map("\n".join))
def test_the_reader_takes_any_text(tmp_path_factory, text):
    path = tmp_path_factory.getbasetemp() / "any.jsonl"
    path.write_text(text, encoding="utf-8", newline="")
    for read in (read_items, validate_file):
        try:
            read(path)
        except InputError as error:
            assert "any.jsonl" in one_line(error)


@quick
@given(st.binary(max_size=40))
def test_the_reader_takes_any_bytes(tmp_path_factory, content):
    path = tmp_path_factory.getbasetemp() / "any.bin"
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"any\.bin"):
        read_items(path)


# --- bad input, case by case -----------------------------------------------------------------------------------

LINE = json.dumps(record())
BROKEN = {
    "empty": (b"", None, None, "is empty; expected one JSON object per line"),
    "blank": (b" \n\t\n", None, None, "is empty"),
    "only a byte order mark": (b"\xef\xbb\xbf", None, None, "is empty"),
    "not UTF-8": (b'{"id": "caf\xe9"}', None, None, "is not UTF-8 (byte 11)"),
    "UTF-16": ("{}".encode("utf-16"), None, None, "is not UTF-8 (byte 0)"),
    "broken line": (f'{LINE}\n{{"id": '.encode(), 2, None, "broken JSON"),
    "cut off": (LINE[:-1].encode(), 1, None, "broken JSON"),
    "list": (f"{LINE}\n\n[1]\n".encode(), 3, None, "expected a JSON object, found list"),
    "text": (b'"item"', 1, None, "expected a JSON object, found str"),
    "number": (b"NaN", 1, None, "expected a JSON object, found float"),
    "null": (b"null", 1, None, "expected a JSON object, found NoneType"),
    "huge nesting": (b'{"id": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", 1, None, "broken JSON"),
    "huge number": (b'{"id": ' + b"1" * 10_000 + b"}", 1, None, "broken JSON"),
    "unknown key": (json.dumps(record(colour="red")).encode(), 1, "colour", "not permitted"),
    "unknown key of two lines": (json.dumps(record(**{"a\nb": 1})).encode(), 1, r"a\nb", "not permitted"),
    "deep unknown key": (json.dumps(record(colour=[[[[[[]]]]]])).encode(), 1, "colour", "not permitted"),
    "missing key": (f"{LINE}\n{json.dumps(record(id='b', claims=None))}".encode(), 2, "claims", "Field required"),
    "inner key": (json.dumps(record(claims={"negative": 3})).encode(), 1, "claims.negative", "valid string"),
    "half a surrogate": (LINE.replace("made-1", r"\ud800").encode(), 1, "id", "valid string"),
    "collision": (json.dumps(record(gold=["Lyon"])).encode(), 1, "gold/wrong", "collide"),
    "duplicate id": (f"{LINE}\n{LINE}".encode(), 2, "id", "duplicate id 'made-1', first on line 1"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_bad_files(tmp_path, name):
    content, line, field, message = BROKEN[name]
    path = tmp_path / "items.jsonl"
    path.write_bytes(content)
    with pytest.raises(InputError) as caught:
        read_items(path)
    error = caught.value
    where = str(path) + (f":{line}" if line else "") + (f": field '{field}'" if field else "") + ": "
    assert one_line(error).startswith(where) and message in str(error)
    assert (error.path, error.line, error.field or None) == (path, line, field)


@pytest.mark.parametrize("name", [name for name, case in BROKEN.items() if case[2] is None])
def test_the_validator_refuses_what_is_no_jsonl(tmp_path, name):
    content, _, _, message = BROKEN[name]
    path = tmp_path / "items.jsonl"
    path.write_bytes(content)
    with pytest.raises(InputError) as caught:
        validate_file(path)
    assert message in one_line(caught.value)


@pytest.mark.parametrize("source", ["nowhere.jsonl", "."])
def test_no_such_file_and_a_folder(tmp_path, source):
    with pytest.raises(InputError, match="cannot be read") as caught:
        load_items(tmp_path / source)
    assert one_line(caught.value).startswith(str(tmp_path))


def test_a_misspelt_set_is_a_missing_file():
    with pytest.raises(InputError, match=r"^triva: cannot be read \(No such file or directory\); expected a JSONL"):
        load_items("triva")


# --- what is accepted ------------------------------------------------------------------------------------------


def test_byte_order_mark_crlf_and_blank_lines_are_fine(tmp_path):
    path = tmp_path / "items.jsonl"
    text = f"\n{LINE}\r\n\r\n{json.dumps(record(id='made-2', question='Où?'), ensure_ascii=False)}\r\n"
    path.write_bytes(b"\xef\xbb\xbf" + text.encode())
    assert [item.question for item in load_items(path)] == ["What is the capital of France?", "Où?"]
    assert [line for line, _ in read_jsonl(path)] == [2, 4]
    assert [item.id for item in load_items(str(path))] == ["made-1", "made-2"]


def test_line_separators_inside_a_text_do_not_end_a_line(tmp_path):
    path = tmp_path / "items.jsonl"
    path.write_text(json.dumps(record(question="a\u2028b\u0085c?"), ensure_ascii=False), encoding="utf-8")
    assert read_items(path)[0].question == "a\u2028b\u0085c?"


def test_sets_by_name():
    trivia, commonsense, everything = (load_items(name) for name in ("trivia", "commonsense", "all"))
    assert everything == trivia + commonsense == load_items()
    assert {item.domain for item in trivia} == {"trivia"} and {item.domain for item in commonsense} == {"commonsense"}


def test_file_order_is_kept(tmp_path):
    path = write(tmp_path / "items.jsonl", *(record(id=name) for name in ("c", "a", "b")))
    assert [item.id for item in read_items(path)] == ["c", "a", "b"]
