"""What the items of an edition do: how hard each is, and whether it tells good submissions from bad ones."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import logit

from equipoise.leaderboard.standings.ranking import PLACE

FEWEST = 3
"""Submissions without which a correlation says nothing."""

COLUMNS = ["task", "by", "side", "item", "family", "n", "mean", "difficulty", "discrimination"]

Array = NDArray[np.float64]


def item_statistics(scores: pd.DataFrame, submissions: Sequence[str]) -> pd.DataFrame:
    """Difficulty and discrimination of every item, from the submissions that are ranked.

    Args:
        scores: As for `ranks`.
        submissions: Those that count.

    Returns:
        `task, by, side, item, family`; `n`, submissions with a value; `mean` of their values; `difficulty` in logits,
        -logit((S + 1/2) / (n + 1)) with S the sum of values as shares of the scale, so that it is finite where all
        succeed (higher = harder); `discrimination`, the correlation over submissions with the mean of the task's other
        items of this side. NaN where not defined: of a value outside of its scale, of fewer than three submissions, of
        values that do not vary.
    """
    ranked = scores[scores["submission"].isin(set(submissions))]
    groups: Any = ranked.groupby(PLACE, observed=True, sort=True)
    found = [_items(own).assign(task=task, by=by, side=side) for (task, by, side, _), own in groups]
    return pd.concat(found, ignore_index=True)[COLUMNS] if found else pd.DataFrame(columns=COLUMNS)


def _items(own: pd.DataFrame) -> pd.DataFrame:
    wide = own.pivot(index="submission", columns="item", values="value")
    family = own.drop_duplicates("item").set_index("item")["family"].astype(str).reindex(wide.columns)
    most, least = float(own["most"].iloc[0]), float(own["least"].iloc[0])
    values = wide.to_numpy(dtype=float)
    n = np.isfinite(values).sum(axis=0)
    return pd.DataFrame(
        {
            "item": wide.columns.astype(str),
            "family": family.to_numpy(object),
            "n": n,
            "mean": np.nansum(values, axis=0) / n,
            "difficulty": _difficulty((values - least) / (most - least), n),
            "discrimination": item_rest(values) * np.sign(most - least),
        }
    )


def _difficulty(shares: Array, n: NDArray[np.intp]) -> Array:
    smoothed = (np.nansum(shares, axis=0) + 0.5) / (n + 1)
    within = (np.nan_to_num(shares) >= 0).all(axis=0) & (np.nan_to_num(shares) <= 1).all(axis=0)
    return np.where(within, -logit(np.where(within, smoothed, 0.5)), np.nan)


def item_rest(values: Array) -> Array:
    """Correlation of each item with the mean of the other items.

    Args:
        values: Shape (submissions, items), NaN = missing; a submission counts for an item if it has a value of it and
            of another one.

    Returns:
        Shape (items,); NaN for fewer than three submissions or without variation.
    """
    there = np.isfinite(values)
    known = np.where(there, values, 0.0)
    others = there.sum(axis=1, keepdims=True) - there
    with np.errstate(invalid="ignore", divide="ignore"):
        rest = (known.sum(axis=1, keepdims=True) - known) / others
        both = there & (others > 0)
        count = both.sum(axis=0)
        own, other = (_centred(part, both, count) for part in (values, rest))
        spread = np.sqrt((own**2).sum(axis=0) * (other**2).sum(axis=0))
        found = (own * other).sum(axis=0) / spread
    return np.where((count >= FEWEST) & (spread > 1e-9 * count), found, np.nan)


def _centred(values: Array, there: NDArray[np.bool_], count: NDArray[np.intp]) -> Array:
    mean = np.where(there, values, 0.0).sum(axis=0) / count
    return np.where(there, values - mean, 0.0)
