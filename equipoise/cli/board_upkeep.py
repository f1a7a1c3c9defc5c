"""`equipoise board`: what the maintainers of a board do."""

import json
from datetime import UTC, datetime
from pathlib import Path

import click

from equipoise.cli.board_intake import BOARD, JSON
from equipoise.cli.terminal import plain

ID = click.argument("submission", metavar="ID")


@click.command("new")
@BOARD
@click.option("--name", required=True, help="Short, lower case; stands in submissions.")
@click.option("--title", required=True, help="Heading of the site.")
@click.option("--description", default="", help="What the board is about, in a few sentences.")
@click.option("--url", default="", help="Where the site will be.")
@click.option("--maintainer", "maintainers", multiple=True, help="Who answers for it; repeat for several.")
@click.option("--citation", default="", help="How to cite it.")
@click.option("--license", "license_", default="", help="Of its results.")
def new(
    board: Path, name: str, title: str, description: str, url: str, maintainers: tuple[str, ...], citation: str,
    license_: str,
) -> None:  # fmt: skip
    """Make an empty board in the folder BOARD; board.yaml in it may be edited later.

    \b
    Example:
      equipoise board new boards/ours --name ours --title "Our board" --maintainer "Ada <ada@example.org>"
    """
    from pydantic import ValidationError

    from equipoise.errors import InputError
    from equipoise.harness.inputs import fault
    from equipoise.leaderboard.board import Profile, create_board

    try:
        profile = Profile(
            name=name, title=title, description=description, url=url, maintainers=maintainers, citation=citation,
            license=license_,
        )  # fmt: skip
    except ValidationError as error:
        field, message = fault(error)
        raise InputError(message, field=f"--{field}") from None
    create_board(board, profile)
    click.echo(f"{board}: next, open an edition: equipoise board edition {board} edition.yaml")


@click.command("edition")
@BOARD
@click.argument("spec", type=click.Path(path_type=Path))
@click.option("--note", default="", help="For the changelog.")
def edition(board: Path, spec: Path, note: str) -> None:
    """Freeze the edition that SPEC (YAML) describes and make it the current one of BOARD.

    Tasks with versions, arguments, epochs and the content of every sample; the panel with the hashes of its prompts;
    simulators; anchors. Rows of an earlier edition are not shown in it unless they are judged again (board judge).

    \b
    Example of SPEC:
      edition: "2026.1"
      tasks:
        - {task: persuasion, args: {start: seeded}}
        - {task: dignified_peer_generation, epochs: 2}
      generate: {max_tokens: 200}
      panel: {judges: [openai/gpt-5-mini, anthropic/claude-haiku-4]}
      simulators: {partner: mistral/mistral-large-latest}
    \b
    Example:
      equipoise board edition boards/ours edition.yaml --note "first edition"
    """
    from equipoise.cli.plan import build
    from equipoise.leaderboard.changes import open_edition
    from equipoise.leaderboard.edition import read_anchors_file, read_spec
    from equipoise.leaderboard.freezing import freeze

    asked = read_spec(spec)
    anchors = read_anchors_file(spec, asked)
    frozen = freeze(asked, build, f"{datetime.now(UTC):%Y-%m-%d}", anchors)
    open_edition(board, frozen, anchors, note)
    samples = sum(len(task.samples) * task.epochs for task in frozen.tasks)
    click.echo(f"{board}: edition {frozen.name} with {len(frozen.tasks)} tasks and {samples} samples is open")
    click.echo(f"identity: {frozen.identity}")


@click.command("judge")
@BOARD
@click.argument("submissions", nargs=-1, metavar="[ID...]")
@click.option("--max-connections", type=click.IntRange(1), default=10, show_default=True, help="Per judge.")
def judge(board: Path, submissions: tuple[str, ...], max_connections: int) -> None:
    """Have the panel of the current edition of BOARD vote on stored transcripts; all that stand on it, or those named.

    Its votes take the place of the submitters'. Submissions of an earlier edition that answer the same items are
    carried into the current one. Votes are never paid for twice; the same command goes on after an interruption.
    Exit code: 0 done, 1 calls failed or a submission does not fit, 2 bad input.

    \b
    Examples:
      equipoise board judge boards/ours
      equipoise board judge boards/ours my-model-1a2b3c4d5e
    """
    import equipoise.tasks  # noqa: F401  (the families register their metrics)
    from equipoise.cli.judging import votes_bar
    from equipoise.cli.plan import build
    from equipoise.leaderboard.board import open_board
    from equipoise.leaderboard.judging import judge_again

    failed = 0
    for submission in submissions or list(open_board(board).standings):
        with votes_bar(quiet=False) as show:
            tally, problems = judge_again(board, submission, build, max_connections, show)
        click.echo(f"{submission}: {tally.votes} votes, {tally.cached} there already")
        if tally.failed:
            click.echo(plain(f"  {tally.failed} calls failed, run it again: {tally.error}"), err=True)
        for problem in problems:
            click.echo(f"  {problem}", err=True)
        failed += bool(tally.failed or problems)
    raise SystemExit(1 if failed else 0)


@click.command("rerun")
@BOARD
@ID
@click.argument("run", type=click.Path(path_type=Path))
@click.option("--note", default="", help="For the changelog.")
@JSON
def rerun(board: Path, submission: str, run: Path, note: str, as_json: bool) -> None:
    """Record that the maintainers measured the model of ID themselves, in RUN, and found what was submitted.

    The headline metrics are compared item by item. If none differs significantly (5 %, Holm), the tier becomes re-run.
    Exit code: 0 confirmed, 1 not, 2 bad input.

    \b
    Example:
      equipoise board rerun boards/ours my-model-1a2b3c4d5e runs/quick-5e6f7a8b
    """
    import equipoise.tasks  # noqa: F401  (the families register their metrics)
    from equipoise.leaderboard.maintain import ALPHA, measured_again

    found = measured_again(board, submission, run, note)
    apart = [each for each in found if each.p_adjusted < ALPHA]
    if as_json:
        click.echo(json.dumps({"confirmed": not apart, "compared": [each.record() for each in found]}, indent=1))
    else:
        for each in apart:
            click.echo(
                f"{each.task} {each.arm} {each.measure}: submitted {each.baseline:.3f}, measured {each.candidate:.3f}, "
                f"difference {each.difference:+.3f} ({each.low:+.3f} to {each.high:+.3f}), p {each.p_adjusted:.2g}"
            )
        said = f"{len(apart)} of {len(found)} headline metrics differ" if apart else "tier re-run"
        click.echo(f"{submission}: {'not confirmed' if apart else 'confirmed'}, {said}")
    raise SystemExit(1 if apart else 0)


@click.command("withdraw")
@BOARD
@ID
@click.option("--note", required=True, help="Why; stands in the changelog.")
def withdraw(board: Path, submission: str, note: str) -> None:
    """Take the submission ID off BOARD. Its files and its history stay.

    \b
    Example:
      equipoise board withdraw boards/ours my-model-1a2b3c4d5e --note "asked for by its submitter"
    """
    from equipoise.leaderboard.maintain import withdraw as take_off

    take_off(board, submission, note)
    click.echo(f"{submission}: withdrawn")


@click.command("verify")
@BOARD
@click.option("--head", default="", metavar="HASH", help="A head that was published: the chain must hold it.")
@JSON
def verify(board: Path, head: str, as_json: bool) -> None:
    """Check that nobody changed BOARD behind its back: the chain of events, and the hash of every file they name.

    A chain that was cut off at its end is whole in itself; only a head that somebody noted (the site shows it) tells.
    The texts of board.yaml may change. Exit code: 0 sound, 1 something was changed or is gone, 2 no board.

    \b
    Examples:
      equipoise board verify boards/ours
      equipoise board verify boards/ours --head 4f1d…
    """
    from equipoise.leaderboard.board import open_board
    from equipoise.leaderboard.verify import faults, verify_board

    found = verify_board(board, head)
    wrong = faults(found)
    if as_json:
        click.echo(json.dumps({"problems": [problem.record() for problem in found]}, indent=1))
    else:
        for problem in found:
            click.echo(str(problem), err=True)
        if not wrong:
            opened = open_board(board)
            click.echo(f"{board}: {len(opened.events)} events, {len(opened.standings)} submissions, sound")
            click.echo(f"head: {opened.head}")
    raise SystemExit(1 if wrong else 0)


@click.command("anchors")
@BOARD
@click.option("-o", "--output", "target", required=True, type=click.Path(path_type=Path), metavar="FILE")
def anchors(board: Path, target: Path) -> None:
    """Write the measures of the current edition of BOARD as anchors for the next one.

    Name the file in the next edition's YAML (anchors: FILE): capabilities of both are then on one scale.

    \b
    Example:
      equipoise board anchors boards/ours -o anchors-2026.1.csv
    """
    import equipoise.tasks  # noqa: F401  (the families register their metrics)
    from equipoise.leaderboard.linking import export_anchors

    export_anchors(board, target)
    click.echo(f"anchors: {target}")
