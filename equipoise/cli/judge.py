"""`equipoise judge`: votes of more judges, or by other rubrics, on transcripts that are there already."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from equipoise.cli import options
from equipoise.errors import InputError

if TYPE_CHECKING:
    from equipoise.judges import Judge, Rubric, Tally


@click.command("judge")
@click.argument("source", type=click.Path(path_type=Path))
@click.option("--judge", "models", multiple=True, required=True, help="Inspect model name; repeat for a panel.")
@click.option("--rubric", "rubrics", multiple=True, help="A rubric file, or the name of a shipped one.")
@click.option("--dimension", "dimensions", multiple=True, help="Only this dimension or measure; repeat for several.")
@click.option("--strictness", default="neutral", show_default=True, help="Instructions to vote under: A,B,…")
@click.option("--joint", is_flag=True, help="All criteria of a rubric in one call, instead of one call each.")
@click.option("--logprobs", is_flag=True, help="Ask for log probabilities: votes get a weighted value beside.")
@click.option("--max-tokens", type=click.IntRange(1), default=2048, show_default=True, help="Of a judge's reply.")
@click.option("--retry-missing", is_flag=True, help="Ask again where a judge gave no readable vote.")
@click.option("--allow-same", is_flag=True, help="Let a judge be the subject or of its family.")
@click.option("--max-connections", type=click.IntRange(1), default=10, show_default=True, help="Per judge.")
@click.option("--max-retries", type=click.IntRange(0), default=5, show_default=True, help="Of a failing call.")
@click.option("--json", "as_json", is_flag=True, help="Print what was done as JSON.")
@options.draws
def command(
    source: Path, models: tuple[str, ...], rubrics: tuple[str, ...], dimensions: tuple[str, ...], strictness: str,
    joint: bool, logprobs: bool, max_tokens: int, retry_missing: bool, allow_same: bool, max_connections: int,
    max_retries: int, as_json: bool, draws: int,
) -> None:  # fmt: skip
    """Add judges' votes to the transcripts in SOURCE: a run folder, a folder of Inspect logs, or one log.

    Votes that are there already, from the run or from an earlier call, are not paid for again; the same command after
    an interruption goes on. Without --rubric every transcript is judged by the rubrics that its task names. A rubric
    file takes the place of the shipped rubric of its name; one with another name is used wherever the texts that it
    shows exist. In a run folder, table, metrics and report are made again.
    Exit code: 0 done, 1 some calls failed (run it again), 2 bad input.

    \b
    Examples:
      equipoise judge runs/aloe-1a2b3c4d --judge openai/gpt-5-mini --judge anthropic/claude-haiku-4
      equipoise judge runs/aloe-1a2b3c4d --judge openai/gpt-5-mini --rubric my_alignment.md
      equipoise judge logs/ --judge openai/gpt-5-mini --strictness lenient,neutral,strict --dimension empathy
    """
    import equipoise.tasks  # noqa: F401  (the families register their metrics and figures)
    from equipoise.cli.judging import judge_models, split, votes_bar
    from equipoise.harness.agents.judge import is_scripted
    from equipoise.harness.run import PLAN_FILE
    from equipoise.judges import PanelOptions, rejudge

    if not source.exists():
        raise InputError("no such file or folder", path=source)
    asked = PanelOptions(
        strictness=split(strictness),
        joint=joint,
        logprobs=logprobs,
        tokens=max_tokens,
        allow_same=allow_same,
    )
    judges = asked.judges(judge_models(models, max_connections, max_retries))
    chosen = [_rubric(text) for text in rubrics]
    if any(is_scripted(str(judge.model)) for judge in judges):
        _publish_levels(source)
    with votes_bar(quiet=as_json) as show:
        tally = rejudge(source, judges, asked, chosen, dimensions, max_connections, retry_missing, on_votes=show)
    if (source / PLAN_FILE).is_file():
        from equipoise.cli import results

        click.echo("writing table, metrics and report", err=True)
        results.finish(source, draws)
    _report(tally, judges, source, as_json)
    if tally.failed:
        click.echo(
            f"equipoise: {tally.failed} calls failed; run the same command to ask again: {tally.error}", err=True
        )
        raise SystemExit(1)


def _publish_levels(source: Path) -> None:
    """Build the tasks of the logs again, so that scripted judges know the true levels of their texts."""
    from equipoise.cli.plan import build, parameters
    from equipoise.harness.suite import TaskPlan
    from equipoise.harness.table import log_files, read_header

    for file in log_files(source):
        spec = read_header(file).eval
        try:
            if parameters(spec.task) is not None:
                build(TaskPlan(task=spec.task, args=spec.task_args))
        except InputError as error:  # another task's log, or files that are gone: levels are drawn from the texts' hash
            click.echo(f"equipoise: scripted judges do not know the true levels: {error.message}", err=True)


def _rubric(text: str) -> "Rubric":
    """A file if there is one of that name, else a shipped rubric."""
    from equipoise.judges import read_rubric, rubric_named

    path = Path(text)
    return read_rubric(path) if path.suffix or path.exists() else rubric_named(text)


def _report(tally: "Tally", judges: "list[Judge]", source: Path, as_json: bool) -> None:
    """What was asked, what was there, what it cost."""
    if as_json:
        click.echo(json.dumps(tally.record(), indent=1))
        return
    click.echo(f"{tally.votes} votes: {tally.cached} there already, {tally.made} made in {tally.calls:.0f} calls")
    for judge in judges:
        if count := tally.missing.get(judge.name):
            click.echo(f"  {judge.name}: {count} of its new votes are missing")
    if tally.cost:
        click.echo(f"cost: {tally.cost:.2f} USD")
    click.echo(f"agreement and severity: equipoise panel {source}")
