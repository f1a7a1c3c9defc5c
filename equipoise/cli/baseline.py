"""`equipoise baseline`: names for the runs that others are compared with."""

import click


@click.group("baseline")
def command() -> None:
    """Name runs and tables that others are compared with; the names are kept in runs/baselines.json.

    A name keeps a fingerprint of the results: if they change, or are gone, using the name is an error.

    \b
    Examples:
      equipoise baseline set release-1 persuasion-1a2b3c4d
      equipoise compare release-1 runs/persuasion-5e6f7a8b
      equipoise baseline list
      equipoise baseline remove release-1
    """


@command.command("set")
@click.argument("name")
@click.argument("run")
def set_command(name: str, run: str) -> None:
    """Let NAME stand for RUN: a run folder, a run's name or its start, another baseline's name, or a table file.

    A name that is there already stands for RUN from now on.

    \b
    Example:
      equipoise baseline set release-1 runs/persuasion-1a2b3c4d
    """
    from equipoise.cli import results
    from equipoise.cli.terminal import plain, some
    from equipoise.harness.runs import RUNS, baselines, resolve, set_baseline

    before = baselines(RUNS).get(name)
    source = resolve(run)
    baseline = set_baseline(name, source.path, RUNS)
    results.say_partial(source.path)
    was = f" (was {before.source})" if before and before.source != baseline.source else ""
    about = f"{', '.join(some(baseline.tasks))} on {', '.join(some(baseline.models))}, {baseline.rows} rows"
    click.echo(plain(f"{name}: {source.path}{was}: {about}"))


@command.command("list")
@click.option("--json", "as_json", is_flag=True, help="A list of objects on stdout.")
def list_command(as_json: bool) -> None:
    """List the names, what they stand for, and whether it is still what it was.

    \b
    Example:
      equipoise baseline list
    """
    import json

    from rich.console import Console
    from rich.table import Table

    from equipoise.cli import results  # noqa: F401  (the families register how votes become rows)
    from equipoise.cli.terminal import minute, plain, safe, some
    from equipoise.errors import InputError
    from equipoise.harness.runs import RUNS, baselines, checked

    found, problems = baselines(RUNS), dict[str, str]()
    for name in found:
        try:
            checked(name, RUNS)
        except InputError as error:
            problems[name] = str(error)
    if as_json:
        records = [
            {"name": name, **each.model_dump(mode="json"), "path": str(each.path(RUNS)), "problem": problems.get(name)}
            for name, each in found.items()
        ]
        click.echo(json.dumps(records, indent=1))
        return
    if not found:
        click.echo("no baselines; equipoise baseline set NAME RUN")
        return
    table = Table(pad_edge=False)
    for heading in ("baseline", "stands for", "tasks", "models"):
        table.add_column(heading, overflow="fold")
    table.add_column("set, UTC", no_wrap=True)
    for name, each in found.items():
        mark = f"{safe(name)}\n[red]cannot be used[/red]" if name in problems else safe(name)
        tasks, models = ("\n".join(map(safe, some(names))) for names in (each.tasks, each.models))
        table.add_row(mark, safe(each.source), tasks, models, "\n".join(minute(each.set_at).split()))
    Console().print(table)
    for problem in problems.values():
        click.echo(f"equipoise: {plain(problem)}", err=True)


@command.command("remove")
@click.argument("name")
def remove_command(name: str) -> None:
    """Forget NAME; the run it stood for is left alone.

    \b
    Example:
      equipoise baseline remove release-1
    """
    from equipoise.harness.runs import RUNS, remove_baseline

    remove_baseline(name, RUNS)
    click.echo(f"{name}: removed")
