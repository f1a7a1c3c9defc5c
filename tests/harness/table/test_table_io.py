"""Tables on disk: three formats in, one out, whole or not at all."""

import errno
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from equipoise.errors import InputError
from equipoise.harness.table import TABLE_FILE, conform, read_table, write_table

HEADER = "task,model,item,arm,measure,value"


@pytest.fixture
def table():
    """Ids with leading zeros, hashes that look like numbers, awkward text, floats with all their digits."""
    length = 300
    values = np.random.default_rng(0).random(length)
    values[::7] = np.nan
    return conform(
        pd.DataFrame(
            {
                "run_id": "0012",
                "task": "equipoise/persuasion",
                "model": 'm,"x"\nü',
                "config_hash": "6123456789012e12",
                "item": [f"{i:04d}" for i in range(length)],
                "domain": "NA",
                "arm": "",
                "turn": np.arange(length) % 5,
                "measure": "correct",
                "value": values,
                "missing": np.where(np.isnan(values), "unparsed", ""),
            }
        )
    )


def assert_same(found, expected):
    """Equal in every cell, values to the last bit; categories may be listed in another order."""
    assert list(found.columns) == list(expected.columns)
    assert found["value"].equals(expected["value"])
    for name in expected.columns.drop("value"):
        assert found[name].tolist() == expected[name].tolist(), name


def write(path, content):
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def rejected(path):
    with pytest.raises(InputError) as caught:
        read_table(path)
    assert caught.value.path == path
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_parquet_round_trip(table, tmp_path):
    write_table(table, tmp_path / "t.parquet")
    pd.testing.assert_frame_equal(read_table(tmp_path / "t.parquet"), table)


def test_csv_round_trip(table, tmp_path):
    table.to_csv(tmp_path / "t.csv", index=False)
    assert_same(read_table(tmp_path / "t.csv"), table)


@pytest.mark.parametrize("suffix", ["jsonl", "ndjson"])
def test_jsonl_round_trip(suffix, table, tmp_path):
    lines = [json.dumps(record) for record in table.astype(object).to_dict("records")]
    write(tmp_path / f"t.{suffix}", "\n".join(lines))
    assert_same(read_table(tmp_path / f"t.{suffix}"), table)


def test_a_run_folder_is_read_by_its_table(table, tmp_path):
    write_table(table, tmp_path / "run" / TABLE_FILE)
    assert_same(read_table(tmp_path / "run"), table)


@pytest.mark.parametrize("word", ["", "NaN", "nan", "NA"])
def test_a_csv_may_say_missing_in_several_ways(word, tmp_path):
    table = read_table(write(tmp_path / "t.csv", f"{HEADER},missing\nt,m,NA,nan,x,{word},refused\n"))
    assert np.isnan(table["value"].item())
    assert table["item"].item() == "NA"
    assert table["arm"].item() == "nan"


def test_a_byte_order_mark_is_skipped(tmp_path):
    row = dict(zip(HEADER.split(","), ["t", "m", "i", "a", "x", 1], strict=True))
    for path, text in (("t.csv", f"{HEADER}\nt,m,i,a,x,1\n"), ("t.jsonl", json.dumps(row))):
        assert read_table(write(tmp_path / path, text.encode("utf-8-sig")))["value"].tolist() == [1.0]


@pytest.mark.parametrize("name", ["t.txt", "t", "t.xlsx", "t.CSV"])
def test_an_unknown_suffix_lists_the_known(name, tmp_path):
    assert ".parquet, .csv or .jsonl" in rejected(write(tmp_path / name, f"{HEADER}\nt,m,i,a,x,1\n"))


def test_a_missing_file(tmp_path):
    assert "no such file" in rejected(tmp_path / "t.csv")


def test_a_folder_without_table_and_logs_is_refused(tmp_path):
    assert "no .eval or .json logs found" in rejected(tmp_path)


def test_a_folder_without_a_table_is_read_from_its_logs():
    golden = Path(__file__).parent / "golden"
    assert len(read_table(golden)) == len(pd.read_csv(golden / "persuasion-0.3.285.csv"))


@pytest.mark.parametrize("content", ["", "\n", f"{HEADER}\n"])
def test_an_empty_csv(content, tmp_path):
    rejected(write(tmp_path / "t.csv", content))


@pytest.mark.parametrize("content", ["", "\n"])
def test_an_empty_jsonl(content, tmp_path):
    rejected(write(tmp_path / "t.jsonl", content))


def test_an_empty_parquet_table(table, tmp_path):
    table.iloc[:0].to_parquet(tmp_path / "t.parquet")
    assert "no rows" in rejected(tmp_path / "t.parquet")


@pytest.mark.parametrize(
    "content",
    ['{"task":', '{"task": "t"}\n3', "3", "[1, 2]", "null", '"text"', "task,model", b"\xff\xfe\x00", "{'task': 1}"],
)
def test_a_broken_jsonl(content, tmp_path):
    rejected(write(tmp_path / "t.jsonl", content))


@pytest.mark.parametrize(
    "content",
    [
        b"\xff\xfe\xfa",
        b"\0\0\0\n",
        "a,b\n1,2,3\n",
        f"{HEADER}\nt,m,i,a,x,1,\n",  # else the columns shift by one
        f"{HEADER}\nt,m,i,a,x,1\nt,m,i,a,x,1,1\n",
        f'{HEADER}\nt,m,"i,a,x,1\n',
    ],
)
def test_a_broken_csv(content, tmp_path):
    rejected(write(tmp_path / "t.csv", content))


def test_a_broken_parquet(table, tmp_path):
    write_table(table, tmp_path / "whole.parquet")
    whole = (tmp_path / "whole.parquet").read_bytes()
    damaged = whole[:40] + b"\x99" * 200 + whole[240:]
    for content in (b"", b"PAR1", b"no parquet at all", whole[: len(whole) // 2], damaged):
        assert "cannot be read as .parquet" in rejected(write(tmp_path / "t.parquet", content))


@pytest.mark.parametrize(
    ("line", "field"),
    [("t,m,i,a,x,one,1", "value"), ("t,m,i,a,x,1,1.5", "turn"), ("t,m,i,a,x,1,", "turn")],
)
def test_a_cell_that_does_not_fit_names_file_field_and_row(line, field, tmp_path):
    path = write(tmp_path / "t.csv", f"{HEADER},turn\nt,m,i,a,x,0,0\n{line}\n")
    text = rejected(path)
    assert str(path) in text
    assert f"'{field}'" in text
    assert "row 2" in text


def test_an_absent_column_names_file_and_field(tmp_path):
    text = rejected(write(tmp_path / "t.csv", "task,model\nt,m\n"))
    assert "t.csv" in text
    assert "'item'" in text


def test_writing_makes_the_folders_and_leaves_nothing_else(table, tmp_path):
    write_table(table, tmp_path / "a" / "b" / "t.parquet")
    assert [path.name for path in (tmp_path / "a" / "b").iterdir()] == ["t.parquet"]


def full_disk(self, path, **options):
    """What a full disk does: a part is written, then the error."""
    path.write_bytes(b"PAR1 half of a table")
    raise OSError(errno.ENOSPC, "No space left on device")


def test_a_full_disk_leaves_nothing_half_written(table, tmp_path, monkeypatch):
    monkeypatch.setattr(pd.DataFrame, "to_parquet", full_disk)
    with pytest.raises(InputError, match="No space left on device") as caught:
        write_table(table, tmp_path / "t.parquet")
    assert caught.value.path == tmp_path / "t.parquet"
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_leaves_the_old_table_as_it_was(table, tmp_path, monkeypatch):
    write_table(table, tmp_path / "t.parquet")
    before = (tmp_path / "t.parquet").read_bytes()
    monkeypatch.setattr(pd.DataFrame, "to_parquet", full_disk)
    with pytest.raises(InputError):
        write_table(table.iloc[:1], tmp_path / "t.parquet")
    assert (tmp_path / "t.parquet").read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["t.parquet"]


def test_a_new_table_replaces_the_old_one(table, tmp_path):
    write_table(table, tmp_path / "t.parquet")
    write_table(table.iloc[:3], tmp_path / "t.parquet")
    assert len(read_table(tmp_path / "t.parquet")) == 3


def test_a_target_that_cannot_be_written_is_an_input_error(table, tmp_path):
    (tmp_path / "file").write_text("")
    (tmp_path / "folder").mkdir()
    for path in (tmp_path / "file" / "t.parquet", tmp_path / "folder"):
        with pytest.raises(InputError, match="cannot be written"):
            write_table(table, path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "folder"]


def test_a_row_that_is_there_twice_is_refused_and_an_epoch_is_not(tmp_path):
    row = {"task": "t", "model": "m", "item": "i", "arm": "a", "measure": "correct", "value": 1}
    path = tmp_path / "table.csv"
    pd.DataFrame([row, {**row, "value": 0}]).to_csv(path, index=False)
    with pytest.raises(InputError, match=r"row 2 repeats an earlier one \(item i, arm a, epoch 1, turn 0"):
        read_table(path)
    for column, values in (("epoch", (1, 2)), ("judge", ("one", "two"))):
        pd.DataFrame([{**row, column: value} for value in values]).to_csv(path, index=False)
        assert len(read_table(path)) == 2
