"""The report's page on capability: measures that do not depend on who judged what, raw means beside them."""

from collections.abc import Sequence

import pandas as pd

from equipoise.harness.metrics import Metric
from equipoise.harness.report.charts import forest
from equipoise.harness.report.sections import Page, Table
from equipoise.harness.report.theme import Picture
from equipoise.judges.capability import Capability, capability

TITLE = "Capability without severity"
LEAD = (
    "A raw mean moves with the judges: a model that only strict judges have read looks worse. Here a many-facet Rasch "
    "model separates the models from items, criteria and judges. Measures are in logits, higher is better; intervals "
    "are clustered on item families. “Adjusted” is the mean vote a model would have if all had met the same items and "
    "judges; the shift is adjusted minus raw, and 0 where every judge has read everything. Measures of different fits "
    "(other tasks, dimensions or runs) have no common zero."
)
MODEL_HEADINGS = ("model", "measure (logits)", "raw mean", "adjusted mean", "shift", "votes", "families", "remark")
REMARKS = {"extreme high": "only highest votes", "extreme low": "only lowest votes"}
JUDGE_HEADINGS = ("judge", "severity (logits)", "infit", "outfit", "r with measure", "votes", "remark")


def capability_page(table: pd.DataFrame) -> Page | None:
    """The page of a run's judged dimensions; None if nothing was judged by two judges or more."""
    found = [entry for entry in capability(table) if entry.fit is not None]
    if not found:
        return None
    pictures = [picture for picture in (_measures(found), _severities(found)) if picture]
    return Page(TITLE, LEAD, pictures, [each for entry in found for each in tables_of(entry)])


def tables_of(entry: Capability) -> list[Table]:
    """Models and judges of one dimension, as texts."""
    caption = f"{label(entry)}: models. " + "".join(f"{text[:1].upper()}{text[1:]}. " for text in entry.warnings)
    models = [
        [row["model"], _with_interval(row["measure"], row["low"], row["high"]), _number(row["raw"]),
         _with_interval(row["adjusted"], row["adjusted_low"], row["adjusted_high"]), _number(row["shift"], "+z.3f"),
         f"{row['votes']:.0f}", f"{row['families']:.0f}", REMARKS.get(row["status"], row["status"])]
        for _, row in entry.models.iterrows()
    ]  # fmt: skip
    judges = [
        [row["judge"], _with_interval(row["severity"], row["low"], row["high"]), _number(row["infit"]),
         _number(row["outfit"]), _number(row["point_measure"]), f"{row['votes']:.0f}",
         REMARKS.get(row["status"], row["status"])]
        for _, row in entry.judges.iterrows()
    ]  # fmt: skip
    return [_table(caption.strip(), MODEL_HEADINGS, models), _table(f"{label(entry)}: judges", JUDGE_HEADINGS, judges)]


def _table(caption: str, headings: Sequence[str], rows: list[list[str]]) -> Table:
    """A table whose last column, the remarks, is there only if there is one."""
    if any(row[-1] for row in rows):
        return Table(caption, headings, rows)
    return Table(caption, headings[:-1], [row[:-1] for row in rows])


def label(entry: Capability) -> str:
    """Task and dimension, as the report names them."""
    return f"{entry.task.rsplit('/', 1)[-1]}, {entry.dimension}"


def _measures(found: Sequence[Capability]) -> Picture | None:
    rows = {label(entry): _marks(entry, entry.models, "model", "measure") for entry in found}
    caption = "Right = more capable. Only models within one row can be compared: each row has its own zero."
    return forest("Severity-free capability", rows, "measure (logits)", caption)


def _severities(found: Sequence[Capability]) -> Picture | None:
    rows = {label(entry): _marks(entry, entry.judges, "judge", "severity") for entry in found}
    caption = "Right of 0 = stricter than the panel's mean."
    return forest("Severity of each judge, models and items held equal", rows, "severity (logits)", caption, ideal=0.0)


def _marks(entry: Capability, table: pd.DataFrame, who: str, what: str) -> list[Metric]:
    """Elements as the charts take them; one without a measure has no mark."""
    return [
        Metric(entry.task, str(row[who]), "", entry.dimension, "", row[what], row["low"], row["high"],
               int(row["votes"]), 0)
        for _, row in table.iterrows()
        if pd.notna(row[what])
    ]  # fmt: skip


def _with_interval(value: float, low: float, high: float) -> str:
    if pd.isna(value):
        return "–"
    interval = "" if pd.isna(low) or pd.isna(high) else f" ({low:z.2f} … {high:z.2f})"
    return f"{value:z.2f}{interval}".replace("-", "−")


def _number(value: float, form: str = "z.2f") -> str:
    return "–" if pd.isna(value) else f"{value:{form}}".replace("-", "−")
