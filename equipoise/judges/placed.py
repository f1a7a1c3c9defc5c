"""The votes of a store in the long table, and as a table of their own."""

import math
from pathlib import Path

import pandas as pd

from equipoise.errors import InputError
from equipoise.harness.table import log_files, read_header
from equipoise.harness.table.rows import Row
from equipoise.judges.rejudge import finished_samples, keep_votes
from equipoise.judges.store import Store, store_path
from equipoise.judges.vote import Vote

VOTE_COLUMNS = (
    "task", "model", "item", "family", "domain", "log", "sample", "arm", "turn",
    *("judge_prompt_hash" if name == "prompt_hash" else name for name in Vote.model_fields),
)  # fmt: skip
"""Columns of the export: those of the long table, as far as votes have them, and what else a vote keeps."""


def placed_rows(file: str) -> dict[tuple[str, int], list[Row]]:
    """The rows that the store beside a log holds for its samples; none without a store.

    Of a judge's votes on one measure at one place, the one that was asked for last counts: a changed rubric takes the
    place of its earlier version.
    """
    path = store_path(Path(file))
    if not path.is_file():
        return {}
    latest: dict[tuple[str, int], dict[tuple[str, int, str, str], Row]] = {}
    with Store(path) as store:
        for place, vote in store.placed(Path(file).name):
            value = math.nan if vote.value is None else vote.value
            row = Row(place.arm, place.turn, vote.measure, value, vote.missing, vote.judge, vote.prompt_hash)
            latest.setdefault((place.sample, place.epoch), {})[place.arm, place.turn, vote.measure, vote.judge] = row
    return {sample: list(rows.values()) for sample, rows in latest.items()}


def votes_table(logs: Path) -> pd.DataFrame:
    """Every vote on the logs with its raw text, tokens, time and cost: one row per vote and place.

    Votes of all rubric versions are in it, also those that the long table no longer uses.

    Args:
        logs: Log, folder of logs, or run folder.

    Raises:
        InputError: No logs, or no vote in them.
    """
    files, path = log_files(logs), store_path(logs)
    about: dict[tuple[str, str, int], dict[str, str]] = {}
    with Store(path if path.is_file() else Path(":memory:")) as store:
        for file in files:
            spec = read_header(file).eval
            for batch in finished_samples(file):
                keep_votes(file, batch, store)
                for sample in batch:
                    told = {name: str(sample.metadata.get(name, "")) for name in ("item", "family", "domain")}
                    key = Path(file).name, str(sample.id), sample.epoch
                    about[key] = {"task": spec.task, "model": spec.model, **told}
        rows = [
            {**about[place[:3]], **place._asdict(), **vote.model_dump(), "judge_prompt_hash": vote.prompt_hash}
            for place, vote in store.placed()
            if place[:3] in about
        ]
    if not rows:
        raise InputError("holds no votes; equipoise judge adds some", path=logs)
    votes = pd.DataFrame(rows, columns=list(VOTE_COLUMNS)).drop_duplicates(ignore_index=True)
    return votes.astype(dict.fromkeys(("value", "expected", "mass", "cost"), float))
