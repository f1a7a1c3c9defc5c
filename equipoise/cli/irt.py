"""`equipoise irt`: severity-free measures from any long table of ratings."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from equipoise.cli.irt_input import Source, Watch, names_of, rating_options
from equipoise.errors import InputError

if TYPE_CHECKING:
    import pandas as pd

    from equipoise.judges.irt import RaschFit, Simulation

Found = TypeVar("Found")

FILE = click.argument("file", type=click.Path(path_type=Path))
JSON = click.option("--json", "as_json", is_flag=True, help="One object on stdout and nothing else.")
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

    Errors take the anchors as known; equipoise.judges.irt.scoring.score_new adds what their uncertainty contributes.

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


@command.command("link", short_help="The models of one fit on the scale of another.")
@click.argument("first", type=click.Path(path_type=Path))
@click.argument("second", type=click.Path(path_type=Path))
@click.option("--facet", "facets", metavar="FACET,…", help="Link through these [default: all that both fits share].")
@click.option("--linear", is_flag=True, help="Stretch the first scale, too, where its unit is another.")
@click.option("-o", "--output", type=click.Path(path_type=Path), help="The linked measures as CSV.")
@JSON
def link_(first: Path, second: Path, facets: str | None, linear: bool, output: Path | None, as_json: bool) -> None:
    """Put the models of FIRST on the scale of SECOND: two measures.csv of fits with common items or judges.

    Common elements that moved away from the others (robust |z| above 2.7) are dropped and named. Scales whose common
    elements spread differently (ratio outside 0.9 to 1.1) are refused, unless --linear.

    \b
    Examples:
      equipoise irt link a/measures.csv b/measures.csv
      equipoise irt link a/measures.csv b/measures.csv --facet judge,item -o both.csv
    """
    import pandas as pd

    from equipoise.harness.files import write_whole
    from equipoise.judges.irt.boards import link_boards
    from equipoise.judges.irt.writing import records

    boards = {
        value: _in_part(value, link_boards, one, two, names_of(facets), linear)
        for value, one, two in _pairs(first, second)
    }
    frames = [board.measures.assign(part=value) if value else board.measures for value, board in boards.items()]
    table = pd.concat(frames, ignore_index=True)
    if output is not None:
        write_whole(output, lambda partial: table.to_csv(partial, index=False))
    said = [f"{value}: {text}" if value else text for value, board in boards.items() for text in board.warnings]
    if as_json:
        links = [
            {
                **({"part": value} if value else {}), "facet": facet, "shift": found.shift, "se": found.se,
                "slope": found.slope, "slope_se": found.slope_se, "ratio": found.ratio, "ratio_se": found.ratio_se,
                "used": list(found.used), "dropped": list(found.dropped),
            }
            for value, board in boards.items() for facet, found in board.links.items()
        ]  # fmt: skip
        _print_json({"links": links, "measures": records(table), "warnings": said})
        return
    from equipoise.cli.irt_shown import plain, print_board, print_warnings

    for value, board in boards.items():
        if value:
            click.echo(f"\n{plain(value)}")
        print_board(board)
    print_warnings(said)
    if output is not None:
        click.echo(f"linked measures: {output}")


@command.command("drift", short_help="Judges that moved between two fits.")
@click.argument("old", type=click.Path(path_type=Path))
@click.argument("new", type=click.Path(path_type=Path))
@click.option("--facet", metavar="FACET", help="Whose drift [default: the last facet, the judges].")
@click.option("--level", type=click.FloatRange(0, 1, min_open=True), default=0.05, show_default=True,
              help="Of the test, Holm's over all judges of a part.")  # fmt: skip
@click.option("--fail-on-drift", is_flag=True, help="Exit code 1 if any judge moved.")
@JSON
def drift_(old: Path, new: Path, facet: str | None, level: float, fail_on_drift: bool, as_json: bool) -> None:
    """Whether judges grew stricter or kinder between two fits: the measures.csv of each.

    The later fit must hold models and items where the earlier one put them, or one judge's drift shows with the other
    sign in all others: fit it with --anchors OLD/anchors_all.csv --release judge.

    \b
    Examples:
      equipoise irt fit november.csv --anchors october/anchors_all.csv --release judge -o november
      equipoise irt drift october/measures.csv november/measures.csv
      equipoise irt drift october/measures.csv november/measures.csv --fail-on-drift --json
    """
    from equipoise.judges.irt.boards import drift_table, one_frame
    from equipoise.judges.irt.writing import records

    tables, said = {}, []
    for value, one, two in _pairs(old, new):
        who = facet or str(one["facet"].iloc[-1])
        tables[value] = _in_part(value, drift_table, one, two, who)
        if not one_frame(two, who):
            text = f"{new} holds no other facet at its earlier place: drift is told relative to the mean of all {who}s"
            said.append(f"{value}: {text}" if value else text)
    moved = any((table["adjusted"] <= level).any() for table in tables.values())
    if as_json:
        rows = [
            {**({"part": value} if value else {}), **record}
            for value, table in tables.items()
            for record in records(table.assign(moved=table["adjusted"] <= level))
        ]
        _print_json({"drift": rows, "moved": moved, "warnings": said})
    else:
        from equipoise.cli.irt_shown import plain, print_drift, print_warnings

        for value, table in tables.items():
            if value:
                click.echo(f"\n{plain(value)}")
            print_drift(table, who, level)
        print_warnings(said)
    if moved and fail_on_drift:
        raise SystemExit(1)


@command.command("simulate", short_help="Ratings with known truths.")
@click.option("-o", "--output", type=click.Path(path_type=Path), required=True, help=".csv, .parquet or .jsonl")
@click.option("--models", type=click.IntRange(1), required=True, help="Number of models.")
@click.option("--items", type=click.IntRange(1), required=True, help="Number of items.")
@click.option("--judges", type=click.IntRange(1), required=True, help="Number of judges.")
@click.option("--categories", type=click.IntRange(2, 127), default=5, show_default=True, help="Of the scale.")
@click.option("--ratings", type=click.IntRange(1), help="Number of ratings [default: everyone rates everything].")
@click.option("--design", type=click.Choice(["cells", "responses"]), default="cells", show_default=True,
              help="What is drawn with --ratings: single ratings, or responses that every judge rates.")  # fmt: skip
@click.option("--sd-ability", type=click.FloatRange(0), default=1.0, show_default=True, help="Of models, logits.")
@click.option("--sd-difficulty", type=click.FloatRange(0), default=1.0, show_default=True, help="Of items, logits.")
@click.option("--sd-severity", type=click.FloatRange(0), default=0.5, show_default=True, help="Of judges, logits.")
@click.option("--thresholds", type=click.FloatRange(0), default=1.5, show_default=True, help="Even, from -X to X.")
@click.option("--response-sd", type=click.FloatRange(0), default=0.0, show_default=True,
              help="Quality of one response that its judges share, logits.")  # fmt: skip
@click.option("--slope-sd", type=click.FloatRange(0), default=0.0, show_default=True, help="Of judges' log slopes.")
@click.option("--bias", type=click.FloatRange(0), default=0.0, show_default=True, help="SD of model by judge, logits.")
@click.option("--adversary", type=click.Choice(["constant", "random", "reversed"]), help="What the last judge does.")
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True, help="The same seed, the same ratings.")
@click.option("--truth", type=click.Path(path_type=Path), help="The true values, as an anchor file (CSV).")
def simulate_(output: Path, truth: Path | None, **design: Any) -> None:
    """Draw ratings from the model with known truths: how many are needed, and what wrong assumptions cost.

    \b
    Examples:
      equipoise irt simulate -o ratings.csv --models 12 --items 40 --judges 4 --ratings 960 --seed 1
      equipoise irt simulate -o panel.parquet --models 20 --items 100 --judges 3 --ratings 3000 --design responses \\
        --response-sd 0.5 --truth truth.csv
    """
    from equipoise.harness.files import write_whole
    from equipoise.judges.irt import simulate, write_anchors

    if output.suffix not in (".csv", ".parquet", ".jsonl"):
        raise InputError("expected a name that ends in .csv, .parquet or .jsonl", path=output)
    made = simulate(**design)
    table = made.ratings
    if output.suffix == ".parquet":
        write_whole(output, lambda partial: table.to_parquet(partial, index=False))
    elif output.suffix == ".csv":
        write_whole(output, lambda partial: table.to_csv(partial, index=False))
    else:
        write_whole(output, lambda partial: table.to_json(partial, orient="records", lines=True))
    if truth is not None:
        write_anchors(_truth(made), truth)
    sizes = ", ".join(f"{table[name].nunique()} {name}s" for name in ("model", "item", "judge"))
    click.echo(f"{output}: {len(table):,} ratings of {sizes}")


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
        _print_json([entry.record() for entry in found])
        return
    from equipoise.cli.irt_shown import print_capability

    for entry in found:
        print_capability(entry)


def _write(found: "RaschFit", folder: Path | None, settings: dict[str, Any], watch: Watch) -> Path | None:
    """The files of a fit, if they are wanted; the report's place."""
    if folder is None:
        return None
    from equipoise.judges.irt.writing import REPORT, write

    watch.say("writing tables and report")
    write(found, folder, settings=settings)
    return folder / REPORT


def _show(found: "RaschFit", facets: Sequence[str], as_json: bool) -> None:
    """Tables, or JSON with the elements of these facets."""
    from equipoise.judges.irt.writing import cautions, measures_of, records

    measures, warnings = measures_of(found), cautions(found)
    if not as_json:
        from equipoise.cli.irt_shown import print_fit, print_warnings

        print_fit(found, measures, facets)
        print_warnings(warnings)
        return
    told = {"summary": records(found.summary), "measures": records(measures[measures["facet"].isin(facets)])}
    if len(facets) > 1:
        told |= {"thresholds": records(found.thresholds), "facets": records(found.facets)}
    _print_json({**told, "warnings": list(warnings)})


def _say(report: Path | None, as_json: bool) -> None:
    if report is not None and not as_json:
        click.echo(f"report: {report}")
        click.echo(f"anchors of this scale: {report.with_name('anchors.csv')}")


def _print_json(value: object) -> None:
    click.echo(json.dumps(value, indent=1, ensure_ascii=False, allow_nan=False))


def _pairs(first: Path, second: Path) -> "list[tuple[str, pd.DataFrame, pd.DataFrame]]":
    """Calibrations that two measures.csv have in common, by the value of their by-column."""
    from equipoise.judges.irt.boards import parts_of, read_measures

    one, two = parts_of(read_measures(first)), parts_of(read_measures(second))
    common = [value for value in one if value in two]
    if not common:
        raise InputError(f"has no calibration in common with {second} ({', '.join(two) or 'none'})", path=first)
    for path, parts in ((first, one), (second, two)):
        if alone := [value for value in parts if value not in common]:
            click.echo(f"equipoise: only in {path}: {', '.join(alone)}", err=True)
    return [(value, one[value], two[value]) for value in common]


def _in_part(value: str, function: Callable[..., Found], *arguments: Any) -> Found:
    """Call it; what is wrong is told with the part it is wrong in."""
    try:
        return function(*arguments)
    except InputError as error:
        if not value:
            raise
        raise InputError(f"{value}: {error.message}", path=error.path, field=error.field) from None


def _truth(made: "Simulation") -> "pd.DataFrame":
    """The values that ratings were drawn from, as anchors; an adversary has none."""
    import numpy as np
    import pandas as pd

    parts = {"model": made.abilities, "item": made.difficulties, "judge": made.severities}
    frames = [
        pd.DataFrame(
            {"facet": facet, "label": values.index.astype(str), "category": np.nan, "measure": values.to_numpy()}
        )
        for facet, values in parts.items()
    ]
    steps = pd.DataFrame({"facet": "threshold", "label": "common", "category": [0, *made.thresholds.index],
                          "measure": [np.nan, *made.thresholds]})  # fmt: skip
    return pd.concat([*(frame.dropna(subset="measure") for frame in frames), steps], ignore_index=True)
