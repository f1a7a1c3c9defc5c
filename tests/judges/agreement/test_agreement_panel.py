"""From the long table to units x judges."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from vote_rows import long_table

from equipoise.errors import InputError
from equipoise.harness.table import MISSING, conform
from equipoise.judges.agreement import panel_table
from equipoise.judges.agreement.panel import NOT_ASKED

NO = float("nan")


def test_votes_and_reasons_stand_in_their_cells():
    table = long_table(
        [("a", "x", 1), ("a", "y", 2), ("b", "y", "refused"), ("b", "x", 3), ("c", "y", "unparsed"), ("a", "", 5)],
        family=["f", "f", "f", "f", "g", "f"],
    )
    (panel,) = panel_table(table)
    assert (panel.task, panel.measure, panel.judges) == ("equipoise/aloe", "al", ("x", "y"))
    assert panel.units["item"].tolist() == ["a", "b", "c"]
    np.testing.assert_array_equal(panel.votes, [[1, 2], [3, NO], [NO, NO]])
    reasons = [[0, 0], [0, MISSING.index("refused")], [NOT_ASKED, MISSING.index("unparsed")]]
    np.testing.assert_array_equal(panel.reasons, reasons)
    assert panel.clusters.tolist() == [0, 0, 1]
    assert np.isnan(panel.truth).all()


def test_one_panel_for_each_task_and_measure():
    table = long_table(
        [("a", "x", 1), ("a", "x", 2), ("a", "z", 3)], measure=["al", "warm", "al"], task=["s", "s", "t"]
    )
    found = [(panel.task, panel.measure, panel.judges, panel.votes.tolist()) for panel in panel_table(table)]
    assert found == [("s", "al", ("x",), [[1]]), ("s", "warm", ("x",), [[2]]), ("t", "al", ("z",), [[3]])]


@pytest.mark.parametrize("column", ["eval_id", "model", "item", "arm", "epoch", "turn"])
def test_whatever_tells_units_apart_keeps_votes_apart(column):
    different = [1, 2] if column in ("epoch", "turn") else ["1", "2"]
    columns = {column: different} if column != "item" else {}
    table = long_table([("1", "x", 4), ("2" if column == "item" else "1", "y", 5)], **columns)
    (panel,) = panel_table(table)
    np.testing.assert_array_equal(panel.votes, [[4, NO], [NO, 5]])
    assert panel.units[column].tolist() == different


def test_a_judge_with_several_prompts_is_several_judges():
    table = long_table(
        [("a", "x", 1), ("a", "x", 5), ("a", "y", 3)],
        judge_prompt_hash=["0123456789ab", "fedcba987654", "0123456789ab"],
    )
    (panel,) = panel_table(table)
    assert panel.judges == ("x#01234567", "x#fedcba98", "y")
    assert panel.votes.tolist() == [[1, 5, 3]]


@pytest.mark.parametrize("reference", [None, "human"])
def test_two_votes_of_a_judge_on_a_unit_are_an_error(reference):
    votes = [("a", "x", 1), ("a", "human" if reference else "x", 2), ("a", "human" if reference else "x", 2)]
    with pytest.raises(InputError, match=r"more than one vote on task equipoise/aloe, measure al, .*item a") as caught:
        panel_table(long_table(votes), reference)
    assert caught.value.field == "judge"
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("reference", ["human", ""])
def test_the_reference_is_the_truth_and_no_judge(reference):
    table = long_table(
        [
            ("a", "x", 1),
            ("b", "x", 2),
            ("b", reference, 4),
            ("a", "y", 3),
            ("0", reference, 5),
            ("a", reference, "error"),
        ]
    )
    (panel,) = panel_table(table, reference)
    assert panel.judges == ("x", "y")
    assert panel.units["item"].tolist() == ["a", "b"]
    np.testing.assert_array_equal(panel.truth, [NO, 4])


def test_an_unknown_reference_is_an_error():
    with pytest.raises(InputError, match=r"'humans'.*found no row"):
        panel_table(long_table([("a", "x", 1)]), "humans")


def test_a_measure_that_only_the_reference_rated_has_no_panel():
    table = long_table([("a", "x", 1), ("a", "human", 1), ("a", "human", 2)], measure=["al", "al", "warm"])
    assert [panel.measure for panel in panel_table(table, "human")] == ["al"]


def test_a_table_without_judges_has_no_panels():
    assert panel_table(long_table([("a", "", 1)])) == []
    assert panel_table(long_table([("a", "x", 1)]).iloc[:0]) == []


def test_a_missing_value_without_a_reason_counts_as_an_error():
    (panel,) = panel_table(long_table([("a", "x", NO)]))
    assert panel.reasons.tolist() == [[MISSING.index("error")]]


@settings(deadline=None, max_examples=60)
@given(
    st.dictionaries(
        st.tuples(
            st.sampled_from("st"), st.sampled_from("mn"), st.sampled_from("abc"), st.integers(1, 2), st.integers(0, 2),
            st.sampled_from("xyz"),
        ),
        st.one_of(st.integers(1, 5), st.sampled_from(MISSING[1:])),
        min_size=1,
    ),
    st.randoms(use_true_random=False),
)  # fmt: skip
def test_no_vote_is_lost_or_moved(votes, shuffle):
    keys = list(votes)
    shuffle.shuffle(keys)
    frame = pd.DataFrame(keys, columns=["task", "model", "item", "epoch", "turn", "judge"]).assign(arm="", measure="al")
    frame["value"] = [None if isinstance(votes[key], str) else votes[key] for key in keys]
    frame["missing"] = [votes[key] if isinstance(votes[key], str) else "" for key in keys]
    found = {}
    for panel in panel_table(conform(frame)):
        for row, column in zip(*np.nonzero(panel.reasons != NOT_ASKED), strict=True):
            unit = panel.units.iloc[row]
            value, reason = panel.votes[row, column], MISSING[panel.reasons[row, column]]
            key = (panel.task, unit["model"], unit["item"], unit["epoch"], unit["turn"], panel.judges[column])
            found[key] = reason or value
            assert bool(reason) == np.isnan(value)
    assert found == votes
