"""The margins of every task as the board shows them: one panel a task (and domain), one cell a model and side."""

from dataclasses import dataclass, field

from equipoise.leaderboard.site.inert import slugs
from equipoise.leaderboard.site.numbers import DECIMALS, known
from equipoise.leaderboard.site.source import Row, Source

SIDES = ("stands", "bends", "needed")


@dataclass(frozen=True)
class Cell:
    """One margin of one model.

    Attributes:
        estimate, low, high: With the 95 % interval.
        n, missing: Rows used, and rows that have no value.
        best, worst: The rank set; 0 = not ranked.
    """

    estimate: float | None
    low: float | None
    high: float | None
    n: int
    missing: int
    best: int = 0
    worst: int = 0

    def packed(self) -> list[float | int | None]:
        """As the scripts get it."""
        numbers = (
            round(value, DECIMALS) if value is not None else None for value in (self.estimate, self.low, self.high)
        )
        return [*numbers, self.n, self.missing, self.best, self.worst]


@dataclass
class Scale:
    """What a side of a panel is called, and the ends of its scale."""

    heading: str
    least: float
    most: float

    @property
    def text(self) -> str:
        """The heading with a capital."""
        return self.heading[:1].upper() + self.heading[1:]

    @property
    def unit(self) -> bool:
        """Whether it is a share."""
        return (self.least, self.most) == (0.0, 1.0)


@dataclass
class Panel:
    """Both margins of a task, in one of its domains if it has several.

    Attributes:
        task: Row of `tasks`.
        by: Breakdown, empty if there is none.
        slug: Name of its files.
        scales: By side.
        cells: By submission and side.
        order: Submissions by default: first margin, then the second, highest first; then those without.
    """

    task: Row
    by: str
    slug: str = ""
    scales: dict[str, Scale] = field(default_factory=dict)
    cells: dict[str, dict[str, Cell]] = field(default_factory=dict)
    order: list[str] = field(default_factory=list)

    @property
    def label(self) -> str:
        """Name of the task with its domain."""
        parts = (part.split("=")[-1] for part in self.by.split(",") if part)
        return ", ".join([self.task.title or self.task.task, *parts])

    @property
    def sides(self) -> list[str]:
        """Those it has, in order."""
        return [side for side in SIDES if side in self.scales]

    @property
    def both(self) -> bool:
        """Whether it has both margins, and so a plane."""
        return "stands" in self.scales and "bends" in self.scales

    def cell(self, submission: str, side: str) -> Cell | None:
        """One margin of one model, None if it was not measured."""
        found = self.cells.get(submission, {}).get(side)
        return found if found and known(found.estimate) else None

    def value(self, submission: str, side: str) -> float | None:
        """Its estimate."""
        found = self.cell(submission, side)
        return found.estimate if found else None

    def ordered(self, submissions: list[Row], *sides: str) -> list[str]:
        """Submissions by their margins, highest first, those without last, equal ones by name."""

        def key(row: Row) -> tuple[object, ...]:
            values = [self.value(row.submission, side) for side in sides]
            return (*((value is None, -(value or 0.0)) for value in values), row.name.casefold(), row.submission)

        return [row.submission for row in sorted(submissions, key=key)]


def read_panels(source: Source, edition: str, tasks: list[Row], submissions: list[Row]) -> list[Panel]:
    """The panels of an edition in the order of its tasks.

    A task without any number has a panel without scales.
    """
    found: dict[tuple[str, str], Panel] = {}
    by_task = {task.task: task for task in tasks}
    ranks = _ranks(source, edition)
    query = """SELECT submission, task, "by", side, heading, estimate, low, high, n, missing, most, least FROM metrics
        WHERE edition = ? AND headline AND side IN ('stands', 'bends', 'needed') ORDER BY task, side, submission"""
    for row in source.rows(query, edition):
        if row.task not in by_task:
            continue
        by = _place(row.by)
        panel = found.setdefault((row.task, by), Panel(by_task[row.task], by))
        if row.side not in panel.scales:
            least, most = (row.least, row.most) if known(row.least) and known(row.most) else (0.0, 1.0)
            panel.scales[row.side] = Scale(row.heading, least, most)
        best, worst = ranks.get((row.task, by, row.side, row.heading, row.submission), (0, 0))
        cell = Cell(row.estimate, row.low, row.high, row.n or 0, row.missing or 0, best, worst)
        panel.cells.setdefault(row.submission, {})[row.side] = cell
    panels: list[Panel] = []
    for task in tasks:
        panels += [found[key] for key in sorted(found) if key[0] == task.task] or [Panel(task, "")]
    names = [f"{panel.task.task.rsplit('/', 1)[-1]} {panel.by}" for panel in panels]
    for panel, slug in zip(panels, slugs(names), strict=True):
        panel.slug = slug
        panel.order = panel.ordered(submissions, "stands", "bends")
    return panels


def _ranks(source: Source, edition: str) -> dict[tuple[str, ...], tuple[int, int]]:
    query = 'SELECT task, "by", side, heading, submission, best, worst FROM ranks WHERE edition = ? AND best > 0'
    return {
        (task, _place(by), side, heading, submission): (best, worst)
        for task, by, side, heading, submission, best, worst in source.tuples(query, edition)
    }


def _place(by: str | None) -> str:
    """A breakdown without the turn: margins are always taken after the last one."""
    return ",".join(part for part in (by or "").split(",") if part and not part.startswith("turn="))
