"""The long table's schema: defaults for what a foreign table lacks, one clear line for what does not fit."""

import numpy as np
import pandas as pd
import pytest

from equipoise.errors import InputError
from equipoise.harness.table import COLUMNS, MISSING, conform
from equipoise.harness.table.schema import NUMBERS, REQUIRED, TEXT

ROW = {"task": "t", "model": "m", "item": "i-1", "arm": "negative", "measure": "correct", "value": 1.0}


def frame(**columns):
    length = max((len(cells) for cells in columns.values()), default=1)
    return pd.DataFrame({**{name: [cell] * length for name, cell in ROW.items()}, **columns})


def rejected(table, field):
    with pytest.raises(InputError) as caught:
        conform(table, "my.csv")
    assert (caught.value.path, caught.value.field) == ("my.csv", field)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_columns_types_and_order():
    table = conform(frame().assign(extra=1)[["value", "extra", *[n for n in REQUIRED if n != "value"]]])
    assert tuple(table.columns) == COLUMNS
    assert set(TEXT) | set(NUMBERS) == set(COLUMNS)
    for name in TEXT:
        assert isinstance(table[name].dtype, pd.CategoricalDtype)
    assert {name: str(table[name].dtype) for name in NUMBERS} == NUMBERS


def test_defaults():
    table = conform(frame(item=["a", "b"]))
    assert table["epoch"].tolist() == [1, 1]
    assert table["turn"].tolist() == [0, 0]
    assert table["family"].tolist() == ["a", "b"]
    for name in set(TEXT) - set(REQUIRED) - {"family"}:
        assert table[name].tolist() == ["", ""]


def test_given_columns_are_not_overwritten():
    table = conform(frame(item=["a", "b"], family=["f", "f"], epoch=[2, 3], turn=["4", "1"], judge=["j", None]))
    assert table["family"].tolist() == ["f", "f"]
    assert table["epoch"].tolist() == [2, 3]
    assert table["turn"].tolist() == [4, 1]
    assert table["judge"].tolist() == ["j", ""]


@pytest.mark.parametrize("name", REQUIRED)
def test_an_absent_column_is_named(name):
    assert "expected at least task, model, item" in rejected(frame().drop(columns=name), name)


@pytest.mark.parametrize("name", ["epoch", "turn"])
@pytest.mark.parametrize("wrong", [1.5, "two", "", None, np.inf, 1e12, -1e12])
def test_counts_are_whole_numbers(name, wrong):
    text = rejected(frame(**{name: [1, 2, wrong]}), name)
    assert "expected a whole number" in text
    assert "row 3" in text


@pytest.mark.parametrize("wrong", ["one", "1,5", np.inf, -np.inf, "inf"])
def test_values_are_finite_numbers(wrong):
    text = rejected(frame(value=pd.Series([0.5, wrong], dtype=object)), "value")
    assert f"found '{wrong}' in row 2" in text


@pytest.mark.parametrize(
    "cells",
    [
        pd.Series([0.0, np.nan]),
        pd.Series([0, None], dtype=object),
        pd.Series(["0", ""]),
        pd.Series(["0.0", " "]),
        pd.array([0, None], dtype="Int64"),
        pd.array([0.0, None], dtype="Float64"),
        pd.Series([False, None], dtype=object),
    ],
    ids=lambda cells: f"{cells.dtype}",
)
def test_missing_values_stay_missing_and_zeros_stay_zeros(cells):
    table = conform(frame(value=cells, missing=["", "unparsed"]))
    assert table["value"].dtype == "float64"
    assert table["value"].iloc[0] == 0
    assert np.isnan(table["value"].iloc[1])


def test_truth_values_are_numbers():
    assert conform(frame(value=[True, False]))["value"].tolist() == [1.0, 0.0]


def test_a_foreign_table_need_not_say_why_a_value_is_missing():
    assert conform(frame(value=[np.nan]))["missing"].tolist() == [""]


@pytest.mark.parametrize("reason", MISSING[1:])
def test_known_reasons_are_accepted(reason):
    assert conform(frame(value=[np.nan], missing=[reason]))["missing"].tolist() == [reason]


def test_an_unknown_reason_is_named():
    assert "found 'lost'" in rejected(frame(value=[np.nan, np.nan], missing=["error", "lost"]), "missing")


def test_a_value_beside_a_reason_is_a_contradiction():
    assert "row 2 has a value" in rejected(frame(value=[np.nan, 1], missing=["error", "error"]), "missing")


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (["0012", "NA"], ["0012", "NA"]),
        ([7, 8], ["7", "8"]),
        (["a", None], ["a", ""]),
        (pd.Categorical(["a", None]), ["a", ""]),
        (pd.Categorical([7, 8]), ["7", "8"]),
    ],
)
def test_text_is_text(cells, expected):
    column = conform(frame(item=cells))["item"]
    assert column.tolist() == expected
    assert all(isinstance(category, str) for category in column.cat.categories)


def test_conforming_twice_changes_nothing():
    table = conform(frame(item=["b", "a"], value=[np.nan, 0.1], missing=["limit", ""], turn=[3, 0]))
    pd.testing.assert_frame_equal(conform(table), table)


def test_the_index_of_the_given_frame_does_not_matter():
    given = frame(item=["a", "b", "c"], value=[1, 2, 3]).iloc[[2, 0]]
    table = conform(given)
    assert list(zip(table["item"], table["value"], table["turn"], strict=True)) == [("c", 3.0, 0), ("a", 1.0, 0)]
