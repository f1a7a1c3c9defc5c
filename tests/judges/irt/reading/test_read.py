"""Ratings from files: four formats give one table, bad input is told in one line, memory follows the result."""

import gzip
import json
import subprocess
import sys
from csv import QUOTE_NONNUMERIC
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from equipoise.errors import InputError
from equipoise.judges.irt.reading import blocks as ratings_blocks
from equipoise.judges.irt.reading import columns as ratings_columns
from equipoise.judges.irt.reading.columns import LabelColumn, shrink
from equipoise.judges.irt.reading.read import place, read_ratings

ANY_CASE = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


def read(path, labels=("a",), score="s", **more):
    return read_ratings(path, labels=labels, score=score, **more)


def csv(tmp_path, text, name="x.csv"):
    path = tmp_path / name
    path.unlink(missing_ok=True)  # some file systems wait for the disk where a file is overwritten
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def parquet(tmp_path, name="x.parquet", **columns):
    pq.write_table(pa.table(columns), tmp_path / name)
    return tmp_path / name


def refused(path, *words, **more):
    """The one line that reading it gives."""
    with pytest.raises(InputError) as told:
        read(path, **more)
    line = str(told.value)
    assert "\n" not in line and len(line) < 600 + len(str(path))
    for word in words:
        assert word in line, line
    return told.value


@pytest.fixture
def small_blocks(monkeypatch):
    """Many blocks and many merges of labels, even in a small file."""
    monkeypatch.setattr(ratings_blocks, "BLOCK", 64)
    monkeypatch.setattr(ratings_blocks, "ROWS", 3)
    monkeypatch.setattr(ratings_columns, "_WAITING", 1)


# One table, whatever the format.

LABELS = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), min_size=1, max_size=6).filter(str.strip)
ROWS = st.lists(
    st.tuples(LABELS, st.sampled_from(["j1", "j10", "j2"]), st.sampled_from([0.0, 1.0, 4.0, 0.5, None])),
    min_size=1,
    max_size=40,
)


def write_all(folder, rows):
    """The rows as every format, quoted by the writers' own rules, with a column nobody asks for."""
    frame = pd.DataFrame(rows, columns=["model", "judge", "score"]).assign(note='a,b\n"c"')
    frame.to_csv(folder / "x.csv", index=False, quoting=QUOTE_NONNUMERIC)
    frame.to_csv(folder / "x.tsv", index=False, quoting=QUOTE_NONNUMERIC, sep="\t")
    frame.to_csv(folder / "x.csv.gz", index=False, quoting=QUOTE_NONNUMERIC)
    frame.to_parquet(folder / "x.parquet")
    (folder / "x.jsonl").write_text("\n".join(json.dumps(record) for record in frame.to_dict("records")))
    pieces = folder / "pieces"
    pieces.mkdir(exist_ok=True)
    half = len(frame) // 2
    frame[:half].to_parquet(pieces / "a.parquet")
    frame[half:].astype({"model": "category"}).to_parquet(pieces / "b.parquet")
    return [folder / name for name in ("x.csv", "x.tsv", "x.csv.gz", "x.parquet", "x.jsonl", "pieces")], frame


@given(rows=ROWS)
@ANY_CASE
def test_every_format_gives_the_same_table(tmp_path, small_blocks, rows):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ratings_blocks, "BLOCK", 512)  # a quoted row must fit
        paths, frame = write_all(tmp_path, rows)
        for path in paths:
            table = read(path, ["model", "judge"], "score")
            assert list(table) == ["model", "judge", "score"]
            assert table["model"].tolist() == frame["model"].tolist()
            assert table["judge"].tolist() == frame["judge"].tolist()
            np.testing.assert_array_equal(table["score"].to_numpy(float), frame["score"].to_numpy(float))
            for name in ("model", "judge"):
                assert table[name].cat.categories.tolist() == sorted(set(frame[name]))


def test_labels_stay_as_they_stand(tmp_path):
    path = csv(tmp_path, "a,s\n1,0\n10,1\n2,2\n007,3\n1.0,4\nNA,5\nnull, 6 \n=1+1,7\n x,8\n")
    table = read(path)
    assert table["a"].tolist() == ["1", "10", "2", "007", "1.0", "NA", "null", "=1+1", " x"]
    assert table["s"].tolist() == list(range(9))
    assert table["a"].cat.codes.dtype == np.int8 and table["s"].dtype == np.int8
    table = read(csv(tmp_path, '{"a": 1.50, "s": 1}\n{"a": "007", "s": "2"}\n{"a": true, "s": null}\n', "x.jsonl"))
    assert table["a"].tolist() == ["1.50", "007", "true"]
    columns = {"a": [1, 2, 10], "b": [1.0, 2.5, 3.0], "c": pd.Categorical([7, 8, 7]), "d": [True, False, True]}
    pd.DataFrame({**columns, "s": [1, 2, 3]}).to_parquet(tmp_path / "x.parquet")
    table = read(tmp_path / "x.parquet", list("abcd"))
    assert table[list("abcd")].to_numpy().T.tolist() == [
        ["1", "2", "10"], ["1", "2.5", "3"], ["7", "8", "7"], ["true", "false", "true"]
    ]  # fmt: skip


def test_scores_that_are_missing(tmp_path):
    texts = ["", "NaN", "nan", "NA", "null", "None", " ", "0", "1.5", "-2", "1e1", "true", "False"]
    table = read(csv(tmp_path, "a,s\n" + "".join(f"x,{text}\n" for text in texts)))
    expected = [np.nan] * 7 + [0, 1.5, -2, 10, 1, 0]
    np.testing.assert_array_equal(table["s"], expected)
    records = [{"a": "x", "s": 1}, {"a": "x"}, {"a": "x", "s": None}, {"a": "x", "s": float("nan")}]
    table = read(csv(tmp_path, "\n".join(map(json.dumps, records)), "x.jsonl"))
    np.testing.assert_array_equal(table["s"], [1, np.nan, np.nan, np.nan])
    for scores in (pa.array([1, None]), pa.array([1.0, np.nan]), pa.array(["1", None]), pa.array([True, None])):
        table = read(parquet(tmp_path, a=["x", "y"], s=scores))
        np.testing.assert_array_equal(table["s"], [1, np.nan])


@pytest.mark.parametrize(
    ("values", "dtype"),
    [
        ([0, 4], "int8"), ([-128, 127], "int8"), ([-129], "int16"), ([128], "int16"), ([-40000], "int32"),
        ([40000], "int32"), ([2**31], "float32"), ([2**31 + 1], "float64"), ([0.5], "float32"), ([0.1], "float64"),
        ([1, np.nan], "float32"), ([16777217, np.nan], "float64"), ([1e300], "float64"), ([], "int8"),
    ],
)  # fmt: skip
def test_numbers_take_the_smallest_type_that_holds_them(values, dtype):
    shrunk = shrink(np.array(values, dtype=float))
    assert shrunk.dtype == dtype
    np.testing.assert_array_equal(shrunk.astype(float), values)


def test_a_later_block_may_need_a_larger_type(tmp_path, small_blocks):
    scores = [1] * 50 + [0.1] + [300] * 50
    table = read(csv(tmp_path, "a,s\n" + "".join(f"label,{score}\n" for score in scores)))
    assert table["s"].dtype == np.float64 and table["s"].tolist() == scores


@given(blocks=st.lists(st.lists(st.integers(0, 400), min_size=1, max_size=30), min_size=1, max_size=12))
@ANY_CASE
def test_labels_of_many_blocks_are_merged(blocks):
    column = LabelColumn()
    column_merged_often = LabelColumn()
    for block in blocks:
        texts = [f"label {number}" for number in block]
        labels = sorted(set(texts), reverse=True)
        codes = np.array([labels.index(text) for text in texts])
        column.add(codes, pa.array(labels, pa.large_string()))
        column_merged_often.add(codes, pa.array(labels, pa.large_string()))
        column_merged_often._merge()
    expected = pd.Categorical([f"label {number}" for block in blocks for number in block])
    for found in (column.categorical(), column_merged_often.categorical()):
        assert list(found) == list(expected)
        assert list(found.categories) == list(expected.categories)


@pytest.mark.parametrize("size", [127, 128, 200, 256, 33_000])
def test_codes_of_many_labels_do_not_overflow(size):
    labels = [f"label {number:05}" for number in range(size)]
    column = LabelColumn()
    for part in (labels[: size // 2], labels, labels[::-1]):
        column.add(np.arange(len(part)), pa.array(part, pa.large_string()))
    assert column.categorical().tolist() == labels[: size // 2] + labels + labels[::-1]


def test_only_the_columns_asked_for_and_each_once(tmp_path):
    path = csv(tmp_path, "judge,note,a,w,s\nj,text,x,2,1\nk,text,x,0.5,\nk,text,x,,\n")
    table = read(path, ["a", "judge", "a"], weights="w")
    assert list(table) == ["a", "judge", "s", "w"]
    assert table["w"].dtype == np.float64
    np.testing.assert_array_equal(table["w"], [2, 0.5, np.nan])  # no weight is needed without a score
    with pytest.raises(InputError, match="field 'a': expected different columns"):
        read(path, ["a"], "a")
    with pytest.raises(InputError, match="field 's': expected different columns"):
        read(path, ["a"], "s", weights="s")


def test_where_keeps_rows_and_does_not_look_at_the_others(tmp_path, small_blocks):
    rows = ["x,empathy,1", ",calm,n/a", "y,empathy,", "z,calm,", "x,empathy,3"] * 20
    path = csv(tmp_path, "a,measure,s\n" + "\n".join(rows) + "\n")
    table = read(path, where={"measure": "empathy"})
    assert list(table) == ["a", "s"]
    assert table["a"].tolist() == ["x", "y", "x"] * 20
    assert table["a"].cat.categories.tolist() == ["x", "y"]  # z occurs only in rows that were dropped
    np.testing.assert_array_equal(table["s"], [1, np.nan, 3] * 20)
    np.testing.assert_array_equal(read(path, where={"measure": "empathy", "a": "x"})["s"], [1, 3] * 20)
    assert len(read(path, where={"measure": "empathy", "s": "3"})) == 20
    frame = pd.DataFrame({"a": list("xyz") * 5, "keep": ["no", "yes", "yes"] * 5, "s": range(15)})
    frame.to_parquet(tmp_path / "x.parquet")
    table = read(tmp_path / "x.parquet", where={"keep": "yes", "a": "z"})
    assert table["s"].tolist() == [2, 5, 8, 11, 14] and set(table["a"]) == {"z"}
    told = refused(csv(tmp_path, "a,keep,s\nx,no,1\nx,no,2\nx,yes,bad\n"), "found 'bad'", where={"keep": "yes"})
    assert told.line == 4


def test_where_that_nothing_meets(tmp_path):
    path = csv(tmp_path, "a,measure,s\nx,empathy,1\ny,calm,2\n")
    refused(path, "field 'measure'", "expected 'emphaty'", "found calm, empathy", "did you mean 'empathy'?",
            where={"measure": "emphaty"})  # fmt: skip
    told = refused(
        path, "expected 'y' in some row with measure 'empathy'; found x", where={"measure": "empathy", "a": "y"}
    )
    assert told.field == "a"
    path = csv(tmp_path, f"a,measure,s\nx,{'long' * 50},1\n")
    told = refused(path, "found x", where={"measure": "long" * 50, "a": "y"})
    assert told.field == "a"  # a long text is not shown but still known
    path = csv(tmp_path, "a,measure,s\nx,empathy,1\ny,calm,2\n")
    refused(path, "field 'mesure'", "no such column", "did you mean 'measure'?", where={"mesure": "empathy"})
    refused(path, "found calm, empathy", where={"measure": "\udcff"})


# Bad input: one line with file, line and field.


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize(
    "text", ["n/a", "abc", "inf", "-Infinity", "1_000", "1e999", "٣", "0x1", "1,5", "--1", "1e", "-nan", "nan(1)"]
)
def test_a_score_that_is_no_number(tmp_path, text, end):
    note = f'"two ""quoted""{end}lines and a ""quote"""'
    rows = ["a,note,s", f"x,{note},1", "", 'y,5" wide,2', f'z,,"{text}"', "y,,1", "y,,1", ""]
    told = refused(csv(tmp_path, end.join(rows)), "expected a finite number, or nothing for missing", f"found {text!r}")
    assert (told.line, told.field) == (6, "s")


def test_a_score_that_is_no_number_in_other_formats(tmp_path):
    told = refused(csv(tmp_path, '\n{"a": 1, "s": 1}\n\n{"a": 1, "s": "n/a"}\n', "x.jsonl"), "found 'n/a'")
    assert (told.line, told.field) == (4, "s")
    told = refused(csv(tmp_path, '{"a": 1, "s": 1}\n{"a": 1, "s": -Infinity}\n', "x.jsonl"), "found '-Infinity'")
    assert told.line == 2
    told = refused(csv(tmp_path, '{"a": 1, "s": 1}\n{"a": 1, "s": [1]}\n', "x.jsonl"), "found a list")
    assert told.line == 2
    refused(parquet(tmp_path, a=["x", "y"], s=[1.0, np.inf]), "x.parquet: row 2: field 's'", "found inf")
    refused(parquet(tmp_path, a=["x", "y"], s=["1", "n/a"]), "x.parquet: row 2: field 's'", "found 'n/a'")
    refused(parquet(tmp_path, a=["x"], s=[[1]]), "field 's'", "expected text or numbers, found list<")
    refused(parquet(tmp_path, a=["x"], s=[{"b": 1}]), "field 's'", "expected text or numbers, found struct<")


@pytest.mark.parametrize("empty", ["", '""', '"  "'])
def test_an_empty_label(tmp_path, empty):
    told = refused(csv(tmp_path, f"a,s\nx,1\ny,2\n{empty},3\n"), "is empty; expected a label")
    assert (told.line, told.field) == (4, "a")


def test_an_empty_label_in_other_formats(tmp_path):
    for record in ('{"s": 1}', '{"a": null, "s": 1}', '{"a": "", "s": 1}', '{"a": NaN, "s": 1}'):
        told = refused(csv(tmp_path, f'{{"a": "x", "s": 1}}\n{record}\n', "x.jsonl"), "is empty; expected a label")
        assert (told.line, told.field) == (2, "a")
    for labels in (["x", None], ["x", ""], [1, None], [1.0, np.nan], pa.array(["x", None]).dictionary_encode()):
        refused(parquet(tmp_path, a=labels, s=[1, 2]), "x.parquet: row 2: field 'a'", "is empty; expected a label")


def test_the_place_is_right_in_a_later_block_and_after_a_filter(tmp_path, small_blocks):
    rows = [f"{'k' if row % 3 else 'd'},x,1" for row in range(100)]
    rows[50] = "k,,1"
    path = csv(tmp_path, "keep,a,s\n" + "\n".join(rows))
    assert refused(path).line == 52
    assert refused(path, where={"keep": "k"}).line == 52
    records = [json.dumps({"a": row.split(",")[1], "s": 1}) for row in rows]
    assert refused(csv(tmp_path, "\n".join(records), "x.jsonl")).line == 51
    pd.DataFrame([row.split(",") for row in rows], columns=["keep", "a", "s"]).to_parquet(tmp_path / "x.parquet")
    refused(tmp_path / "x.parquet", "row 51: field 'a'", where={"keep": "k"})


def test_a_weight_that_is_missing_or_no_number(tmp_path):
    told = refused(csv(tmp_path, "a,s,w\nx,,\nx,1,\n"), "is empty; expected a finite number", weights="w")
    assert (told.line, told.field) == (3, "w")
    told = refused(csv(tmp_path, "a,s,w\nx,,\nx,1,inf\n"), "expected a finite number, found 'inf'", weights="w")
    assert (told.line, told.field) == (3, "w")


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("x.csv", b"model,judge,s\nx,j,1\n"),
        ("x.jsonl", b'{"model": 1, "judge": 2, "s": 3}\n'),
    ],
)
def test_a_column_that_is_absent(tmp_path, name, content):
    path = csv(tmp_path, content, name)
    told = refused(path, "no such column; the file has model, judge, s; did you mean 'model'?", labels=["Modle"])
    assert told.field == "Modle"


def test_a_column_that_is_absent_in_parquet_or_there_twice(tmp_path):
    refused(parquet(tmp_path, b=["x"], s=[1]), "no such column; the file has b, s")
    refused(csv(tmp_path, "a,s,a\nx,1,y\n"), "field 'a'", "2 columns of this name")
    assert len(read(csv(tmp_path, "a,s,b,b\nx,1,y,z\n"))) == 1  # nobody asked for it
    pq.write_table(pa.table([["x"], ["y"], [1]], names=["a", "a", "s"]), tmp_path / "x.parquet")
    refused(tmp_path / "x.parquet", "field 'a'", "2 columns of this name")
    wide = ",".join(f"column {number}" for number in range(500)) + "\n" + "," * 499 + "\n"
    refused(csv(tmp_path, wide), "and 480 more")
    refused(csv(tmp_path, '"two\nlines",,' + "x" * 10_000 + "\n1,2,3\n"), "'two\\nlines', '', 'xxx")


def test_a_csv_row_of_the_wrong_length(tmp_path):
    told = refused(csv(tmp_path, 'a,b,s\nx,"y\n\nz",1\n\nx,1\n'), "expected 3 fields, found 2")
    assert told.line == 6
    told = refused(csv(tmp_path, "a,s\nx,1\nx,1,2\n"), "expected 2 fields, found 3")
    assert told.line == 3


def test_a_quotation_mark_left_open(tmp_path, monkeypatch):
    refused(csv(tmp_path, 'a,s\nx,1\n"x,1\nx,1\n'), ".csv:3: expected 2 fields, found 1")
    monkeypatch.setattr(ratings_blocks, "BLOCK", 1000)
    refused(csv(tmp_path, 'a,s\nx,1\n"x,1\n' + "x,1\n" * 1000), "is a quotation mark left open?")


@pytest.mark.parametrize("name", ["x.csv", "x.tsv", "x.jsonl"])
@pytest.mark.parametrize("content", [b"", b"\xef\xbb\xbf", b"\n\n"])
def test_nothing_in_it(tmp_path, name, content):
    refused(csv(tmp_path, content, name), "has no rows")


@pytest.mark.parametrize("content", [b"a,s", b"a,s\n", b"\xef\xbb\xbfa,s\r\n\r\n"])
def test_only_a_header(tmp_path, content):
    refused(csv(tmp_path, content), "has no rows")


def test_nothing_in_parquet(tmp_path):
    refused(parquet(tmp_path, a=pa.array([], pa.string()), s=pa.array([], pa.int8())), "has no rows")
    for content in (b"", b"PAR1", b"a,s\nx,1\n" * 9, (tmp_path / "x.parquet").read_bytes()[:-30]):
        refused(csv(tmp_path, content, "x.parquet"), "x.parquet: cannot be read as .parquet (")


@pytest.mark.parametrize(
    ("record", "words"),
    [
        ('{"a": 1, "s": 1', "is not JSON ("), ("a,1", "is not JSON ("), ("[1, 2]", "expected an object"),
        ("3", "expected an object"), ("[" * 100_000, "is nested too deeply"),
        ('{"a": "\\ud800", "s": 1}', "field 'a': is not text"),
        ('{"a": {"b": 1}, "s": 1}', "field 'a': expected text or a number, found an object"),
    ],
)  # fmt: skip
def test_a_broken_json_line(tmp_path, record, words):
    assert refused(csv(tmp_path, f'{{"a": "x", "s": 1}}\n\n{record}\n', "x.jsonl"), words).line == 3


def test_text_that_is_not_utf8(tmp_path):
    told = refused(csv(tmp_path, b"b,a,s\nx,x,1\nx,\xff,1\n"), "is not UTF-8")
    assert (told.line, told.field) == (3, "a")
    assert refused(csv(tmp_path, b"a,s,\xff\nx,1,\n"), "is not UTF-8").line == 1
    assert refused(csv(tmp_path, b'{"a": "x", "s": 1}\n{"a": "\xff", "s": 1}\n', "x.jsonl"), "is not UTF-8").line == 2
    refused(csv(tmp_path, "a\ts\nx\t1\n".encode("utf-16"), "x.tsv"), "is not UTF-8 but UTF-16")
    broken = pa.array([b"x", b"x\xff"])
    refused(parquet(tmp_path, a=broken, s=[1, 2]), "row 2: field 'a': is not UTF-8")
    claimed = pa.Array.from_buffers(pa.string(), 2, broken.buffers())
    refused(parquet(tmp_path, a=claimed, s=[1, 2]), "row 2: field 'a': is not UTF-8")
    refused(parquet(tmp_path, a=["x", "y"], s=claimed), "row 2: field 's': is not UTF-8")


def test_no_file_or_a_format_nobody_knows(tmp_path):
    refused(tmp_path / "absent.csv", "no such file or folder")
    refused(tmp_path, "holds no Parquet")
    for name, found in (("x.xlsx", "'.xlsx'"), ("x", "''"), ("x.gz", "'.gz'"), ("x.parquet.gz", "'.parquet.gz'")):
        refused(csv(tmp_path, "a,s\nx,1\n", name), f"unknown table format {found}; expected .csv")
    assert len(read(csv(tmp_path, "a,s\nx,1\n", "my.old.table.CSV"))) == 1
    hidden = tmp_path / "_temporary"
    hidden.mkdir()
    parquet(hidden, a=["x"], s=[1])
    refused(tmp_path, "holds no Parquet")


def test_gzip(tmp_path):
    data = gzip.compress(b"a,s\n") + gzip.compress(b"x,1\n" * 1000)  # two members, as `cat` makes them
    assert len(read(csv(tmp_path, data, "x.csv.gz"))) == 1000
    assert len(read(csv(tmp_path, gzip.compress(b'{"a": 1, "s": 1}\n'), "x.jsonl.gz"))) == 1
    bad = csv(tmp_path, gzip.compress(b"a\ts\nx\t1\n\t1\n"), "x.tsv.gz")
    assert refused(bad, "is empty").line == 3
    for name in ("x.csv.gz", "x.jsonl.gz"):
        refused(csv(tmp_path, data[:-12], name), "cannot be read as" if name == "x.csv.gz" else "is not JSON")
        refused(csv(tmp_path, b"a,s\nx,1\n", name), "cannot be read as .gz (")
        whole = gzip.compress(b'{"a": 1, "s": 1}\n' * 1000)
        for broken in (whole[:-12], whole[:15] + b"\xff" * 9 + whole[24:]):
            refused(csv(tmp_path, broken, "x.jsonl.gz"), "cannot be read as .gz (")


def test_input_that_nobody_has_vouched_for(tmp_path):
    long = "x" * (1 << 20)
    table = read(csv(tmp_path, f"a,s,note\n{long},1,{long}\nNUL\0,2,\0\n@cmd,3,<script>\n"))
    assert table["a"].tolist() == [long, "NUL\0", "@cmd"]
    refused(csv(tmp_path, f"a,s\nx,{long}\n"), "found 'xxx")
    refused(csv(tmp_path, f"a,s\nx,{'1' * (1 << 20)}x\n"), "found '111")
    refused(csv(tmp_path, f"a,s\nx,{'1' * (1 << 20)}\n"), "found '111")
    refused(csv(tmp_path, f"a,s,{long * 5}\nx,1,1\n"), "a row is longer than 4 MiB")
    refused(csv(tmp_path, f"a,s,n\nx,1,{long * 9}\nx,1,\n"), "a row is longer than 4 MiB")
    assert (
        refused(csv(tmp_path, f'{{"a": 1, "s": 1}}\n{{"a": "{long * 5}"}}\n', "x.jsonl"), "longer than 4 MiB").line == 2
    )


SUFFIXES = ["x.csv", "x.tsv", "x.csv.gz", "x.jsonl", "x.jsonl.gz", "x.parquet"]
STARTS = [b"", b"a,s\n", b"a\ts\n", b'{"a": 1, "s": 1}\n']
PIECES = [b"a", b"s", b",", b"\t", b"\n", b"\r", b'"', b"1", b"\0", b"\xff", b"{", b"}", b":", b" "]
BYTES = st.binary(max_size=200) | st.lists(st.sampled_from(PIECES), max_size=60).map(b"".join)


@given(tail=BYTES, name=st.sampled_from(SUFFIXES), start=st.sampled_from(STARTS))
@settings(ANY_CASE, max_examples=300)
def test_any_bytes_give_a_table_or_one_line(tmp_path, tail, name, start):
    path = csv(tmp_path, gzip.compress(start + tail) if name.endswith("gz") else start + tail, name)
    try:
        table = read(path)
    except InputError as told:
        assert str(told).startswith(str(path)) and "\n" not in str(told)
    else:
        assert len(table) and table["a"].notna().all() and not np.isinf(table["s"]).any()


@given(row=st.integers(0, 10_000), damage=st.binary(min_size=1, max_size=8))
@ANY_CASE
def test_damaged_parquet_gives_a_table_or_one_line(tmp_path, row, damage):
    whole = parquet(tmp_path, a=[f"label {number % 7}" for number in range(500)], s=list(range(500))).read_bytes()
    at = row % len(whole)
    try:
        read(csv(tmp_path, whole[:at] + damage + whole[at + len(damage) :], "damaged.parquet"))
    except InputError as told:
        assert "damaged.parquet" in str(told) and "\n" not in str(told)


# Where a row of the result stands.


def test_place_names_the_line_of_a_row(tmp_path, small_blocks):
    text = '\na,s\r\nx,1\n\n"two\nlines",2\ny,-3\n'
    path = csv(tmp_path, text)
    assert [place(path, row)["line"] for row in range(3)] == [3, 5, 7]
    assert place(csv(tmp_path, b'\xef\xbb\xbf"a\nb",s\nx,1\n', "mark.csv"), 0)["line"] == 3
    assert place(path, 1, {"a": "y"}) == {"path": path, "line": None}
    assert place(path, 0, {"a": "y"}) == {"path": path, "line": 7}
    assert str(InputError("expected more", field="s", **place(path, 2))) == f"{path}:7: field 's': expected more"
    path = csv(tmp_path, '\n{"a": 1}\n \n{"a": 2}\n', "x.jsonl")
    assert [place(path, row)["line"] for row in range(2)] == [2, 4]


def test_place_in_a_folder_of_parquet(tmp_path, small_blocks):
    first = parquet(tmp_path, "1.parquet", a=list("xyxyx"), s=[1] * 5)
    second = parquet(tmp_path, "2.parquet", a=list("yyx"), s=[1] * 3)
    assert place(tmp_path, 4)["path"] == f"{first}: row 5"
    assert place(tmp_path, 5)["path"] == f"{second}: row 1"
    assert place(tmp_path, 2, {"a": "y"})["path"] == f"{second}: row 1"
    assert place(first, 1, {"a": "y"})["path"] == f"{first}: row 4"


# Memory.

PEAK = """
import resource, sys
from pathlib import Path
from equipoise.judges.irt.reading import blocks as ratings_blocks
from equipoise.judges.irt.reading.read import read_ratings
ratings_blocks.BLOCK = 1 << 20
megabytes = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
read_ratings(Path(sys.argv[1]), labels=["model", "judge"], score="score", where={"judge": "judge 1"})
before = megabytes()
table = read_ratings(Path(sys.argv[2]), labels=["model", "judge"], score="score")
print(len(table), table.memory_usage(deep=True).sum() / 2**20, megabytes() - before)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the unit of ru_maxrss differs")
@pytest.mark.parametrize("name", ["x.csv.gz", "x.jsonl.gz"])
def test_memory_follows_the_result_not_the_file(tmp_path, name):
    """300 MB of text (in little disk: gzip members are repeated), under 1 MB of result; the peak is that of blocks."""
    note = "free text that nobody asked for " * 100
    records = [
        {"model": f"model {row % 100}", "judge": f"judge {row % 7}", "score": row % 5, "note": note}
        for row in range(1000)
    ]
    if name == "x.csv.gz":
        head = b"model,judge,score,note\n"
        rows = "".join(",".join(map(str, record.values())) + "\n" for record in records).encode()
    else:
        head, rows = b"", "".join(json.dumps(record) + "\n" for record in records).encode()
    repeats = 300_000_000 // len(rows)
    small = csv(tmp_path, gzip.compress(head + rows), f"small-{name}")
    large = csv(tmp_path, gzip.compress(head) + gzip.compress(rows) * repeats, name)
    run = subprocess.run([sys.executable, "-c", PEAK, small, large], capture_output=True, text=True, check=True)
    length, result, peak = map(float, run.stdout.split())
    assert length == 1000 * repeats and result < 1
    assert peak < 120, f"{peak} MiB more for a result of {result} MiB"


# Published files, read in place.


@pytest.mark.reference
def test_published_ratings():
    """Guilford's ratings and the 1,875 observations of Liking for Science."""
    data = Path(__file__).parents[5] / "shared" / "data" / "irt"
    if not data.is_dir():
        pytest.skip("no reference data beside the checkout")
    guilford = read(data / "guilford.csv", ["judge", "person", "trait"], "score")
    assert [len(guilford[name].cat.categories) for name in ("judge", "person", "trait")] == [3, 7, 5]
    assert len(guilford) == 105 and guilford["score"].dtype == np.int8
    science = read(
        data / "lfs_sfxf_ministep375.csv", ["PERSON.LABEL", "ITEM.LABEL"], "OBSERVED", weights="RESPONSE.WEIGHT"
    )
    assert (
        len(science) == 1875 and science["OBSERVED"].isin([0, 1, 2]).all() and (science["RESPONSE.WEIGHT"] == 1).all()
    )
    assert "ROSSNER, MARC DANIEL" in science["PERSON.LABEL"].cat.categories
