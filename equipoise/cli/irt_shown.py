"""What `equipoise irt` prints: measures by facet, categories, summaries, warnings, links, drift."""

from collections.abc import Iterable, Sequence
from math import isnan
from typing import TYPE_CHECKING

import click

from equipoise.cli.terminal import plain
from equipoise.harness.report.sections import Table
from equipoise.judges.irt.report.page_tables import Column, note, probability, spread_of, table_of
from equipoise.judges.irt.report.pictures import Cut, cut, elements, number

if TYPE_CHECKING:
    import pandas as pd

    from equipoise.judges.capability import Capability
    from equipoise.judges.irt import RaschFit
    from equipoise.judges.irt.calibration import Calibration
    from equipoise.judges.irt.scales.boards import Board

MOST = 20  # elements of a facet; of more the first and the last ten are shown
MOST_CATEGORIES = 30  # rows of the category table
_ELEMENT: list[Column] = [
    ("measure", lambda row: number(row["measure"])),
    ("95 %", lambda row: _interval(row["low"], row["high"])),
    ("infit", lambda row: number(row["infit"])),
    ("outfit", lambda row: number(row["outfit"])),
    ("ratings", lambda row: f"{row['count']:,.10g}"),
    ("raw", lambda row: number(row["average"])),
]
_CATEGORY: list[Column] = [
    ("score", lambda row: f"{row['category']:g}"),
    ("ratings", lambda row: f"{row['count']:,.10g}"),
    ("share", lambda row: f"{row['share']:.1%}"),
    ("average", lambda row: number(row["average_measure"])),
    ("expected", lambda row: number(row["expected_measure"])),
    ("outfit", lambda row: number(row["outfit"])),
    ("threshold", lambda row: number(row["threshold"])),
    ("SE", lambda row: number(row["se"], 3)),
]
_FACET: list[Column] = [
    ("facet", lambda row: str(row["facet"])),
    ("SD", lambda row: number(row["sd"])),
    ("separation", lambda row: number(row["separation"])),
    ("strata", lambda row: number(row["strata"])),
    ("reliability", lambda row: number(row["reliability"])),
    (
        "χ² all equal",
        lambda row: "–" if isnan(row["fixed_chi2"]) else f"{row['fixed_chi2']:,.1f} ({row['fixed_df']:,})",
    ),
    ("p", lambda row: probability(row["fixed_p"])),
]


def print_fit(fit: "RaschFit", measures: "pd.DataFrame", facets: Sequence[str]) -> None:
    """The tables of a fit.

    Args:
        fit: The fit.
        measures: Its measures with adjusted averages.
        facets: Which facets' elements are shown.
    """
    for part in fit.parts:
        if part.value:
            click.echo(f"\n{plain(f'{fit.by} {part.value}')}")
        click.echo(_fitted(part))
        own = measures if fit.by is None else measures[measures[fit.by] == part.value]
        for facet in facets:
            print_elements(own, facet)
        if len(facets) > 1:
            _print_categories(part)
            print_table(table_of("", _FACET, spread_of(part)))
    click.echo("Measures in logits, 95 % intervals. raw: mean score; adjusted: if all had met the same; fair: under")
    click.echo("average conditions. infit, outfit: 1 = as noisy as the model expects; look below 0.5 and above 1.5.")


def print_elements(measures: "pd.DataFrame", facet: str) -> None:
    """A table of one facet, highest measure first, the middle left out where it is long."""
    shown = cut(elements(measures, facet), MOST)
    columns: list[Column] = [(facet, lambda row: str(row["label"])), *_ELEMENT]
    if shown.table["adjusted_average"].notna().any():
        columns.append(("adjusted", lambda row: number(row["adjusted_average"])))
    else:
        columns.append(("fair", lambda row: number(row["fair_average"])))
    if (shown.table["status"] != "").any():
        columns.append(("", note))
    print_table(_with_gap(table_of("", columns, shown.table), shown))
    without = int(((measures["facet"] == facet) & measures["measure"].isna()).sum())
    if without:
        click.echo(f"{without} of {facet} have no measure (nothing is known of them)")


def print_warnings(texts: Iterable[str]) -> None:
    """Each on a line of its own, last on the screen."""
    from rich.console import Console
    from rich.markup import escape

    console = Console(highlight=False)
    for text in texts:
        console.print(f"[yellow]Warning:[/yellow] {escape(plain(text))}", soft_wrap=True)


def print_board(board: "Board") -> None:
    """The links and the objects of both fits."""
    for facet, found in board.links.items():
        slope = f", slope {found.slope:.3f} (SE {found.slope_se:.3f})" if found.slope != 1 else ""
        click.echo(
            f"{plain(facet)}: shift {found.shift:z.3f} logits (SE {found.se:.3f}){slope} from {len(found.used)} "
            f"common elements; they spread {found.ratio:.2f} (SE {found.ratio_se:.2f}) times as wide in the second"
        )
        if found.dropped:
            away = dict(zip(found.robust_z.index, found.robust_z, strict=True))
            each = ", ".join(f"{plain(str(label))} (z {away[label]:z.1f})" for label in found.dropped)
            click.echo(f"  dropped, moved too far from the others: {each}")
    shown = cut(board.measures, 2 * MOST)
    columns: list[Column] = [
        (board.object, lambda row: str(row["label"])),
        ("fit", lambda row: str(row["fit"])),
        ("measure", lambda row: number(row["measure"])),
        ("95 %", lambda row: _interval(row["low"], row["high"])),
        ("SE", lambda row: number(row["se"], 3)),
        ("SE of the link", lambda row: number(row["se_link"], 3)),
    ]
    print_table(_with_gap(table_of("On the scale of the second fit", columns, shown.table), shown))
    click.echo("The link's error is in the intervals of the first fit. It is shared: between two of these it cancels.")


def print_capability(entry: "Capability") -> None:
    """Models and judges of one judged dimension."""
    from equipoise.judges.capability_page import label

    about = plain(label(entry))
    if entry.fit is None:
        click.echo(f"\n{about}: not measured, {plain(entry.reason)}")
        return
    columns: list[Column] = [
        ("model", lambda row: str(row["model"])),
        ("measure", lambda row: number(row["measure"])),
        ("95 %", lambda row: _interval(row["low"], row["high"])),
        ("raw", lambda row: number(row["raw"])),
        ("adjusted", lambda row: number(row["adjusted"])),
        ("shift", lambda row: number(row["shift"], 3)),
        ("votes", lambda row: f"{row['votes']:,.10g}"),
        ("", lambda row: str(row["status"])),
    ]
    print_table(table_of(about, columns, entry.models.sort_values("measure", ascending=False, kind="stable")))
    columns = [
        ("judge", lambda row: str(row["judge"])),
        ("severity", lambda row: number(row["severity"])),
        ("95 %", lambda row: _interval(row["low"], row["high"])),
        ("infit", lambda row: number(row["infit"])),
        ("outfit", lambda row: number(row["outfit"])),
        ("r", lambda row: number(row["point_measure"])),
        ("votes", lambda row: f"{row['votes']:,.10g}"),
        ("", lambda row: str(row["status"])),
    ]
    print_table(table_of("", columns, entry.judges.sort_values("severity", ascending=False, kind="stable")))
    print_warnings(entry.warnings)


def print_drift(table: "pd.DataFrame", facet: str, level: float) -> None:
    """A row per judge, those that moved first."""
    columns: list[Column] = [
        (facet, lambda row: str(row["label"])),
        ("then", lambda row: number(row["old"])),
        ("now", lambda row: number(row["new"])),
        ("change", lambda row: number(row["difference"])),
        ("SE", lambda row: number(row["se"], 3)),
        ("z", lambda row: number(row["z"])),
        ("p (Holm)", lambda row: probability(row["adjusted"])),
        ("infit change", lambda row: number(row["infit_change"])),
        ("", lambda row: "moved" if row["adjusted"] <= level else ""),
    ]
    print_table(table_of("", columns, table.sort_values("p", kind="stable", na_position="last")))
    moved = int((table["adjusted"] <= level).sum())
    compared = int(table["p"].notna().sum())
    click.echo(f"{moved or 'none'} of {compared} moved at the {level:g} level; above 0 = stricter now, in logits")


def print_table(shown: Table) -> None:
    """A table of texts."""
    from rich import box
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table as Rich

    table = Rich(pad_edge=False, box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), title_justify="left", title_style="bold")
    if shown.caption:
        table.title = escape(plain(shown.caption))
    for place, heading in enumerate(shown.headings):
        numeric = place > 0 and heading != ""
        table.add_column(
            escape(plain(heading)), justify="right" if numeric else "left", overflow="fold", no_wrap=numeric
        )
    for row in shown.rows:
        table.add_row(*(escape(plain(cell)) for cell in row))
    Console().print(table)


def _fitted(part: "Calibration") -> str:
    """What was fitted and how it ended, in a line."""
    estimate = part.estimate
    end = f"{'converged' if estimate.converged else 'NOT CONVERGED'} after {estimate.iterations} iterations"
    missing = f", {part.missing:,} without a score" if part.missing else ""
    likelihood = f"log-likelihood {estimate.log_likelihood:,.2f}"
    return f"{len(part.everything):,} ratings{missing}; {end}, {likelihood}, {estimate.free_parameters:,} parameters"


def _print_categories(part: "Calibration") -> None:
    """The category table, and what is wrong with a category in lines below it."""
    table = part.thresholds
    several = table["scale"].nunique() > 1
    scale: list[Column] = [("scale", lambda row: str(row["scale"]))] if several else []
    print_table(table_of("", [*scale, *_CATEGORY], table.head(MOST_CATEGORIES)))
    if len(table) > MOST_CATEGORIES:
        click.echo(f"{len(table) - MOST_CATEGORIES} more rows are in thresholds.csv (-o) and in --json")
    flagged = table[table["flags"] != ""]
    for label, category, flags in flagged[["scale", "category", "flags"]].head(MOST).itertuples(index=False):
        click.echo(f"{f'{plain(str(label))}, ' if several else ''}score {category:g}: {flags}")
    if len(flagged) > MOST:
        click.echo(f"{len(flagged) - MOST} more categories have a remark")


def _with_gap(table: Table, shown: Cut) -> Table:
    """A line that says how many rows are left out."""
    rows = list(table.rows)
    if shown.left_out:
        rows.insert(shown.before, [f"… {shown.left_out:,} more …", *[""] * (len(table.headings) - 1)])
    return Table(table.caption, table.headings, rows)


def _interval(low: float, high: float) -> str:
    return "–" if isnan(low) or isnan(high) else f"{number(low)}…{number(high)}"
