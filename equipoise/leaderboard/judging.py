"""The board's own panel votes on what was submitted: votes of a submitter may be forged, these are not."""

import json
import shutil
from pathlib import Path

from equipoise.errors import InputError
from equipoise.harness.files import write_text, write_whole
from equipoise.harness.run import build_model
from equipoise.judges import Judge, PanelOptions, Store, rejudge, store_path
from equipoise.judges.calls import CONNECTIONS, Tally, Watch
from equipoise.judges.names import split_name
from equipoise.leaderboard.board import DERIVED, ROW, Board, open_board
from equipoise.leaderboard.changes import Change, changing
from equipoise.leaderboard.derived import derive, write_derived
from equipoise.leaderboard.edition import Edition, Panel
from equipoise.leaderboard.freezing import Builder
from equipoise.leaderboard.intake.add import sums
from equipoise.leaderboard.intake.check import Checked, Release, check
from equipoise.leaderboard.intake.prepare import TABLES, row_of
from equipoise.leaderboard.intake.problems import Problem
from equipoise.leaderboard.intake.votes import vote_line
from equipoise.leaderboard.manifest import LOGS, VOTES_FILE, read_manifest

JUDGING = "judging"
"""Folder of a board with the votes of its own panel, by edition and submission: none is paid twice."""


def judge_again(
    board: Path, submission: str, build: Builder, connections: int = CONNECTIONS, on_votes: Watch | None = None
) -> tuple[Tally, list[Problem]]:
    """Have the panel of the current edition vote on the stored transcripts; its votes take the submitter's place.

    A submission of an earlier edition is carried into the current one, if that asks the same of its tasks. The calls
    are made without holding the board, and votes are kept as they come, so that the same command goes on.

    Args:
        board: Its folder.
        submission: Which one.
        build: Builds a task.
        connections: Calls at the same time per judge.
        on_votes: Called whenever there are new votes.

    Returns:
        What was asked, and what is wrong with the result; with problems, or calls that failed, the board is as it was.

    Raises:
        InputError: No such submission, the edition has no panel, or it asks what the submission does not answer.
    """
    there = open_board(board)
    edition = there.edition()
    received = there.submission(submission)
    if not edition.spec.panel.judges:
        raise InputError("has no panel of judges", path=board, field=f"edition {edition.name}")
    _check_same_tasks(there, there.standings[submission].editions[-1], edition)
    release = Release(edition, build)
    work = board / JUDGING / edition.name / submission
    if not (work / LOGS).is_dir():
        shutil.copytree(received / LOGS, work / f".{LOGS}", dirs_exist_ok=True)
        (work / f".{LOGS}").rename(work / LOGS)
    options = PanelOptions(joint=edition.spec.panel.joint)
    tally = rejudge(
        work, panel_of(edition.spec.panel), options,
        connections=connections, on_votes=on_votes, take_logged=False,
    )  # fmt: skip
    if tally.failed or (not tally.calls and edition.name in there.standings[submission].voted):
        return tally, []  # nothing new
    _export(work, edition)
    with changing(board) as change:
        received = change.board.submission(submission)  # it may have been withdrawn meanwhile
        manifest = read_manifest(received).model_copy(update={"edition": edition.name})
        again = change.board.standings[submission].tier != "self-run"
        checked = check(received, manifest, release, again, votes=work / VOTES_FILE)
        if not checked.problems:
            _tell(change, submission, edition, checked)
        return tally, checked.problems


def panel_of(panel: Panel) -> list[Judge]:
    """The judges of a panel, ready to be asked.

    Raises:
        InputError: An unknown model.
    """
    built = {name: build_model(name, {}) for name in panel.models}
    return [Judge(built[model], strictness) for model, strictness in map(split_name, panel.judges)]


def _check_same_tasks(board: Board, of: str, edition: Edition) -> None:
    """A submission answers what its edition asked; another edition may ask only that."""
    for task in edition.tasks:
        before = board.editions[of].task(task.task)
        if before is None or (before.samples, before.epochs) != (task.samples, task.epochs):
            raise InputError(
                f"edition {edition.name!r} asks other items of {task.task} than {of!r}: the model has to be run again",
                path=board.path,
            )


def _export(work: Path, edition: Edition) -> None:
    """The panel's votes of a store as lines."""
    with Store(store_path(work)) as store:
        lines = [
            vote_line(place.log, place.sample, place.epoch, place.arm, place.turn, vote)
            for place, vote in store.placed()
            if vote.judge in edition.spec.panel.judges
        ]
    text = "".join(f"{line}\n" for line in lines)
    write_whole(work / VOTES_FILE, lambda partial: partial.write_text(text, encoding="utf-8"))


def _tell(change: Change, submission: str, edition: Edition, checked: Checked) -> None:
    """Put the tables that the new votes give into place, beside the former ones, and name them."""
    staged = change.staging() / TABLES
    write_derived(staged, checked.rows, derive(checked.rows), checked.dialogues)
    row = {**row_of(checked), "votes_by": "board"}
    write_text(staged / ROW, json.dumps(row, indent=1, ensure_ascii=False) + "\n")
    before, derived = change.board.standings[submission].editions, sums(staged)
    tables = f"{edition.name}/judged-{len(change.board.events) + 1}/{submission}"
    change.place(staged, change.board.path / DERIVED / tables)
    if edition.name in before:
        change.tell("rejudge", edition.name, submission, tables=tables, derived=derived)
    else:
        change.tell(
            "carry", edition.name, submission, f"from edition {before[-1]}", tables=tables, derived=derived, voted=True
        )
    change.make()
