"""Rows: what a scorer may hand to the long table, and how it comes back."""

import json
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from inspect_ai.log import EvalSampleSummary
from inspect_ai.scorer import Score

from equipoise.harness.table.rows import MISSING, PREFIX, Row, Rows, has_rows, is_cut, rows_of


def stored(*added):
    collected = Rows()
    for arguments in added:
        collected.add(*arguments)
    return json.loads(json.dumps(collected.metadata()))


@pytest.mark.parametrize(
    ("value", "kept"),
    [(1.5, 1.5), (0, 0.0), (True, 1.0), (False, 0.0), (-2, -2.0), (1 / 3, 0.333333), (123456789, 123457000.0)],
)
def test_a_value_comes_back_with_six_digits(value, kept):
    assert list(rows_of(stored(("arm", 1, "correct", value)))) == [Row("arm", 1, "correct", kept)]


@pytest.mark.parametrize("reason", MISSING[1:])
@pytest.mark.parametrize("value", [None, float("nan")])
def test_every_listed_reason_goes_with_a_missing_value(value, reason):
    [row] = rows_of(stored(("arm", 1, "correct", value, reason)))
    assert math.isnan(row.value)
    assert row.missing == reason


@pytest.mark.parametrize(
    ("value", "missing"),
    [(1.0, "unparsed"), (0, "error"), (False, "limit"), (None, ""), (float("nan"), ""), (None, "lost"), (1.0, "lost")],
)
def test_a_value_and_a_reason_exclude_each_other(value, missing):
    collected = Rows()
    with pytest.raises(ValueError, match="correct in negative"):
        collected.add("negative", 1, "correct", value, missing)
    assert collected.metadata() == {}


def test_rows_of_several_arms_measures_and_judges():
    metadata = stored(
        ("negative", 0, "correct", 1.0),
        ("control", 0, "al", 0.25, "", "openai/judge", "cafe"),
        ("negative", 1, "correct", None, "refused"),
        ("negative", 1, "misled", 0),
        ("control", 0, "al", 0.75, "", "openai/judge", "beef"),
    )
    rows = {(row.arm, row.judge_prompt_hash, row.measure, row.turn): row for row in rows_of(metadata)}
    assert len(rows) == 5
    assert rows["negative", "", "correct", 0] == Row("negative", 0, "correct", 1.0)
    assert rows["negative", "", "correct", 1].missing == "refused"
    assert rows["negative", "", "misled", 1].value == 0
    assert rows["control", "cafe", "al", 0] == Row("control", 0, "al", 0.25, "", "openai/judge", "cafe")
    assert rows["control", "beef", "al", 0].value == 0.75


def test_a_judge_without_a_prompt_hash_is_kept():
    assert [row.judge for row in rows_of(stored(("arm", 0, "al", 1, "", "judge")))] == ["judge"]


CELLS = st.one_of(st.integers(-1000, 1000), st.booleans(), st.none())
ADDED = st.tuples(
    st.sampled_from(["negative.logical.seeded", "control.right.seeded", ""]),
    st.integers(0, 4),
    st.sampled_from(["correct", "misled"]),
    CELLS,
)


@settings(deadline=None)
@given(st.lists(ADDED, max_size=20))
def test_nothing_is_lost_or_made_up_and_the_order_in_a_block_is_kept(added):
    rows = list(rows_of(stored(*[(*cells, "" if cells[3] is not None else "error") for cells in added])))
    assert len(rows) == len(added)
    for block in {(arm, measure) for arm, _, measure, _ in added}:
        given_cells = [(turn, value) for arm, turn, measure, value in added if (arm, measure) == block]
        found = [(r.turn, None if r.missing else r.value) for r in rows if (r.arm, r.measure) == block]
        assert found == given_cells


@pytest.mark.parametrize("metadata", [None, {}, {"votes": [1]}, {"row": {"correct": [[0], [1]]}}])
def test_metadata_of_other_scorers_hold_no_rows(metadata):
    assert list(rows_of(metadata)) == []
    assert not has_rows(metadata)
    assert not is_cut(metadata)


def test_a_block_survives_inspects_summary_if_it_is_small_and_is_told_cut_if_not():
    """Were a cut block not noticed, its rows would vanish from the table without a word."""
    for turns, cut in ((4, False), (400, True)):
        metadata = stored(*[("negative.logical.seeded", turn, "correct", 1) for turn in range(turns)])
        score = Score(value=1, metadata=metadata)
        [kept] = EvalSampleSummary(id=1, epoch=1, input="", target="", scores={"s": score}).scores.values()
        assert has_rows(kept.metadata)
        assert is_cut(kept.metadata) is cut
        assert len(list(rows_of(kept.metadata))) == (0 if cut else turns)


def test_keys_carry_the_prefix():
    assert all(key.startswith(PREFIX) for key in stored(("arm", 0, "correct", 1), ("", 0, "al", 1, "", "j", "h")))
