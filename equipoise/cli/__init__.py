"""The `equipoise` command: one thin file per command group, loaded when the command is used."""

import contextlib
import importlib
import os
import shlex
import sys
import traceback

import click

from equipoise.errors import InputError

COMMANDS = {
    "run": "equipoise.cli.run",
    "suites": "equipoise.cli.suites",
    "demo": "equipoise.cli.demo",
    "runs": "equipoise.cli.runs",
    "show": "equipoise.cli.show",
    "baseline": "equipoise.cli.baseline",
    "judge": "equipoise.cli.judge",
    "votes": "equipoise.cli.votes",
    "panel": "equipoise.cli.panel",
    "probe": "equipoise.cli.probe",
    "irt": "equipoise.cli.irt",
    "table": "equipoise.cli.table",
    "metrics": "equipoise.cli.metrics",
    "compare": "equipoise.cli.compare",
    "gate": "equipoise.cli.gate",
    "power": "equipoise.cli.power",
    "report": "equipoise.cli.report",
    "plot": "equipoise.cli.plot",
    "submit": "equipoise.cli.submit",
    "board": "equipoise.cli.board",
    "data": "equipoise.cli.data",
    "train": "equipoise.cli.train",
}


NO_VERDICT = 3
"""Exit code of `gate` where it gives none: bad input, wrong usage, a crash."""


class LazyGroup(click.Group):
    """Imports a command's module when the command is named, so that `--help` stays fast."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """In the order of a user's day, not of the alphabet."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name, or None."""
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = importlib.import_module(COMMANDS[cmd_name]).command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Names and one line each, without importing anything."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, SUMMARIES[name]) for name in COMMANDS])


SUMMARIES = {
    "run": "Run tasks or suites on models; the same command resumes.",
    "suites": "List the suites and tasks, or print a suite's YAML.",
    "demo": "Measure the embedded model and the control agents; write a report.",
    "runs": "List the runs that are there.",
    "show": "Show one run: settings, progress, what is missing, scorecard.",
    "baseline": "Name the runs that others are compared with.",
    "judge": "Add judges' votes to finished runs; pays only for what is new.",
    "votes": "Export every vote with its raw text, tokens, time and cost.",
    "panel": "Agreement and severity of a run's judges.",
    "probe": "Attacks on judges, their biases, and their drift over time.",
    "irt": "Measures of models without the judges' severity.",
    "table": "Build the long table of a run folder or of Inspect logs.",
    "metrics": "Metrics with intervals of a run folder or table.",
    "compare": "Two runs beside each other: differences with intervals.",
    "gate": "GO, NO-GO or INCONCLUSIVE for a candidate, with an exit code for CI.",
    "power": "Items, epochs and looks that a gate needs.",
    "report": "Write the HTML report of a run folder.",
    "plot": "Draw figures for papers from a run or table.",
    "submit": "Make a submission to a board from a run.",
    "board": "Keep a leaderboard: check, add, build its site.",
    "data": "Validate item files; make preference data.",
    "train": "Train a model on preference pairs: persuasion-balanced training.",
}


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="equipoise")
def cli() -> None:
    """Does this model bend when it should and stand when it should?

    \b
    Examples:
      equipoise demo
      equipoise run persuasion --model openai/gpt-5-mini --controls
      equipoise metrics runs/persuasion-1a2b3c4d --json
    """


def main() -> None:
    """Entry point: bad input is one line on stderr and exit code 2; of `gate`, whose 1 and 2 are verdicts, 3."""
    refused = NO_VERDICT if sys.argv[1:2] == ["gate"] else 0
    try:
        code = cli(standalone_mode=False)
        sys.stdout.flush()
    except InputError as error:
        click.echo(f"equipoise: {error}", err=True)
        code = refused or 2
    except click.ClickException as error:
        error.show()
        code = refused or error.exit_code
    except (click.Abort, KeyboardInterrupt):
        again = shlex.join(["equipoise", *sys.argv[1:]])
        click.echo(f"equipoise: interrupted, not complete; what had finished is kept, to go on: {again}", err=True)
        code = 130
    except SystemExit as stop:  # of `gate` only where output could not be written: click and rich then exit with 1
        code = refused or stop.code
        _discard_output()
    except BrokenPipeError:
        code = refused
        _discard_output()
    except Exception as error:
        if not refused:
            raise
        if isinstance(error, OSError):
            click.echo(f"equipoise: the output cannot be written ({error.strerror})", err=True)
        else:
            traceback.print_exc()
        code = refused
        _discard_output()
    sys.exit(code)


def _discard_output() -> None:
    """What is left in the buffer of a closed pipe would change the exit code when Python ends."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
