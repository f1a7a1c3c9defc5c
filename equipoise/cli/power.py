"""`equipoise power`: how many items, epochs and looks a gate needs."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from rich.console import Console

    from equipoise.harness.power import Plan, Planned


@click.command("power")
@click.option("--from", "run", required=True, help="Run to learn from: a folder, a baseline's name, a table file.")
@click.option("--pilot", help="A second run of the same items, of a model like the candidates to come.")
@click.option("--policy", "policy_file", type=click.Path(path_type=Path),
              help="YAML [default: see equipoise gate --show-policy].")  # fmt: skip
@click.option("--model", default="", help="Model, if the run holds several.")
@click.option("--pilot-model", default="", help="Model of the pilot, if it holds several.")
@click.option("--power", type=click.FloatRange(0.5, 0.999), default=0.8, show_default=True,
              help="Chance that each verdict is to have.")  # fmt: skip
@click.option("--drop", type=click.FloatRange(0, min_open=True),
              help="True fall that is to get NO-GO, on the metrics' scale [default: twice each limit].")  # fmt: skip
@click.option("--looks", type=click.IntRange(1, 20), default=3, show_default=True, help="Of the sequential plan.")
@click.option("--json", "as_json", is_flag=True, help="The plan as one JSON object on stdout.")
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Write the power curve: .html, .svg or .png.")
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True, help="Seed of the simulation.")
def command(
    run: str, pilot: str | None, policy_file: Path | None, model: str, pilot_model: str, power: float,
    drop: float | None, looks: int, as_json: bool, output: Path | None, seed: int,
) -> None:  # fmt: skip
    """Items at which an unchanged model gets GO, and a drop NO-GO, each with the chance --power.

    Formulas give a start; then pairs of runs are simulated from the run's answers and put to the gate's own tests,
    until the number of items is enough. The plan by looks lets clear cases stop early.

    \b
    Examples:
      equipoise power --from runs/persuasion-1a2b3c4d
      equipoise power --from production --pilot runs/candidate --policy policy.yaml
      equipoise power --from production --drop 0.1 --looks 5 -o power.html
    """
    import json

    from rich.console import Console

    from equipoise.cli.sides import read_sides
    from equipoise.harness.gate import default_policy, read_policy
    from equipoise.harness.power import plan_from
    from equipoise.harness.power.picture import check_format, write_curve
    from equipoise.harness.power.words import recommendation

    if output:
        check_format(output)
    policy = read_policy(policy_file) if policy_file else default_policy()
    side, *pilots = read_sides((run, model), *([(pilot, pilot_model)] if pilot else []))
    with Console(stderr=True).status("simulating"):
        plan = plan_from(
            side, policy, power, drop, next(iter(pilots), None), looks, curve=output is not None, seed=seed
        )
    if output:
        write_curve(plan, output, f"{side.name}, {side.model}", recommendation(plan))
    if as_json:
        told = {"run": side.name, "model": side.model, "policy": policy.digest, "alpha": policy.alpha, "seed": seed}
        click.echo(json.dumps({**told, "recommendation": recommendation(plan), **plan.record()}, indent=1))
        return
    _print(plan, output)


def _print(plan: "Plan", output: Path | None) -> None:
    from rich.console import Console

    from equipoise.cli.terminal import safe
    from equipoise.harness.power.words import notes, recommendation

    console = Console()
    _comparisons(console, plan)
    for each in plan.unplanned:
        console.print(f"[yellow]not planned[/yellow] {safe(each.name)}: {safe(each.reason)}")
    console.print()
    console.print(safe(recommendation(plan)), style="bold")
    if plan.possible:
        _epochs(console, plan)
        _looks(console, plan)
    console.print()
    for note in notes(plan):
        console.print(safe(note), style="dim")
    if output:
        console.print(f"curve: {safe(str(output))}", soft_wrap=True)


def _comparisons(console: "Console", plan: "Plan") -> None:
    from rich.table import Table

    from equipoise.cli.terminal import safe

    table = Table(pad_edge=False, show_edge=False)
    table.add_column("comparison", overflow="fold")
    for heading in ("limit\ndrop", "items\nnow", "smallest\nlimit now", "items\nfor GO", "items for\nNO-GO"):
        table.add_column(heading, justify="right", no_wrap=True)
    for each in plan.comparisons:
        table.add_row(
            f"{safe(each.name)}\n[dim]{safe(each.limited_by)}[/dim]",
            f"{_short(each, each.limit)}\n{_short(each, each.drop)}", f"{each.items:,}",
            _short(each, each.margin_now), _count(each.go_items), _count(each.no_go_items),
        )  # fmt: skip
    console.print(table)
    if any(each.points for each in plan.comparisons):
        console.print(
            "Limits and drops of shares are in points. Smallest limit now: what the run's own items could pass.",
            style="dim",
        )


def _epochs(console: "Console", plan: "Plan") -> None:
    """The largest comparison of each task by number of epochs, in a line."""
    for task in plan.tasks:
        rows = [each.by_epochs for each in plan.comparisons if each.task == task and each.by_epochs]
        if rows:
            most = {epochs: max(row[epochs] for row in rows) for epochs in rows[0]}
            told = ", ".join(f"{epochs}: {items:,}" for epochs, items in most.items())
            name = f" of {task.rsplit('/', 1)[-1]}" if len(plan.tasks) > 1 else ""
            console.print(f"Items{name} by number of epochs, about: {told}")


def _looks(console: "Console", plan: "Plan") -> None:
    from rich.table import Table

    from equipoise.harness.power import look_items
    from equipoise.harness.power.words import chance

    found = plan.sequential
    if found is None or len(found.looks) < 2:
        return
    table = Table(pad_edge=False, show_edge=False, title="Looking early", title_justify="left", title_style="bold")
    for heading in ("items", "alpha of the policy", "GO so far, unchanged", "NO-GO so far, dropped"):
        table.add_column(heading, justify="right")
    for look in found.looks:
        items = look_items(plan, look.fraction)
        share = f"{100 * look.fraction * found.inflation:.0f} % of each"
        shown = f"{next(iter(items.values())):,}" if len(items) == 1 else share
        table.add_row(shown, f"{look.alpha:.2g}", chance(look.go), chance(look.no_go))
    console.print()
    console.print(table)
    console.print(
        f"Stopping at the first verdict uses {chance(found.expected_unchanged)} of the items on average if nothing "
        f"changed, {chance(found.expected_dropped)} after a drop. All looks together keep the policy's error.",
        style="dim",
    )


def _short(each: "Planned", value: float) -> str:
    """A difference without its unit; nothing where even the whole scale would not do."""
    from equipoise.harness.power.words import amount

    return "none" if each.points and value >= 1 else amount(each, value).removesuffix(" points")


def _count(items: int | None) -> str:
    return f"{items:,}" if items is not None else "–"
