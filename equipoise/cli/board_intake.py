"""`equipoise board validate` and `add`: what gets onto a board, and why it does not."""

import json
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from equipoise.cli.terminal import plain, safe
from equipoise.errors import InputError

if TYPE_CHECKING:
    from equipoise.leaderboard.edition import Edition
    from equipoise.leaderboard.intake.add import Added
    from equipoise.leaderboard.intake.problems import Problem

BOARD = click.argument("board", type=click.Path(path_type=Path))
JSON = click.option("--json", "as_json", is_flag=True, help="One object on stdout.")
NO_REPLAY = click.option(
    "--no-replay", is_flag=True, help="Take the rows as they were scored; the tier is then self-run."
)


@click.command("validate")
@click.argument("folder", type=click.Path(path_type=Path))
@click.option(
    "--board", required=True, type=click.Path(path_type=Path), metavar="BOARD",
    help="Folder of the board, or the JSON file of an edition.",
)  # fmt: skip
@NO_REPLAY
@JSON
def validate(folder: Path, board: Path, no_replay: bool, as_json: bool) -> None:
    """Check a submission in FOLDER (or a zip of it) as the board will; offline, nothing is written.

    Every sample is replayed: the edition's own protocol is run again with the replies of the logs, and must ask what
    was asked and score what was scored. Exit code: 0 fit for the board, 1 refused, 2 no submission at all.

    \b
    Examples:
      equipoise board validate my-submission --board boards/ours
      equipoise board validate my-submission.zip --board edition.json --json
    """
    import tempfile

    import equipoise.tasks  # noqa: F401  (the families register their metrics)
    from equipoise.cli.plan import build
    from equipoise.leaderboard.intake.add import outcome_of
    from equipoise.leaderboard.intake.check import Release
    from equipoise.leaderboard.intake.prepare import prepare
    from equipoise.leaderboard.intake.received import is_submission

    release = Release(edition_at(board), build)
    try:
        with tempfile.TemporaryDirectory() as staging, _logs_shown(as_json) as on_log:
            prepared = prepare(folder, Path(staging) / "submission", release, not no_replay, on_log)
        found = outcome_of(folder, prepared)
    except InputError as error:
        if not is_submission(folder):
            raise
        found = outcome_of(folder, error)
    if as_json:
        click.echo(json.dumps(_record(found), indent=1))
    elif found.problems:
        _say(folder, found.problems)
    else:
        click.echo(plain(f"{folder}: fit for edition {release.edition.name} ({found.tier}), as {found.submission}"))
    raise SystemExit(1 if found.problems else 0)


@click.command("add")
@BOARD
@click.argument("folders", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="FOLDER...")
@click.option("--replace", "replaces", default="", metavar="ID", help="Take the place of this submission.")
@click.option("--note", default="", help="For the changelog.")
@click.option("--workers", type=click.IntRange(1), help="Processes [default: one; for many submissions all cores].")
@NO_REPLAY
@JSON
def add(
    board: Path, folders: tuple[Path, ...], replaces: str, note: str, workers: int | None, no_replay: bool,
    as_json: bool,
) -> None:  # fmt: skip
    """Check submissions and put those without a problem onto the current edition of BOARD.

    FOLDER is a submission's folder or a zip of it. What a submission says of its scores is not read: the long table,
    all metrics and transcripts are recomputed. Either a submission is on the board in full or not at all.
    Exit code: 0 all were added, 1 some were refused, 2 bad input.

    \b
    Examples:
      equipoise board add boards/ours my-submission
      equipoise board add boards/ours incoming/*.zip --json
      equipoise board add boards/ours again --replace my-model-1a2b3c4d5e
    """
    import equipoise.tasks  # noqa: F401  (the families register their metrics)
    from equipoise.cli.plan import build
    from equipoise.leaderboard.intake.add import add as add_all

    if replaces and len(folders) > 1:
        raise InputError("expected one submission that takes the place of another", field="--replace")
    cores = workers or min(os.cpu_count() or 1, 1 + len(folders) // 16)  # a process takes seconds to start
    with _sources_shown(len(folders), as_json) as on_done:
        found = add_all(board, folders, build, not no_replay, replaces, note, cores, on_done)
    refused = [each for each in found if each.problems]
    if as_json:
        click.echo(json.dumps({"added": [_record(each) for each in found]}, indent=1))
    else:
        click.echo(f"{len(found) - len(refused)} added, {len(refused)} refused")
    raise SystemExit(1 if refused else 0)


def edition_at(board: Path) -> "Edition":
    """The current edition of a board, or the one of a file."""
    from equipoise.leaderboard.board import open_board
    from equipoise.leaderboard.edition import read_edition

    return read_edition(board) if board.is_file() else open_board(board).edition()


def _say(source: Path, problems: "Sequence[Problem]") -> None:
    click.echo(plain(f"{source}: refused, {len(problems)} problem{'s' if len(problems) > 1 else ''}"), err=True)
    for problem in problems:
        click.echo(f"  {problem}", err=True)


def _record(added: "Added") -> dict[str, object]:
    problems = [problem.record() for problem in added.problems]
    return {"source": str(added.source), "submission": added.submission, "tier": added.tier, "problems": problems}


@contextmanager
def _logs_shown(quiet: bool) -> "Iterator[Callable[[str], None]]":
    """The log that is being replayed, on stderr."""
    from rich.console import Console

    console = Console(stderr=True, quiet=quiet)
    with console.status("checking") as status:
        yield lambda log: status.update(f"replaying {safe(log)}")


@contextmanager
def _sources_shown(total: int, quiet: bool) -> "Iterator[Callable[[Added], None]]":
    """A bar on stderr, and a line for each submission."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = TextColumn("submissions"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    with Progress(*columns, console=Console(stderr=True), transient=True, disable=quiet or total == 1) as bar:
        task = bar.add_task("", total=total)

        def show(added: "Added") -> None:
            if added.problems:
                _say(added.source, added.problems)
            elif not quiet:
                click.echo(plain(f"{added.source}: added as {added.submission} ({added.tier})"), err=True)
            bar.advance(task)

        yield show
