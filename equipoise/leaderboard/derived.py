"""From the rows of one submission to its derived tables: computed once at intake, read whenever the board is built."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from equipoise.harness.files import write_whole
from equipoise.harness.metrics import Metric, compute_metrics
from equipoise.harness.report.scorecard import Line, breakdown, scorecard
from equipoise.harness.table import write_table

ROWS, METRICS, SCORES = "rows.parquet", "metrics.parquet", "scores.parquet"
COUNTS, TRANSCRIPTS = "counts.parquet", "transcripts.parquet"
"""Files of a submission's folder below `derived`."""

SIDES = ("stands", "bends", "needed")
"""The sides of a scorecard's line, in the order of its columns."""

REASONS = {
    "unparsed": "unparsed",
    "refused": "refused",
    "limit": "limited",
    "error": "failed",
    "not_reached": "not_reached",
}
"""Column of the counts by the reason in the long table; a value that is missing without a reason has failed."""

Place = tuple[str, str, float, float]
"""Heading, side, and both ends of the scale of a metric that is a margin."""


def _schema(text: str, whole: str, real: str, flags: str = "") -> pa.Schema:
    """A Parquet schema: an empty column, or one without any value, keeps its type."""
    kinds = ((text, pa.string()), (whole, pa.int64()), (real, pa.float64()), (flags, pa.bool_()))
    return pa.schema([(name, kind) for names, kind in kinds for name in names.split()])


METRICS_SCHEMA = _schema(
    "task model arm measure by heading side",
    "n missing items families",
    "estimate low high worst_low worst_high most least",
    "headline",
)
SCORES_SCHEMA = _schema("task by side heading item family", "", "value most least")
COUNTS_SCHEMA = _schema("task", "answers answered unparsed refused limited failed not_reached", "")
TRANSCRIPTS_SCHEMA = _schema("task item arm lines", "epoch", "")


@dataclass(frozen=True)
class Derived:
    """What is computed from a submission's long table.

    Attributes:
        metrics: One row per metric, as `Metric.record` has it, with `heading, side, most, least` of the margin that it
            is in the scorecard (empty, and NaN, for one that is none).
        scores: One row per margin and item: `task, by, side, heading, item, family, value, most, least`, for the
            margins that are the plain mean of one value per item; only those can be ranked and looked at by item.
        counts: One row per task: `answers`, how many were `answered`, and why the others are missing.
    """

    metrics: pd.DataFrame
    scores: pd.DataFrame
    counts: pd.DataFrame


def derive(rows: pd.DataFrame) -> Derived:
    """The derived tables of one submission.

    Args:
        rows: Its long table: of one model, in the schema of `equipoise.harness.table`.
    """
    metrics = compute_metrics(rows)
    places = _places(scorecard(metrics))
    margins = [(metric, places[id(metric)]) for metric in metrics if id(metric) in places]
    return Derived(_metrics(metrics, places), _scores(margins), _typed(_counts(rows), COUNTS_SCHEMA))


def write_derived(folder: Path, rows: pd.DataFrame, derived: Derived, transcripts: pd.DataFrame) -> None:
    """The tables of one submission as Parquet files.

    Args:
        folder: Of this submission and edition, below `derived`; made if it is not there.
        rows: The long table.
        derived: What was computed from it.
        transcripts: `task, item, arm, epoch, lines`, the last one JSON.

    Raises:
        InputError: The disk is full or the folder cannot be written.
    """
    write_table(rows, folder / ROWS)
    _write(derived.metrics, METRICS_SCHEMA, folder / METRICS)
    _write(derived.scores, SCORES_SCHEMA, folder / SCORES)
    _write(derived.counts, COUNTS_SCHEMA, folder / COUNTS)
    _write(transcripts, TRANSCRIPTS_SCHEMA, folder / TRANSCRIPTS)


def _write(table: pd.DataFrame, schema: pa.Schema, path: Path) -> None:
    typed = pa.Table.from_pandas(table, schema=schema, preserve_index=False).replace_schema_metadata(None)
    write_whole(path, lambda partial: pq.write_table(typed, partial, compression="zstd"))


def _places(lines: list[Line]) -> dict[int, Place]:
    """What each metric that stands in the scorecard is there, by its identity."""
    found: dict[int, Place] = {}
    for line in lines:
        for side, (heading, about, metric) in zip(SIDES, line.cells, strict=False):
            if metric is not None:
                found[id(metric)] = (heading, side, about.most, about.least)
    return found


def _metrics(metrics: list[Metric], places: dict[int, Place]) -> pd.DataFrame:
    none: Place = ("", "", np.nan, np.nan)
    about = [places.get(id(metric), none) for metric in metrics]
    records = [
        {**metric.record(), "heading": heading, "side": side, "most": most, "least": least}
        for metric, (heading, side, most, least) in zip(metrics, about, strict=True)
    ]
    return _typed(pd.DataFrame(records), METRICS_SCHEMA)


def _scores(margins: list[tuple[Metric, Place]]) -> pd.DataFrame:
    """The value of each item that has one, for the margins that are plain means."""
    columns: dict[str, list[Any]] = {name: [] for name in SCORES_SCHEMA.names}
    for metric, (heading, side, most, least) in margins:
        if metric.evidence is None or metric.evidence.weights != (1.0,) or len(metric.evidence.columns) != 1:
            continue
        (column,) = metric.evidence.columns
        there = np.isfinite(column.values)
        same = (metric.task, breakdown(metric), side, heading, most, least)
        for name, value in zip(("task", "by", "side", "heading", "most", "least"), same, strict=True):
            columns[name] += [value] * int(there.sum())
        for name, values in (("item", column.names), ("family", column.family_names), ("value", column.values)):
            columns[name] += list(values[there])
    return _typed(pd.DataFrame(columns), SCORES_SCHEMA)


def _counts(rows: pd.DataFrame) -> pd.DataFrame:
    """Answers by what became of them; answers are what `missing_by_reason` of the report counts."""
    task, measure = (rows[name].astype(object).to_numpy() for name in ("task", "measure"))
    other = np.isin(task, np.unique(task[measure == "correct"])) & ~np.isin(measure, ["correct", "sample"])
    lost = rows["value"].isna().to_numpy()[~other]
    told = rows["missing"].astype(object).map(REASONS).fillna("failed").to_numpy(object)[~other]
    counted = pd.crosstab(task[~other], np.where(lost, told, "answered")).rename_axis(index="task", columns=None)
    counted = counted.reindex(columns=["answered", *REASONS.values()], fill_value=0)
    return counted.assign(answers=counted.sum(axis=1)).reset_index()


def _typed(table: pd.DataFrame, schema: pa.Schema) -> pd.DataFrame:
    """The columns of a schema, in its order and with its types; an empty table gets them, too."""
    kinds = {pa.string(): object, pa.int64(): np.int64, pa.float64(): np.float64, pa.bool_(): np.bool_}
    return pd.DataFrame(
        {field.name: np.asarray(table.get(field.name, ()), dtype=kinds[field.type]) for field in schema}
    )
