"""The two sides of a comparison: one model's rows of the long table each, and what they have in common."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from equipoise.errors import InputError
from equipoise.harness.metrics import is_control


@dataclass(frozen=True)
class Side:
    """One model's results.

    Attributes:
        name: How people call it: a run folder, a baseline's name, a file.
        model: Which model of it.
        table: Its rows of the long table.
        logs: Folder of the logs behind it, for transcripts; None if there is none.
    """

    name: str
    model: str
    table: pd.DataFrame
    logs: Path | None = None


def one_model(table: pd.DataFrame, name: str, model: str = "", logs: Path | None = None) -> Side:
    """The rows of one model.

    Args:
        table: In the long-table schema.
        name: How people call it.
        model: Which model; empty = the only one that is not a control agent (or the only one at all).
        logs: Folder of the logs behind it.

    Raises:
        InputError: There is no row, the model is not there, or none is named and there are several.
    """
    if table.empty:
        raise InputError("has no rows", path=name)
    models = sorted(table["model"].astype(str).unique())
    own = [each for each in models if not is_control(each)] or models
    if not model and len(own) > 1:
        raise InputError(f"holds several models ({', '.join(own)}); expected to be told which", path=name)
    chosen = model or own[0]
    if chosen not in models:
        raise InputError(f"holds no model {chosen!r}; expected one of {', '.join(models)}", path=name)
    return Side(name, chosen, table[table["model"].astype(str) == chosen], logs)


@dataclass(frozen=True)
class Shared:
    """One task in both runs, down to the items that may be compared.

    Attributes:
        task: Its name.
        baseline, candidate: Rows of the baseline's items; those with changed content are in neither.
        items: Items in both.
        changed: Items whose content differs between the runs.
        absent: Items of the baseline that the candidate was not asked.
        extra: Items of the candidate that the baseline was not asked; they are left out.
        same_judges: Whether the judges and their prompts are the same.
        short: Share of the repeats that items lack which have fewer epochs than others, baseline and candidate.
        reason: Why the task cannot be compared at all; empty if it can.
        notes: What a reader must know, in sentences.
    """

    task: str
    baseline: pd.DataFrame
    candidate: pd.DataFrame
    items: int
    changed: int
    absent: int
    extra: int
    same_judges: bool = True
    short: tuple[float, float] = (0.0, 0.0)
    reason: str = ""
    notes: tuple[str, ...] = ()


def share_tasks(baseline: Side, candidate: Side) -> list[Shared]:
    """The tasks of both, the baseline's first; one that only one side has gets a reason."""
    groups: list[dict[str, pd.DataFrame]] = [
        {str(name): rows for name, rows in side.table.groupby("task", observed=True)} for side in (baseline, candidate)
    ]
    found = []
    for task in (*sorted(groups[0]), *sorted(set(groups[1]) - set(groups[0]))):
        pair = [group.get(task) for group in groups]
        if pair[0] is None or pair[1] is None:
            side = "candidate" if pair[1] is None else "baseline"
            nothing = baseline.table.iloc[:0]
            found.append(Shared(task, nothing, nothing, 0, 0, 0, 0, reason=f"the {side} was not run on it"))
        else:
            found.append(_shared(task, pair[0], pair[1]))
    return found


def _shared(task: str, one: pd.DataFrame, other: pd.DataFrame) -> Shared:
    hashes = [_hash_by_item(rows) for rows in (one, other)]
    both = hashes[0].index.intersection(hashes[1].index)
    known = (hashes[0][both] != "") & (hashes[1][both] != "")
    changed = both[known & (hashes[0][both] != hashes[1][both])]
    absent, extra = hashes[0].index.difference(both), hashes[1].index.difference(both)
    kept = hashes[0].index.difference(changed)
    one, other = (rows[rows["item"].astype(str).isin(kept)] for rows in (one, other))
    family = _families(one)
    items = other["item"].astype(str)
    other = other.assign(family=items.map(family).fillna(other["family"].astype(str)))
    panels = [_panel(rows) for rows in (one, other)]
    odd = sorted({judge or "rules" for judge, _ in panels[0] ^ panels[1]})
    same = len(both) - len(changed)
    reason = _version_reason(one, other)
    if not same:
        reason = reason or (
            "no item of the baseline is in the candidate" if both.empty else "every item's content differs"
        )
    return Shared(
        task, one, other, same, len(changed), len(absent), len(extra), not odd, (_short(one), _short(other)), reason,
 tuple(_notes(one, other, bool((~known).any()), odd)),
    )  # fmt: skip


def _short(rows: pd.DataFrame) -> float:
    """An item that was asked less often than others may have lost the repeats that went wrong."""
    epochs = rows[["item", "epoch"]].drop_duplicates().groupby("item", observed=True).size()
    return float(1 - epochs.mean() / epochs.max()) if len(epochs) else 0.0


def _panel(rows: pd.DataFrame) -> set[tuple[str, ...]]:
    """Judges with the hashes of their prompts."""
    columns = ["judge", "judge_prompt_hash"]
    return set(rows[columns].drop_duplicates().astype(str).itertuples(index=False, name=None))


def _hash_by_item(rows: pd.DataFrame) -> "pd.Series[str]":
    """The content hash of every item; NaN, which equals nothing, for an item with several in one run."""
    pairs = rows[["item", "item_hash"]].drop_duplicates().astype(str)
    hashes = pairs.drop_duplicates("item").set_index("item")["item_hash"]
    hashes[pairs.loc[pairs["item"].duplicated(), "item"].unique()] = np.nan
    return hashes


def _families(rows: pd.DataFrame) -> dict[str, str]:
    pairs = rows[["item", "family"]].drop_duplicates().astype(str)
    if (double := pairs["item"].duplicated()).any():
        item = pairs.loc[double, "item"].iloc[0]
        names = ", ".join(sorted(pairs.loc[pairs["item"] == item, "family"]))
        raise InputError(f"item {item!r} is in several families ({names}); expected one", field="family")
    return dict(zip(pairs["item"], pairs["family"], strict=True))


def _values(rows: pd.DataFrame, column: str) -> set[str]:
    return {str(value) for value in rows[column].unique()} - {""}


def _version_reason(one: pd.DataFrame, other: pd.DataFrame) -> str:
    """Versions are `comparability-interface`, as inspect-evals writes them: only the first part has to agree."""
    versions = [{value.split("-", 1)[0] for value in _values(rows, "task_version")} for rows in (one, other)]
    if versions[0] and versions[1] and versions[0] != versions[1]:
        shown = [", ".join(sorted(_values(rows, "task_version"))) for rows in (one, other)]
        return f"the task's version is {shown[0]} in the baseline and {shown[1]} in the candidate"
    return ""


def _notes(one: pd.DataFrame, other: pd.DataFrame, unhashed: bool, odd: list[str]) -> list[str]:
    found = []
    if unhashed:
        found.append("some items carry no content hash: they are matched by name alone")
    if odd:
        found.append(f"the judges or their prompts differ ({', '.join(odd)}): a difference may be theirs")
    if (a := _values(one, "config_hash")) and (b := _values(other, "config_hash")) and a != b:
        found.append("generation settings, task arguments or roles differ (config_hash)")
    return found
