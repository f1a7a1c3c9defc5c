"""The tables of a fit's report, as texts."""

import re
from collections.abc import Callable, Sequence
from math import isnan
from typing import Any

import pandas as pd

from equipoise.harness.report.sections import Table
from equipoise.judges.irt.calibration import Calibration
from equipoise.judges.irt.report.pictures import number

Row = Any
"""A row of a pandas table, by column name."""

Column = tuple[str, Callable[[Row], str]]
"""Heading, and the text of a row's cell."""

_NUMERIC = re.compile(r"[−\d.,…<% ()–]+(p [<\d. –]+)?")
MOST_ROWS = 2000  # rows of one table on the page; the CSV files hold all
_FACETS = {
    "mean": "mean", "sd": "SD", "separation": "separation", "strata": "strata", "reliability": "reliability",
}  # fmt: skip
_FIT: list[Column] = [
    ("infit (z)", lambda row: f"{number(row['infit'])} ({number(row['infit_z'], 1)})"),
    ("outfit (z)", lambda row: f"{number(row['outfit'])} ({number(row['outfit_z'], 1)})"),
]


def measures_table(elements: pd.DataFrame, facet: str) -> Table:
    """Every element of a facet, highest measure first."""
    columns: list[Column] = [
        (facet, _text_of("label")),
        ("measure", _number_of("measure")),
        ("95 % interval", lambda row: interval(row["low"], row["high"])),
        *_FIT,
        ("ratings", _count_of("count")),
        ("raw", _number_of("average")),
        ("fair", _number_of("fair_average")),
    ]
    if elements["adjusted_average"].notna().any():
        columns.insert(-1, ("adjusted", _number_of("adjusted_average")))
    if (elements["status"] != "").any():
        columns.append(("note", note))
    if elements["subset"].nunique() > 1:
        columns.append(("subset", _text_of("subset")))
    return table_of(
        f"{facet}, highest measure first (logits); raw{'' if len(columns) < 9 else ', adjusted'} and fair mean score",
        columns,
        elements,
    )


def categories_table(part: Calibration) -> Table:
    """Every category of every scale group."""
    columns: list[Column] = [
        ("category", lambda row: f"{row['category']:g}"),
        ("ratings", _count_of("count")),
        ("share", lambda row: f"{row['share']:.1%}"),
        ("average", _number_of("average_measure")),
        ("expected", _number_of("expected_measure")),
        ("outfit", _number_of("outfit")),
        ("threshold", _number_of("threshold")),
        ("SE", _number_of("se", 3)),
        ("50 % point", _number_of("thurstone")),
    ]
    table = part.thresholds
    if (table["flags"] != "").any():
        columns.append(("note", _text_of("flags")))
    if table["scale"].nunique() > 1:
        columns.insert(0, ("scale", _text_of("scale")))
    return table_of("Categories (logits relative to an element's own place)", columns, table)


def facets_table(part: Calibration) -> Table:
    """Spread of every facet against its clustered errors, or under marginal estimation against the only ones it has."""
    columns: list[Column] = [
        ("facet", _text_of("facet")),
        *((heading, _number_of(name)) for name, heading in _FACETS.items()),
        ("χ², all equal", lambda row: _chi_square(row, "fixed")),
        ("χ², normal", lambda row: _chi_square(row, "random")),
    ]
    caption = (
        "Facets. Reliability is the share of the spread that is not error, strata the number of levels that can be "
        "told apart; for judges low is good (alike), for objects high. χ² with degrees of freedom and p: that all "
        "elements are equal, and that they come from a normal distribution."
    )
    return table_of(caption, columns, spread_of(part))


def spread_of(part: Calibration) -> pd.DataFrame:
    """Rows of the facets table with the errors to be told: clustered ones, if there are any."""
    facets = part.facets
    clustered = facets[facets["errors"] == "se_clustered"]
    return facets[facets["errors"] == "se_conditional"] if clustered["rmse"].isna().all() else clustered


def misfits_table(misfits: pd.DataFrame, most: int) -> Table:
    """The elements that fit worst, of whatever facet."""
    columns: list[Column] = [
        ("facet", _text_of("facet")),
        ("element", _text_of("label")),
        *_FIT,
        ("correlation (expected)", lambda row: f"{number(row['point_measure'])} ({number(row['point_expected'])})"),
        ("ratings", _count_of("count")),
    ]
    caption = "Elements outside 0.5 to 1.5, farthest first"
    more = f"; the first {most} of {len(misfits):,}" if len(misfits) > most else ""
    return table_of(caption + more, columns, misfits.head(most))


def agreement_table(agreement: pd.DataFrame, facet: str) -> Table:
    """Exact agreement, overall first."""
    columns: list[Column] = [
        (facet, lambda row: str(row["label"]) or "all pairs"),
        ("pairs", _count_of("opportunities")),
        ("observed", _number_of("observed", 3)),
        ("expected", _number_of("expected", 3)),
        ("beyond expected", _number_of("kappa", 3)),
    ]
    caption = (
        "Exact agreement: share of pairs of ratings of the same thing with the same score, and what the model expects "
        "of independent judges. Much above expected: they share more than the measure, or copy each other."
    )
    return table_of(caption, columns, agreement)


def bias_table(bias: pd.DataFrame, names: Sequence[str], most: int) -> Table:
    """The interactions that are least likely to be chance."""
    order = bias.assign(size=-bias["t"].abs()).sort_values(["q", "size"], kind="stable").head(most)
    columns: list[Column] = [
        *((name, _text_of(name)) for name in names),
        ("bias", _number_of("bias")),
        ("SE", _number_of("se", 3)),
        ("t", _number_of("t")),
        ("q", _probability_of("q")),
        ("ratings", _count_of("count")),
        ("observed − expected", _number_of("average_difference")),
    ]
    caption = f"Interactions of {' and '.join(names)} (logits, above 0 = higher scores), smallest q first"
    return table_of(f"{caption}; the first {most} of {len(bias):,}" if len(bias) > most else caption, columns, order)


def unexpected_table(unexpected: pd.DataFrame, names: Sequence[str], most: int) -> Table:
    """The ratings with the largest |z|."""
    columns: list[Column] = [
        *((name, _text_of(name)) for name in names),
        ("score", lambda row: f"{row['observed']:g}"),
        ("expected", _number_of("expected")),
        ("z", _number_of("z", 1)),
        ("probability", _probability_of("probability")),
    ]
    return table_of(
        "The ratings the model finds hardest to believe, to be read by a person", columns, unexpected.head(most)
    )


def numeric(table: Table) -> list[bool]:
    """Which columns hold nothing but numbers, and so are set flush right; the first holds names."""
    return [
        place > 0 and all(_NUMERIC.fullmatch(row[place]) is not None for row in table.rows if row[place])
        for place in range(len(table.headings))
    ]


def note(row: Row) -> str:
    """What must be known of one element."""
    words = [str(row["status"])] if row["status"] else []
    if row["status"] == "anchored":
        words.append(f"displaced by {number(row['displacement'])}")
    return ", ".join(words)


def interval(low: float, high: float) -> str:
    """Both ends, or a dash."""
    return "–" if isnan(low) or isnan(high) else f"{number(low)} … {number(high)}"


def probability(value: float) -> str:
    """Three decimals; very small ones as what they are below."""
    if isnan(value):
        return "–"
    return "< 0.001" if value < 0.001 else f"{value:.3f}"


def _chi_square(row: Row, kind: str) -> str:
    if isnan(row[f"{kind}_chi2"]):
        return "–"
    return f"{row[f'{kind}_chi2']:,.1f} ({row[f'{kind}_df']:,}), p {probability(row[f'{kind}_p'])}"


def _number_of(name: str, digits: int = 2) -> Callable[[Row], str]:
    return lambda row: number(row[name], digits)


def _count_of(name: str) -> Callable[[Row], str]:
    return lambda row: f"{row[name]:,.10g}"


def _probability_of(name: str) -> Callable[[Row], str]:
    return lambda row: probability(row[name])


def _text_of(name: str) -> Callable[[Row], str]:
    return lambda row: str(row[name])


def table_of(caption: str, columns: Sequence[Column], rows: pd.DataFrame) -> Table:
    """A table of texts, a line per row; cut where it would be too long for a page."""
    if len(rows) > MOST_ROWS:
        caption = f"{caption}; the first {MOST_ROWS:,} of {len(rows):,}, all of them are in the CSV file"
        rows = rows.head(MOST_ROWS)
    cells = [[text(row) for _, text in columns] for _, row in rows.iterrows()]
    return Table(caption, [heading for heading, _ in columns], cells)
