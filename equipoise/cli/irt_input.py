"""What `equipoise irt` reads: ratings and anchors as its options name them, and a sign of life while it works."""

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from threading import Lock, Timer
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, TypeVar

import click

from equipoise.errors import InputError

if TYPE_CHECKING:
    import pandas as pd
    from rich.console import Console
    from rich.status import Status

Given = TypeVar("Given", bound=Callable[..., Any])

BY = "dimension"
OURS = ("measure", "value")  # columns by which a long table of Equipoise is known
DELAY = 1.0  # seconds of silence before a sign of life
_TAKEN = frozenset((
    "facet", "label", "measure", "low", "high", "se", "infit", "outfit", "count", "responses", "score", "average",
    "status", "subset", "displacement", "scale", "category", "share", "threshold", "flags", "errors", "elements", "mean",
    "sd", "ratings", "used", "missing", "bias", "t", "df", "p", "q", "observed", "expected", "row", "z", "probability",
))  # fmt: skip
"""Columns of the result tables, which a by-column cannot be named like."""


def rating_options(command: Given) -> Given:
    """The options that say what a file of ratings holds."""
    for option in (
        click.option("--engine", type=click.Choice(["auto", "numpy", "numba"]), default="auto", show_default=True,
                     help="numba: faster from a million ratings, extra `fast`."),
        click.option("--where", "conditions", multiple=True, metavar="COL=TEXT",
                     help="Only rows with this text; repeat for several."),
        click.option("--weights", metavar="COL", help="Column of weights above 0."),
        click.option("--response", metavar="COL,…", help="Columns that name what was rated, for clustered errors "
                     "[default: object and first facet]."),
        click.option("--scale", default="common", show_default=True, metavar="common|FACET",
                     help="FACET: thresholds of their own for its elements."),
        click.option("--by", metavar="COL", help="Column whose values are fitted apart [default: dimension, if there "
                     "is one; '' for none]."),
        click.option("--score", default="score", show_default=True, metavar="COL", help="Whole numbers from 0."),
        click.option("--facets", default="item,judge", show_default=True, metavar="COL,…",
                     help="What else moves a score: items first, judges last."),
        click.option("--object", "name", default="model", show_default=True, metavar="COL", help="What is measured."),
    ):  # fmt: skip
        command = option(command)
    return command


def names_of(text: str | None) -> list[str]:
    """The names in `a,b`."""
    return [part.strip() for part in (text or "").split(",") if part.strip()]


def conditions_of(texts: Sequence[str]) -> dict[str, str]:
    """Column -> wanted text, from `COL=TEXT`.

    Raises:
        InputError: No equals sign, or a column twice.
    """
    found: dict[str, str] = {}
    for text in texts:
        name, equals, wanted = text.partition("=")
        if not equals or not name:
            raise InputError(f"expected COL=TEXT, found {text!r}", field="--where")
        if name in found:
            raise InputError("stands twice; a row has one text in a column", field=f"--where {name}")
        found[name] = wanted
    return found


def read(
    path: Path, labels: Sequence[str], score: str, by: str | None, weights: str | None, where: dict[str, str]
) -> "tuple[pd.DataFrame, str | None]":
    """The ratings in a file, and the name of the by-column in them (None = nothing is split).

    A by-column that is named like a column of the results becomes `dimension`.

    Raises:
        InputError: See `read_ratings`; with a hint where the file is a long table of Equipoise.
    """
    from equipoise.judges.irt import read_ratings

    if by is None:
        by = BY if BY not in labels and _has(path, (BY,)) else ""
    try:
        table = read_ratings(path, labels=[*labels, *([by] if by else [])], score=score, weights=weights, where=where)
    except InputError as error:
        if hint := _hint(path, error, score):
            raise InputError(f"{error.message}; {hint}", path=error.path, line=error.line, field=error.field) from None
        raise
    if by in _TAKEN:
        if BY in table.columns:
            raise InputError(f"the results have a column of this name; rename it, or leave out {BY}", field=by)
        table, by = table.rename(columns={by: BY}), BY
    return table, by or None


def place_rows(error: InputError, path: Path, where: dict[str, str]) -> InputError:
    """A complaint about a row of the table as one about a line of the file."""
    from equipoise.judges.irt.reading import place

    found = re.search(r" at row (\d+)", error.message)
    if error.path is not None or not found:
        return InputError(error.message, path=error.path or path, line=error.line, field=error.field)
    message = error.message.replace(found[0], "")
    return InputError(message, field=error.field, **place(path, int(found[1]), where))


def read_anchor_file(path: Path, by: str | None, names: Sequence[str], released: Sequence[str]) -> "pd.DataFrame":
    """Anchors, less those of facets that are let go.

    Raises:
        InputError: Not an anchor file, or one whose by-column is not the one fitted by.
    """
    from equipoise.judges.irt import read_anchors
    from equipoise.judges.irt.anchors import COLUMNS, THRESHOLD

    anchors = read_anchors(path)
    first = str(anchors.columns[0])
    if first not in (*COLUMNS, "se") and first != by:
        raise InputError(f"holds anchors for each {first}; expected the ratings to be fitted by it", path=path, field="--by")
    for facet in released:
        if facet not in (*names, THRESHOLD):
            raise InputError(f"expected one of {', '.join([*names, THRESHOLD])}, found '{facet}'", field="--release")
    return anchors[~anchors["facet"].isin(released)]


def check_all_anchored(
    table: "pd.DataFrame", anchors: "pd.DataFrame", facets: Sequence[str], by: str | None, path: Path
) -> None:
    """Every element of the facets, and the rating scale, is held.

    Raises:
        InputError: One is not; the message names it.
    """
    from equipoise.judges.irt.anchors import THRESHOLD

    own_by = by if by is not None and by in anchors.columns else None
    for value, rows in table.groupby(by, observed=True) if by is not None else [("", table)]:
        held = anchors if own_by is None else anchors[anchors[own_by].astype(str) == str(value)]
        about = f"{by} '{value}': " if by is not None else ""
        for facet in facets:
            known = set(held.loc[held["facet"] == facet, "label"].astype(str))
            free = sorted(set(rows[facet].astype(str)) - known)
            if free:
                message = f"{about}'{free[0]}' is not anchored ({len(free)} in all); expected all, or --free"
                raise InputError(message, path=path, field=facet)
        if not (held["facet"] == THRESHOLD).any():
            raise InputError(f"{about}no threshold is anchored; expected all, or --free", path=path, field=THRESHOLD)


class Watch:
    """Says on a terminal's stderr what is being done, once it takes more than a second."""

    def __init__(self, console: "Console | None" = None, delay: float = DELAY) -> None:
        self._console = console
        self._status: Status | None = None
        self._text, self._open, self._lock = "", True, Lock()
        self._timer = Timer(delay, self._show)
        self._timer.daemon = True

    def say(self, text: str) -> None:
        """What is being done now."""
        from rich.markup import escape

        with self._lock:
            self._text = escape(text)
            if self._status is not None:
                self._status.update(self._text)

    def iteration(self, value: str, number: int, log_likelihood: float, step: float) -> None:
        """One iteration of a fit."""
        about = f"{value}: " if value else ""
        self.say(f"{about}iteration {number}, log-likelihood {log_likelihood:,.2f}, largest step {step:.1e} logits")

    def __enter__(self) -> Self:
        if self._console is None:
            from rich.console import Console

            self._console = Console(stderr=True)
        if self._console.is_terminal:
            self._timer.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._timer.cancel()
        with self._lock:
            self._open = False
            if self._status is not None:
                self._status.stop()

    def _show(self) -> None:
        with self._lock:
            if self._open and self._console is not None:
                self._status = self._console.status(self._text)
                self._status.start()


def _has(path: Path, names: Sequence[str]) -> bool:
    """Whether the file can be read and has these columns; looks at its start only."""
    from equipoise.judges.irt.ratings_blocks import read_blocks

    try:
        next(iter(read_blocks(path, names)), None)
    except InputError:
        return False
    return True


def _hint(path: Path, error: InputError, score: str) -> str:
    """What to do about a file that is a long table of Equipoise."""
    if score != OURS[1] and error.field == score and _has(path, OURS):
        return "a long table of Equipoise is read with --score value --by measure"
    if error.field == "judge" and "empty" in error.message and _has(path, (*OURS, "judge")):
        return "rows without a judge are no votes: `equipoise votes RUN -o votes.parquet` writes the votes alone"
    return ""
