"""What the commands share: build the results of a run folder, print metrics."""

import json
from collections.abc import Iterable
from pathlib import Path

import click

import equipoise.tasks  # noqa: F401  (the families register their metrics and figures)
from equipoise.errors import InputError
from equipoise.harness.metrics import Metric, compute_metrics
from equipoise.harness.run import LOGS
from equipoise.harness.table import TABLE_FILE, build_table, read_table, write_table

METRICS_FILE = "metrics.json"
REPORT_FILE = "report.html"


def finish(folder: Path, draws: int, quiet: bool = False) -> list[Metric]:
    """Table, metrics and report of a run folder whose logs are there."""
    from equipoise.harness.report import write_report

    write_table(build_table(folder / LOGS), folder / TABLE_FILE)
    table = read_table(folder)
    metrics = compute_metrics(table, draws)
    write_text(folder / METRICS_FILE, to_json(metrics))
    write_report(folder, table, metrics, folder / REPORT_FILE)
    return metrics


def to_json(metrics: Iterable[Metric]) -> str:
    """A list of objects, one per metric."""
    return json.dumps([metric.record() for metric in metrics], indent=1)


def print_json(metrics: Iterable[Metric]) -> None:
    """The list on stdout and nothing else."""
    click.echo(to_json(metrics))


def write_text(path: Path, text: str) -> None:
    """Write to a temporary name, then rename."""
    partial = path.with_name(f".{path.name}.partial")
    try:
        partial.write_text(text, encoding="utf-8")
        partial.replace(path)
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise InputError(f"cannot be written ({error.strerror})", path=path) from None


def print_summary(metrics: list[Metric], folder: Path | None = None) -> None:
    """Headline metrics, a row per arm and measure, a column per model."""
    from rich.console import Console
    from rich.table import Table

    console = Console()
    shown = [metric for metric in metrics if metric.headline] or metrics
    for task in dict.fromkeys(metric.task for metric in shown):
        console.print(_summary_table([m for m in shown if m.task == task], task, Table))
    console.print("95 % intervals: bootstrap over item families. n = rows used, − = rows missing.", style="dim")
    if folder is not None:
        console.print(f"report: {folder / REPORT_FILE}")
        console.print(f"table:  {folder / TABLE_FILE}   all metrics: equipoise metrics {folder}")


def _summary_table(metrics: list[Metric], task: str, table_type: type) -> object:  # type: ignore[type-arg]
    models = list(dict.fromkeys(metric.model for metric in metrics))
    table = table_type(title=f"{task}, after the last turn", title_justify="left", pad_edge=False)
    table.add_column("arm", overflow="fold")
    table.add_column("measure")
    for model in models:
        table.add_column(model.rsplit("/", 1)[-1], justify="right")
    cells = {(m.arm, m.measure, m.model): m for m in metrics}
    for arm, measure in dict.fromkeys((m.arm, m.measure) for m in metrics):
        row = [cells.get((arm, measure, model)) for model in models]
        table.add_row(arm, measure, *(_cell(metric) for metric in row))
    return table


def _cell(metric: Metric | None) -> str:
    if metric is None:
        return ""
    lost = f" −{metric.missing}" if metric.missing else ""
    return f"{metric.estimate:.2f}\n[dim]{metric.low:.2f}…{metric.high:.2f}\nn {metric.n}{lost}[/dim]"


def print_all(metrics: list[Metric]) -> None:
    """Every metric on a line of its own."""
    from rich.console import Console
    from rich.table import Table

    table = Table(pad_edge=False)
    for name in ("model", "arm", "measure", "by"):
        table.add_column(name, overflow="fold")
    for name in ("estimate", "95 % interval", "n", "missing"):
        table.add_column(name, justify="right")
    for m in metrics:
        numbers = (f"{m.estimate:.3f}", f"{m.low:.3f}…{m.high:.3f}", str(m.n), str(m.missing))
        table.add_row(m.model, m.arm, m.measure, m.by, *numbers)
    Console().print(table)
