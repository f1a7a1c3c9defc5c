"""Charts that several sections share: a forest plot, and two opposite errors side by side."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from equipoise.harness.metrics import Metric, is_control
from equipoise.harness.names import bare_name
from equipoise.harness.report.theme import MARKERS, Picture, Theme, render

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def models_of(metrics: Sequence[Metric]) -> list[str]:
    """Their models, control agents last."""
    return sorted({metric.model for metric in metrics}, key=lambda model: (is_control(model), model))


def short_name(model: str) -> str:
    """A model's bare name, cut where it is long."""
    name = bare_name(model)
    return name if len(name) <= 28 else f"{name[:27]}…"


def colours_of(models: Sequence[str], theme: Theme) -> dict[str, Any]:
    """A colour per model; control agents are grey."""
    own = [model for model in models if not is_control(model)]
    colours: dict[str, Any] = {model: theme.palette[i % len(theme.palette)] for i, model in enumerate(own)}
    return {model: colours.get(model, theme.muted) for model in models}


def spread(metric: Metric) -> list[list[float]]:
    """Lengths of its error bar, below and above."""
    low, high = metric.estimate - metric.low, metric.high - metric.estimate
    return [[max(low, 0) if np.isfinite(low) else 0], [max(high, 0) if np.isfinite(high) else 0]]


def forest(
    title: str, rows: Mapping[str, Sequence[Metric]], xlabel: str, caption: str, ideal: float | None = None
) -> Picture:
    """Estimates with their 95 % intervals, a row per label and a mark per model.

    Args:
        title: What is shown.
        rows: Label -> one metric per model.
        xlabel: Axis.
        caption: How to read it.
        ideal: Value of a vertical line, for example 0 for "no effect".
    """
    models = models_of([metric for metrics in rows.values() for metric in metrics])
    labels = list(rows)
    lanes = np.linspace(-0.3, 0.3, len(models)) if len(models) > 1 else np.zeros(1)

    def draw(theme: Theme) -> "Figure":
        import matplotlib.pyplot as plt

        height = 1.1 + len(labels) * max(0.32, 0.13 * len(models))
        figure, axes = plt.subplots(figsize=(5.2, height))
        colours = colours_of(models, theme)
        if ideal is not None:
            axes.axvline(ideal, color=theme.muted, linewidth=0.9, linestyle="--", zorder=1)
        for place, name in enumerate(labels):
            for metric in rows[name]:
                at = models.index(metric.model)
                agent = is_control(metric.model)
                axes.errorbar(
                    metric.estimate, place + lanes[at], xerr=spread(metric), color=colours[metric.model], elinewidth=1,
                    marker=MARKERS[at % len(MARKERS)], markersize=4.5 if agent else 7, linestyle="none",
                    markerfacecolor="none" if agent else colours[metric.model], clip_on=False, zorder=3,
                )  # fmt: skip
        for at, model in enumerate(models):
            fill = "none" if is_control(model) else colours[model]
            axes.plot([], [], MARKERS[at % len(MARKERS)], color=colours[model], mfc=fill, label=short_name(model))
        axes.set_yticks(range(len(labels)), labels)
        axes.set_ylim(len(labels) - 0.5, -0.5)
        axes.set_xlim(*_span([metric for metrics in rows.values() for metric in metrics], ideal))
        axes.set_xlabel(xlabel)
        axes.set_title(title, loc="left", fontsize=11)
        axes.grid(True, axis="x")
        axes.tick_params(axis="y", length=0)
        axes.legend(fontsize=8, loc="upper left", bbox_to_anchor=(0, -0.9 / height), ncols=3)
        return figure

    return render(draw, f"{title}. {_in_words(rows)}.", caption)


def _span(metrics: Sequence[Metric], ideal: float | None) -> tuple[float, float]:
    """Ends of the axis: all of [0, 1] for shares, as much on both sides of an ideal of 0, else what is needed."""
    ends = [end for m in metrics for end in (m.estimate, m.low, m.high) if np.isfinite(end)] or [0.0]
    low, high = min(ends), max(ends)
    if ideal == 0:
        most = max(0.2, abs(low), abs(high)) * 1.05
        return -most, most
    if low >= 0 and high <= 1:
        return -0.03, 1.03
    margin = 0.05 * (high - low or 1)
    return low - margin, high + margin


def both_sides(
    title: str, left: Sequence[Metric], right: Sequence[Metric], left_label: str, right_label: str, caption: str
) -> Picture:
    """Two opposite errors of each model as bars that grow away from a common middle; short bars are good.

    Args:
        title: What is shown.
        left: One error, a metric per model, in [0, 1].
        right: The opposite error, a metric per model, in [0, 1].
        left_label: What the left error is.
        right_label: What the right error is.
        caption: How to read it.
    """
    models = models_of([*left, *right])

    def draw(theme: Theme) -> "Figure":
        import matplotlib.pyplot as plt

        figure, axes = plt.subplots(figsize=(5.2, 1.2 + 0.36 * len(models)))
        colours = colours_of(models, theme)
        for sign, metrics in ((-1, left), (1, right)):
            for metric in metrics:
                if not np.isfinite(metric.estimate):
                    continue
                place, (low, high) = models.index(metric.model), spread(metric)
                agent = is_control(metric.model)
                axes.barh(place, sign * metric.estimate, height=0.55, color=colours[metric.model],
                          alpha=0.35 if agent else 0.85)  # fmt: skip
                axes.errorbar(sign * metric.estimate, place, xerr=[low, high] if sign > 0 else [high, low],
                              color=theme.foreground, elinewidth=1, linestyle="none")  # fmt: skip
        axes.axvline(0, color=theme.foreground, linewidth=1)
        axes.set_yticks(range(len(models)), [short_name(model) for model in models])
        axes.set_ylim(len(models) - 0.5, -0.5)
        axes.set_xlim(-1.02, 1.02)
        axes.set_xticks([-1, -0.5, 0, 0.5, 1], ["1", "0.5", "0", "0.5", "1"])
        axes.set_xlabel(f"← {left_label}          {right_label} →")
        axes.set_title(title, loc="left", fontsize=11)
        axes.grid(True, axis="x")
        axes.tick_params(axis="y", length=0)
        return figure

    return render(draw, f"{title}. {_in_words({left_label: left, right_label: right})}.", caption)


def _in_words(rows: Mapping[str, Sequence[Metric]]) -> str:
    return "; ".join(
        f"{name}: " + ", ".join(f"{short_name(metric.model)} {metric.estimate:.2f}" for metric in metrics)
        for name, metrics in rows.items()
    )
