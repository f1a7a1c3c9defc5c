"""What is shown of one edition, read once and used by all its pages."""

import json
from collections.abc import Container
from dataclasses import dataclass

from equipoise.leaderboard.site.inert import slugs
from equipoise.leaderboard.site.margins import Panel, read_panels
from equipoise.leaderboard.site.source import Row, Source

PAGE_ROWS, CHUNK_ROWS = 50, 200
"""Rows of the board's table on a page, and in a file of data."""


@dataclass
class View:
    """One edition.

    Attributes:
        edition: Row of `editions`.
        folder: Its place below the site's root, empty for the current one.
        tasks, submissions: Rows; the submissions in the default order.
        panels: Margins.
        slugs: File name of each task.
    """

    edition: Row
    folder: str
    tasks: list[Row]
    submissions: list[Row]
    panels: list[Panel]
    slugs: dict[str, str]

    @property
    def measured(self) -> list[Panel]:
        """Panels with at least one number."""
        return [panel for panel in self.panels if panel.scales]

    @property
    def titles(self) -> dict[str, str]:
        """What the tasks are called."""
        return {task.task: task.title or task.task for task in self.tasks}

    @property
    def judges(self) -> list[str]:
        """The panel that the edition prescribes."""
        panel = json.loads(self.edition.spec or "{}").get("panel") or {}
        return list(panel.get("judges", ()))

    def having(self, names: Container[str]) -> list[Row]:
        """Those of the submissions that are named."""
        return [row for row in self.submissions if row.submission in names]

    @property
    def by_name(self) -> dict[str, Row]:
        """Submissions by their identifier."""
        return {row.submission: row for row in self.submissions}

    def panels_of(self, task: str) -> list[Panel]:
        """Panels of a task with at least one number."""
        return [panel for panel in self.measured if panel.task.task == task]


def read_view(source: Source, edition: Row, folder: str) -> View:
    """Read an edition."""
    name = edition.edition
    tasks = source.rows("SELECT * FROM tasks WHERE edition = ? ORDER BY rowid", name)
    submissions = source.rows("SELECT * FROM submissions WHERE edition = ? ORDER BY submission", name)
    panels = read_panels(source, name, tasks, submissions)
    measured = [panel for panel in panels if panel.scales]
    if measured:
        places = {submission: place for place, submission in enumerate(measured[0].order)}
        submissions.sort(key=lambda row: places[row.submission])
    names = slugs([task.task.rsplit("/", 1)[-1] for task in tasks])
    return View(edition, folder, tasks, submissions, panels, dict(zip([t.task for t in tasks], names, strict=True)))
