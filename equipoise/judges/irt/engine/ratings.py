"""Ratings as arrays: one code per facet, one category per rating; rows that say nothing set aside and counted."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from equipoise.errors import InputError

Array = NDArray[np.float64]
Codes = NDArray[np.signedinteger[Any]]
Mask = NDArray[np.bool_]

COMMON = "common"
MOST_CATEGORIES = 255  # a scale with more steps than this is a measurement, not a rating
_BLOCK = 1 << 20


@dataclass(frozen=True)
class Facet:
    """One facet: its column's name and its elements' labels, sorted; an element's code is its place here."""

    name: str
    labels: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.labels)


@dataclass(frozen=True)
class Ratings:
    """What the estimators read. Arrays have one entry per rating; nothing here has length N x K.

    Attributes:
        facets: The object of measurement first (it counts plus), then the others (they count minus).
        codes: Element of each rating, one array per facet, int16 or int32.
        category: 0 .. K_g - 1, consecutive within the rating's scale group.
        scores: Original score of each category, shape (groups, K); NaN beyond a group's last category.
        scale: Index of the facet whose elements have thresholds of their own; None = one common scale.
        weights: Weight of each rating; None = 1.
        response: Code of what was rated (the judges of one response share it); None = object x first facet.
        rows: Row of each rating in the table it came from; None = the same order, nothing left out.
        slopes: Facet whose elements multiply eta, and their factors; None = all 1, the Rasch model.
        given_scale: The categories come from anchors: one that is never used keeps its threshold.
    """

    facets: tuple[Facet, ...]
    codes: tuple[Codes, ...]
    category: Codes
    scores: Array
    scale: int | None = None
    weights: Array | None = None
    response: Codes | None = None
    rows: Codes | None = None
    given_scale: bool = False
    slopes: tuple[int, Array] | None = None

    def __len__(self) -> int:
        return len(self.category)

    @property
    def sizes(self) -> tuple[int, ...]:
        """Number of elements of each facet."""
        return tuple(len(facet) for facet in self.facets)

    @property
    def groups(self) -> int:
        """Number of scale groups: 1, or the number of elements of the scale's facet."""
        return len(self.scores)

    @property
    def steps(self) -> int:
        """Largest number of thresholds of a group, K - 1."""
        return int(self.scores.shape[1]) - 1

    @property
    def has_threshold(self) -> Mask:
        """Which thresholds exist, shape (groups, steps): a group may use fewer categories than another."""
        return np.isfinite(self.scores[:, 1:])

    @property
    def total_weight(self) -> float:
        """Sum of the weights: the number of ratings if all weigh 1."""
        return float(len(self)) if self.weights is None else float(self.weights.sum())

    def slope(self, rows: slice) -> Array | None:
        """Factor of eta of each rating; None = 1."""
        if self.slopes is None:
            return None
        facet, factors = self.slopes
        return factors[self.codes[facet][rows]]

    def responses(self, rows: slice = slice(None)) -> tuple[Codes, int]:
        """Response code of each rating, and how many codes there may be."""
        if self.response is not None:
            return self.response[rows], int(self.response.max(initial=-1)) + 1
        second = len(self.facets[1]) if len(self.facets) > 1 else 1
        codes = self.codes[0][rows].astype(np.int64) * second
        if len(self.facets) > 1:
            codes += self.codes[1][rows]
        return codes, len(self.facets[0]) * second

    def counts(self, facet: int) -> Array:
        """Weighted number of ratings of each element."""
        return _count(self.codes[facet], len(self.facets[facet]), self.weights)

    def take(self, kept: Mask) -> "Ratings":
        """Only these ratings, all elements kept."""
        rows = np.flatnonzero(kept) if self.rows is None else self.rows[kept]
        return replace(
            self,
            codes=tuple(codes[kept] for codes in self.codes),
            category=self.category[kept],
            weights=None if self.weights is None else self.weights[kept],
            response=None if self.response is None else self.response[kept],
            rows=rows,
        )


def read_frame(
    table: pd.DataFrame,
    object: str,
    facets: Sequence[str],
    score: str,
    scale: str = COMMON,
    weights: str | None = None,
    response: str | Sequence[str] | None = None,
) -> tuple[Ratings, int]:
    """Arrays from a table of ratings, and how many rows had no score.

    Args:
        table: One row per rating.
        object: Column of what is measured.
        facets: Columns of everything else that moves a score.
        score: Column of whole numbers from 0; NaN = no rating.
        scale: "common", or the facet whose elements have thresholds of their own.
        weights: Column of weights above 0, if any.
        response: Column(s) that name what was rated; by default object and first facet.

    Raises:
        InputError: A column is missing or named twice, a label is missing, a score is negative, not whole or larger
            than 10,000, a weight is not a positive number, or no row has a score.
    """
    names = (object, *facets)
    others = [] if response is None else [response] if isinstance(response, str) else list(response)
    _check_columns(table, names, score, weights, others)
    if scale != COMMON and scale not in names:
        raise InputError(f"expected '{COMMON}' or one of the facets {', '.join(names)}, found '{scale}'", field="scale")
    if table.empty:
        raise InputError("holds no ratings: expected one row per rating")
    values = table[score]
    kept = values.notna().to_numpy()
    missing = int(len(table) - kept.sum())
    if missing == len(table):
        raise InputError("no row has a score", field=score)
    used = table if not missing else table.loc[kept]
    coded = [_labels(used[name], name) for name in names]
    whole = _whole(used[score], score)
    ratings = Ratings(
        facets=tuple(Facet(name, labels) for name, (labels, _) in zip(names, coded, strict=True)),
        codes=tuple(codes for _, codes in coded),
        category=whole,
        scores=np.arange(int(whole.max()) + 1, dtype=float)[None, :],
        scale=None if scale == COMMON else names.index(scale),
        weights=None if weights is None else _weights(used[weights], weights),
        response=_response(used, others),
        rows=np.flatnonzero(kept) if missing else None,
    )
    return recode(ratings), missing


def recode(ratings: Ratings) -> Ratings:
    """Categories made consecutive within each scale group: one that is never used there has no threshold."""
    if ratings.given_scale:
        return ratings
    width, groups = ratings.scores.shape[1], 1 if ratings.scale is None else ratings.sizes[ratings.scale]
    old = np.broadcast_to(ratings.scores, (groups, width)) if len(ratings.scores) == 1 else ratings.scores
    group = None if ratings.scale is None else ratings.codes[ratings.scale]
    seen = np.zeros(groups * width, dtype=np.int64)
    for rows in blocks(len(ratings)):
        cell = ratings.category[rows].astype(np.int64)
        if group is not None:
            cell += group[rows].astype(np.int64) * width
        seen += np.bincount(cell, minlength=groups * width)
    used = seen.reshape(groups, width) > 0
    most = max(int(used.sum(axis=1).max(initial=0)), 1)
    if most > MOST_CATEGORIES:
        raise InputError(f"has {most} different values; expected at most {MOST_CATEGORIES} categories", field="score")
    scores = np.full((groups, most), np.nan)
    new = np.cumsum(used, axis=1) - 1
    where, category = np.nonzero(used)
    scores[where, new[where, category]] = old[where, category]
    codes: Codes = np.empty(len(ratings), dtype=np.int8 if most < 128 else np.int16)
    for rows in blocks(len(ratings)):
        owner = 0 if group is None else group[rows]
        codes[rows] = new[owner, ratings.category[rows]]
    return replace(ratings, category=codes, scores=scores)


def blocks(length: int, size: int = _BLOCK) -> Iterator[slice]:
    """Consecutive slices of at most `size` rows, so that temporaries stay small."""
    return (slice(start, min(start + size, length)) for start in range(0, length, size))


def _count(codes: Codes, size: int, weights: Array | None) -> Array:
    total = np.zeros(size)
    for rows in blocks(len(codes)):
        total += np.bincount(codes[rows], None if weights is None else weights[rows], size)
    return total


def _check_columns(
    table: pd.DataFrame, names: tuple[str, ...], score: str, weights: str | None, others: Sequence[str]
) -> None:
    wanted = [*names, score, *([] if weights is None else [weights]), *others]
    for name in wanted:
        number = int((table.columns == name).sum())
        if number != 1:
            problem = "no such column" if not number else f"{number} columns of that name"
            raise InputError(f"{problem}; the table has {', '.join(map(str, table.columns))}", field=name)
    for name in (*names, score):
        if (*names, score).count(name) > 1:
            raise InputError(
                "expected different columns for object, facets and score, found this one twice", field=name
            )
    if len(names) < 2:
        raise InputError("expected at least one facet besides the object", field="facets")


def _labels(column: pd.Series, name: str) -> tuple[tuple[str, ...], Codes]:
    """Labels in sorted order (numbers as numbers), never in order of appearance: an id is the same in every run."""
    if column.isna().any():
        raise InputError(f"row {int(np.flatnonzero(column.isna().to_numpy())[0])} has no label", field=name)
    if isinstance(column.dtype, pd.CategoricalDtype):
        category = column.cat
        codes: Codes = category.codes.to_numpy().astype(np.int32, copy=False)
        categories = category.categories
        present = np.flatnonzero(_count(codes, len(categories), None))
        order = present[np.argsort(np.asarray(categories[present]), kind="stable")]
        if len(order) < len(categories) or (order[1:] < order[:-1]).any():
            place = np.zeros(len(categories), dtype=codes.dtype)
            place[order] = np.arange(len(order), dtype=codes.dtype)
            codes = place[codes]
        uniques = categories[order]
    else:
        codes, uniques = pd.factorize(column, sort=True)
    labels = tuple(map(str, uniques))
    if len(set(labels)) < len(labels):
        twice = next(label for label in labels if labels.count(label) > 1)
        raise InputError(f"different values read '{twice}' alike: expected all text or all numbers", field=name)
    smallest = np.int16 if len(uniques) <= np.iinfo(np.int16).max else np.int32
    return labels, codes.astype(smallest, copy=False)


def _whole(column: pd.Series, name: str) -> Codes:
    """Scores as whole numbers from 0."""
    if not pd.api.types.is_numeric_dtype(column):
        strange = next((value for value in column if isinstance(value, str)), column.iloc[0])
        raise InputError(
            f"expected whole numbers from 0, found {strange!r} in a column of type {column.dtype}", field=name
        )
    values = column.to_numpy()
    found = np.empty(len(values), dtype=np.int16)
    for rows in blocks(len(values)):
        part = values[rows]
        wrong = ~(np.isfinite(part) & (part >= 0) & (part <= 10_000) & (part == np.floor(part)))
        if wrong.any():
            at = rows.start + int(np.flatnonzero(wrong)[0])
            raise InputError(
                f"expected whole numbers from 0 to 10000, found {values[at]} at row {column.index[at]} "
                "(a missing score is an empty cell, not a code such as -1)",
                field=name,
            )
        found[rows] = part
    return found


def _weights(column: pd.Series, name: str) -> Array:
    if not pd.api.types.is_numeric_dtype(column):
        raise InputError(f"expected numbers above 0, found a column of type {column.dtype}", field=name)
    values = column.to_numpy(dtype=float)
    wrong = ~(np.isfinite(values) & (values > 0))
    if wrong.any():
        at = int(np.flatnonzero(wrong)[0])
        raise InputError(f"expected a number above 0, found {values[at]} at row {column.index[at]}", field=name)
    return values


def _response(table: pd.DataFrame, columns: Sequence[str]) -> Codes | None:
    """One code per combination of the columns."""
    if not columns:
        return None
    codes = np.zeros(len(table), dtype=np.int64)
    for name in columns:
        labels, part = _labels(table[name], name)
        codes = np.unique(codes * len(labels) + part, return_inverse=True)[1]
    return codes.astype(np.int32)
