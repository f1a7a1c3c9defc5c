"""`equipoise show`: one run, from what was planned to what came out."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from equipoise.harness.names import bare_name

if TYPE_CHECKING:
    import pandas as pd
    from rich.console import Console

    from equipoise.harness.runs import RunRecord


@click.command("show")
@click.argument("run")
@click.option("--json", "as_json", is_flag=True, help="One object on stdout.")
def command(run: str, as_json: bool) -> None:
    """Show RUN: what was run, with which settings and versions, how far it came, what is missing, and the scorecard.

    RUN is a run folder, a run's name or its start, a baseline's name, or a table file (Parquet, CSV, JSONL).

    \b
    Examples:
      equipoise show runs/persuasion-1a2b3c4d
      equipoise show persuasion-1a
      equipoise show release-1 --json
    """
    import json

    from rich.console import Console

    from equipoise.cli import results
    from equipoise.cli.terminal import plain
    from equipoise.harness.metrics import compute_metrics
    from equipoise.harness.runs import find_run, resolve
    from equipoise.harness.table import read_table

    source = resolve(run)
    found = find_run(source.path) if source.path.is_dir() else None
    console = Console()
    if found and not as_json:
        _print_run(console, found)  # before the table is read: it may be the table that is broken
    table = read_table(source.path) if found is None or found.table else None
    metrics = compute_metrics(table) if table is not None else []
    if as_json:
        shown = {"name": source.name, "path": str(source.path), **_record(found, table)}
        shown["metrics"] = [metric.record() for metric in metrics if metric.headline]
        click.echo(json.dumps(shown, indent=1, default=str))
        return
    if table is not None:
        _print_missing(console, table)
        results.print_summary(metrics)
    for what, file in _files(found, source.path).items():
        click.echo(plain(f"{what + ':':8}{file or f'none yet: equipoise {what} {source.path}'}"))
    for problem in found.problems if found else ():
        click.echo(f"equipoise: broken: {plain(problem)}", err=True)


def _record(run: "RunRecord | None", table: "pd.DataFrame | None") -> dict[str, Any]:
    """All but the metrics as a JSON object."""
    from equipoise.cli.runs import record
    from equipoise.harness.report.provenance import missing_by_reason

    about: dict[str, Any] = {}
    if run:
        about = {**record(run), **_files(run, run.folder), "versions": run.versions}
        about["plan"] = run.plan.model_dump(mode="json", exclude={"name"}) if run.plan else None
        about["progress"] = [each._asdict() for each in run.progress]
        about["setups"] = [setup._asdict() for setup in _setups(run)]
    return {**about, "missing": None if table is None else missing_by_reason(table)}


def _files(run: "RunRecord | None", path: Path) -> dict[str, Path | None]:
    """Where report and table are."""
    from equipoise.cli.results import REPORT_FILE
    from equipoise.harness.table import TABLE_FILE

    if run is None:
        return {"table": path}
    files = {"report": run.folder / REPORT_FILE, "table": run.folder / TABLE_FILE}
    return {what: file if file.is_file() else None for what, file in files.items()}


def _setups(run: "RunRecord") -> list[Any]:
    """What the logs say about tasks and settings; nothing where one of them cannot be read."""
    from equipoise.errors import InputError
    from equipoise.harness.report.provenance import log_records

    try:
        return list(log_records(run.logs)) if run.logs else []
    except InputError:
        return []


def _print_run(console: "Console", run: "RunRecord") -> None:
    """What was run, and how far each task came on each model."""
    from rich.table import Table

    from equipoise.cli.terminal import safe

    lines = Table.grid(padding=(0, 2))
    lines.add_column(no_wrap=True)
    lines.add_column(overflow="fold")
    for what, text in _about(run):
        lines.add_row(f"[dim]{what}[/dim]", safe(text))
    console.print(f"[bold]{safe(run.name)}[/bold]", soft_wrap=True)
    console.print(lines)
    table = Table(pad_edge=False)
    for heading in ("task", "model"):
        table.add_column(heading, overflow="fold")
    table.add_column("samples", justify="right")
    for each in run.progress:
        samples = f"{each.finished} of {'?' if each.planned is None else each.planned}"
        mark = samples if each.complete else f"[yellow]{samples}, partial[/yellow]"
        table.add_row(safe(bare_name(each.task)), safe(each.model), mark)
    if run.progress:
        console.print()
        console.print(table)


def _about(run: "RunRecord") -> list[tuple[str, str]]:
    """What is known of a run beside its numbers, by heading."""
    from equipoise.cli.terminal import minute

    setups = _setups(run)
    tasks = [f"{bare_name(setup.task)} {setup.task_version} {_without_braces(setup.arguments)}" for setup in setups]
    roles = {role: ", ".join(names) for role, names in run.plan.roles.items()} if run.plan else {}
    commits = dict.fromkeys(setup.commit for setup in setups)
    end = f"to {minute(run.ended)}" if run.ended else ""
    lines = [
        ("folder", str(run.folder)),
        ("baseline", ", ".join(run.baselines)),
        ("state", "a table without logs" if run.state == "table" else f"{run.state}, {run.samples} samples"),
        ("ran, UTC", f"{minute(run.started)} {end}" if run.started else ""),
        ("models", ", ".join(run.models)),
        ("controls", ", ".join(run.controls)),
        *(("task", text) for text in dict.fromkeys(tasks or run.tasks)),
        *((f"role {role}", names) for role, names in roles.items()),
        ("settings", _settings(run)),
        ("versions", ", ".join(run.versions)),
        ("commit", ", ".join(commits)),
    ]
    return [(what, text) for what, text in lines if text]


def _settings(run: "RunRecord") -> str:
    """Limit, epochs, generation settings and model arguments of the plan; without one, those of the logs."""
    if run.plan is None:
        return ", ".join(dict.fromkeys(_without_braces(setup.generation) for setup in _setups(run)))
    given = {"limit": run.plan.limit, "epochs": run.plan.epochs, **run.plan.generate, **run.plan.model_args}
    return ", ".join(f"{name} {value}" for name, value in given.items() if value is not None)


def _without_braces(text: str) -> str:
    """A JSON object as it is read by people."""
    import json

    return ", ".join(f"{name}={value}" for name, value in json.loads(text).items())


def _print_missing(console: "Console", table: "pd.DataFrame") -> None:
    """Answers that are missing, by reason; a line if none is."""
    from rich.table import Table

    from equipoise.cli.terminal import safe
    from equipoise.harness.report.provenance import missing_by_reason

    lost = [group for group in missing_by_reason(table) if group["missing"]]
    console.print()
    if not lost:
        console.print("no answer is missing")
        return
    shown = Table(pad_edge=False)
    for heading in ("task", "model"):
        shown.add_column(heading, overflow="fold")
    shown.add_column("missing", justify="right")
    shown.add_column("why", overflow="fold")
    for group in lost:
        missing = f"{group['missing']} of {group['answers']}"
        shown.add_row(safe(group["task"]), safe(group["model"]), missing, safe(group["why"]))
    console.print(shown)
