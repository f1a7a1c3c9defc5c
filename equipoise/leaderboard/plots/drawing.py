"""Draw one panel into its axes."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from equipoise.harness.metrics import is_control
from equipoise.harness.report.charts import spread
from equipoise.harness.report.theme import LIGHT
from equipoise.leaderboard.derived import SIDES
from equipoise.leaderboard.plots.marks import DASHES, labels, ordered, plain, wrap
from equipoise.leaderboard.plots.panels import ItemMap, Mark, Plane, Rows, Span, Turns
from equipoise.leaderboard.plots.style import Style

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Looks = Mapping[str, dict[str, Any]]

MOST_NAMES = 60
"""Items up to which each is named; of more, only the shape of the distribution is drawn."""

SIDE_LOOKS: tuple[dict[str, Any], ...] = (
    {"marker": "o", "fillstyle": "full"}, {"marker": "D", "fillstyle": "none"}, {"marker": "s", "fillstyle": "left"},
)  # fmt: skip


def draw_plane(axes: "Axes", panel: Plane, looks: Looks, style: Style, inches: float) -> None:
    """The two sides against each other, with intervals on both axes.

    Control agents are wide rings below the models, so that one in the same place is seen within.
    """
    for model in reversed(ordered(list(panel.points))):
        x, y = panel.points[model]
        agent = is_control(model)
        axes.errorbar(
            x.estimate, y.estimate, xerr=spread(x), yerr=spread(y), **looks[model], linestyle="none",
            markersize=style.mark * (1.7 if agent else 1.1), elinewidth=0.09 * style.points, clip_on=False,
            alpha=0.75 if agent else 1, zorder=2 if agent else 3, label=model,
        )  # fmt: skip
    letters = style.letters(0.66 * inches, style.points)
    axes.set(xlim=_wider(panel.spans[0]), ylim=_wider(panel.spans[1]), box_aspect=1)
    axes.locator_params(nbins=5 if inches * 72 > 22 * style.small else 2)
    axes.set_xlabel(wrap(panel.labels[0], letters))
    axes.set_ylabel(wrap(panel.labels[1], letters))
    axes.grid(True)


def draw_rows(axes: "Axes", panel: Rows, names: Sequence[str], style: Style, inches: float) -> None:
    """A row per name, control agents below a line; a name without a value says so.

    Args:
        axes: Where to draw.
        panel: What.
        names: Of the rows from top to bottom, those of all panels beside it too.
        style: Letters.
        inches: Width of the panel.
    """
    places, agents = _places(names, panel.models)
    marks, called = {mark.name: mark for mark in panel.marks}, labels(names)
    for name, place in places.items():
        mark = marks.get(name)
        if mark is None or not np.isfinite(mark.value):
            axes.text(0.02, place, "no value", transform=axes.get_yaxis_transform(), va="center",
                      fontsize=style.small, color=LIGHT.muted,
                      bbox={"facecolor": "white", "edgecolor": "none", "pad": 1})  # fmt: skip
            continue
        agent = panel.models and is_control(name)
        hollow = agent or mark.remark.startswith("extreme")
        axes.errorbar(
            mark.value, place, xerr=_spread(mark), color=LIGHT.muted if agent else LIGHT.palette[0],
            marker="D" if agent else "o", fillstyle="none" if hollow else "full", markersize=style.mark,
            elinewidth=0.12 * style.points, linestyle="none", clip_on=False, zorder=3, label=name,
        )  # fmt: skip
    if agents is not None:
        axes.axhline(agents, color=LIGHT.muted, linewidth=0.06 * style.points)
    if panel.ideal is not None:
        axes.axvline(panel.ideal, color=LIGHT.muted, linewidth=0.1 * style.points, linestyle="--", zorder=1)
    axes.set_yticks(list(places.values()), [called[name] for name in places])
    axes.set_ylim(max(places.values(), default=0) + 0.7, -0.7)
    if panel.span is not None:
        axes.set_xlim(*_wider(panel.span))
    axes.set_xlabel(wrap(panel.label, style.letters(inches, style.points)))
    axes.locator_params(axis="x", nbins=max(3, int(inches * 72 / (4 * style.small))))
    axes.grid(True, axis="x")
    axes.tick_params(axis="y", length=0)


def draw_turns(axes: "Axes", panel: Turns, looks: Looks, style: Style, inches: float) -> None:
    """A line per model over the turns, a little apart so that equal ones do not hide each other.

    Beside models, control agents are drawn without intervals.
    """
    models = ordered(list(panel.lines))
    turns = sorted({turn for line in panel.lines.values() for turn in line})
    apart = np.linspace(-0.18, 0.18, len(models)) if len(models) > 1 else np.zeros(1)
    for place, model in enumerate(models):
        line, agent = sorted(panel.lines[model].items()), is_control(model)
        x = [turn + apart[place] for turn, _ in line]
        errors = None if agent and not all(map(is_control, models)) else np.hstack([spread(m) for _, m in line])
        axes.errorbar(
            x, [metric.estimate for _, metric in line], yerr=errors, **looks[model],
            linestyle=DASHES[place % len(DASHES)], linewidth=(0.1 if agent else 0.17) * style.points,
            markersize=style.mark * 0.8, elinewidth=0.07 * style.points, clip_on=False, zorder=2 if agent else 3,
            label=model,
        )  # fmt: skip
    axes.set_xticks(turns)
    axes.set_xlim(turns[0] - 0.3, turns[-1] + 0.3)
    if panel.span is not None:
        axes.set_ylim(*_wider(panel.span))
    axes.set_xlabel("turn")
    axes.set_ylabel(wrap(panel.label, style.letters(inches, style.points)))
    axes.grid(True, axis="y")


def draw_items(axes: "Axes", panel: ItemMap, style: Style, inches: float) -> None:
    """Items from the easiest (top) to the hardest, a mark per side."""
    names = items_of(panel)
    places = {name: place for place, name in enumerate(names)}
    for side, values in panel.sides.items():
        which = SIDES.index(side)
        axes.plot(
            list(values.values()), [places[item] for item in values], linestyle="none", color=LIGHT.palette[which],
            markersize=style.mark * (0.9 if len(names) <= MOST_NAMES else 0.5), label=side,
            markerfacecoloralt="white", clip_on=False, **SIDE_LOOKS[which],
        )  # fmt: skip
    axes.axvline(0, color=LIGHT.muted, linewidth=0.1 * style.points, linestyle="--", zorder=1)
    if len(names) <= MOST_NAMES:
        axes.set_yticks(range(len(names)), [plain(name, 24) for name in names])
        axes.tick_params(axis="y", length=0)
        axes.grid(True, axis="y")
    else:
        axes.set_ylabel(f"{len(names):,} items, easiest on top")
        axes.set_yticks([])
    axes.set_ylim(len(names) - 0.3, -0.7)
    axes.set_xlabel("difficulty (logits)")
    axes.grid(True, axis="x")


def items_of(panel: ItemMap) -> list[str]:
    """Items of all sides from the easiest to the hardest, by the mean of their sides."""
    values: dict[str, list[float]] = {}
    for side in panel.sides.values():
        for item, difficulty in side.items():
            values.setdefault(item, []).append(difficulty)
    return sorted(values, key=lambda item: (sum(values[item]) / len(values[item]), item))


def _places(names: Sequence[str], models: bool) -> tuple[dict[str, float], float | None]:
    """Height of each row, and of the line above the control agents, None if there are none or nothing else."""
    own = [name for name in names if not (models and is_control(name))]
    agents = [name for name in names if models and is_control(name)]
    places = {name: float(place) for place, name in enumerate(own)}
    gap = 0.6 if own and agents else 0.0
    places |= {name: len(own) + place + gap for place, name in enumerate(agents)}
    return places, len(own) - 0.2 if own and agents else None


def _spread(mark: Mark) -> list[list[float]]:
    below, above = mark.value - mark.low, mark.high - mark.value
    return [[max(below, 0) if np.isfinite(below) else 0], [max(above, 0) if np.isfinite(above) else 0]]


def _wider(span: Span) -> Span:
    margin = 0.03 * (span[1] - span[0])
    return span[0] - margin, span[1] + margin
