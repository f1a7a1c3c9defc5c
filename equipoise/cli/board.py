"""`equipoise board`: a leaderboard that recomputes instead of believing."""

import click

from equipoise.cli.board_intake import add, validate
from equipoise.cli.board_shown import build, export, list_, schema, serve, suite
from equipoise.cli.board_upkeep import anchors, edition, judge, new, rerun, verify, withdraw


@click.group("board")
def command() -> None:
    """A leaderboard in a folder: frozen editions, submissions that are recomputed, a static site.

    See docs/leaderboard.md. Exit code: 0 done, 1 something was refused, 2 bad input.

    \b
    Examples:
      equipoise board new boards/ours --name ours --title "Our board"
      equipoise board edition boards/ours edition.yaml
      equipoise submit runs/quick-1a2b3c4d --board boards/ours --card card.yaml -o my-submission
      equipoise board validate my-submission --board boards/ours
      equipoise board add boards/ours my-submission
      equipoise board build boards/ours -o site
    """


for each in (
    new,
    edition,
    suite,
    validate,
    add,
    list_,
    build,
    serve,
    export,
    judge,
    rerun,
    withdraw,
    verify,
    anchors,
    schema,
):
    command.add_command(each)
