"""`equipoise irt`: severity-free measures from any long table of ratings."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from equipoise.cli.irt_between import drift, link
from equipoise.cli.irt_input import JSON, Source, Watch, print_json, rating_options
from equipoise.cli.irt_simulate import simulate
from equipoise.errors import InputError

if TYPE_CHECKING:
    from equipoise.judges.irt import RaschFit

FILE = click.argument("file", type=click.Path(path_type=Path))
FOLDER = click.option("-o", "--output", "folder", type=click.Path(path_type=Path), help="Folder for tables and report.")


@click.group("irt")
def command() -> None:
    """Measures of models that do not depend on who judged them, from any long table of ratings.

    A many-facet Rasch model takes apart what a score owes to the model, the item and the judge. See
    equipoise/judges/irt/README.md. Exit code: 0 done, 1 drift found with --fail-on-drift, 2 bad input.

    \b
    Examples:
      equipoise irt simulate -o ratings.csv --models 12 --items 40 --judges 4 --ratings 960 --seed 1
      equipoise irt fit ratings.csv -o results
      equipoise irt score new.csv --anchors results/anchors.csv
    """


@command.command("fit", short_help="Measures, severities, thresholds and fit of a file.")
@FILE
@rating_options
@click.option("--anchors", type=click.Path(path_type=Path), help="anchors.csv of an earlier fit: what must not move.")
@click.option("--release", "released", multiple=True, metavar="FACET", help="Let go the anchors of this facet.")
@click.option("--estimator", type=click.Choice(["jml", "mml"]), default="jml", show_default=True,
              help="mml: for fewer than some 30 ratings per object.")  # fmt: skip
@click.option("--floating", metavar="FACET", help="The facet whose mean is not 0 [default: the object].")
@click.option("--slopes", metavar="FACET", help="Let its elements differ in how sharply they tell good from bad.")
@click.option("--no-correction", is_flag=True, help="Leave the bias of jml in.")
@FOLDER
@JSON
def fit_(
    file: Path, anchors: Path | None, released: tuple[str, ...], estimator: Any, floating: str | None,
    slopes: str | None, no_correction: bool, folder: Path | None, as_json: bool, **about: Any,
) -> None:  # fmt: skip
    """Fit the ratings in FILE: CSV, TSV, JSONL (also .gz), Parquet, or a folder of Parquet files.

    One row per rating. Prints measures with intervals, categories, separation and warnings; -o writes all of it as
    CSV, JSON and an HTML report. The JSON object has the keys summary, measures, thresholds, facets, warnings; null
    means that there is no such number.

    \b
    Examples:
      equipoise irt fit ratings.csv
      equipoise irt fit ratings.csv --facets item,judge --scale judge -o results
      equipoise irt fit votes.parquet --score value --by measure --facets item,judge --json
      equipoise irt fit november.csv --anchors october/anchors_all.csv --release judge -o november
    """
    source = Source.of(file, **about)
    options = {"estimator": estimator, "floating": floating, "slopes": slopes, "correct": not no_correction}
    with Watch() as watch:
        found = source.fit(watch, anchors, released, **options)
        written = _write(found, folder, source.settings(anchors, released), watch)
    _show(found, source.names, as_json)
    _say(written, as_json)


@command.command("score", short_help="New models on a finished scale.")
@FILE
@rating_options
@click.option(
    "--anchors", type=click.Path(path_type=Path), required=True, help="anchors.csv of the fit that holds the scale."
)
@click.option("--free", is_flag=True, help="Estimate items, judges or thresholds that the anchors do not hold.")
@FOLDER
@JSON
def score_(file: Path, anchors: Path, free: bool, folder: Path | None, as_json: bool, **about: Any) -> None:
    """Measure new models in FILE on a finished scale: items, judges and thresholds stay where the anchors hold them.

    Errors take the anchors as known; equipoise.judges.irt.score_new adds what their uncertainty contributes.

    \b
    Example:
      equipoise irt score new.csv --anchors results/anchors.csv
    """
    source = Source.of(file, **about)
    released = source.names[:1]
    with Watch() as watch:
        found = source.fit(watch, anchors, released, all_anchored=not free)
        written = _write(found, folder, source.settings(anchors, released), watch)
    _show(found, released, as_json)
    _say(written, as_json)


@command.command("capability", short_help="The judged dimensions of a run.")
@click.argument("source", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="A list of objects on stdout.")
def capability_(source: Path, as_json: bool) -> None:
    """Severity-free capability of every judged dimension in SOURCE: a run folder, or a file in the long-table schema.

    One fit per task and dimension, raw and adjusted mean votes beside the measures. Needs two judges or more.

    \b
    Example:
      equipoise irt capability runs/feedback
    """
    import equipoise.judges  # noqa: F401  (votes beside the logs belong to the table)
    from equipoise.harness.table import read_table
    from equipoise.judges.capability import capability

    with Watch() as watch:
        found = capability(read_table(source), watch.iteration)
    if not found:
        raise InputError("holds no judge's vote", path=source)
    if as_json:
        print_json([entry.record() for entry in found])
        return
    from equipoise.cli.irt_shown import print_capability

    for entry in found:
        print_capability(entry)


def _write(found: "RaschFit", folder: Path | None, settings: dict[str, Any], watch: Watch) -> Path | None:
    """The files of a fit, if they are wanted; the report's place."""
    if folder is None:
        return None
    from equipoise.judges.irt.report.writing import REPORT, write

    watch.say("writing tables and report")
    write(found, folder, settings=settings)
    return folder / REPORT


def _show(found: "RaschFit", facets: Sequence[str], as_json: bool) -> None:
    """Tables, or JSON with the elements of these facets."""
    from equipoise.judges.irt.report.writing import measures_of, records

    measures, warnings = measures_of(found), found.warnings
    if not as_json:
        from equipoise.cli.irt_shown import print_fit, print_warnings

        print_fit(found, measures, facets)
        print_warnings(warnings)
        return
    told = {"summary": records(found.summary), "measures": records(measures[measures["facet"].isin(facets)])}
    if len(facets) > 1:
        told |= {"thresholds": records(found.thresholds), "facets": records(found.facets)}
    print_json({**told, "warnings": list(warnings)})


def _say(report: Path | None, as_json: bool) -> None:
    if report is not None and not as_json:
        click.echo(f"report: {report}")
        click.echo(f"anchors of this scale: {report.with_name('anchors.csv')}")


for other in (link, drift, simulate):
    command.add_command(other)
