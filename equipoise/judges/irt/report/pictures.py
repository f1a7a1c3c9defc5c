"""What the pictures of a calibration share: names that fit, elements to show, labels that do not overlap."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from equipoise.judges.irt.engine.ratings import Array

QUALITIES = {"judge": "severity", "rater": "severity", "grader": "severity", "item": "difficulty", "task": "difficulty"}
_PROVIDER = re.compile(r"^([\w.:@-]+/)+")
_ALT = 24  # elements that an alternative text names


@dataclass(frozen=True)
class Cut:
    """Elements in the order of their measures, highest first, the middle left out where there are too many.

    Attributes:
        table: Rows of the measures table.
        left_out: How many are not shown.
        before: Shown rows above the gap.
    """

    table: pd.DataFrame
    left_out: int
    before: int


def elements(table: pd.DataFrame, facet: str) -> pd.DataFrame:
    """Rows of one facet in a measures table that have a measure, highest first."""
    own = table[(table["facet"] == facet) & table["measure"].notna()]
    return own.sort_values(["measure", "label"], ascending=[False, True], kind="stable").reset_index(drop=True)


def cut(table: pd.DataFrame, most: int) -> Cut:
    """At most so many rows: the first and the last ones."""
    if len(table) <= most:
        return Cut(table, 0, len(table))
    half = most // 2
    shown = pd.concat([table.iloc[:half], table.iloc[len(table) - half :]], ignore_index=True)
    return Cut(shown, len(table) - 2 * half, half)


def quality(facet: str) -> str:
    """What a measure of a facet is called: severity of a judge, difficulty of an item."""
    return QUALITIES.get(facet.lower(), "measure")


def short_names(labels: Iterable[str], width: int = 24) -> list[str]:
    """Labels as they fit into a picture: without provider where that stays clear, cut in the middle, one line each."""
    full = [" ".join("".join(c if c.isprintable() else " " for c in label).split()) or "(blank)" for label in labels]
    bare = [_PROVIDER.sub("", name) or name for name in full]
    chosen = bare if len(set(bare)) == len(set(full)) else full
    return [
        name if len(name) <= width else f"{name[: width - width // 3 - 1]}…{name[-(width // 3) :]}" for name in chosen
    ]


def spaced(places: Array, gap: float, low: float, high: float) -> Array:
    """The nearest places (least squares) that keep their order and at least `gap` apart, from `low` to `high`.

    Pooling adjacent violators on places less their rank times the gap.

    Args:
        places: In ascending order.
        gap: Smallest distance; made smaller if they do not fit.
        low: Lower end.
        high: Upper end.
    """
    number = len(places)
    if not number:
        return places
    gap = min(gap, (high - low) / max(number - 1, 1))
    ranks = gap * np.arange(number)
    pools: list[list[float]] = []  # sum, count
    for value in places - ranks:
        pools.append([float(value), 1])
        while len(pools) > 1 and pools[-2][0] / pools[-2][1] >= pools[-1][0] / pools[-1][1]:
            total, count = pools.pop()
            pools[-1][0] += total
            pools[-1][1] += count
    level = np.concatenate([np.full(int(count), total / count) for total, count in pools])
    return np.asarray(np.clip(level, low, max(low, high - ranks[-1])) + ranks)


def told(labels: Sequence[str], values: Iterable[float]) -> str:
    """Numbers for an alternative text; of many, the first and the last ones."""
    each = [f"{label} {number(value)}" for label, value in zip(labels, values, strict=True)]
    if len(each) > _ALT:
        each = [*each[: _ALT // 2], f"{len(each) - _ALT} more", *each[-_ALT // 2 :]]
    return ", ".join(each)


def number(value: float, digits: int = 2) -> str:
    """With a minus sign that is one, and a dash where there is no number."""
    return "–" if not np.isfinite(value) else f"{value:z.{digits}f}".replace("-", "−")
