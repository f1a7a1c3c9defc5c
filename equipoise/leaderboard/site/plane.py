"""The plane of a task: standing to the right, bending upwards, one mark a model."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from equipoise.leaderboard.site.margins import Panel, Scale
from equipoise.leaderboard.site.numbers import interval, known, number, place
from equipoise.leaderboard.site.source import Row

SIZE, LEFT, TOP, RIGHT, BOTTOM = 640, 78, 24, 24, 56
"""Edge of the picture and its margins, in its own units."""

FEW, LABELLED, LONGEST = 40, 16, 22
"""Most models that get intervals, and names; most characters of a name."""

KINDS = ("model", "custom", "control")
"""The later ones lie on top: they are few."""


@dataclass
class Mark:
    """One model in the plane; lengths in units of the picture."""

    submission: str
    name: str
    kind: str
    x: float
    y: float
    left: float
    right: float
    top: float
    bottom: float
    says: str
    label: tuple[float, float, str, str] | None = None


@dataclass
class Tick:
    """Where an axis has a number."""

    at: float
    text: str


@dataclass
class Plane:
    """What the template draws."""

    marks: list[Mark]
    x_ticks: list[Tick]
    y_ticks: list[Tick]
    few: bool
    diagonal: bool
    left_out: int
    size: int = SIZE
    x0: int = LEFT
    x1: int = SIZE - RIGHT
    y0: int = SIZE - BOTTOM
    y1: int = TOP


def make_plane(panel: Panel, submissions: list[Row]) -> Plane | None:
    """The plane of a panel; None if it lacks a margin altogether."""
    if not panel.both:
        return None
    x_scale, y_scale = panel.scales["stands"], panel.scales["bends"]
    marks = [mark for row in submissions if (mark := _mark(panel, row, x_scale, y_scale))]
    marks.sort(key=lambda mark: KINDS.index(mark.kind))
    few = len(marks) <= FEW
    if len(marks) <= LABELLED:
        _label(marks)
    return Plane(
        marks,
        _ticks(x_scale, _x),
        _ticks(y_scale, _y),
        few,
        x_scale.unit and y_scale.unit,
        len(submissions) - len(marks),
    )


def _mark(panel: Panel, row: Row, x_scale: Scale, y_scale: Scale) -> Mark | None:
    stand, bend = panel.cell(row.submission, "stands"), panel.cell(row.submission, "bends")
    if stand is None or bend is None:
        return None
    kind = "control" if row.control else "custom" if row.configuration == "custom" else "model"
    says = f"{row.name}: {number(stand.estimate)} {interval(stand.low, stand.high)}, {number(bend.estimate)} "
    x, y = _x(stand.estimate, x_scale), _y(bend.estimate, y_scale)
    low_x, high_x = (_x(end, x_scale) if known(end) else x for end in (stand.low, stand.high))
    low_y, high_y = (_y(end, y_scale) if known(end) else y for end in (bend.low, bend.high))
    says += interval(bend.low, bend.high)
    return Mark(row.submission, row.name, kind, x, y, low_x, high_x, high_y, low_y, says)


def _x(value: float | None, scale: Scale) -> float:
    return round(LEFT + (SIZE - LEFT - RIGHT) * place(value, scale.least, scale.most) / 100, 1)


def _y(value: float | None, scale: Scale) -> float:
    return round(SIZE - BOTTOM - (SIZE - TOP - BOTTOM) * place(value, scale.least, scale.most) / 100, 1)


def _ticks(scale: Scale, where: Callable[[float | None, Scale], float]) -> list[Tick]:
    values = [scale.least + (scale.most - scale.least) * step / 4 for step in range(5)]
    return [Tick(where(value, scale), number(value)) for value in values]


CORNERS = (
    (LEFT + 34, TOP + 6, LEFT + 134, TOP + 22), (SIZE - RIGHT - 128, TOP + 6, SIZE - RIGHT - 8, TOP + 22),
    (SIZE - RIGHT - 128, SIZE - BOTTOM - 40, SIZE - RIGHT - 34, SIZE - BOTTOM - 24),
)  # fmt: skip
"""Where the template says what the corners mean."""


def _label(marks: list[Mark]) -> None:
    """Names beside the marks, where one of four places is free; the others are told by pointing at them.

    Marks that lie on one another have one name, with the number of the others.
    """
    taken = [(mark.x - 7, mark.y - 7, mark.x + 7, mark.y + 7) for mark in marks] + list(CORNERS)
    spots = Counter((mark.x, mark.y) for mark in marks)
    for mark in marks:
        others = spots.pop((mark.x, mark.y), 0) - 1
        if others < 0:
            continue
        name = mark.name if len(mark.name) <= LONGEST else mark.name[: LONGEST - 1] + "…"
        text = f"{name} +{others}" if others else name
        width = 6.6 * len(text)
        for dx, dy, anchor in ((9, -5, "start"), (-9, -5, "end"), (0, -11, "middle"), (0, 19, "middle")):
            x, y = mark.x + dx, mark.y + dy
            left = x - {"start": 0.0, "middle": width / 2, "end": width}[anchor]
            box = (left, y - 10, left + width, y + 3)
            inside = box[0] > LEFT and box[2] < SIZE and box[1] > 0 and box[3] < SIZE - BOTTOM
            if inside and not any(_overlap(box, other) for other in taken if other[:2] != (mark.x - 7, mark.y - 7)):
                mark.label = (x, y, anchor, text)
                taken.append(box)
                break


def _overlap(one: tuple[float, ...], other: tuple[float, ...]) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
