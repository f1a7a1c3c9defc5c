"""A fit as files: tables that other programs read, anchors for the next fit, and a report for people."""

import json
import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from equipoise.harness.files import write_text, write_whole
from equipoise.judges.irt.result import RaschFit
from equipoise.judges.irt.scales.anchors import write_anchors

REPORT = "report.html"
SIGNIFICANT = 0.05  # q below which an interaction is told first, and marked on the heat map
UNEXPECTED = 100  # ratings of each calibration in unexpected.csv

Pairs = Sequence[Sequence[str]]


@dataclass(frozen=True)
class Findings:
    """The tables of a fit that take a pass over the ratings, made once for files and report.

    Attributes:
        fit: The fit.
        measures: `fit.measures` with `adjusted_average` behind `average`: the mean score of an object if all had met
            the same contexts; NaN for other facets.
        interactions: Crossed facets -> their bias table.
        agreement: Exact agreement of the elements of the last facet.
        unexpected: The ratings with the largest |z|.
    """

    fit: RaschFit
    measures: pd.DataFrame
    interactions: Mapping[tuple[str, ...], pd.DataFrame]
    agreement: pd.DataFrame
    unexpected: pd.DataFrame


def findings(fit: RaschFit, bias: Pairs | None = None) -> Findings:
    """Interactions, agreement and unexpected ratings.

    Args:
        fit: The fit.
        bias: Facets to cross, for example `[("model", "judge")]`; by default each with the last, the judges.
    """
    names = fit.parts[0].names
    crossed = [(name, names[-1]) for name in names[:-1]] if bias is None else [tuple(pair) for pair in bias]
    return Findings(
        fit=fit,
        measures=measures_of(fit),
        interactions={pair: fit.bias(*pair) for pair in crossed},
        agreement=fit.agreement(names[-1]),
        unexpected=fit.unexpected(UNEXPECTED),
    )


def write(
    fit: RaschFit, folder: Path, bias: Pairs | None = None, settings: Mapping[str, Any] | None = None
) -> Findings:
    """Write a fit into a folder; each file whole or not at all, the report last.

    `measures.csv`, `thresholds.csv`, `bias.csv`, `agreement.csv`, `unexpected.csv`, `fit.json` (settings, summary,
    facets, warnings, versions; null = no number), `report.html`; `anchors.csv` fixes all facets but the object
    (to measure new objects), `anchors_all.csv` the objects, too (to see what moved). Labels are written as they are: a
    spreadsheet may take one that starts with `=` for a formula.

    Args:
        fit: The fit.
        folder: Made if it is not there; files of these names are replaced.
        bias: Facets to cross; see `findings`.
        settings: What the fit was asked for, to be kept in `fit.json`.

    Returns:
        What was computed for the files.

    Raises:
        InputError: A facet is unknown, or the folder cannot be written.
    """
    from equipoise.judges.irt.report.page import write_page

    found = findings(fit, bias)
    tables = {
        "measures": found.measures,
        "thresholds": fit.thresholds,
        "bias": bias_table(found),
        "agreement": found.agreement,
        "unexpected": found.unexpected,
    }
    for name, table in tables.items():
        _write_table(table, folder / f"{name}.csv")
    write_anchors(fit.anchors(), folder / "anchors.csv")
    write_anchors(fit.anchors(fit.parts[0].names), folder / "anchors_all.csv")
    write_text(folder / "fit.json", json.dumps(described(fit, settings), indent=1, ensure_ascii=False) + "\n")
    write_page(found, folder / REPORT)
    return found


def measures_of(fit: RaschFit) -> pd.DataFrame:
    """The measures with the adjusted average of every object."""
    adjusted = []
    for part in fit.parts:
        own = part.measures["facet"] == part.names[0]
        values = part.adjusted(part.measures.loc[own, "measure"].to_numpy(float))
        adjusted.append(np.concatenate([values, np.full(int((~own).sum()), np.nan)]))
    table = fit.measures.copy()
    table.insert(list(table).index("average") + 1, "adjusted_average", np.concatenate(adjusted))
    return table


def bias_table(found: Findings) -> pd.DataFrame:
    """All interactions in one table with `facet_1, label_1, facet_2, label_2, …`; q <= .05 first, then by |t|."""
    frames = []
    for names, table in found.interactions.items():
        frame = table.rename(columns={name: f"label_{place}" for place, name in enumerate(names, 1)})
        for place, name in enumerate(names, 1):
            frame.insert(list(frame).index(f"label_{place}"), f"facet_{place}", name)
        frames.append(frame)
    if not frames:
        return pd.DataFrame()
    joined = pd.concat(frames, ignore_index=True)
    order = pd.DataFrame({"later": ~(joined["q"] <= SIGNIFICANT), "size": -joined["t"].abs()})
    return joined.loc[order.sort_values(["later", "size"], kind="stable").index].reset_index(drop=True)


def described(fit: RaschFit, settings: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """What was fitted, how and how well, as JSON values; None = no number."""
    return {
        "settings": {**fit.settings, "by": fit.by, **(settings or {})},
        "summary": records(fit.summary),
        "facets": records(fit.facets),
        "warnings": list(fit.warnings),
        "versions": versions(),
    }


def versions() -> dict[str, str]:
    """What computed it."""
    packages = {name: version(name) for name in ("equipoise", "numpy", "scipy", "pandas")}
    return {**packages, "python": platform.python_version()}


def records(table: pd.DataFrame) -> list[dict[str, Any]]:
    """One object per row; None where there is no number, so that the JSON is strict."""
    plain = table.astype(object).where(table.notna() & ~table.isin([float("inf"), float("-inf")]), None)
    return [{str(key): _plain(value) for key, value in record.items()} for record in plain.to_dict("records")]


def _plain(value: Any) -> Any:
    """Numbers of numpy as Python's own."""
    return value.item() if hasattr(value, "item") else value


def _write_table(table: pd.DataFrame, path: Path) -> None:
    write_whole(path, lambda partial: table.to_csv(partial, index=False))
