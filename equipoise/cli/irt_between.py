"""`equipoise irt link` and `drift`: what two fits say of each other."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from equipoise.cli.irt_input import JSON, names_of, print_json
from equipoise.errors import InputError

if TYPE_CHECKING:
    import pandas as pd

Found = TypeVar("Found")


@click.command("link", short_help="The models of one fit on the scale of another.")
@click.argument("first", type=click.Path(path_type=Path))
@click.argument("second", type=click.Path(path_type=Path))
@click.option("--facet", "facets", metavar="FACET,…", help="Link through these [default: all that both fits share].")
@click.option("--linear", is_flag=True, help="Stretch the first scale, too, where its unit is another.")
@click.option("-o", "--output", type=click.Path(path_type=Path), help="The linked measures as CSV.")
@JSON
def link(first: Path, second: Path, facets: str | None, linear: bool, output: Path | None, as_json: bool) -> None:
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
    from equipoise.judges.irt.report.writing import records
    from equipoise.judges.irt.scales.boards import link_boards

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
        print_json({"links": links, "measures": records(table), "warnings": said})
        return
    from equipoise.cli.irt_shown import print_board, print_warnings
    from equipoise.cli.terminal import plain

    for value, board in boards.items():
        if value:
            click.echo(f"\n{plain(value)}")
        print_board(board)
    print_warnings(said)
    if output is not None:
        click.echo(f"linked measures: {output}")


@click.command("drift", short_help="Judges that moved between two fits.")
@click.argument("old", type=click.Path(path_type=Path))
@click.argument("new", type=click.Path(path_type=Path))
@click.option("--facet", metavar="FACET", help="Whose drift [default: the last facet, the judges].")
@click.option("--level", type=click.FloatRange(0, 1, min_open=True), default=0.05, show_default=True,
              help="Of the test, Holm's over all judges of a part.")  # fmt: skip
@click.option("--fail-on-drift", is_flag=True, help="Exit code 1 if any judge moved.")
@JSON
def drift(old: Path, new: Path, facet: str | None, level: float, fail_on_drift: bool, as_json: bool) -> None:
    """Whether judges grew stricter or kinder between two fits: the measures.csv of each.

    The later fit must hold models and items where the earlier one put them, or one judge's drift shows with the other
    sign in all others: fit it with --anchors OLD/anchors_all.csv --release judge.

    \b
    Examples:
      equipoise irt fit november.csv --anchors october/anchors_all.csv --release judge -o november
      equipoise irt drift october/measures.csv november/measures.csv
      equipoise irt drift october/measures.csv november/measures.csv --fail-on-drift --json
    """
    from equipoise.judges.irt.report.writing import records
    from equipoise.judges.irt.scales.boards import drift_table, one_frame

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
        print_json({"drift": rows, "moved": moved, "warnings": said})
    else:
        from equipoise.cli.irt_shown import print_drift, print_warnings
        from equipoise.cli.terminal import plain

        for value, table in tables.items():
            if value:
                click.echo(f"\n{plain(value)}")
            print_drift(table, who, level)
        print_warnings(said)
    if moved and fail_on_drift:
        raise SystemExit(1)


def _pairs(first: Path, second: Path) -> "list[tuple[str, pd.DataFrame, pd.DataFrame]]":
    """Calibrations that two measures.csv have in common, by the value of their by-column."""
    from equipoise.judges.irt.scales.boards import parts_of, read_measures

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
