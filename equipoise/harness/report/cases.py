"""Which transcripts a section shows: always the first by a printed rule, never one picked by hand."""

import hashlib

import pandas as pd

from equipoise.harness.metrics import is_control
from equipoise.harness.report.sections import Case


def first_case(
    table: pd.DataFrame, title: str, arm: str, measure: str, value: float, turn: int | None = None,
    also: tuple[str, float] | None = None,
) -> Case:  # fmt: skip
    """The first dialogue, in the hash order of the items, in which a measure has a value.

    Args:
        table: Rows of one task.
        title: What it is an example of.
        arm: Start of the arm's name.
        measure: The measure.
        value: Its value.
        turn: Turn at which it was taken; None = the measure's last one.
        also: A second measure and its value at the same turn of the same dialogue.

    Returns:
        The case; its `item` is empty if there is no such dialogue.
    """
    models = [model for model in table["model"].astype(str).unique() if not is_control(model)]
    model = next(iter(models), str(table["model"].iloc[0]))
    own = table[(table["model"] == model) & table["arm"].astype(str).str.startswith(arm)]
    rows = own[own["measure"] == measure]
    rows = rows[(rows["turn"] == (rows["turn"].max() if turn is None else turn)) & (rows["value"] == value)]
    if also is not None:
        keys = ["item", "arm", "epoch", "turn", "log"]
        there = own[(own["measure"] == also[0]) & (own["value"] == also[1])]
        rows = rows[pd.MultiIndex.from_frame(rows[keys]).isin(pd.MultiIndex.from_frame(there[keys]))]
    if rows.empty:
        return Case(title, model)
    found = min(
        zip(rows["item"].astype(str), rows["arm"].astype(str), rows["epoch"], rows["log"].astype(str), strict=True),
        key=lambda row: (hashlib.sha256(row[0].encode()).hexdigest(), row[1:]),
    )
    item, name, epoch, log = found
    return Case(title, model, item, name, int(epoch), log)
