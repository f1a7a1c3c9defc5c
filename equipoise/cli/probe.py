"""`equipoise probe`: is this judge any good? Attacks, biases and drift, measured on texts with a known right answer."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from equipoise.errors import InputError

if TYPE_CHECKING:
    from equipoise.judges import Judge, Store
    from equipoise.judges.calls import Watch

Given = TypeVar("Given", bound=Callable[..., Any])

FOLDER = click.option(
    "-o", "--output", "folder", type=click.Path(path_type=Path), default=Path("probes"), show_default=True,
    help="Folder for results and votes; votes that it holds are not asked for again.",
)  # fmt: skip
JSON = click.option("--json", "as_json", is_flag=True, help="Print the results as JSON.")
CONNECTIONS = click.option(
    "--max-connections", type=click.IntRange(1), default=10, show_default=True, help="Per judge."
)
RETRIES = click.option("--max-retries", type=click.IntRange(0), default=5, show_default=True, help="Of a failing call.")


def _asks_judges(command: Given) -> Given:
    """The options of probes that ask judges."""
    for option in (
        JSON, RETRIES, CONNECTIONS, FOLDER,
        click.option("--strictness", default="neutral", show_default=True, help="Instructions to vote under: A,B,…"),
        click.option("--judge", "models", multiple=True, required=True, help="Inspect model name; repeat for several."),
    ):  # fmt: skip
        command = option(command)
    return command


@click.group("probe")
def command() -> None:
    """Measure what is wrong with a judge before its votes are believed.

    Every probe tells the judge's missing votes by reason. injection, position and verbosity come with their own texts;
    self-preference reads votes that are there; freeze and drift keep votes and compare later ones with them.
    Exit code: 0 done, 1 some calls failed (run it again) or drift was found, 2 bad input.

    \b
    Examples:
      equipoise probe injection --judge openai/gpt-5-mini
      equipoise probe position --judge openai/gpt-5-mini --judge anthropic/claude-haiku-4
      equipoise probe self-preference runs/aloe-1a2b3c4d
      equipoise probe drift --judge openai/gpt-5-mini --frozen judge-votes.jsonl
    """


@command.command("injection")
@_asks_judges
@click.option("--limit", type=click.IntRange(1), help="Only so many attacks, the kinds in turn.")
@click.option("--rubric", "rubrics", multiple=True, help="Only replies that are judged by this rubric.")
def injection(
    models: tuple[str, ...], strictness: str, folder: Path, max_connections: int, max_retries: int, as_json: bool,
    limit: int | None, rubrics: tuple[str, ...],
) -> None:  # fmt: skip
    """How often a subject's reply talks the judge into a higher vote, with the fenced prompt and with a naive one.

    64 attacks of eight kinds stand in five bad replies; harmless words of about the same length are the control.
    Two calls for each attack on each reply, and about 100 more; --limit 16 makes it a quarter.

    \b
    Examples:
      equipoise probe injection --judge openai/gpt-5-mini
      equipoise probe injection --judge openai/gpt-5-mini --limit 16 --rubric feedback_positivity
    """
    from equipoise.cli.probed import attack_table
    from equipoise.judges.injection import cases, probe_injection

    cases(limit, rubrics)  # a wrong rubric costs nothing
    judges = _judges(models, strictness, max_connections, max_retries)

    def probe(store: "Store", watch: "Watch") -> Any:
        return probe_injection(judges, store, limit, rubrics, max_connections, watch)

    _run("injection", probe, folder, as_json, attack_table)


@command.command("position")
@_asks_judges
def position(
    models: tuple[str, ...], strictness: str, folder: Path, max_connections: int, max_retries: int, as_json: bool
) -> None:
    """Whether the judge prefers a place when it compares two replies; 2 calls for each of 37 pairs.

    \b
    Example:
      equipoise probe position --judge openai/gpt-5-mini
    """
    from equipoise.cli.probed import position_table
    from equipoise.judges.probes import probe_position

    judges = _judges(models, strictness, max_connections, max_retries)

    def probe(store: "Store", watch: "Watch") -> Any:
        return probe_position(judges, store, max_connections, watch)

    _run("position", probe, folder, as_json, position_table)


@command.command("verbosity")
@_asks_judges
def verbosity(
    models: tuple[str, ...], strictness: str, folder: Path, max_connections: int, max_retries: int, as_json: bool
) -> None:
    """Whether the judge prefers the longer of two replies that say the same; 4 calls for each of 25 pairs.

    \b
    Example:
      equipoise probe verbosity --judge openai/gpt-5-mini
    """
    from equipoise.cli.probed import verbosity_table
    from equipoise.judges.probes import probe_verbosity

    judges = _judges(models, strictness, max_connections, max_retries)

    def probe(store: "Store", watch: "Watch") -> Any:
        return probe_verbosity(judges, store, max_connections, watch)

    _run("verbosity", probe, folder, as_json, verbosity_table)


@command.command("self-preference")
@click.argument("source", type=click.Path(path_type=Path))
@JSON
def self_preference(source: Path, as_json: bool) -> None:
    """Whether judges favour models of their own family; from the votes in SOURCE, a run folder or a long table.

    A judge's votes on its family are compared with another judge's, less what both differ on models of neither's
    family. So it needs votes of at least two judges of different families, and models of at least two families.

    \b
    Examples:
      equipoise probe self-preference runs/aloe-1a2b3c4d
      equipoise probe self-preference table.csv --json
    """
    import equipoise.judges  # noqa: F401  (votes beside the logs belong to the table)
    from equipoise.cli.probed import print_results, self_preference_table
    from equipoise.harness.table import read_table
    from equipoise.judges import probes

    found = probes.self_preference(read_table(source))
    print_results("self-preference", found, as_json, self_preference_table)


@command.command("freeze")
@click.argument("source", type=click.Path(path_type=Path))
@click.option("-o", "--output", type=click.Path(path_type=Path), required=True, help="The file, JSONL.")
@click.option("--rubric", "rubrics", multiple=True, type=click.Path(path_type=Path), help="A rubric file in use.")
def freeze(source: Path, output: Path, rubrics: tuple[Path, ...]) -> None:
    """Keep the votes on the transcripts in SOURCE, with texts and rubrics, to compare later votes with.

    SOURCE is a run folder, a folder of Inspect logs, or one log. Votes by rubrics of your own need their files.

    \b
    Example:
      equipoise probe freeze runs/aloe-1a2b3c4d -o judge-votes.jsonl
    """
    from equipoise.judges import probes, read_rubric

    if not source.exists():
        raise InputError("no such file or folder", path=source)
    frozen = probes.freeze(source, [read_rubric(path) for path in rubrics])
    probes.write_frozen(frozen, output)
    left = f"; {frozen.left_out} left out (failed, or given to another prompt)" if frozen.left_out else ""
    click.echo(f"{output}: {len(frozen.votes)} votes of {', '.join(frozen.judges)}{left}")


@command.command("drift")
@click.option("--judge", "model", required=True, help="Inspect model name.")
@click.option("--frozen", "file", type=click.Path(path_type=Path), required=True, help="A file of `probe freeze`.")
@click.option("--against", default="", help="Whose frozen votes are compared; the judge's own by default.")
@click.option("--tolerance", type=click.FloatRange(0, 1), default=0.05, show_default=True,
              help="Largest shift of the mean, as a share of the scale's range.")  # fmt: skip
@click.option("--changed", type=click.FloatRange(0, 1), default=0.1, show_default=True,
              help="Largest share of votes that are different, or missing, now.")  # fmt: skip
@click.option(
    "-o",
    "--output",
    "folder",
    type=click.Path(path_type=Path),
    help="Folder for results and votes: a new one for each check, the same one to go on.",
)
@CONNECTIONS
@RETRIES
@JSON
def drift(
    model: str, file: Path, against: str, tolerance: float, changed: float, folder: Path | None, max_connections: int,
    max_retries: int, as_json: bool,
) -> None:  # fmt: skip
    """Whether a judge still votes as it did when the file was frozen; every question is asked again.

    Votes are compared only if the judge is told exactly what it was told then; a changed prompt is refused.
    Exit code: 0 no drift, 1 drift or failed calls, 2 bad input.

    \b
    Examples:
      equipoise probe drift --judge openai/gpt-5-mini --frozen judge-votes.jsonl -o drift-november
      equipoise probe drift --judge openai/gpt-6-mini --against openai/gpt-5-mini --frozen judge-votes.jsonl
    """
    from equipoise.cli.judging import judge_models
    from equipoise.cli.probed import drift_table
    from equipoise.judges import probes

    frozen = probes.read_frozen(file)
    (judge,) = judge_models([model], max_connections, max_retries)
    tolerated = probes.Tolerance(tolerance, changed)

    def probe(store: "Store", watch: "Watch") -> Any:
        return probes.probe_drift(judge, frozen, store, against, tolerated, max_connections, watch, file)

    found = _run("drift", probe, folder, as_json, drift_table)
    if any(each.findings for each in found):
        raise SystemExit(1)


def _judges(models: tuple[str, ...], strictness: str, max_connections: int, max_retries: int) -> "list[Judge]":
    from equipoise.cli.judging import judge_models, split
    from equipoise.judges import PanelOptions

    return PanelOptions(strictness=split(strictness)).judges(judge_models(models, max_connections, max_retries))


def _run(
    name: str, probe: "Callable[[Store, Watch], list[Any]]", folder: Path | None, as_json: bool,
    table: Callable[[list[Any]], None],
) -> list[Any]:  # fmt: skip
    """Ask, with a bar; keep the results; print them; exit with 1 if calls failed."""
    from equipoise.cli.judging import votes_bar
    from equipoise.cli.probed import keep_results, print_results
    from equipoise.judges import STORE_FILE, Store

    if folder is not None:
        _make(folder)
    with Store(folder / STORE_FILE if folder is not None else Path(":memory:")) as store, votes_bar(as_json) as watch:
        found = probe(store, watch)
    if folder is not None:
        keep_results(name, found, folder)
    print_results(name, found, as_json, table)
    if folder is not None and not as_json:
        click.echo(f"results: {folder / name}.json")
    if failed := sum(each.missing.reasons.get("error", 0) for each in found):
        click.echo(f"equipoise: {failed} votes failed; run the same command to ask again", err=True)
        raise SystemExit(1)
    return found


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"cannot be created ({error.strerror})", path=folder) from None
