"""What `equipoise irt` prints: measures by facet, categories, summaries, warnings, links, drift."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import click

from equipoise.harness.report.sections import Table
from equipoise.judges.irt.page_tables import categories_table, facets_table, interval, measures_table, probability
from equipoise.judges.irt.pictures import cut, elements, number

if TYPE_CHECKING:
    import pandas as pd

    from equipoise.judges.irt import RaschFit
    from equipoise.judges.irt.boards import Board
    from equipoise.judges.irt.calibration import Calibration

MOST = 20  # elements of a facet; of more the first and the last ten are shown
MOST_CATEGORIES = 30  # rows of the category table


def print_fit(fit: "RaschFit", measures: "pd.DataFrame", facets: Sequence[str]) -> None:
    """The tables of a fit.

    Args:
        fit: The fit.
        measures: Its measures with adjusted averages.
        facets: Which facets' elements are shown.
    """
    for part in fit.parts:
        if part.value:
            click.echo(f"\n{fit.by} {part.value}")
        click.echo(_fitted(part))
        own = measures if fit.by is None else measures[measures[fit.by] == part.value]
        for facet in facets:
            print_elements(own, facet)
        if len(facets) > 1:
            _print_categories(part)
            shown = facets_table(part)
            print_table(Table("Facets (errors clustered on the response)", shown.headings, shown.rows))
    click.echo("Measures in logits with 95 % intervals. raw, adjusted, fair: mean score as it is; if all had met the same;")
    click.echo("under average conditions. infit, outfit: 1 = as noisy as the model expects, below 0.5 or above 1.5 look.")


def print_elements(measures: "pd.DataFrame", facet: str) -> None:
    """A table of one facet, highest measure first, the middle left out where it is long."""
    known = elements(measures, facet)
    shown = cut(known, MOST)
    table = measures_table(shown.table, facet)
    rows = list(table.rows)
    if shown.left_out:
        rows.insert(shown.before, [f"… {shown.left_out:,} more …", *[""] * (len(table.headings) - 1)])
    print_table(Table(facet, table.headings, rows))
    without = int(((measures["facet"] == facet) & measures["measure"].isna()).sum())
    if without:
        click.echo(f"{without} of {facet} have no measure (nothing is known of them)")


def print_warnings(texts: Iterable[str]) -> None:
    """Each on a line of its own, last on the screen."""
    from rich.console import Console
    from rich.markup import escape

    console = Console(highlight=False)
    for text in texts:
        console.print(f"[yellow]Warning:[/yellow] {escape(_plain(text))}", soft_wrap=True)


def print_board(board: "Board") -> None:
    """The links and the objects of both fits."""
    for facet, found in board.links.items():
        slope = f", slope {found.slope:.3f} (SE {found.slope_se:.3f})" if found.slope != 1 else ""
        click.echo(
            f"{_plain(facet)}: shift {found.shift:z.3f} logits (SE {found.se:.3f}){slope} from {len(found.used)} common "
            f"elements; they spread {found.ratio:.2f} (SE {found.ratio_se:.2f}) times as wide in the second"
        )
        if found.dropped:
            each = ", ".join(f"{_plain(str(label))} (z {found.robust_z[label]:z.1f})" for label in found.dropped)
            click.echo(f"  dropped, moved too far from the others: {each}")
    shown = cut(board.measures, 2 * MOST)
    rows = [
        [str(row["label"]), row["fit"], number(row["measure"]), interval(row["low"], row["high"]), number(row["se"], 3),
         number(row["se_link"], 3)]
        for _, row in shown.table.iterrows()
    ]  # fmt: skip
    if shown.left_out:
        rows.insert(shown.before, [f"… {shown.left_out:,} more …", *[""] * 5])
    headings = [board.object, "fit", "measure", "95 % interval", "SE", "SE of the link"]
    print_table(Table(f"{board.object} on the scale of the second fit", headings, rows))
    click.echo("The link's error is in the intervals of the first fit. It is shared: between two of these it cancels.")


def print_drift(table: "pd.DataFrame", facet: str, level: float) -> None:
    """A row per judge, those that moved first."""
    order = table.sort_values("p", kind="stable", na_position="last")
    rows = [
        [str(row["label"]), number(row["old"]), number(row["new"]), number(row["difference"]), number(row["se"], 3),
         number(row["z"]), probability(row["adjusted"]), number(row["infit_change"]),
         "moved" if row["adjusted"] <= level else ""]
        for _, row in order.iterrows()
    ]  # fmt: skip
    headings = [facet, "then", "now", "now − then", "SE", "z", "p (Holm)", "infit change", ""]
    print_table(Table("", headings, rows))
    moved = int((table["adjusted"] <= level).sum())
    compared = int(table["p"].notna().sum())
    click.echo(f"{moved or 'none'} of {compared} moved at the {level:g} level; above 0 = stricter now, in logits")


def print_table(shown: Table) -> None:
    """A table of texts."""
    from rich import box
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table as Rich

    table = Rich(pad_edge=False, box=box.SIMPLE_HEAD, title_justify="left", title_style="bold")
    if shown.caption:
        table.title = escape(_plain(shown.caption))
    for place, heading in enumerate(shown.headings):
        table.add_column(escape(_plain(heading)), justify="right" if place else "left", overflow="fold")
    for row in shown.rows:
        table.add_row(*(escape(_plain(cell)) for cell in row))
    Console().print(table)


def _fitted(part: "Calibration") -> str:
    """What was fitted and how it ended, in a line."""
    estimate = part.estimate
    end = f"{'converged' if estimate.converged else 'NOT CONVERGED'} after {estimate.iterations} iterations"
    missing = f", {part.missing:,} without a score" if part.missing else ""
    likelihood = f"log-likelihood {estimate.log_likelihood:,.2f}"
    return f"{len(part.everything):,} ratings{missing}; {end}, {likelihood}, {estimate.free_parameters:,} parameters"


def _print_categories(part: "Calibration") -> None:
    table = categories_table(part)
    if len(table.rows) > MOST_CATEGORIES:
        left = len(table.rows) - MOST_CATEGORIES
        click.echo(f"{left} more rows of the category table are in thresholds.csv (-o) and --json")
    print_table(Table("Categories", table.headings, list(table.rows)[:MOST_CATEGORIES]))


def _plain(text: str) -> str:
    """Text from a file without what would steer a terminal."""
    return "".join(c if c.isprintable() else "�" for c in text)
