"""Ranks of an edition's submissions as sets, task by task and side by side."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pandas as pd

from equipoise.harness.stats import DRAWS, rank_sets

PLACE = ["task", "by", "side", "heading"]
"""What is ranked: a margin of a task, and what it is broken down by. Domains are never pooled."""

COLUMNS = [*PLACE, "submission", "estimate", "best", "worst", "rows"]

MANY = 300
"""Submissions above which half the bootstrap samples have to do: the time goes with the square of the rows, and the
95 % quantile of the largest of their differences hardly scatters."""

WORKERS = 2
"""Rank sets computed at a time: they spend their time in array code, in which threads run beside each other."""


def ranks(
    scores: pd.DataFrame,
    submissions: Sequence[str],
    draws: int | None = None,
    seed: int = 0,
    on_step: Callable[[str], None] | None = None,
) -> pd.DataFrame:
    """Rank sets that hold for all submissions at once, with 95 % within each task, breakdown and side.

    Args:
        scores: `submission, task, by, side, heading, item, family, value, most, least`; one row per item.
        submissions: Those that are ranked, no control agents and no custom configurations; rows of others are left out.
        draws: Bootstrap samples of item families; by default as many as elsewhere, half of them above `MANY` rows.
        seed: Of the bootstrap.
        on_step: Called with the task and side before each.

    Returns:
        `task, by, side, heading, submission, estimate, best, worst, rows`; `rows` is how many submissions were
        compared, and `best` and `worst` are 0 where a submission has no value.
    """
    samples = draws or (DRAWS if len(submissions) <= MANY else DRAWS // 2)
    ranked = scores[scores["submission"].isin(set(submissions))]
    groups: Any = ranked.groupby(PLACE, observed=True, sort=True)
    jobs = [(place, own) for place, own in groups]

    def job(given: tuple[tuple[str, ...], pd.DataFrame]) -> pd.DataFrame:
        place, own = given
        if on_step:
            on_step(f"{place[0]}, {place[2]}")
        return _ranked(own, place, submissions, samples, seed)

    with ThreadPoolExecutor(WORKERS) as pool:
        found = list(pool.map(job, jobs))
    return pd.concat(found, ignore_index=True) if found else pd.DataFrame(columns=COLUMNS)


def _ranked(
    own: pd.DataFrame, place: tuple[str, ...], submissions: Sequence[str], draws: int, seed: int
) -> pd.DataFrame:
    """Rank sets of one place; the higher end of the scale ranks first."""
    wide = own.pivot(index="submission", columns="item", values="value").reindex(index=list(submissions))
    family = own.drop_duplicates("item").set_index("item")["family"].astype(str).reindex(wide.columns)
    falling = own["most"].iloc[0] < own["least"].iloc[0]
    found = rank_sets(-wide if falling else wide, family.to_numpy(object), draws=draws, seed=seed)
    table = pd.DataFrame(
        {
            "submission": wide.index,
            "estimate": -found.estimate if falling else found.estimate,
            "best": found.best,
            "worst": found.worst,
            "rows": int((found.best > 0).sum()),
        }
    )
    return table.assign(**dict(zip(PLACE, place, strict=True)))[COLUMNS]
