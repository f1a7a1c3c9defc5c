"""Rows: what a scorer may hand to the long table, and how it comes back."""

import json

import pytest

from equipoise.harness.table.rows import MISSING, ROWS_KEY, Rows, rows_of


def rows(*added):
    collected = Rows()
    for arguments in added:
        collected.add(*arguments)
    return collected.metadata()


@pytest.mark.parametrize(
    ("value", "kept"), [(1.5, 1.5), (0, 0.0), (True, 1.0), (False, 0.0), (None, None), (float("nan"), None)]
)
def test_a_value_is_kept_as_a_number_or_as_none(value, kept):
    added = rows(("arm", 1, "correct", value, "" if kept is not None else "unparsed"))
    assert rows_of(added)["value"] == [kept]
    assert type(rows_of(added)["value"][0]) is type(kept)


@pytest.mark.parametrize("reason", MISSING[1:])
def test_every_listed_reason_goes_with_a_missing_value(reason):
    assert rows_of(rows(("arm", 1, "correct", None, reason)))["missing"] == [reason]


@pytest.mark.parametrize(
    ("value", "missing"),
    [(1.0, "unparsed"), (0, "error"), (False, "limit"), (None, ""), (float("nan"), ""), (None, "lost"), (1.0, "lost")],
)
def test_a_value_and_a_reason_exclude_each_other(value, missing):
    collected = Rows()
    with pytest.raises(ValueError, match="correct in negative"):
        collected.add("negative", 1, "correct", value, missing)
    assert rows_of(collected.metadata()) is None


def test_columns_come_back_whole_after_a_journey_through_json():
    added = rows(
        ("negative", 0, "correct", 1.0),
        ("negative", 1, "correct", None, "refused"),
        ("control", 1, "al", 0.25, "", "judge/a", "cafe"),
    )
    assert rows_of(json.loads(json.dumps(added))) == {
        "arm": ["negative", "negative", "control"],
        "turn": [0, 1, 1],
        "measure": ["correct", "correct", "al"],
        "judge": ["", "", "judge/a"],
        "judge_prompt_hash": ["", "", "cafe"],
        "value": [1.0, None, 0.25],
        "missing": ["", "refused", ""],
    }


def test_columns_that_are_empty_throughout_are_not_stored():
    stored = rows(("", 0, "correct", None, "error"))[ROWS_KEY]
    assert sorted(stored) == ["measure", "missing", "turn", "value"]
    assert rows_of({ROWS_KEY: stored})["judge"] == [""]


def test_columns_are_equally_long():
    columns = rows_of(rows(*[("arm", turn, "correct", turn % 2) for turn in range(7)]))
    assert {len(cells) for cells in columns.values()} == {7}
    assert tuple(columns) == Rows.COLUMNS


@pytest.mark.parametrize("metadata", [None, {}, {"rows": None}, {"rows": [1]}, {"rows": {"arm": ["a"]}}, {"x": {}}])
def test_metadata_of_other_scorers_hold_no_rows(metadata):
    assert rows_of(metadata) is None
