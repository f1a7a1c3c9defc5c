"""What a task family adds to the report: figures, and which transcripts to show."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import pandas as pd

from equipoise.harness.metrics import Metric
from equipoise.harness.report.theme import Picture


@dataclass(frozen=True)
class Case:
    """One transcript to show, chosen by a rule that is printed with it.

    Attributes:
        title: What it is an example of.
        model, item, arm, epoch, log: Where it is; `item` is empty if the rule found none.
    """

    title: str
    model: str = ""
    item: str = ""
    arm: str = ""
    epoch: int = 1
    log: str = ""


@dataclass(frozen=True)
class Section:
    """One task family's part of the report.

    Attributes:
        title, lead: Heading and the sentences below it: the question that is answered.
        pictures: Figures, in order.
        rule: How the cases were chosen.
        cases: Transcripts to show.
    """

    title: str
    lead: str
    pictures: list[Picture] = field(default_factory=list)
    rule: str = ""
    cases: list[Case] = field(default_factory=list)


SectionFunction = Callable[[pd.DataFrame, list[Metric]], Section]
"""(rows of one task, its metrics) -> its section."""

_sections: dict[str, SectionFunction] = {}


def register_section(task: str, function: SectionFunction) -> None:
    """Use the function for the tables of a task (its name without the package prefix)."""
    _sections[task] = function


def section_of(task: str, rows: pd.DataFrame, metrics: list[Metric]) -> Section:
    """A task's section; tasks that registered none get their table only."""
    short = task.rsplit("/", 1)[-1]
    if short in _sections:
        return _sections[short](rows, metrics)
    return Section(title=short, lead="")


@dataclass(frozen=True)
class Table:
    """A small table of texts.

    Attributes:
        caption: What it shows.
        headings: Of the columns.
        rows: One text per column.
    """

    caption: str
    headings: Sequence[str]
    rows: Sequence[Sequence[str]]


@dataclass(frozen=True)
class Page:
    """A part of the report that is about all tasks at once.

    Attributes:
        title, lead: Heading and the sentences below it.
        pictures: Figures, in order.
        tables: Below them.
    """

    title: str
    lead: str
    pictures: list[Picture] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)


PageFunction = Callable[[pd.DataFrame], Page | None]
"""The whole long table -> its page, None if there is nothing to say."""

_pages: list[PageFunction] = []


def register_page(function: PageFunction) -> None:
    """Add a page behind the sections of the tasks."""
    _pages.append(function)


def pages_of(table: pd.DataFrame) -> list[Page]:
    """The pages that have something to say about a table."""
    return [page for page in (function(table) for function in _pages) if page is not None]
