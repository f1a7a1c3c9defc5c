"""`equipoise compare`: two runs beside each other, every difference with its interval; no verdict."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from equipoise.harness.names import bare_name

if TYPE_CHECKING:
    from rich.console import Console

    from equipoise.harness.compare import Adjusted, Compared, Comparison


def _parts(context: click.Context, parameter: click.Parameter, value: str) -> tuple[str, ...]:
    from equipoise.harness.compare import BREAKDOWNS

    parts = tuple(filter(None, (part.strip() for part in value.split(","))))
    if unknown := [part for part in parts if part not in BREAKDOWNS]:
        raise click.BadParameter(f"expected some of {', '.join(BREAKDOWNS)}, found {unknown[0]!r}")
    return parts


@click.command("compare")
@click.argument("baseline", metavar="BASE")
@click.argument("candidate", metavar="CANDIDATE")
@click.option("--base-model", default="", metavar="M", help="Model of BASE, where it holds several.")
@click.option("--model", default="", metavar="M", help="Model of CANDIDATE, where it holds several.")
@click.option(
    "--by", default="task,arm", show_default=True, callback=_parts, metavar="PARTS",
    help="Breakdowns of the headline metrics: any of task, arm (always), domain, turn, judge.",
)  # fmt: skip
@click.option("--all", "everything", is_flag=True, help="Every metric with every breakdown.")
@click.option("--json", "as_json", is_flag=True, help="One object on stdout.")
@click.option("--html", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE", help="Also write a page.")
@click.option(
    "--draws", type=click.IntRange(1, 100_000), default=2000, show_default=True,
    help="Bootstrap draws, for metrics that need them.",
)  # fmt: skip
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True, help="Of bootstrap and permutations.")
def command(
    baseline: str, candidate: str, base_model: str, model: str, by: tuple[str, ...], everything: bool,
    as_json: bool, html: Path | None, draws: int, seed: int,
) -> None:  # fmt: skip
    """Compare CANDIDATE with BASE, item by item.

    Either is a run folder, a baseline's name, a run's name or its start, or a table file in the long-table schema
    (Parquet, CSV, JSONL). Shows per metric both values, the difference with its 95 % interval, p, p corrected for all
    headline metrics, items and missing answers; says what could not be compared. It gives no verdict.

    \b
    Examples:
      equipoise compare release runs/persuasion-1a2b3c4d --html compare.html
      equipoise compare runs/x runs/x --base-model openai/a --model openai/b
      equipoise compare old.csv new.csv --by domain,turn --json
    """
    import json

    from equipoise.cli.sides import read_sides
    from equipoise.cli.terminal import plain
    from equipoise.harness.compare import compare
    from equipoise.harness.compare.words import record

    base, other = read_sides((baseline, base_model), (candidate, model))
    compared = compare(base, other, by, everything, draws, seed)
    if html:
        from equipoise.harness.compare.page import write_comparison

        write_comparison(compared, html)
    if as_json:
        click.echo(json.dumps(record(compared), indent=1))
        return
    _print(compared)
    if html:
        click.echo(f"page: {plain(str(html))}")


def _print(compared: "Compared") -> None:
    from rich.console import Console

    from equipoise.cli.terminal import safe
    from equipoise.harness.compare import in_tasks, words

    console = Console()
    for what, side in (("baseline", compared.baseline), ("candidate", compared.candidate)):
        console.print(f"{what:9}  [bold]{safe(side.model)}[/bold] in {safe(side.name)}", soft_wrap=True)
    by_task = in_tasks(compared.comparisons)
    for task in compared.shared:
        if task.reason:
            continue
        found = by_task.get(task.task, [])
        console.print(f"\n[bold]{safe(bare_name(task.task))}[/bold]: {words.items_of(task)}")
        _print_metrics(console, [each for each in found if each.headline], "Holm")
        if others := [each for each in found if not each.headline]:
            console.print("exploratory; q: false discovery rate over all exploratory metrics")
            _print_metrics(console, others, "q")
        _print_adjusted(console, [each for each in compared.adjusted if each.task == task.task])
    _print_list(console, "Read with care", words.cautions(compared))
    _print_list(console, "Not compared", words.left_out(compared))
    console.print(f"\n{safe(words.overview(compared))}")
    console.print(safe(words.READING), style="dim")


def _print_metrics(console: "Console", rows: "Sequence[Comparison]", adjusted: str) -> None:
    """Two lines per metric: the number, and below it what belongs to it."""
    from equipoise.cli.terminal import safe
    from equipoise.harness.compare import words

    table = _table("metric")
    for heading, below in (
        ("baseline", "candidate"), ("difference", "95 %"), ("p", adjusted), ("items", "(fam.)"),
        ("missing", ""),
    ):  # fmt: skip
        table.add_column(f"{heading}\n{below}", justify="right", no_wrap=True)
    for each in rows:
        name, where = safe(each.measure), safe(words.place(each))
        if each.margin:
            name, where = f"[bold]{safe(each.margin)}[/bold]", f"{name}, {where}"
        table.add_row(
            f"{name}\n[dim]{where}[/dim]",
            f"{words.number(each.baseline)}\n{words.number(each.candidate)}",
            f"{words.signed(each.difference)}\n[dim]{words.interval(each.low, each.high)}[/dim]",
            f"{words.probability(each.p)}\n[dim]{words.probability(each.p_adjusted)}[/dim]",
            f"{each.items:,}\n[dim]({each.clusters:,})[/dim]",
            f"{words.percent(each.missing_baseline)}\n{words.percent(each.missing_candidate)}",
        )
    if rows:
        console.print(table)
    ranges = [(each, found) for each in rows if (found := words.without_judges(each))]
    if ranges:
        told = "; ".join(f"{safe(each.measure)} ({safe(words.place(each))}) {found}" for each, found in ranges)
        console.print(f"difference with one judge after the other left out: {told}")


def _print_adjusted(console: "Console", rows: "Iterable[Adjusted]") -> None:
    from equipoise.cli.terminal import safe
    from equipoise.harness.compare import words

    shown = [each for each in rows if not each.reason]
    if not shown:
        return
    console.print("without the judges' severity, in logits")
    table = _table("dimension")
    for heading in ("difference", "95 %", "p", "judges"):
        table.add_column(heading, justify="right", no_wrap=True)
    for each in shown:
        numbers = words.signed(each.difference), words.interval(each.low, each.high), words.probability(each.p)
        table.add_row(safe(each.dimension), *numbers, str(each.judges))
    console.print(table)
    for text, dimensions in words.warnings(shown).items():
        console.print(f"[yellow]Warning[/yellow], {safe(', '.join(dimensions))}: {safe(text)}")


def _print_list(console: "Console", title: str, texts: list[str]) -> None:
    from equipoise.cli.terminal import safe

    if texts:
        console.print(f"\n[bold]{title}[/bold]")
    for text in texts:
        console.print(f"- {safe(text)}")


def _table(first: str) -> Any:
    from rich import box
    from rich.table import Table

    table = Table(pad_edge=False, box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0))
    table.add_column(first, overflow="fold")
    return table
