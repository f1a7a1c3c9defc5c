"""The tables of a fit's report, as texts."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pandas as pd

from equipoise.harness.report.sections import Table
from equipoise.judges.irt.calibration import Calibration
from equipoise.judges.irt.pictures import number

MOST_ROWS = 2000  # rows of one table on the page; the CSV files hold all
_FACETS = {
    "mean": "mean", "sd": "SD", "separation": "separation", "strata": "strata", "reliability": "reliability",
}  # fmt: skip


def measures_table(elements: pd.DataFrame, facet: str) -> Table:
    """Every element of a facet, highest measure first."""
    columns: Mapping[str, Callable[[pd.Series], str]] = {
        facet: lambda row: str(row["label"]),
        "measure": lambda row: number(row["measure"]),
        "95 % interval": lambda row: interval(row["low"], row["high"]),
        "SE (clustered)": lambda row: f"{number(row['se'], 3)} ({number(row['se_clustered'], 3)})",
        "infit (z)": lambda row: f"{number(row['infit'])} ({number(row['infit_z'], 1)})",
        "outfit (z)": lambda row: f"{number(row['outfit'])} ({number(row['outfit_z'], 1)})",
        "ratings": lambda row: f"{row['count']:,.10g}",
        "raw mean": lambda row: number(row["average"]),
        "fair average": lambda row: number(row["fair_average"]),
        "note": note,
    }
    if elements["subset"].nunique() > 1:
        columns = {**columns, "subset": lambda row: str(row["subset"])}
    return _table(f"{facet}, highest measure first (logits)", columns, elements)


def categories_table(part: Calibration) -> Table:
    """Every category of every scale group."""
    columns: dict[str, Callable[[pd.Series], str]] = {
        "category": lambda row: f"{row['category']:g}",
        "ratings": lambda row: f"{row['count']:,.10g}",
        "share": lambda row: f"{row['share']:.1%}",
        "mean measure": lambda row: number(row["average_measure"]),
        "expected": lambda row: number(row["expected_measure"]),
        "outfit": lambda row: number(row["outfit"]),
        "threshold": lambda row: number(row["threshold"]),
        "SE": lambda row: number(row["se"], 3),
        "50 % point": lambda row: number(row["thurstone"]),
        "note": lambda row: str(row["flags"]),
    }
    table = part.thresholds
    if table["scale"].nunique() > 1:
        columns = {"scale": lambda row: str(row["scale"]), **columns}
    return _table("Categories (logits relative to an element's own place)", columns, table)


def facets_table(part: Calibration) -> Table:
    """Spread of every facet against its clustered errors, or under marginal estimation against the only ones it has."""
    facets = part.facets
    clustered = facets[facets["errors"] == "se_clustered"]
    shown = facets[facets["errors"] == "se_conditional"] if clustered["rmse"].isna().all() else clustered
    columns: dict[str, Callable[[pd.Series], str]] = {
        "facet": lambda row: str(row["facet"]),
        "elements": lambda row: f"{row['elements']:,}",
        **{heading: _number_of(name) for name, heading in _FACETS.items()},
        "χ², all equal": lambda row: _chi_square(row, "fixed"),
        "χ², normal": lambda row: _chi_square(row, "random"),
    }
    caption = (
        "Facets. Reliability is the share of the spread that is not error, strata the number of levels that can be told "
        "apart; for judges low is good (alike), for objects high. χ² with degrees of freedom and p: that all elements "
        "are equal, and that they come from a normal distribution."
    )
    return _table(caption, columns, shown)


def agreement_table(agreement: pd.DataFrame, facet: str) -> Table:
    """Exact agreement, overall first."""
    columns: dict[str, Callable[[pd.Series], str]] = {
        facet: lambda row: str(row["label"]) or "all pairs",
        "pairs": lambda row: f"{row['opportunities']:,.10g}",
        "observed": lambda row: number(row["observed"], 3),
        "expected": lambda row: number(row["expected"], 3),
        "beyond expected": lambda row: number(row["kappa"], 3),
    }
    caption = (
        "Exact agreement: share of pairs of ratings of the same thing with the same score, and what the model expects "
        "of independent judges. Much above expected: they share more than the measure, or copy each other."
    )
    return _table(caption, columns, agreement)


def bias_table(bias: pd.DataFrame, names: Sequence[str], most: int) -> Table:
    """The interactions that are least likely to be chance."""
    order = bias.assign(size=-bias["t"].abs()).sort_values(["q", "size"], kind="stable").head(most)
    columns: dict[str, Callable[[pd.Series], str]] = {
        **{name: _text_of(name) for name in names},
        "bias": lambda row: number(row["bias"]),
        "SE": lambda row: number(row["se"], 3),
        "t": lambda row: number(row["t"]),
        "q": lambda row: probability(row["q"]),
        "ratings": lambda row: f"{row['count']:,.10g}",
        "mean observed minus expected": lambda row: number(row["average_difference"]),
    }
    caption = f"Interactions of {' and '.join(names)} (logits, above 0 = higher scores), smallest q first"
    return _table(f"{caption}; the first {most} of {len(bias):,}" if len(bias) > most else caption, columns, order)


def unexpected_table(unexpected: pd.DataFrame, names: Sequence[str], most: int) -> Table:
    """The ratings with the largest |z|."""
    columns: dict[str, Callable[[pd.Series], str]] = {
        **{name: _text_of(name) for name in names},
        "score": lambda row: f"{row['observed']:g}",
        "expected": lambda row: number(row["expected"]),
        "z": lambda row: number(row["z"], 1),
        "probability": lambda row: probability(row["probability"]),
    }
    return _table("The ratings the model finds hardest to believe, to be read by a person", columns, unexpected.head(most))


def note(row: "pd.Series[Any]") -> str:
    """What must be known of one element."""
    words = [str(row["status"])] if row["status"] else []
    if row["status"] == "anchored":
        words.append(f"displaced by {number(row['displacement'])}")
    return ", ".join(words)


def interval(low: float, high: float) -> str:
    """Both ends, or a dash."""
    return "–" if not low == low or not high == high else f"{number(low)} … {number(high)}"


def probability(value: float) -> str:
    """Three decimals; very small ones as what they are below."""
    if value != value:
        return "–"
    return "< 0.001" if value < 0.001 else f"{value:.3f}"


def _chi_square(row: "pd.Series[Any]", kind: str) -> str:
    if row[f"{kind}_chi2"] != row[f"{kind}_chi2"]:
        return "–"
    return f"{row[f'{kind}_chi2']:,.1f} ({row[f'{kind}_df']:,}), p {probability(row[f'{kind}_p'])}"


def _number_of(name: str) -> "Callable[[pd.Series], str]":
    return lambda row: number(row[name])


def _text_of(name: str) -> "Callable[[pd.Series], str]":
    return lambda row: str(row[name])


def _table(caption: str, columns: "Mapping[str, Callable[[pd.Series], str]]", rows: pd.DataFrame) -> Table:
    if len(rows) > MOST_ROWS:
        caption = f"{caption}; the first {MOST_ROWS:,} of {len(rows):,}, all of them are in the CSV file"
        rows = rows.head(MOST_ROWS)
    cells = [[text(row) for text in columns.values()] for _, row in rows.iterrows()]
    return Table(caption, list(columns), cells)
