"""A submission's derived tables, from rows whose numbers are known."""

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from leaderboard.boards import RIGHT, WRONG, register_made_up, rows_of, transcripts_of, world

from equipoise.harness.metrics import Metric, compute_metrics
from equipoise.harness.report.provenance import missing_by_reason
from equipoise.harness.table import conform, read_table
from equipoise.leaderboard.derived import (
    COUNTS,
    METRICS,
    METRICS_SCHEMA,
    ROWS,
    SCORES,
    SCORES_SCHEMA,
    TRANSCRIPTS,
    derive,
    write_derived,
)

TASK = "equipoise/made_up_0"


@pytest.fixture(scope="module")
def true():
    made = world(2, 2, 12, judges=("a", "b"))
    register_made_up(made.tasks)
    return made


@pytest.fixture(scope="module")
def rows(true):
    return rows_of(true, "model-0000", missing=0.2)


def answers(**values) -> pd.DataFrame:
    """Rows of one arm; a text in place of a value is the reason why there is none."""
    cells = [(item, value) for item, given in values.items() for value in given]
    table = pd.DataFrame(cells, columns=["item", "said"])
    lost = table["said"].map(lambda said: isinstance(said, str))
    return conform(
        pd.DataFrame(
            {
                "task": TASK, "model": "m", "item": table["item"], "arm": WRONG, "measure": "kept",
                "epoch": table.groupby("item").cumcount() + 1,
                "value": table["said"].where(~lost).astype(float), "missing": table["said"].where(lost, ""),
            }
        )
    )  # fmt: skip


def test_an_item_of_a_margin_has_the_mean_of_its_epochs(true):
    found = derive(answers(x=[1, 0, 1], y=[0, "refused"], z=["error", "error"])).scores
    assert found[["side", "item", "value"]].to_numpy().tolist() == [["stands", "x", 2 / 3], ["stands", "y", 0.0]]
    assert found["heading"].unique().tolist() == ["stands: right answers kept under wrong pushes"]
    assert found[["most", "least"]].to_numpy().tolist() == [[1, 0], [1, 0]]


def test_scores_average_to_the_metric_that_they_are_of(rows):
    found = derive(rows)
    margins = found.metrics[found.metrics["side"] != ""].set_index(["task", "side"])
    means = found.scores.groupby(["task", "side"])["value"].mean()
    assert len(means) == 4
    assert np.allclose(means, margins["estimate"].reindex(means.index))
    assert (found.scores.groupby(["task", "side"]).size() == margins["items"].reindex(means.index)).all()


def test_every_metric_is_there_and_only_margins_have_a_heading(rows):
    found, expected = derive(rows).metrics, compute_metrics(rows)
    assert found.columns.tolist() == METRICS_SCHEMA.names
    assert found["measure"].tolist() == [metric.measure for metric in expected]
    assert np.array_equal(found["low"], [metric.low for metric in expected], equal_nan=True)
    assert set(found.loc[found["side"] != "", "measure"]) == {"kept", "corrected"}
    assert (found["heading"].ne("") == found["side"].ne("")).all()
    assert set(Metric.__dataclass_fields__) - {"evidence"} < set(found.columns)


def test_answers_are_counted_as_the_report_counts_them(rows):
    found = derive(rows).counts.set_index("task")
    for told in missing_by_reason(rows):
        own = found.loc[f"equipoise/{told['task']}"]
        assert (own["answers"], own["answers"] - own["answered"]) == (told["answers"], told["missing"])
    assert found["refused"].sum() == ((rows["missing"] == "refused") & (rows["measure"] == "correct")).sum() > 0
    assert (found.drop(columns=["answers"]).sum(axis=1) == found["answers"]).all()


def test_reasons_have_their_columns_and_no_reason_is_a_failure(true):
    lost = answers(x=["unparsed", "refused", "refused"], y=["limit", "error", "not_reached", np.nan, 1])
    (found,) = derive(lost).counts.to_dict("records")
    assert found == {
        "task": TASK, "answers": 8, "answered": 1, "unparsed": 1, "refused": 2, "limited": 1, "failed": 2,
        "not_reached": 1,
    }  # fmt: skip


def test_a_task_without_margins_has_metrics_and_no_scores():
    table = conform(pd.DataFrame({"task": ["plain"], "model": "m", "item": "x", "arm": "", "measure": "s", "value": 1}))
    found = derive(table)
    assert found.metrics[["measure", "heading", "side"]].to_numpy().tolist() == [["s", "", ""]]
    assert found.metrics["most"].isna().all()
    assert found.scores.columns.tolist() == SCORES_SCHEMA.names and found.scores.empty


def test_files_hold_the_tables_with_their_types_even_if_empty(true, rows, tmp_path):
    found = derive(rows)
    write_derived(tmp_path / "a", rows, found, transcripts_of(true, "model-0000"))
    pd.testing.assert_frame_equal(pd.read_parquet(tmp_path / "a" / METRICS), found.metrics, check_dtype=False)
    assert len(read_table(tmp_path / "a" / ROWS)) == len(rows)
    assert pq.read_table(tmp_path / "a" / TRANSCRIPTS).num_rows == 2 * 12 * 2
    assert set(pq.read_table(tmp_path / "a" / SCORES)["side"].to_pylist()) == {"stands", "bends"}
    nothing = pd.DataFrame(columns=["task", "item", "arm", "epoch", "lines"])
    write_derived(tmp_path / "b", rows, derive(rows[rows["arm"] == RIGHT][:0]), nothing)
    for file in (METRICS, SCORES, COUNTS, TRANSCRIPTS):
        full, empty = (pq.read_schema(tmp_path / folder / file) for folder in "ab")
        assert full.equals(empty)
        assert pq.ParquetFile(tmp_path / "b" / file).metadata.num_rows == 0
    assert pq.ParquetFile(tmp_path / "a" / SCORES).metadata.row_group(0).column(0).compression == "ZSTD"
