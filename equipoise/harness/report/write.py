"""Put the report together: sections, tables, provenance, transcripts; everything a model said is escaped."""

from dataclasses import dataclass
from math import isnan
from pathlib import Path
from typing import Any

import pandas as pd

from equipoise.harness.metrics import Metric, conditions
from equipoise.harness.report.html import environment, write_html
from equipoise.harness.report.provenance import log_records, missing_by_reason, packages, played_by_itself, unfinished
from equipoise.harness.report.scorecard import Side, cards, scorecard
from equipoise.harness.report.sections import Case, Section, pages_of, section_of
from equipoise.harness.transcripts import Line as Said
from equipoise.harness.transcripts import read_dialogue


@dataclass(frozen=True)
class Shown:
    """A section with its metrics and the transcripts that its cases stand for."""

    task: str
    section: Section
    metrics: list[Metric]
    cases: list[tuple[Case, list[Said]]]

    def tables(self) -> list[Any]:
        """Headline metrics as small tables, one per condition."""
        return conditions(metric for metric in self.metrics if metric.headline)


def write_report(folder: Path, table: pd.DataFrame, metrics: list[Metric], target: Path) -> None:
    """Write the report of a run folder.

    Args:
        folder: Run folder, with its logs (for provenance and transcripts).
        table: Its long table.
        metrics: Metrics of that table.
        target: HTML file; written under a temporary name, then renamed.
    """
    logs = folder / "logs" if (folder / "logs").is_dir() else folder
    shown = []
    for task in sorted(table["task"].astype(str).unique()):
        own = [metric for metric in metrics if metric.task == task]
        section = section_of(task, table[table["task"] == task], own)
        cases = [
            (case, read_dialogue(logs, case.log, case.item, case.arm, case.epoch) if case.item else [])
            for case in section.cases
        ]
        shown.append(Shown(task, section, own, cases))
    templates = environment("equipoise.harness.report")
    templates.filters["number"] = number
    templates.filters["interval"] = interval
    templates.filters["bar"] = bar
    records = log_records(logs)
    html = templates.get_template("report.html.j2").render(
        shown=shown, pages=pages_of(table), cards=cards(scorecard(metrics)),
        logs=records, same=played_by_itself(records),
        partial=unfinished(logs),
        missing=missing_by_reason(table), packages=packages(),
        rows=len(table), models=list(dict.fromkeys(table["model"].astype(str))),
    )  # fmt: skip
    write_html(target, html)


def interval(metric: Metric) -> str:
    """Both ends; one dash where there is no interval."""
    return "–" if isnan(metric.low) else f"{number(metric.low)} … {number(metric.high)}"


def bar(metric: Metric, side: Side) -> str:
    """Percent of a full bar."""
    share = (metric.estimate - side.least) / (side.most - side.least)
    return "0" if isnan(share) else f"{100 * min(max(share, 0), 1):.0f}"


def number(value: float) -> str:
    """Two decimals; a dash where there is no number."""
    return "–" if isnan(value) else f"{value:z.2f}".replace("-", "−")
