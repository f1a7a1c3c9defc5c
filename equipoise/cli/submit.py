"""`equipoise submit`: the folder that is sent to a board, from the logs of a run."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from equipoise.harness.names import bare_name
from equipoise.leaderboard.submission.card import ASKED

if TYPE_CHECKING:
    from equipoise.leaderboard.edition import Edition
    from equipoise.leaderboard.intake.check import Release
    from equipoise.leaderboard.intake.problems import Problem
    from equipoise.leaderboard.manifest import Manifest
    from equipoise.leaderboard.submission.choose import Choice
    from equipoise.leaderboard.submission.scrub import Found
    from equipoise.leaderboard.submission.write import RefusedError, Submission


def _fields(command: Callable[..., Any]) -> Callable[..., Any]:
    """An option per field of the card."""
    for field in reversed(ASKED):
        kind = click.Choice(field.choices) if field.choices else click.INT if field.number else click.STRING
        command = click.option(field.option, field.name, type=kind, metavar=None, help=field.about)(command)
    return command


def _template(context: click.Context, parameter: click.Parameter, wanted: bool) -> None:
    from equipoise.leaderboard.submission.card import template

    if wanted:
        click.echo(template(), nl=False)
        context.exit()


@click.command("submit")
@click.argument("run", metavar="RUN")
@click.option(
    "--board", required=True, type=click.Path(exists=True, path_type=Path), metavar="BOARD",
    help="Folder of the board, or an edition's JSON file.",
)  # fmt: skip
@click.option("--edition", "edition_name", default=None, metavar="NAME", help="Of the board; default: the current one.")
@click.option(
    "-o", "--output", "folder", required=True, type=click.Path(path_type=Path), metavar="FOLDER",
    help="New or empty folder.",
)  # fmt: skip
@click.option("--model", "subject", default="", metavar="M", help="Which model, where the run has several.")
@click.option(
    "--card", type=click.Path(exists=True, dir_okay=False, path_type=Path), metavar="FILE",
    help="YAML file with the fields below; options come before it.",
)  # fmt: skip
@click.option(
    "--card-template", is_flag=True, is_eager=True, expose_value=False, callback=_template,
    help="Print a card to fill in, and exit.",
)  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="One object on stdout.")
@_fields
def command(
    run: str, board: Path, edition_name: str | None, folder: Path, subject: str, card: Path | None, as_json: bool,
    **given: str | int | None,
) -> None:  # fmt: skip
    """Make a submission from RUN (run folder, its name, or folder of logs): manifest, logs and votes.

    Takes the newest complete log of every task of the edition. What logs cannot tell is asked for: in a card, as
    options, or at the terminal. Keys, tokens and the names of your folders are taken out of the logs and told. No score
    is submitted: the board computes all of them from the logs.

    \b
    Examples:
      equipoise submit --card-template > card.yaml
      equipoise submit runs/standard-1a2b3c4d --board board -o submission --card card.yaml
      equipoise submit runs/standard-1a2b3c4d --board board/editions/2026.1.json -o submission
    """
    import json

    import equipoise.tasks  # noqa: F401  (the families register their metrics)
    from equipoise.cli.plan import build
    from equipoise.cli.terminal import plain
    from equipoise.harness.runs import resolve
    from equipoise.leaderboard.intake.check import Release
    from equipoise.leaderboard.submission.choose import choose
    from equipoise.leaderboard.submission.scrub import Scrubber
    from equipoise.leaderboard.submission.write import RefusedError, check_target, write_submission

    source = resolve(run)
    edition, name = _edition(board, edition_name)
    choice = choose(source.logs or source.path, edition, subject)
    check_target(folder, choice)
    answers = _answers(card, given, choice.model)
    shown: Callable[[str], None] = lambda log: click.echo(f"writing {plain(log)}", err=True)  # noqa: E731
    scrubber = Scrubber.of_this_machine()
    try:
        made = write_submission(choice, Release(edition, build), name, answers, folder, scrubber, _problems, shown)
    except RefusedError as refused:
        _say(refused, folder)
        raise SystemExit(2) from None
    if as_json:
        click.echo(json.dumps(_record(made, choice), indent=1))
    else:
        _print(made, choice, board)


def _problems(folder: Path, manifest: "Manifest", release: "Release") -> "Sequence[Problem]":
    """What the board will refuse the folder for: it replays every sample."""
    from equipoise.leaderboard.intake.check import check

    click.echo("checking as the board will", err=True)
    return check(folder, manifest, release).problems


def _say(refused: "RefusedError", folder: Path) -> None:
    """Why the board would refuse it, a line each, on stderr."""
    from equipoise.cli.terminal import plain

    count = len(refused.problems)
    head = f"equipoise: {folder}: not written, the board would refuse it: {count} problem{'s' if count > 1 else ''}"
    for line in (head, *(f"  {problem}" for problem in refused.problems), refused.hint):
        if line:
            click.echo(plain(line), err=True)


def _edition(board: Path, name: str | None) -> "tuple[Edition, str]":
    """The edition, and the name of its board; of a file outside of a board, the edition's."""
    from equipoise.errors import InputError
    from equipoise.leaderboard.board import BOARD_FILE, open_board, read_profile
    from equipoise.leaderboard.edition import read_edition

    if board.is_dir():
        opened = open_board(board)
        return opened.edition(name), opened.profile.name
    edition = read_edition(board)
    if name not in (None, edition.name):
        raise InputError(f"is edition {edition.name!r}, not {name!r}", path=board)
    profile = board.absolute().parent.parent / BOARD_FILE
    return edition, read_profile(profile).name if profile.is_file() else edition.name


def _answers(card: Path | None, given: dict[str, Any], model: str) -> dict[str, str]:
    """Fields of the card: options, then the card, then what is known, then what a person types."""
    import sys

    from equipoise.harness.agents.policy import CONTROLS
    from equipoise.leaderboard.submission.card import missing, read_card

    known = {"access": "scripted"} if model in CONTROLS else {}
    options = {name: str(value) for name, value in given.items() if value is not None}
    answers = {**known, **(read_card(card) if card else {}), **options}
    if not sys.stdin.isatty():
        return answers
    for field in missing(answers) if card else [field for field in ASKED if field.name not in answers]:
        click.echo(f"\n{field.about}", err=True)
        kind = click.Choice(field.choices) if field.choices else click.INT if field.number else click.STRING
        default = None if field.required else ""
        typed = click.prompt(field.name, type=kind, default=default, show_default=False, err=True)
        answers[field.name] = str(typed)
    return answers


def _rows(made: "Submission", choice: "Choice") -> list[dict[str, Any]]:
    found = []
    for task, log in choice.logs.items():
        done, planned = log.samples
        found.append(
            {"task": task, "log": made.logs[task], "source": log.path.name,
             "other_logs": list(choice.others.get(task, ())), "samples": planned, "missing": planned - done,
             "votes": made.votes[task]}
        )  # fmt: skip
    return found


def _record(made: "Submission", choice: "Choice") -> dict[str, Any]:
    return {
        "folder": str(made.folder),
        "board": made.manifest.board,
        "edition": made.manifest.edition,
        "model": made.manifest.model.model,
        "tasks": _rows(made, choice),
        "left_out": list(choice.left_out),
        "variables": list(made.variables),
        "scrubbed": [each._asdict() for each in made.found],
        "bytes": made.bytes,
    }


def _print(made: "Submission", choice: "Choice", board: Path) -> None:
    import shlex

    from rich import box
    from rich.console import Console
    from rich.table import Table

    from equipoise.cli.terminal import plain, safe

    console = Console()
    model = made.manifest.model
    console.print(f"[bold]{safe(model.name)}[/bold] ({safe(model.model)}), edition {safe(made.manifest.edition)}")
    table = Table("task", pad_edge=False, box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0))
    for heading in ("samples", "missing", "votes"):
        table.add_column(heading, justify="right", no_wrap=True)
    for row in _rows(made, choice):
        table.add_row(safe(bare_name(row["task"])), *(f"{row[name]:,}" for name in ("samples", "missing", "votes")))
    console.print(table)
    for task, others in choice.others.items():
        taken = (
            f"{bare_name(task)}: took {choice.logs[task].path.name}, the newest complete log; not {', '.join(others)}"
        )
        console.print(safe(taken), soft_wrap=True)
    for note in choice.left_out:
        console.print(f"left out: {safe(note)}", soft_wrap=True)
    for line in _removed(made.found):
        console.print(f"[yellow]removed[/yellow]: {safe(line)}", soft_wrap=True)
    if made.variables:
        console.print(f"among them the values of {safe(', '.join(made.variables))}", soft_wrap=True)
    if not made.found:
        console.print("no keys, tokens or names of your folders were found in logs and votes")
    console.print(f"{len(made.manifest.files)} files, {made.bytes / 1e6:,.1f} MB", highlight=False)
    click.echo(f"submission: {plain(str(made.folder))}")
    again = shlex.join(["equipoise", "board", "validate", str(made.folder), "--board", str(board)])
    click.echo(f"check it:   {plain(again)}")


def _removed(found: "tuple[Found, ...]") -> list[str]:
    """A line per kind and file."""
    lines: dict[tuple[str, str], list[Found]] = {}
    for each in found:
        lines.setdefault((each.kind, each.file), []).append(each)
    told = []
    for (kind, file), places in lines.items():
        inside = [each.place for each in places if each.place]
        more = f", +{len(inside) - 3} more" if len(inside) > 3 else ""
        where = f" ({', '.join(inside[:3])}{more})" if inside else ""
        told.append(f"{sum(each.times for each in places)} × {kind} in {file}{where}")
    return told
