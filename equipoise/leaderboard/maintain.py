"""What the maintainers of a board do with what stands on it: withdraw it, or measure it again."""

from math import isfinite
from pathlib import Path

import pandas as pd

from equipoise.errors import InputError
from equipoise.harness.compare import compare, one_model
from equipoise.harness.compare.comparison import Comparison
from equipoise.harness.table import read_table
from equipoise.leaderboard.changes import changing
from equipoise.leaderboard.derived import ROWS
from equipoise.leaderboard.edition import Edition
from equipoise.leaderboard.intake.problems import printable
from equipoise.leaderboard.manifest import read_manifest

ALPHA = 0.05


def withdraw(board: Path, submission: str, note: str) -> None:
    """Take a submission off the board; its files and its events stay.

    Raises:
        InputError: It does not stand on the board.
    """
    with changing(board) as change:
        change.board.submission(submission)
        edition = change.board.standings[submission].editions[-1]
        change.tell("withdraw", edition, submission, printable(note, 400))
        change.make()


def measured_again(board: Path, submission: str, run: Path, note: str = "") -> list[Comparison]:
    """Record that the maintainers measured a model themselves and found, within noise, what was submitted.

    The headline metrics of both runs are compared item by item. A rerun confirms a submission if no difference is
    significant at 5 % after Holm's correction; it does not prove that both are the same, and a small run confirms much.

    Args:
        board: Its folder.
        submission: Which one.
        run: The maintainers' run folder, or its table.
        note: For the changelog.

    Returns:
        The headline comparisons. If one of them is significant (`p_adjusted` below `ALPHA`), nothing was recorded.

    Raises:
        InputError: No such submission, the run is the submitted one or lacks a task, or both have no headline metric
            in common.
    """
    with changing(board) as change:
        model = read_manifest(change.board.submission(submission)).model.model
        edition = change.board.standings[submission].editions[-1]
        submitted = one_model(read_table(change.board.derived(submission, edition) / ROWS), submission, model)
        measured = one_model(_of_edition(read_table(run), change.board.edition(edition), run), str(run), model)
        if set(submitted.table["eval_id"].astype(str)) & set(measured.table["eval_id"].astype(str)):
            raise InputError("holds logs that were submitted; a rerun is another run of the model", path=run)
        compared = compare(submitted, measured).comparisons
        found = [each for each in compared if each.headline and isfinite(each.p_adjusted)]
        if not found:
            raise InputError("has no headline metric that the submission has, too", path=run)
        if all(each.p_adjusted >= ALPHA for each in found):
            widest = max((each.high - each.low) / 2 for each in found)
            said = f"{len(found)} headline metrics, no significant difference; the widest interval is ±{widest:.2f}"
            told = printable(f"{note}: {said}" if note else said, 400)
            change.tell("rerun", edition, submission, told, compared=len(found), widest=round(widest, 4))
            change.make()
        return found


def _of_edition(table: pd.DataFrame, edition: Edition, run: Path) -> pd.DataFrame:
    """The rows of an edition's tasks, by its names of them; all tasks have to be there."""
    names = {name: task.task for name in table["task"].astype(str).unique() if (task := edition.task(name))}
    if lacking := [task.task for task in edition.tasks if task.task not in names.values()]:
        raise InputError(f"lacks {', '.join(lacking)}; a rerun has all tasks of edition {edition.name!r}", path=run)
    kept = table[table["task"].astype(str).isin(list(names))]
    return kept.assign(task=kept["task"].astype(str).map(names))
