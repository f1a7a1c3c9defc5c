"""The report of a fit: what to be careful about first, then pictures with the tables they were drawn from."""

import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from equipoise.harness.report.html import environment, write_html
from equipoise.harness.report.sections import Page, Table
from equipoise.judges.irt.calibration import Calibration
from equipoise.judges.irt.report.page_tables import (
    agreement_table,
    bias_table,
    categories_table,
    facets_table,
    measures_table,
    misfits_table,
    numeric,
    unexpected_table,
)
from equipoise.judges.irt.report.pictures import elements, number, quality
from equipoise.judges.irt.report.pictures_bias import heat_map
from equipoise.judges.irt.report.pictures_fit import fit_scatter, misfits
from equipoise.judges.irt.report.pictures_forest import forest, object_forest
from equipoise.judges.irt.report.pictures_map import wright_map
from equipoise.judges.irt.report.pictures_scale import category_curves
from equipoise.judges.irt.report.writing import Findings, versions

MOST_BIASES, MOST_MISFITS, MOST_UNEXPECTED = 30, 20, 20
ROUNDING = 0.005  # smaller differences do not show in two decimals
OPEN = 25  # rows of a table up to which it is shown unfolded


@dataclass(frozen=True)
class Dimension:
    """One calibration's part of the report.

    Attributes:
        title: Value of the by-column; "" if nothing was split.
        lead: What was fitted, in a sentence.
        pages: Pictures and tables, by question.
    """

    title: str
    lead: str
    pages: list[Page]


def write_page(found: Findings, target: Path) -> None:
    """The report as one HTML file: nothing from outside, no scripts, every label escaped.

    Raises:
        InputError: The file cannot be written.
    """
    fit = found.fit
    templates = environment("equipoise.judges.irt.report")
    templates.filters["numeric"] = numeric
    with warnings.catch_warnings():
        # A label in a script that the font does not have shows as boxes on pictures; the tables have it in full.
        warnings.filterwarnings("ignore", "Glyph .* missing from font", UserWarning)
        dimensions = [dimension(found, part) for part in fit.parts]
    html = templates.get_template("irt.html.j2").render(
        names=fit.parts[0].names, warnings=fit.warnings, open_rows=OPEN, versions=versions(),
        dimensions=dimensions,
        overview=overview(found) if len(fit.parts) > 1 else [],
    )  # fmt: skip
    write_html(target, html)


def dimension(found: Findings, part: Calibration) -> Dimension:
    """Pictures and tables of one calibration."""
    return Dimension(part.value, _lead(part), list(_pages(found, part)))


def overview(found: Findings) -> list[Table]:
    """Measures of the object side by side, and how the dimensions go together."""
    fit = found.fit
    name, by = fit.parts[0].names[0], fit.by or ""
    own = fit.measures[fit.measures["facet"] == name]
    wide = own.pivot(index="label", columns=by, values="measure").reindex(columns=[part.value for part in fit.parts])
    wide = wide.loc[wide.mean(axis=1).sort_values(ascending=False, kind="stable").index]
    rows = [[str(label), *map(number, values)] for label, values in zip(wide.index, wide.to_numpy(float), strict=True)]
    side_by_side = Table(f"Measures of each {name} (logits), highest mean first", [name, *map(str, wide)], rows)
    related = fit.correlations()
    cells = [
        [str(label), *map(number, values)] for label, values in zip(related.index, related.to_numpy(), strict=True)
    ]
    caption = "Correlations between dimensions, with measurement error taken out (by chance beyond 1)"
    return [side_by_side, Table(caption, ["", *map(str, related)], cells)]


def shift_sentence(part: Calibration, objects: pd.DataFrame) -> str:
    """Why raw and adjusted means differ, with the object that moved most.

    Args:
        part: The calibration.
        objects: Elements of the object, with `adjusted_average`.
    """
    *several, one = part.names[1:]
    others = f"{', '.join(several)} and {one}" if several else one
    why = f"The adjusted mean is what the raw mean would be if all had met each {others} equally often."
    table = objects.dropna(subset=["average", "adjusted_average"])
    moved = (table["adjusted_average"] - table["average"]).abs().to_numpy()
    if not len(table) or moved.max() < ROUNDING:
        return f"{why} Here all had, or nearly so: no mean moves."
    row = table.iloc[int(moved.argmax())]
    met = conditions(part)[part.ratings.facets[0].labels.index(row["label"])]
    how = f": its conditions were {number(abs(met))} logits {'harder' if met > 0 else 'easier'} than average"
    return (
        f"{why} {row['label']} moves most, from {number(row['average'])} to {number(row['adjusted_average'])}"
        f"{how if abs(met) > ROUNDING else ''}. {_changed_places(table)}"
    )


def conditions(part: Calibration) -> np.ndarray:
    """How much harder than average the items and judges were that each object met, in logits; NaN if not known."""
    ratings, located = part.ratings, part.estimate.parameters.locations
    weights = np.ones(len(ratings)) if ratings.weights is None else ratings.weights
    total = np.zeros(len(located[0]))
    for f, codes in enumerate(ratings.codes):
        if f:
            rated = ratings.counts(f) > 0
            centred = located[f] - located[f][rated].mean()
            total += np.bincount(ratings.codes[0], weights * centred[codes], len(total))
    with np.errstate(invalid="ignore"):
        return np.asarray(total / ratings.counts(0))


def _pages(found: Findings, part: Calibration) -> Iterator[Page]:
    first, last = part.names[0], part.names[-1]
    lead = (
        "All facets on one scale. A measure is in logits: one more multiplies the odds of the higher category by 2.7."
    )
    yield Page("Everything on one ruler", lead, [wright_map(part)], [facets_table(part)])
    lead = f"{first.capitalize()}: higher = higher scores, whatever items and judges it met."
    objects = _all(found, part, first)
    picture = object_forest(objects.dropna(subset=["measure"]), first, shift_sentence(part, objects))
    yield Page(f"{first}: measures", lead, [picture], [measures_table(objects, first)])
    for name in part.names[:0:-1]:
        what = quality(name)
        lead = f"{what.capitalize()}: higher = lower scores for the same work."
        tables = [measures_table(_all(found, part, name), name)]
        if name == last:
            tables.append(agreement_table(_own(found, found.agreement, part), name))
        yield Page(f"{name}: {what}", lead, [forest(part, name)], tables)
    lead = "Whether higher categories mean more: averages and thresholds should rise from category to category."
    yield Page("Rating scale", lead, [category_curves(part)], [categories_table(part)])
    yield _fit_page(found, part)
    if found.interactions:
        yield _bias_page(found, part)


def _fit_page(found: Findings, part: Calibration) -> Page:
    worst = misfits(part)
    lead = f"{len(worst):,} of {len(part.measures):,} elements have an infit or outfit outside 0.5 to 1.5."
    tables = [misfits_table(worst, MOST_MISFITS)] if len(worst) else []
    unexpected = _own(found, found.unexpected, part)
    return Page("Fit", lead, [fit_scatter(part)], [*tables, unexpected_table(unexpected, part.names, MOST_UNEXPECTED)])


def _bias_page(found: Findings, part: Calibration) -> Page:
    lead = (
        "Bias: scores that are higher or lower than severity, difficulty and measure explain. q counts how many cells "
        "were looked at."
    )
    pictures, tables = [], []
    for names, table in found.interactions.items():
        own = _own(found, table, part)
        if len(names) == 2 and (picture := heat_map(own, *names)):
            pictures.append(picture)
        tables.append(bias_table(own, names, MOST_BIASES))
    return Page("Bias", lead, pictures, tables)


def _all(found: Findings, part: Calibration, facet: str) -> pd.DataFrame:
    """Elements with a measure, highest first, then those without."""
    table = _own(found, found.measures, part)
    without = table[(table["facet"] == facet) & table["measure"].isna()]
    known = elements(table, facet)
    return pd.concat([known, without], ignore_index=True) if len(without) else known


def _own(found: Findings, table: pd.DataFrame, part: Calibration) -> pd.DataFrame:
    by = found.fit.by
    return table if by is None else table[table[by] == part.value]


def _lead(part: Calibration) -> str:
    estimate, ratings = part.estimate, part.everything
    sizes = ", ".join(f"{len(facet):,} × {facet.name}" for facet in ratings.facets)
    used = (
        f"{len(part.ratings):,} of {len(ratings):,} ratings"
        if len(part.ratings) < len(ratings)
        else f"{len(ratings):,} ratings"
    )
    missing = f", {part.missing:,} without a score" if part.missing else ""
    method = "joint" if estimate.estimator == "jml" else "marginal"
    factor = f", measures times {estimate.factor:.3f} against its bias" if estimate.factor != 1 else ""
    end = "converged" if estimate.converged else "not converged"
    return (
        f"{sizes}; {used}{missing}. {method.capitalize()} maximum likelihood{factor}; {end} after "
        f"{estimate.iterations} iterations, log-likelihood {_signed(estimate.log_likelihood)}, "
        f"{estimate.free_parameters:,} parameters."
    )


def _changed_places(table: pd.DataFrame) -> str:
    ranks = table[["average", "adjusted_average"]].rank(method="min")
    moved = int((ranks["average"] != ranks["adjusted_average"]).sum())
    return f"{moved:,} of {len(table):,} change their rank." if moved else "None changes its rank."


def _signed(value: float) -> str:
    return f"{value:,.2f}".replace("-", "−")
