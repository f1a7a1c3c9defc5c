"""`equipoise panel`: how strict, how steady and how much in agreement the judges of a run are."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from equipoise.cli import options

if TYPE_CHECKING:
    from equipoise.judges.agreement import Agreement


@click.command("panel")
@click.argument("source", type=click.Path(path_type=Path))
@click.option("--measure", "measures", multiple=True, help="Only this measure; repeat for several.")
@click.option("--reference", metavar="JUDGE", help="This judge's votes are the truth (human labels, for example).")
@click.option("--json", "as_json", is_flag=True, help="A list of objects on stdout.")
@options.draws
def command(source: Path, measures: tuple[str, ...], reference: str | None, as_json: bool, draws: int) -> None:
    """Agreement and severity of the judges in SOURCE: a run folder, or a file in the long-table schema.

    Per measure: Krippendorff's alpha (nominal, ordinal, interval), how many independent judges the panel is worth
    (bounds from the votes alone; measured against the errors if --reference names a judge whose votes are the truth),
    and per judge its missing votes, severity, correlation with the others and use of the scale's ends. Weighted kappas
    of every pair are in --json.

    \b
    Examples:
      equipoise panel runs/aloe-1a2b3c4d
      equipoise panel votes.parquet --measure empathy.tone --json
      equipoise panel ratings.csv --reference human
    """
    import equipoise.judges  # noqa: F401  (votes beside the logs belong to the table)
    from equipoise.errors import InputError
    from equipoise.harness.table import read_table
    from equipoise.judges.agreement import agreement
    from equipoise.judges.figures import mixed_prompts

    table = read_table(source)
    if measures:
        table = table[table["measure"].isin(measures)]
    found = agreement(table, reference, draws)
    if not found:
        raise InputError("holds no judge's vote" + (" on these measures" if measures else ""), path=source)
    if as_json:
        click.echo(json.dumps([record.record() for record in found], indent=1))
    else:
        for record in found:
            _print(record)
        for line in mixed_prompts(table):
            click.echo(f"equipoise: {line}", err=True)
        click.echo("Brackets: 95 % interval, clustered by item family. Severity above 0: stricter than the others.")


def _print(record: "Agreement") -> None:
    from rich import box
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    from equipoise.judges.figures import panel_lines, panel_table_of

    shown = panel_table_of(record)
    console, table = Console(), Table(pad_edge=False, box=box.SIMPLE_HEAD)
    for heading in shown.headings:
        table.add_column(heading, overflow="fold", justify="left" if heading == "judge" else "right")
    for row in shown.rows:
        table.add_row(*map(escape, (row[0].removeprefix("equipoise/"), *row[1:])))
    console.print()
    for line in panel_lines(record):
        console.print(escape(line), soft_wrap=True)
    console.print(table)
