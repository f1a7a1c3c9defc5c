"""`equipoise plot`: figures for papers and slides from a table or a board."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from equipoise.cli import options
from equipoise.errors import InputError

if TYPE_CHECKING:
    from equipoise.leaderboard.plots import Source

KINDS = ("plane", "forest", "capability", "severity", "items", "order", "turns")
INCHES = (0.5, 200.0)


def _inches(context: click.Context, parameter: click.Parameter, value: str | None) -> float:
    """A length; 0 where none is given."""
    from equipoise.leaderboard.plots.style import COLUMNS

    if value is None or value in COLUMNS:
        return COLUMNS.get(value or "", 0.0)
    try:
        number = float(value)
    except ValueError:
        number = 0.0
    if not INCHES[0] <= number <= INCHES[1]:
        raise click.BadParameter(f"expected {INCHES[0]:g} to {INCHES[1]:g} inches, `one` or `two`, found {value!r}")
    return number


@click.command("plot")
@click.argument("table", metavar="TABLE")
@click.argument("kind", required=False, type=click.Choice(KINDS))
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE",
              help="What to write; ends on .pdf, .svg or .png.")  # fmt: skip
@click.option("--list", "listed", is_flag=True, help="Say what TABLE can plot, with its tasks and measures.")
@click.option("--task", default="", metavar="T", help="One task [default: all].")
@click.option("--measure", default="", metavar="M", help="A measure, dimension or side [default: the scorecard's].")
@click.option("--models", multiple=True, metavar="A,B", help="These models, in this order [default: all].")
@click.option(
    "--width",
    callback=_inches,
    metavar="INCHES",
    help="Inches, or columns of a paper: one (3.3), two (6.9) [default: one; slides: 10].",
)
@click.option("--height", callback=_inches, metavar="INCHES", help="Likewise [default: as the content needs].")
@click.option("--font-size", type=click.FloatRange(4, 72), help="Points [default: 8, on slides 16].")
@click.option("--style", type=click.Choice(["paper", "slides"]), default="paper", show_default=True,
              help="Sizes that width and letters start from.")  # fmt: skip
@click.option("--dpi", type=click.FloatRange(30, 1200), default=300, show_default=True, help="Of a PNG.")
@click.option("--title", default="", help="Above the figure [default: none].")
@options.draws
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True, help="Seed of the bootstrap.")
def command(
    table: str, kind: str | None, output: Path | None, listed: bool, task: str, measure: str,
    models: tuple[str, ...], width: float, height: float, font_size: float | None, style: str,
    dpi: float, title: str, draws: int, seed: int,
) -> None:  # fmt: skip
    """Draw TABLE as a figure for a paper: vector letters, told apart without colour, the same bytes every time.

    TABLE is a run folder, a run's or baseline's name, a folder of Inspect logs, a file in the long-table schema, or a
    board (its folder or board.duckdb). KIND:

    \b
      plane       both margins of each task against each other (resist-accept plane)
      forest      a headline metric per model
      capability  severity-free capability per judged dimension
      severity    how strict each judge is
      items       how hard each item is
      order       what the seats of a debate change
      turns       how a measure goes over the turns

    Bars are 95 % intervals; control agents are grey and hollow.

    \b
    Examples:
      equipoise plot runs/quick --list
      equipoise plot runs/quick plane --task persuasion -o plane.pdf
      equipoise plot runs/quick forest --measure kept --width two -o kept.svg
      equipoise plot boards/ours order -o order.pdf
      equipoise plot boards/ours capability --models "Model A,Model B" -o capability.png
    """
    import equipoise.tasks  # noqa: F401  (the families register their metrics and margins)
    from equipoise.cli.terminal import plain
    from equipoise.leaderboard.plots import Style, Wanted, choose, draw, read_source, save, unfitted
    from equipoise.leaderboard.plots.figure import format_of

    path = _path(table)
    if listed:
        _print_listing(read_source(path, task, draws=0))
        return
    if kind is None or output is None:
        raise click.UsageError("expected KIND and -o FILE, or --list")
    format_of(output)
    look = Style(style, width, height, font_size or 0, dpi)
    named = tuple(name.strip() for each in models for name in each.split(",") if name.strip())
    source = read_source(path, task, draws, seed)
    panels = choose(source, kind, Wanted(measure, named))
    with look.context():
        save(draw(panels, look, title, keep_order=bool(named)), output, look)
    for line in unfitted(source, kind, measure):
        click.echo(f"not drawn: {plain(line)}", err=True)
    click.echo(output)


def _path(table: str) -> Path:
    """A file or folder as it is; else a run's or baseline's name."""
    from equipoise.harness.runs import resolve

    return Path(table) if Path(table).exists() else resolve(table).path


def _print_listing(source: "Source") -> None:
    from equipoise.cli.terminal import plain
    from equipoise.leaderboard.plots import listing

    found = listing(source)
    if not found:
        raise InputError("has nothing that can be plotted", path=source.path)
    for kind, tasks in found.items():
        click.echo(kind)
        for task, measures in tasks:
            click.echo(plain(f"  {task}: {_some(measures)}"))


def _some(measures: Sequence[str], most: int = 12) -> str:
    more = f", … {len(measures) - most} more" if len(measures) > most else ""
    return ", ".join(measures[:most]) + more
