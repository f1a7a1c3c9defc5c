"""What one panel of a plot shows, before anything is drawn."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from equipoise.harness.metrics import Metric

Span = tuple[float, float]


@dataclass(frozen=True)
class Mark:
    """A row with a value and its interval; NaN where there is none.

    Attributes:
        name: Of a model or a judge.
        value, low, high: What is drawn.
        remark: Why the value is to be read with care, else empty.
    """

    name: str
    value: float
    low: float
    high: float
    remark: str = ""


@dataclass(frozen=True)
class Panel:
    """One panel.

    Attributes:
        task: Full name.
        title: What tells it from the other panels.
        measures: Names under which it can be chosen.
        default: Whether it is drawn if no measure is chosen.
    """

    task: str
    title: str
    measures: tuple[str, ...]
    default: bool = True


@dataclass(frozen=True)
class Plane(Panel):
    """Two sides of every model against each other: `points` holds (x, y) by model."""

    points: Mapping[str, tuple[Metric, Metric]] = None  # type: ignore[assignment]
    labels: tuple[str, str] = ("", "")
    spans: tuple[Span, Span] = ((0, 1), (0, 1))


@dataclass(frozen=True)
class Rows(Panel):
    """A row per model or judge.

    Attributes:
        marks: The rows.
        label: Of the axis.
        ideal: Where a line is drawn, None = nowhere.
        span: Ends of the axis, None = as the values need.
        models: Whether the rows are models, of which some may be chosen.
    """

    marks: Sequence[Mark] = ()
    label: str = ""
    ideal: float | None = None
    span: Span | None = None
    models: bool = True


@dataclass(frozen=True)
class Turns(Panel):
    """A line per model: `lines` holds its metrics by turn."""

    lines: Mapping[str, Mapping[int, Metric]] = None  # type: ignore[assignment]
    label: str = ""
    span: Span | None = None


@dataclass(frozen=True)
class ItemMap(Panel):
    """A row per item: `sides` holds the difficulty by item, side by side."""

    sides: Mapping[str, Mapping[str, float]] = None  # type: ignore[assignment]
