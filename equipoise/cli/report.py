"""`equipoise report`: table, metrics and report of a run folder, made again from its logs."""

from pathlib import Path

import click

from equipoise.cli import options


@click.command("report")
@click.argument("folder", type=click.Path(path_type=Path))
@options.draws
def command(folder: Path, draws: int) -> None:
    """Write FOLDER/report.html (one file, no network) from the logs of a run folder.

    \b
    Example:
      equipoise report runs/persuasion-1a2b3c4d
    """
    from equipoise.cli import results
    from equipoise.errors import InputError

    if not folder.is_dir():
        raise InputError("is not a run folder", path=folder)
    results.finish(folder, draws)
    results.say_partial(folder)
    click.echo(folder / results.REPORT_FILE)
