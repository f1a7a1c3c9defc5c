"""Results for model repositories on the Hugging Face Hub: `.eval_results/*.yaml`.

Format: https://huggingface.co/docs/hub/eval-results, a feature that the Hub calls work in progress.
"""

import logging
import re
from pathlib import Path
from typing import Any

import yaml

from equipoise.harness.files import write_text
from equipoise.leaderboard.export.read import Reader, Row, open_board

FOLDER = ".eval_results"

DATASET = re.compile(r"https?://huggingface\.co/datasets/([A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*)/?")

UNREGISTERED = "equipoise/equipoise"
"""Dataset of a board whose own address is no dataset on the Hub."""


def export_hugging_face(database: Path, target: Path) -> list[Path]:
    """Write `SUBMISSION/.eval_results/equipoise-EDITION.yaml` for every submission with a margin that has a value.

    One entry per margin, both sides of every task, so that none is shown without the other. The benchmark's dataset is
    the board's `url` where that is a dataset on the Hub. The content of a submission's folder can be uploaded to the
    model's repository as it is. Control agents have no such repository, and values under custom settings cannot stand
    beside the others: both are left out, and a warning in the log says how many.

    Args:
        database: `board.duckdb`.
        target: Folder, made if it is not there.

    Raises:
        InputError: The database cannot be read or the folder cannot be written.
    """
    written = []
    with open_board(database) as board:
        submissions = board.submissions()
        _log_left_out(submissions)
        for submission in filter(belongs, submissions):
            if entries := [_entry(board, submission, row) for row in board.margins(submission)]:
                path = target / submission["submission"] / FOLDER / f"equipoise-{submission['edition']}.yaml"
                write_text(path, yaml.safe_dump(entries, sort_keys=False, allow_unicode=True, width=1000))
                written.append(path)
    return written


def belongs(submission: Row) -> bool:
    """Whether its values are results of a model under the benchmark's settings."""
    return not submission["control"] and submission["configuration"] == "standard"


def _log_left_out(submissions: list[Row]) -> None:
    """Say how many are not exported."""
    agents = sum(bool(row["control"]) for row in submissions)
    custom = sum(not row["control"] and not belongs(row) for row in submissions)
    told = [f"{what}: {n}" for n, what in ((agents, "control agents"), (custom, "custom configurations")) if n]
    if told:
        logging.getLogger(__name__).warning("left out of the Hugging Face export: %s", ", ".join(told))


def dataset_of(board: Reader) -> str:
    """Name of the benchmark's dataset on the Hub."""
    found = DATASET.fullmatch(board.profile.get("url", ""))
    return found.group(1) if found else UNREGISTERED


def task_id(row: Row) -> str:
    """Name of a margin as the dataset's `eval.yaml` has to list it: `debate_trivia_stands`.

    The turn is left out: margins are taken after the last one.
    """
    parts = [part.partition("=")[::2] for part in str(row["by"]).split(",") if "=" in part]
    broken = [value for name, value in parts if name != "turn"]
    name = "_".join([str(row["task"]).rsplit("/", 1)[-1], *broken, str(row["side"] or row["measure"])])
    return re.sub(r"[^A-Za-z0-9_.-]+", "-", name)


def _entry(board: Reader, submission: Row, row: Row) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "dataset": {"id": dataset_of(board), "task_id": task_id(row)},
        "value": row["estimate"],
    }
    if submission["created"]:
        entry["date"] = str(submission["created"])
    if url := board.profile.get("url", ""):
        entry["source"] = {"url": url, "name": board.profile.get("title") or "Equipoise"}
    entry["notes"] = _notes(submission, row)
    return entry


def _notes(submission: Row, row: Row) -> str:
    ends = row["low"], row["high"]
    interval = "no interval" if None in ends else f"95 % interval {_number(ends[0])} to {_number(ends[1])}"
    parts = [
        str(row["heading"]), interval, f"{row['n']} answers, {row['missing']} missing, {row['items']} items",
        f"scale {_number(row['least'])} to {_number(row['most'])}", f"edition {submission['edition']}",
        f"tier {submission['tier']}",
    ]  # fmt: skip
    return "; ".join(parts)


def _number(value: float | None) -> str:
    """With four digits, for people; `value` has all of them."""
    return "open" if value is None else f"{value:.4g}"
