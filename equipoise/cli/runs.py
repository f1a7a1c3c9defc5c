"""`equipoise runs`: the runs that are there."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from equipoise.harness.runs import RunRecord

COLOURS = {"partial": "yellow", "broken": "red"}


@click.command("runs")
@click.argument("root", required=False, type=click.Path(path_type=Path))
@click.option("--task", help="Only runs with a task whose name contains this.")
@click.option("--model", help="Only runs with a model whose name contains this.")
@click.option("--json", "as_json", is_flag=True, help="A list of objects on stdout.")
def command(root: Path | None, task: str | None, model: str | None, as_json: bool) -> None:
    """List the runs in ROOT (default: runs), newest first, with their baselines' names.

    Samples are those with a score, of those that were planned. A run that cannot be read is listed as broken, with the
    reason on stderr.

    \b
    Examples:
      equipoise runs
      equipoise runs --task persuasion --model gpt-5
      equipoise runs /data/runs --json
    """
    import json

    from equipoise.cli.terminal import plain
    from equipoise.errors import InputError
    from equipoise.harness.runs import RUNS, baselines, find_runs

    if root is not None and not root.is_dir():
        raise InputError("no such folder", path=root)
    place = root or RUNS
    found = [run for run in find_runs(place) if _has(run.tasks, task) and _has((*run.models, *run.controls), model)]
    if as_json:
        click.echo(json.dumps([record(run) for run in found], indent=1))
    elif found:
        _print(found)
    else:
        click.echo(f"no runs in {plain(str(place))}{' that fit' if task or model else ''}")
    for run in found:
        for problem in run.problems:
            click.echo(f"equipoise: broken: {plain(problem)}", err=True)
    try:
        baselines(place)
    except InputError as error:
        click.echo(f"equipoise: {plain(str(error))}", err=True)


def record(run: "RunRecord") -> dict[str, Any]:
    """A run as a JSON object."""
    return {
        "name": run.name,
        "folder": str(run.folder),
        "state": run.state,
        "tasks": run.tasks,
        "models": run.models,
        "controls": run.controls,
        "started": run.started.isoformat() if run.started else None,
        "ended": run.ended.isoformat() if run.ended else None,
        "finished": run.finished,
        "planned": run.planned,
        "table": str(run.table) if run.table else None,
        "baselines": run.baselines,
        "problems": run.problems,
    }


def _state(run: "RunRecord") -> str:
    """How far a run came, for `rich`."""
    if run.state == "table":
        return "table only"
    if run.state == "complete":
        return run.samples
    colour = COLOURS[run.state]
    return f"{run.samples}\n[{colour}]{run.state}[/{colour}]"


def _has(names: tuple[str, ...], part: str | None) -> bool:
    return part is None or any(part.casefold() in name.casefold() for name in names)


def _print(runs: "list[RunRecord]") -> None:
    from rich.console import Console
    from rich.table import Table

    from equipoise.cli.terminal import minute, safe, some

    table = Table(pad_edge=False)
    table.add_column("run", overflow="fold", ratio=3)
    table.add_column("tasks", overflow="fold", ratio=2)
    table.add_column("models", overflow="fold", ratio=3)
    table.add_column("samples", justify="right", overflow="fold")
    table.add_column("started, UTC", no_wrap=True)
    for run in runs:
        names = "".join(f"\n[cyan]= {safe(name)}[/cyan]" for name in run.baselines)
        controls = f"\n[dim]{len(run.controls)} controls[/dim]" if run.controls else ""
        tasks, models = ("\n".join(map(safe, some(each))) or "–" for each in (run.tasks, run.models))
        table.add_row(
            safe(run.name) + names, tasks, models + controls, _state(run), "\n".join(minute(run.started).split())
        )
    console = Console()
    console.print(table)
    if any(run.baselines for run in runs):
        console.print("= NAME: the run is the baseline of that name.", style="dim")
