"""Anchors: measures and thresholds of an earlier analysis that a later one must not move."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from equipoise.errors import InputError
from equipoise.harness.files import write_whole
from equipoise.judges.irt.engine.ratings import COMMON, Ratings, blocks
from equipoise.judges.irt.engine.structure import Fixed

THRESHOLD = "threshold"  # in the column `facet`: a row of the rating scale, not of an element
COLUMNS = ("facet", "label", "category", "measure", "group")


def read_anchors(path: Path) -> pd.DataFrame:
    """An anchor file: CSV with `facet, label, measure` and, where they apply, `category`, `group` and a by-column.

    Rows of elements hold the element's measure. Rows whose facet is `threshold` hold tau of the step up to `category`
    in the scale group `label` (`common`, or an element of the scale's facet); a group's lowest category stands with
    an empty measure. Elements of one facet with the same `group` are not fixed one by one: the mean of their measures
    is.

    Raises:
        InputError: Not such a file.
    """
    try:
        table = pd.read_csv(path, dtype=str, keep_default_na=False)  # an element may well be called "NA" or "None"
        for name in table.columns.intersection(["category", "measure", "se"]):
            table[name] = [float(cell) if cell else np.nan for cell in table[name]]
        if "group" in table.columns:
            table["group"] = table["group"].mask(table["group"] == "")
    except FileNotFoundError:
        raise InputError("no such file", path=path) from None
    except (ValueError, OSError) as error:
        raise InputError(f"expected a CSV file of anchors ({str(error).splitlines()[0]})", path=path) from None
    try:
        check_anchors(table)
    except InputError as error:
        raise InputError(error.message, path=path, field=error.field) from None
    return table


def write_anchors(anchors: pd.DataFrame, path: Path) -> None:
    """The anchor file of a fit, whole or not at all; read back by `read_anchors` without loss."""
    write_whole(path, lambda partial: anchors.to_csv(partial, index=False, float_format="%.17g"))


def check_anchors(anchors: pd.DataFrame) -> None:
    """Whether a table can serve as anchors.

    Raises:
        InputError: A column is missing, a measure is not a number, or an element stands twice.
    """
    for name in ("facet", "label", "measure"):
        if name not in anchors.columns:
            raise InputError(
                f"no such column; expected facet, label, measure, found {', '.join(map(str, anchors))}", field=name
            )
    if not pd.api.types.is_numeric_dtype(anchors["measure"]):
        raise InputError("expected numbers (logits)", field="measure")
    if anchors["label"].isna().any():
        raise InputError("an anchor has no label", field="label")
    steps = anchors["facet"] == THRESHOLD
    if steps.any() and "category" not in anchors.columns:
        raise InputError("no such column; thresholds name the category they lead up to", field="category")
    if steps.any() and anchors.loc[steps, "category"].isna().any():
        raise InputError("a threshold does not name the category it leads up to", field="category")
    empty = anchors["measure"].isna() & ~steps
    if empty.any() or np.isinf(anchors["measure"]).any():
        wrong = anchors[empty | np.isinf(anchors["measure"])].iloc[0]
        raise InputError(f"expected a number of logits for {wrong['facet']} {wrong['label']}", field="measure")
    key = anchors.drop(columns=[name for name in ("measure", "se", "group") if name in anchors.columns])
    if key.duplicated().any():
        twice = anchors[key.duplicated()].iloc[0]
        raise InputError(f"{twice['facet']} {twice['label']} is anchored twice", field="label")


def of_part(anchors: pd.DataFrame, by: str | None, value: str | None, names: Sequence[str]) -> pd.DataFrame:
    """The rows that hold for one value of the by-column.

    Raises:
        InputError: A facet is unknown, or an element has several anchors (of several values of a by-column).
    """
    if by is not None and by in anchors.columns:
        anchors = anchors[anchors[by].astype(str) == value]
    known = {*names, THRESHOLD}
    strange = anchors.loc[~anchors["facet"].isin(known), "facet"]
    if len(strange):
        raise InputError(f"expected one of {', '.join([*names, THRESHOLD])}, found '{strange.iloc[0]}'", field="facet")
    twice = anchors[anchors.duplicated([name for name in ("facet", "label", "category") if name in anchors.columns])]
    if len(twice):
        raise InputError(
            f"{twice.iloc[0]['facet']} {twice.iloc[0]['label']} has more than one anchor: the anchors differ by a "
            "column that the ratings are not split by",
            field="label",
        )
    return anchors


def on_scale(ratings: Ratings, anchors: pd.DataFrame) -> Ratings:
    """The ratings on the categories of the anchored scale: one that nobody used here still has its threshold.

    Raises:
        InputError: Some groups are anchored and others not, or a score is not one of the anchored categories.
    """
    steps = anchors[anchors["facet"] == THRESHOLD]
    if steps.empty:
        return ratings
    names = (COMMON,) if ratings.scale is None else ratings.facets[ratings.scale].labels
    scales = [np.sort(steps.loc[steps["label"].astype(str) == name, "category"].to_numpy(float)) for name in names]
    if not all(len(scale) for scale in scales):
        missing = names[[len(scale) > 0 for scale in scales].index(False)]
        raise InputError(f"thresholds are anchored, but none for the scale group '{missing}'", field=THRESHOLD)
    scores = np.full((len(scales), max(map(len, scales))), np.nan)
    for row, scale in zip(scores, scales, strict=True):
        row[: len(scale)] = scale
    category = np.empty(len(ratings), dtype=np.int16)
    for rows in blocks(len(ratings)):
        group = np.zeros(rows.stop - rows.start, dtype=int)
        if ratings.scale is not None:
            group = ratings.codes[ratings.scale][rows].astype(int)
        owner = group if len(ratings.scores) > 1 else 0
        value = ratings.scores[owner, ratings.category[rows]]
        match = scores[group] == value[:, None]
        if not match.any(axis=1).all():
            wrong = value[~match.any(axis=1)][0]
            raise InputError(f"the anchored scale has no category {wrong:g}", field=THRESHOLD)
        category[rows] = match.argmax(axis=1)
    return replace(ratings, category=category, scores=scores, given_scale=True)


def fixed(anchors: pd.DataFrame, ratings: Ratings) -> Fixed:
    """What the anchors fix among these ratings' elements and thresholds; elements that do not occur are passed over.

    Raises:
        InputError: Every facet has group anchors.
    """
    nothing = Fixed.nothing(ratings)
    means = []
    grouped = anchors["group"].notna() if "group" in anchors.columns else pd.Series(False, index=anchors.index)
    for f, facet in enumerate(ratings.facets):
        rows = anchors["facet"] == facet.name
        place = {label: code for code, label in enumerate(facet.labels)}
        rated = [facet.labels[code] for code in np.flatnonzero(ratings.counts(f))]
        own = anchors[rows & ~grouped]
        for label, measure in zip(own["label"].astype(str), own["measure"], strict=True):
            if label in place:
                nothing.locations[f][place[label]] = measure
        if grouped.any():
            for _, part in anchors[rows & grouped].groupby("group"):
                known = part[part["label"].astype(str).isin(rated)]
                codes = np.array([place[label] for label in known["label"].astype(str)], dtype=int)
                if len(codes):
                    means.append((f, codes, float(known["measure"].mean())))
    if len({f for f, _, _ in means}) == len(ratings.facets):
        raise InputError("expected a facet without group anchors, which takes up the difference", field="group")
    steps = anchors[anchors["facet"] == THRESHOLD]
    if len(steps):
        names = (COMMON,) if ratings.scale is None else ratings.facets[ratings.scale].labels
        for group, name in enumerate(names):
            own = steps[steps["label"].astype(str) == name]
            values = own.set_index("category")["measure"].sort_index().to_numpy(float)[1:]
            nothing.thresholds[group, : len(values)] = values
    return Fixed(nothing.locations, nothing.thresholds, tuple(means))
