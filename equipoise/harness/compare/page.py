"""A comparison as one HTML page: no verdict, no script, nothing from outside; everything a model said is escaped."""

import hashlib
import warnings
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from equipoise.harness.compare import words
from equipoise.harness.compare.adjusted import Adjusted
from equipoise.harness.compare.comparison import Compared, Comparison, in_tasks
from equipoise.harness.compare.dialogues import MovedItems, with_dialogues
from equipoise.harness.compare.moved import MOST, moved_most, rule
from equipoise.harness.compare.pictures import forests
from equipoise.harness.compare.sides import Shared, Side
from equipoise.harness.names import bare_name
from equipoise.harness.report.html import environment, write_html
from equipoise.harness.report.provenance import log_records, packages, unfinished
from equipoise.harness.report.theme import Picture

ORIGIN = {
    "model": "model", "revision": "model_revision", "task version": "task_version",
    "hash of the settings": "config_hash", "run": "run_id",
}  # fmt: skip
"""Columns of the table that tell where its rows come from."""


@dataclass(frozen=True)
class TaskPart:
    """One task's part of the page.

    Attributes:
        shared: Which items are compared.
        pictures: Forest plots of its headline metrics.
        main, others: Headline metrics, margins first, and the exploratory ones.
        adjusted: Differences without the judges' severity.
        moved: Items that moved most, by headline metric.
    """

    shared: Shared
    pictures: list[Picture]
    main: list[Comparison]
    others: list[Comparison]
    adjusted: list[Adjusted]
    moved: list[MovedItems]

    @property
    def has_margin(self) -> bool:
        """Whether any item moved on a margin."""
        return any(each.found.comparison.margin for each in self.moved)


def write_comparison(compared: Compared, target: Path, most: int = MOST) -> None:
    """Write the page of a comparison.

    Args:
        compared: The comparison.
        target: HTML file; written under a temporary name, then renamed.
        most: Items with transcripts per metric and direction.

    Raises:
        InputError: The file cannot be written.
    """
    templates = environment("equipoise.harness.compare")
    for name in (
        "number",
        "signed",
        "interval",
        "probability",
        "percent",
        "place",
        "items_of",
        "warnings",
        "without_judges",
    ):
        templates.filters[name] = getattr(words, name)
    templates.filters["bare_name"] = bare_name
    sides = {"baseline": compared.baseline, "candidate": compared.candidate}
    with warnings.catch_warnings():
        # A name in a script that the font does not have shows as boxes on pictures; the tables have it in full.
        warnings.filterwarnings("ignore", "Glyph .* missing from font", UserWarning)
        tasks = list(_tasks(compared, most))
    html = templates.get_template("compare.html.j2").render(
        sides=sides, tasks=tasks, overview=words.overview(compared), reading=words.READING, rule=rule(most),
        cautions=words.cautions(compared), left_out=words.left_out(compared), packages=packages(),
        partial=[(name, text) for name, side in sides.items() for text in _partial(side)],
        origins=list(_origins(compared)),
        transcripts=any(side.logs for side in sides.values()),
        logs=[(name, log) for name, side in sides.items() for log in _logs(side)],
    )  # fmt: skip
    write_html(target, html)


def _tasks(compared: Compared, most: int) -> Iterator[TaskPart]:
    by_task = in_tasks(compared.comparisons)
    for at, shared in enumerate(task for task in compared.shared if not task.reason):
        own = by_task.get(shared.task, [])
        main = [each for each in own if each.headline]
        found = [moved_most(each, shared, most) for each in main]
        chosen = [each for each in found if each is not None and (each.down or each.up)]
        yield TaskPart(
            shared, forests(main), main, [each for each in own if not each.headline],
            [each for each in compared.adjusted if each.task == shared.task],
            list(with_dialogues(chosen, (compared.baseline, compared.candidate), f"t{at}")),
        )  # fmt: skip


def _partial(side: Side) -> list[str]:
    """What the side's model has not finished yet."""
    lines = unfinished(side.logs) if side.logs else []
    return [line for line in lines if f" on {side.model}: " in line]


def _origins(compared: Compared) -> Iterator[tuple[str, list[tuple[str, str, str]]]]:
    """What the tables tell of every task's origin: (what, baseline, candidate)."""
    for shared in compared.shared:
        one, other = (
            _origin(side.table[side.table["task"] == shared.task]) for side in (compared.baseline, compared.candidate)
        )
        yield shared.task, [(what, text, other[what]) for what, text in one.items()]


def _origin(rows: pd.DataFrame) -> dict[str, str]:
    names = rows[[*ORIGIN.values(), "item", "item_hash", "judge", "judge_prompt_hash"]].astype(str)
    found = {what: ", ".join(filter(None, names[column].unique())) for what, column in ORIGIN.items()}
    prompts = names[names["judge"] != ""].groupby("judge")["judge_prompt_hash"].unique()
    found["judges, hash of their prompts"] = ", ".join(f"{judge} {_hash(each)}" for judge, each in prompts.items())
    found["hash of the items"] = _hash((names["item"] + "\t" + names["item_hash"]).unique()) if len(rows) else ""
    found["rows"] = f"{len(rows):,}"
    return {what: text or "–" for what, text in found.items()}


def _hash(texts: Iterable[str]) -> str:
    """The same where the same items were asked, or the same prompts used."""
    return hashlib.sha256("\n".join(sorted(texts)).encode("utf-8", "replace")).hexdigest()[:16]


def _logs(side: Side) -> list[dict[str, str]]:
    """The logs behind the rows: package version, commit, settings."""
    used = set(side.table["log"].astype(str))
    records = log_records(side.logs) if side.logs else {}
    return [
        {"task": bare_name(setup.task), "arguments": setup.arguments, "generation": setup.generation,
         "roles": setup.roles, "with": f"inspect-ai {setup.inspect_version}, commit {setup.commit}",
         "started": log.started, "status": log.status, "samples": log.samples, "log": log.log}
        for setup, logs in records.items() for log in logs if log.log in used
    ]  # fmt: skip
