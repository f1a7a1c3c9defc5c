"""A dot plot with intervals: models as points, references fainter beside them, known levels as short lines."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from equipoise.harness.metrics import Metric, is_control
from equipoise.harness.report import Picture, Theme, render
from equipoise.harness.report.charts import colours_of, models_of, short_name, spread
from equipoise.harness.report.theme import MARKERS

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Rows = Mapping[str, Sequence[Metric]]
"""Label of a row -> one metric per model."""

FAINT = "^v<>"
LINES = ("--", "-", ":")


def dots(
    title: str, rows: Rows, xlabel: str, caption: str,
    beside: Mapping[str, Rows] | None = None, levels: Mapping[str, Mapping[str, float]] | None = None,
) -> Picture:  # fmt: skip
    """Shares with their 95 % intervals, a row per label and a lane per model.

    Args:
        title: What is shown.
        rows: The points, in [0, 1].
        xlabel: Axis.
        caption: How to read it.
        beside: Name of a reference condition -> its values, drawn fainter in the model's lane.
        levels: Name of a known level -> its value per row, drawn as a short line across the row.
    """
    beside, levels = beside or {}, levels or {}
    models = models_of([metric for metrics in rows.values() for metric in metrics])
    lanes = np.linspace(-0.3, 0.3, len(models)) if len(models) > 1 else np.zeros(1)

    def draw(theme: Theme) -> "Figure":
        import matplotlib.pyplot as plt

        height = 1.1 + len(rows) * max(0.34, 0.14 * len(models))
        figure, axes = plt.subplots(figsize=(5.2, height))
        colours = colours_of(models, theme)
        for place, label in enumerate(rows):
            for line, known in zip(LINES, levels.values(), strict=False):
                axes.plot([known.get(label, np.nan)] * 2, [place - 0.4, place + 0.4], line, color=theme.muted, lw=1.4)
            for marker, other in zip(FAINT, beside.values(), strict=False):
                for metric in other.get(label, ()):
                    at = place + lanes[models.index(metric.model)]
                    axes.plot(metric.estimate, at, marker, color=colours[metric.model], alpha=0.45, ms=5, mew=0,
                              clip_on=False)  # fmt: skip
            for metric in rows[label]:
                _point(axes, metric, place + lanes[models.index(metric.model)], models, colours)
        _legend(axes, models, colours, list(beside), list(levels), theme, height)
        axes.set_yticks(range(len(rows)), list(rows))
        axes.set_ylim(len(rows) - 0.5, -0.5)
        axes.set_xlim(-0.03, 1.03)
        axes.set_xlabel(xlabel)
        axes.set_title(title, loc="left", fontsize=11)
        axes.grid(True, axis="x")
        axes.tick_params(axis="y", length=0)
        return figure

    return render(draw, f"{title}. {_in_words(rows, beside, levels)}.", caption)


def _point(axes: "Axes", metric: Metric, at: float, models: list[str], colours: Mapping[str, Any]) -> None:
    """One estimate with its interval; control agents are hollow."""
    colour, agent = colours[metric.model], is_control(metric.model)
    axes.errorbar(
        metric.estimate, at, xerr=spread(metric), color=colour, elinewidth=1, linestyle="none", clip_on=False, zorder=3,
        marker=_marker(models, metric.model), markersize=4.5 if agent else 7,
        markerfacecolor="none" if agent else colour,
    )  # fmt: skip


def _legend(
    axes: "Axes", models: list[str], colours: Mapping[str, Any], beside: list[str], levels: list[str], theme: Theme,
    height: float,
) -> None:  # fmt: skip
    for model in models:
        fill = "none" if is_control(model) else colours[model]
        axes.plot([], [], _marker(models, model), color=colours[model], mfc=fill, label=short_name(model))
    for marker, name in zip(FAINT, beside, strict=False):
        axes.plot([], [], marker, color=theme.muted, alpha=0.6, mew=0, label=name)
    for line, name in zip(LINES, levels, strict=False):
        axes.plot([], [], line, color=theme.muted, lw=1.4, label=name)
    axes.legend(fontsize=8, loc="upper left", bbox_to_anchor=(0, -0.9 / height), ncols=3)


def _marker(models: list[str], model: str) -> str:
    own = "".join(mark for mark in MARKERS if mark not in FAINT)
    return own[models.index(model) % len(own)]


def _in_words(rows: Rows, beside: Mapping[str, Rows], levels: Mapping[str, Mapping[str, float]]) -> str:
    """The numbers of the figure, row by row."""
    said = []
    for label, metrics in rows.items():
        parts = [f"{short_name(m.model)} {m.estimate:.2f}" for m in metrics]
        parts += [f"{short_name(m.model)}, {name}, {m.estimate:.2f}"
                  for name, other in beside.items() for m in other.get(label, ())]  # fmt: skip
        parts += [f"{name} {known[label]:.2f}" for name, known in levels.items() if label in known]
        said.append(f"{label}: {', '.join(parts)}")
    return "; ".join(said)
