"""From the long table to panels: units x judges, one for each task and measure."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from equipoise.errors import InputError
from equipoise.harness.table import MISSING
from equipoise.judges.agreement.resample import Array, Codes

UNIT = ("eval_id", "model", "item", "arm", "epoch", "turn")
"""What makes a unit within a task: one place in one transcript. Two runs of the same item are two transcripts."""

NOT_ASKED = -1


@dataclass(frozen=True)
class Panel:
    """All votes on one measure of one task.

    Attributes:
        task, measure: What was voted on.
        judges: Names, sorted; a judge with several prompts is several judges, `name#hash`.
        units: One row per unit, the columns of `UNIT`.
        votes: Shape (units, judges), NaN = missing.
        reasons: Shape (units, judges): -1 = the judge was not asked, else the place in `MISSING` (0 = there is a vote).
        clusters: Shape (units,): the unit's item family, whole numbers from 0.
        truth: Shape (units,): the reference judge's votes, NaN where there is none.
    """

    task: str
    measure: str
    judges: tuple[str, ...]
    units: pd.DataFrame
    votes: Array
    reasons: NDArray[np.int8]
    clusters: Codes
    truth: Array


def panel_table(table: pd.DataFrame, reference: str | None = None) -> list[Panel]:
    """The panels of a long table, by task and measure; rows without a judge are left out.

    Args:
        table: In the long-table schema.
        reference: Judge whose votes are the truth (human labels, or what a control agent deserves by construction); it
            is no member of the panel. The empty name stands for exact scoring.

    Raises:
        InputError: A judge has two votes on one unit with one prompt, or the reference has no row.
    """
    judge = table["judge"].astype(str)
    is_truth = judge == reference
    if reference is not None and not is_truth.any():
        raise InputError(f"expected a judge called {reference!r}, found no row of it", field="judge")
    table = table[(judge != "") | is_truth]
    groups: Any = table.groupby(["task", "measure"], observed=True, sort=True)
    panels = [_panel(str(task), str(measure), rows, reference) for (task, measure), rows in groups]
    return [panel for panel in panels if panel.judges]


def _panel(task: str, measure: str, rows: pd.DataFrame, reference: str | None) -> Panel:
    """The panel of the rows of one task and measure."""
    judge = rows["judge"].astype(str).to_numpy()
    is_truth = judge == reference
    members, truth = rows[~is_truth], rows[is_truth]
    unit_of_row = _unit_codes(rows)
    first, unit = np.unique(unit_of_row[~is_truth], return_index=True, return_inverse=True)[1:]
    judges, place = np.unique(_judge_names(members), return_inverse=True)
    _check_once(unit * len(judges) + place, members)

    votes = np.full((len(first), len(judges)), np.nan)
    votes[unit, place] = members["value"]
    reasons = np.full(votes.shape, NOT_ASKED, dtype=np.int8)
    reasons[unit, place] = _reason_codes(members)
    label = pd.Series(truth["value"].to_numpy(), index=unit_of_row[is_truth], dtype=float)
    if label.index.has_duplicates:
        _check_once(unit_of_row[is_truth], truth)
    families = members["family"].astype(str).to_numpy()[first]
    return Panel(
        task=task,
        measure=measure,
        judges=tuple(map(str, judges)),
        units=members.iloc[first][list(UNIT)].reset_index(drop=True),
        votes=votes,
        reasons=reasons,
        clusters=np.unique(families, return_inverse=True)[1].astype(np.int64),
        truth=label.reindex(unit_of_row[~is_truth][first]).to_numpy(),
    )


def _unit_codes(rows: pd.DataFrame) -> Codes:
    """A number for each row's unit, in the order of the columns of `UNIT`."""
    combined = np.zeros(len(rows), dtype=np.int64)
    for name in UNIT:
        column = rows[name]
        codes, names = pd.factorize(column.astype(object) if column.dtype == "category" else column, sort=True)
        # Numbered anew after each column, so that the product of the columns' sizes cannot overflow.
        combined = np.unique(combined * len(names) + codes, return_inverse=True)[1].astype(np.int64)
    return combined


def _judge_names(rows: pd.DataFrame) -> NDArray[np.object_]:
    """The judge of each row, with the hash of its prompt if it had more than one."""
    pairs = rows[["judge", "judge_prompt_hash"]].astype(str)
    prompts = pairs.drop_duplicates()["judge"].value_counts()
    several = pairs["judge"].isin(prompts.index[prompts > 1])
    return pairs["judge"].where(~several, pairs["judge"] + "#" + pairs["judge_prompt_hash"].str[:8]).to_numpy(object)


def _reason_codes(rows: pd.DataFrame) -> NDArray[np.int8]:
    """Places in `MISSING`; a value that is missing without a reason counts as `error`."""
    codes = rows["missing"].astype(str).map({name: code for code, name in enumerate(MISSING)}).to_numpy(np.int8)
    unexplained = rows["value"].isna().to_numpy() & (codes == 0)
    return np.where(unexplained, np.int8(MISSING.index("error")), codes)


def _check_once(cells: Codes, rows: pd.DataFrame) -> None:
    """No judge votes twice on a unit."""
    _, first, times = np.unique(cells, return_index=True, return_counts=True)
    if (times > 1).any():
        row: Any = rows.iloc[first[times > 1][0]]
        where = ", ".join(f"{name} {row[name]}" for name in ("task", "measure", *UNIT[1:]))
        raise InputError(f"{row['judge']!r} has more than one vote on {where}; expected one", field="judge")
