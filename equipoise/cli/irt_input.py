"""What `equipoise irt` reads: ratings and anchors as its options name them, and a sign of life while it works."""

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
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

    from equipoise.judges.irt import RaschFit

Given = TypeVar("Given", bound=Callable[..., Any])

JSON = click.option("--json", "as_json", is_flag=True, help="One object on stdout and nothing else.")
BY = "dimension"
OURS = ("measure", "value")  # columns by which a long table of Equipoise is known
DELAY = 1.0  # seconds of silence before a sign of life
_TAKEN = frozenset((
    "facet", "label", "measure", "low", "high", "se", "infit", "outfit", "count", "responses", "score", "average",
    "status", "subset", "displacement", "scale", "category", "share", "threshold", "flags", "errors", "elements",
    "mean", "sd", "ratings", "used", "missing", "bias", "t", "df", "p", "q", "observed", "expected", "row", "z",
    "probability",
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


def print_json(value: object) -> None:
    """On stdout, as strict JSON: there are no numbers beyond those of the language."""
    click.echo(json.dumps(value, indent=1, ensure_ascii=False, allow_nan=False))


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


@dataclass(frozen=True)
class Source:
    """A file of ratings and which of its columns is what; fields as the options of the commands.

    Attributes:
        file: The file.
        names: Object and facets.
        score, by, scale, weights, engine: As `fit` takes them; `by` None = `dimension` if there is such a column, "" =
            nothing is split.
        response: Columns that name what was rated; none = the default.
        where: Column -> the text that a row must have.
    """

    file: Path
    names: tuple[str, ...]
    score: str
    by: str | None
    scale: str
    response: tuple[str, ...]
    weights: str | None
    where: dict[str, str]
    engine: Any

    @classmethod
    def of(
        cls, file: Path, name: str, facets: str, score: str, by: str | None, scale: str, response: str | None,
        weights: str | None, conditions: Sequence[str], engine: Any,
    ) -> Self:  # fmt: skip
        """From the texts of a command line."""
        names = (name, *names_of(facets))
        where = conditions_of(conditions)
        return cls(file, names, score, by, scale, tuple(names_of(response)), weights, where, engine)

    def fit(
        self, watch: "Watch", anchors: Path | None, released: Sequence[str], all_anchored: bool = False, **options: Any
    ) -> "RaschFit":
        """Read and fit.

        Args:
            watch: Is told how far it is.
            anchors: An anchor file.
            released: Facets whose anchors are let go.
            all_anchored: Refuse elements of other facets than the object that the anchors do not hold.
            options: Further arguments of `fit`.

        Raises:
            InputError: See `read_ratings`, `read_anchors` and `fit`.
        """
        from equipoise.judges.irt import fit

        watch.say(f"reading {self.file}")
        table, by = self._read()
        held = None if anchors is None else self._anchors(anchors, by, released)
        if all_anchored and held is not None:
            self._check_all_anchored(table, held, by)
        watch.say(f"fitting {len(table):,} ratings")
        object, *facets = self.names
        try:
            return fit(
                table, object, facets, self.score, self.scale, by, self.response or None, self.weights, held,
                engine=self.engine, progress=watch.iteration, **options,
            )  # fmt: skip
        except InputError as error:
            raise self._in_file(error) from None

    def settings(self, anchors: Path | None, released: Sequence[str]) -> dict[str, Any]:
        """What `fit` was not told, for `fit.json`."""
        return {
            "file": str(self.file),
            "where": self.where,
            "anchors": None if anchors is None else str(anchors),
            "released": list(released),
        }

    def _read(self) -> "tuple[pd.DataFrame, str | None]":
        """The ratings, and their by-column; one named like a column of the results becomes `dimension`."""
        from equipoise.judges.irt import read_ratings

        by = self.by
        if by is None:
            by = BY if BY not in self.names and _has(self.file, (BY,)) else ""
        labels = [*self.names, *self.response, *([by] if by else [])]
        try:
            table = read_ratings(self.file, labels=labels, score=self.score, weights=self.weights, where=self.where)
        except InputError as error:
            if hint := self._hint(error):
                message = f"{error.message}; {hint}"
                raise InputError(message, path=error.path, line=error.line, field=error.field) from None
            raise
        if by not in _TAKEN:
            return table, by or None
        if BY in table.columns:
            raise InputError(f"the results have a column of this name, and {BY} is taken; rename one", field=by)
        return table.rename(columns={by: BY}), BY

    def _hint(self, error: InputError) -> str:
        """What to do about a file that is a long table of Equipoise."""
        if self.score != OURS[1] and error.field == self.score and _has(self.file, OURS):
            return "a long table of Equipoise is read with --score value --by measure"
        if error.field == "judge" and "empty" in error.message and _has(self.file, (*OURS, "judge")):
            return "rows without a judge are no votes: `equipoise votes RUN -o votes.parquet` writes the votes alone"
        return ""

    def _anchors(self, path: Path, by: str | None, released: Sequence[str]) -> "pd.DataFrame":
        from equipoise.judges.irt import read_anchors
        from equipoise.judges.irt.scales.anchors import COLUMNS, THRESHOLD

        anchors = read_anchors(path)
        first = str(anchors.columns[0])
        if first not in (*COLUMNS, "se") and first != by:
            raise InputError(f"holds anchors for each {first}; expected ratings fitted by it", path=path, field="--by")
        for facet in released:
            if facet not in (*self.names, THRESHOLD):
                known = ", ".join([*self.names, THRESHOLD])
                raise InputError(f"expected one of {known}, found '{facet}'", field="--release")
        return anchors[~anchors["facet"].isin(released)]

    def _check_all_anchored(self, table: "pd.DataFrame", anchors: "pd.DataFrame", by: str | None) -> None:
        from equipoise.judges.irt.scales.anchors import THRESHOLD

        parts = [("", table)] if by is None else [(str(v), rows) for v, rows in table.groupby(by, observed=True)]
        for value, rows in parts:
            held = anchors if by is None or by not in anchors else anchors[anchors[by].astype(str) == value]
            about = f"{by} '{value}': " if value else ""
            for facet in self.names[1:]:
                known = set(held.loc[held["facet"] == facet, "label"].astype(str))
                free = sorted(set(rows[facet].astype(str)) - known)
                if free:
                    message = f"{about}'{free[0]}' is not anchored ({len(free)} in all); expected all, or --free"
                    raise InputError(message, path=self.file, field=facet)
            if not (held["facet"] == THRESHOLD).any():
                message = f"{about}no threshold is anchored; expected all, or --free"
                raise InputError(message, path=self.file, field=THRESHOLD)

    def _in_file(self, error: InputError) -> InputError:
        """A complaint about the table as one about the file; a row as a line."""
        from equipoise.judges.irt.reading.read import place

        row = re.search(r" at row (\d+)", error.message)
        if error.path is not None or not row:
            return InputError(error.message, path=error.path or self.file, line=error.line, field=error.field)
        message = error.message.replace(row[0], "")
        return InputError(message, field=error.field, **place(self.file, int(row[1]), self.where))


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
    from equipoise.judges.irt.reading.blocks import read_blocks

    try:
        next(iter(read_blocks(path, names)), None)
    except InputError:
        return False
    return True
