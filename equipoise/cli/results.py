"""What the commands share: build the results of a run folder, print metrics."""

import json
from collections.abc import Iterable
from math import isnan
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

import equipoise.tasks  # noqa: F401  (the families register their metrics and figures)
from equipoise.harness.files import write_text
from equipoise.harness.metrics import Metric, compute_metrics, conditions
from equipoise.harness.names import bare_name
from equipoise.harness.report.scorecard import cards, scorecard
from equipoise.harness.run import LOGS
from equipoise.harness.table import TABLE_FILE, build_table, write_table

if TYPE_CHECKING:
    from rich.console import Console

MOST_TABLES = 8
"""A task with more conditions than this prints its scorecard only; `equipoise metrics` shows the rest."""

METRICS_FILE = "metrics.json"
REPORT_FILE = "report.html"


def finish(folder: Path, draws: int) -> list[Metric]:
    """Table, metrics and report of a run folder whose logs are there."""
    from equipoise.harness.report import write_report

    table = build_table(folder / LOGS)
    write_table(table, folder / TABLE_FILE)
    metrics = compute_metrics(table, draws)
    write_text(folder / METRICS_FILE, to_json(metrics))
    write_report(folder, table, metrics, folder / REPORT_FILE)
    return metrics


def say_partial(folder: Path) -> None:
    """Say on stderr what a run folder does not hold yet; any other source says nothing about that."""
    from equipoise.harness.report.provenance import unfinished

    for line in unfinished(folder / LOGS) if (folder / LOGS).is_dir() else []:
        click.echo(f"equipoise: PARTIAL: {line}", err=True)


def to_json(metrics: Iterable[Metric]) -> str:
    """A list of objects, one per metric."""
    return json.dumps([metric.record() for metric in metrics], indent=1)


def print_json(metrics: Iterable[Metric]) -> None:
    """The list on stdout and nothing else."""
    click.echo(to_json(metrics))


def print_summary(metrics: list[Metric], folder: Path | None = None) -> None:
    """The scorecard with both margins; for a single task also its headline metrics, a small table per condition."""
    from rich.console import Console

    console = Console()
    _print_scorecard(console, metrics)
    shown = [metric for metric in metrics if metric.headline] or metrics
    tables = conditions(shown)
    one_task = len({metric.task for metric in shown}) == 1
    if one_task and len(tables) <= MOST_TABLES:
        _print_conditions(console, tables)
    console.print("Brackets: 95 % interval. n: rows used, − rows that are missing.", style="dim")
    if folder is not None:
        console.print(f"report: {folder / REPORT_FILE}", soft_wrap=True)
        console.print(f"table:  {folder / TABLE_FILE}", soft_wrap=True)
        console.print(f"all metrics: equipoise metrics {folder} --all", soft_wrap=True)


def _print_scorecard(console: "Console", metrics: list[Metric]) -> None:
    from rich.markup import escape
    from rich.table import Table

    for lines in cards(scorecard(metrics)):
        table = Table("model", pad_edge=False, title=escape(lines[0].about), title_justify="left", title_style="bold")
        for heading, _ in lines[0].margins.columns:
            table.add_column(escape(heading), justify="right", overflow="fold")
        for line in lines:
            numbers = (_in_line(m) if m else f"[dim]{escape(side.unmeasured)}[/dim]" for _, side, m in line.cells)
            table.add_row(escape(bare_name(line.model)), *numbers)
        console.print()
        console.print(table)


def _print_conditions(console: "Console", tables: Any) -> None:
    """A table per condition: a row per measure, a column per model."""
    from rich.markup import escape
    from rich.table import Table

    for condition, measures, rows in tables:
        table = Table("measure", pad_edge=False, title=escape(condition), title_justify="left", title_style="bold")
        for model, _ in rows:
            table.add_column(escape(bare_name(model)), justify="right", overflow="fold")
        for place, measure in enumerate(measures):
            table.add_row(escape(measure), *(_cell(cells[place]) for _, cells in rows))
        console.print()
        console.print(table)


def _in_line(metric: Metric) -> str:
    """Estimate, interval, rows used and missing; the space before a count does not break."""
    rows = f"n\u00a0{metric.n}" + (f"−{metric.missing}" if metric.missing else "")
    if isnan(metric.estimate):
        return f"[dim]no value, {rows}[/dim]"
    interval = f"({metric.low:z.2f}…{metric.high:z.2f}) " if not isnan(metric.low) else ""
    return f"{metric.estimate:z.2f} [dim]{interval}{rows}[/dim]"


def _cell(metric: Metric | None) -> str:
    return _in_line(metric) if metric else ""


def report_failures(failures: list[str]) -> None:
    """Say what did not finish, and exit with 1 if anything did not."""
    for failure in failures:
        click.echo(f"equipoise: not finished, run the same command to try again: {failure}", err=True)
    if failures:
        raise SystemExit(1)


def print_all(metrics: list[Metric]) -> None:
    """Every metric on a line of its own."""
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    table = Table(pad_edge=False)
    for name in ("model", "arm", "measure", "by"):
        table.add_column(name, overflow="fold")
    for name in ("estimate", "95 % interval", "n", "missing"):
        table.add_column(name, justify="right")
    for m in metrics:
        estimate = "–" if isnan(m.estimate) else f"{m.estimate:z.3f}"
        interval = "–" if isnan(m.low) else f"{m.low:z.3f}…{m.high:z.3f}"
        numbers = (estimate, interval, str(m.n), str(m.missing))
        table.add_row(*map(escape, (m.model, m.arm, m.measure, m.by)), *numbers)
    Console().print(table)
