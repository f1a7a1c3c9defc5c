"""`equipoise suites`: what can be run."""

import click


@click.command("suites")
@click.argument("name", required=False)
@click.option("--json", "as_json", is_flag=True, help="Suites with their tasks as JSON.")
def command(name: str | None, as_json: bool) -> None:
    """List the suites and the tasks; with NAME print that suite's YAML, to be copied and changed.

    \b
    Examples:
      equipoise suites
      equipoise suites quick > mine.yaml
      equipoise run mine.yaml --model openai/gpt-5-mini
    """
    import json

    from rich.console import Console
    from rich.table import Table

    import equipoise.tasks
    from equipoise.errors import InputError
    from equipoise.harness.suite import load_suite, shipped_suites

    shipped = shipped_suites()
    if name is not None:
        if name not in shipped:
            raise InputError(f"unknown suite {name!r}; expected one of {', '.join(shipped)}")
        click.echo(shipped[name].read_text(encoding="utf-8"), nl=False)
        return
    suites = [load_suite(known) for known in shipped]
    if as_json:
        click.echo(json.dumps([suite.model_dump(mode="json", exclude_none=True) for suite in suites], indent=1))
        return
    table = Table("suite", "what for", "tasks", "roles to name", pad_edge=False)
    for suite in suites:
        tasks = ", ".join(dict.fromkeys(task.task for task in suite.tasks))
        table.add_row(suite.name, " ".join(suite.description.split()), tasks, ", ".join(suite.required_roles) or "none")
    console = Console()
    console.print(table)
    console.print(f"tasks: {', '.join(equipoise.tasks.__all__)}")
    for group, members in equipoise.tasks.GROUPS.items():
        console.print(f"{group}: {', '.join(members)}")
