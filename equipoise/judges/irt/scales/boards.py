"""Measures of two fits, read from their `measures.csv`: one board on the other's scale, and judges who moved."""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from equipoise.errors import InputError
from equipoise.judges.irt.scales.drift import drift
from equipoise.judges.irt.scales.linking import FEWEST, Link, link

TEXTS = ("facet", "label", "status")
NEEDED = ("facet", "label", "measure", "se")


@dataclass(frozen=True)
class Board:
    """The objects of two fits on the scale of the second.

    Attributes:
        object: The facet that is measured.
        links: Facet -> how its measures of the first fit go over into the second's.
        not_linked: Other facets, whose means are taken to be the same in both fits.
        measures: One row per object and fit: `label`, `fit` ("first" or "second"), `measure`, `se` (its own), `se_link`
            (what the link adds: the same error in all objects of the first fit), `se_total`, `low`, `high` (95 %,
            normal, from `se_total`), highest measure first.
        warnings: What a reader must know.
    """

    object: str
    links: dict[str, Link]
    not_linked: tuple[str, ...]
    measures: pd.DataFrame
    warnings: tuple[str, ...]


def read_measures(path: Path) -> pd.DataFrame:
    """The `measures.csv` of a fit; columns in front of `facet` name the calibration (a by-column).

    Raises:
        InputError: Not such a file.
    """
    try:
        header = pd.read_csv(path, nrows=0)
        texts = [*map(str, header.columns[: list(header.columns).index("facet")]), *TEXTS] if "facet" in header else []
        # A label may read NA or None; only an empty cell is a missing number.
        empty = {str(name): [""] for name in header.columns if name not in texts}
        table = pd.read_csv(path, dtype=dict.fromkeys(texts, str), keep_default_na=False, na_values=empty)
    except FileNotFoundError:
        raise InputError("no such file", path=path) from None
    except (ValueError, OSError) as error:
        raise InputError(f"expected a measures.csv of a fit ({str(error).splitlines()[0]:.160})", path=path) from None
    for name in NEEDED:
        if name not in table.columns:
            found = ", ".join(map(str, table.columns[:12]))
            raise InputError(f"no such column; expected a measures.csv of a fit, found {found}", path=path, field=name)
        if len(table) and name not in TEXTS and not pd.api.types.is_numeric_dtype(table[name]):
            raise InputError("expected numbers (logits)", path=path, field=name)
    if table.empty:
        raise InputError("has no rows", path=path)
    twice = table.duplicated([name for name in texts if name != "status"])
    if twice.any():
        row = int(np.flatnonzero(twice)[0])
        label = f"{table['facet'][row]} '{table['label'][row]}'"
        raise InputError(f"{label} stands twice", path=path, line=row + 2, field="label")
    return table


def parts_of(table: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """The calibrations of a measures table, by the value of its by-column; one named "" if there is none."""
    before = list(table.columns)[: list(table.columns).index("facet")]
    if not before:
        return {"": table}
    return {str(value): rows.reset_index(drop=True) for value, rows in table.groupby(before[0], sort=True)}


def link_boards(
    first: pd.DataFrame, second: pd.DataFrame, facets: Sequence[str] | None = None, linear: bool = False
) -> Board:
    """Put the objects of the first fit on the scale of the second, through elements that both have.

    In every fit all facets but the object sum to zero, so a link through judges alone takes the items of both to be
    equally hard on average, and the other way round; with both facets the shifts add up. A link through common objects
    needs no other.

    Args:
        first: Measures of one calibration.
        second: Measures of the other, whose scale is kept.
        facets: Through which facets; by default all but the object of which the two share elements, or the object if
            they share nothing else.
        linear: Stretch the first scale, too; through one facet only.

    Raises:
        InputError: The fits measure different things, share too little, or disagree (see `link`).
    """
    name = str(first["facet"].iloc[0])
    if second["facet"].iloc[0] != name:
        raise InputError(f"the first file measures {name}, the second {second['facet'].iloc[0]}", field="facet")
    chosen = list(facets) if facets else _common_facets(first, second, name)
    if name in chosen and len(chosen) > 1:
        raise InputError(f"a link through {name} needs no other facet", field="facet")
    if linear and len(chosen) > 1:
        raise InputError(f"a linear link goes through one facet, found {', '.join(chosen)}", field="facet")
    links, said = {}, []
    for facet in chosen:
        one, two = _measures(first, facet), _measures(second, facet)
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            try:
                links[facet] = link(one["measure"], one["error"], two["measure"], two["error"], linear)
            except InputError as error:
                raise InputError(error.message, field=facet) from None
        said += [f"{facet}: {warning.message}" for warning in caught]
    others = tuple(facet for facet in _facets(first) if facet not in (name, *chosen) and name not in chosen)
    said += [
        f"{facet} is not linked: its elements are taken to be alike on average in both fits"
        for facet in others
        if facet in _facets(second)
    ]
    return Board(name, links, others, _on_second_scale(first, second, name, links), tuple(said))


def drift_table(old: pd.DataFrame, new: pd.DataFrame, facet: str | None = None) -> pd.DataFrame:
    """Whether the elements of a facet moved between two fits in one frame of reference; see `drift`.

    Args:
        old: Measures of one calibration.
        new: Measures of the later one.
        facet: Which facet; by default the last, the judges.

    Returns:
        One row per element of either: `label, old, new, difference, se, z, p, adjusted` (Holm), `infit_change`; NaN
        where one of the fits does not have it.

    Raises:
        InputError: There is no such facet.
    """
    facet = facet or _facets(old)[-1]
    for table in (old, new):
        if facet not in _facets(table):
            raise InputError(f"expected one of {', '.join(_facets(table))}, found '{facet}'", field="facet")
    one, two = _measures(old, facet), _measures(new, facet)
    labels = sorted({*one.index, *two.index})
    one, two = one.reindex(labels), two.reindex(labels)
    found = drift(one["measure"], one["error"], two["measure"], two["error"], one["infit"], two["infit"])
    return pd.DataFrame(
        {
            "label": labels,
            "old": one["measure"].to_numpy(),
            "new": two["measure"].to_numpy(),
            "difference": found.difference,
            "se": found.se,
            "z": found.z,
            "p": found.p,
            "adjusted": found.adjusted,
            "infit_change": np.nan if found.infit is None else found.infit,
        }
    )


def one_frame(new: pd.DataFrame, facet: str) -> bool:
    """Whether the later fit held other facets where an earlier one put them, so that this facet's level can be told."""
    others = new[new["facet"] != facet]
    return "status" in new.columns and bool((others["status"] == "anchored").groupby(others["facet"]).any().all())


def _facets(table: pd.DataFrame) -> list[str]:
    return list(dict.fromkeys(map(str, table["facet"])))


def _common_facets(first: pd.DataFrame, second: pd.DataFrame, name: str) -> list[str]:
    """Facets of which both have elements with a measure."""
    shared = {
        facet: len(_measures(first, facet).index.intersection(_measures(second, facet).index))
        for facet in _facets(first)
        if facet in _facets(second)
    }
    chosen = [facet for facet, number in shared.items() if facet != name and number >= FEWEST]
    if not chosen and shared.get(name, 0) >= FEWEST:
        return [name]
    if not chosen:
        each = ", ".join(f"{facet} {number}" for facet, number in shared.items()) or "no facet"
        raise InputError(
            f"the two share too little ({each}); expected {FEWEST} or more elements of a facet", field="facet"
        )
    return chosen


def _measures(table: pd.DataFrame, facet: str) -> pd.DataFrame:
    """Measure, error (clustered where there is one) and infit by label; elements without a measure are left out."""
    own = table[(table["facet"] == facet) & table["measure"].notna()].set_index("label")
    error = own["se_clustered"].fillna(own["se"]) if "se_clustered" in own else own["se"]
    infit = own.get("infit", np.nan)
    return pd.DataFrame({"measure": own["measure"], "error": error, "infit": infit})


def _on_second_scale(first: pd.DataFrame, second: pd.DataFrame, name: str, links: dict[str, Link]) -> pd.DataFrame:
    """Objects of both fits; shifts of several facets add up, their errors too, as independent ones."""
    one, two = _measures(first, name), _measures(second, name)
    measure, squares = one["measure"].to_numpy(float), np.zeros(len(one))
    own = one["error"].to_numpy(float)
    for found in links.values():
        # The error of a linked measure without its own, which a linear link stretches.
        measure, error = found.apply(measure, np.zeros(len(one)))
        own, squares = own * found.slope, squares + error**2
    frames = [
        pd.DataFrame({"label": one.index, "fit": "first", "measure": measure, "se": own, "se_link": np.sqrt(squares)}),
        pd.DataFrame(
            {"label": two.index, "fit": "second", "measure": two["measure"], "se": two["error"], "se_link": 0.0}
        ),
    ]
    table = pd.concat(frames, ignore_index=True)
    table["se_total"] = np.hypot(table["se"], table["se_link"])
    table["low"], table["high"] = (table["measure"] + sign * 1.959964 * table["se_total"] for sign in (-1, 1))
    return table.sort_values(["measure", "label"], ascending=[False, True], kind="stable").reset_index(drop=True)
