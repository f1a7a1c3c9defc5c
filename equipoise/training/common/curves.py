"""Pictures of a training: quantities over steps, dev measures over epochs, and one dev measure against another."""

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from equipoise.harness.report.theme import MARKERS, Picture, Theme, render
from equipoise.training.common.record import Line, Record

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

FEW = 12
"""Points of a curve up to which each is marked."""

STYLES = ("-", "--", "-.", ":")


class Share(NamedTuple):
    """A dev measure with its 95 % interval; NaN where there is none, `n` 0 where the line does not tell."""

    rate: float
    n: int
    low: float
    high: float


class Reference(NamedTuple):
    """A horizontal line with its meaning."""

    value: float
    meaning: str


def number(value: float) -> str:
    """Four digits; a dash where there is no number."""
    return f"{value:.4g}".replace("-", "−") if math.isfinite(value) else "–"


def stage_name(stage: str) -> str:
    """SFT, DPO."""
    return stage.upper()


def share(line: Line, measure: str) -> Share:
    """A dev measure of a line with Wilson's interval."""
    from equipoise.harness.stats.rates import wilson

    rate, n = line.get(measure), line.get(f"{measure}_n")
    if not (0 <= rate <= 1 and n >= 1):
        return Share(rate, 0, math.nan, math.nan)
    low, high = wilson(rate, n)
    return Share(rate, int(n), float(low), float(high))


def over_steps(
    title: str, lines: Sequence[Line], names: Mapping[str, str], label: str, caption: str,
    reference: Reference | None = None,
) -> Picture | None:  # fmt: skip
    """Quantities of one stage over its optimiser steps; None where no line holds any.

    Args:
        title: What is shown.
        lines: The stage's train lines.
        names: Key in the lines -> name in the legend.
        label: Of the vertical axis.
        caption: How to read it.
        reference: A value to compare with.
    """
    points = {
        name: [(line.step, line.get(key)) for line in lines if math.isfinite(line.get(key))]
        for key, name in names.items()
    }
    curves = {name: found for name, found in points.items() if found}
    if not curves:
        return None
    lost = sum(1 for line in lines for key in names if key in line.values and not math.isfinite(line.get(key)))

    def draw(theme: Theme) -> "Figure":
        import matplotlib.pyplot as plt

        figure, axes = plt.subplots(figsize=(5.2, 3.2))
        if reference:
            axes.axhline(reference.value, color=theme.muted, linewidth=0.9, linestyle="--", zorder=1)
            axes.annotate(
                reference.meaning, (1, reference.value), (0, 3), xycoords=("axes fraction", "data"),
                textcoords="offset points", ha="right", fontsize=8, color=theme.muted,
            )  # fmt: skip
        for at, (name, curve) in enumerate(curves.items()):
            steps, values = zip(*curve, strict=True)
            axes.plot(
                steps, values, STYLES[at % len(STYLES)], color=theme.palette[at % len(theme.palette)], linewidth=1.6,
                marker=MARKERS[at % len(MARKERS)] if len(curve) <= FEW else "", markersize=4, label=name,
            )  # fmt: skip
        axes.locator_params(axis="x", integer=True)
        _finish(axes, title, "optimiser step", label)
        if len(curves) > 1:
            axes.legend(fontsize=8, loc="upper left", bbox_to_anchor=(0, -0.2), ncols=3)
        return figure

    told = "; ".join(f"{name} {_told(curve)}" for name, curve in curves.items())
    compared = f" {reference.meaning}: {number(reference.value)}." if reference else ""
    gaps = f" {lost} value{'' if lost == 1 else 's'} that are no finite number are left out." if lost else ""
    return render(draw, f"{title}. {told}.{compared}", caption + gaps)


def over_epochs(record: Record, caption: str) -> Picture | None:
    """Dev measures with their intervals over the epochs, a panel per stage; None where there is none."""
    panels = {stage: found for stage in record.stages if (found := record.of("dev", stage))}
    names = [name for name in record.measures if any(math.isfinite(line.get(name)) for line in record.of("dev"))]
    if not names:
        return None

    def draw(theme: Theme) -> "Figure":
        import matplotlib.pyplot as plt

        figure, row = plt.subplots(
            1, len(panels), sharey=True, squeeze=False, figsize=(5.2, 4.2), layout="constrained",
            width_ratios=[max(len(found), 2) for found in panels.values()],
        )  # fmt: skip
        for axes, (stage, lines) in zip(row[0], panels.items(), strict=True):
            for at, name in enumerate(names):
                _bars(axes, at, name, lines, theme)
            _finish(axes, stage_name(stage), "epoch", "")
            if len({line.epoch for line in lines}) <= FEW:
                axes.set_xticks(sorted({line.epoch for line in lines}))
                axes.xaxis.set_major_formatter("{x:.3g}")
            low, high = min(line.epoch for line in lines), max(line.epoch for line in lines)
            beside = 0.12 * (high - low) or 0.5
            axes.set_xlim(low - beside, high + beside)
        row[0, 0].set_ylim(-0.03, 1.03)
        row[0, 0].set_ylabel("share right")
        handles, labels = row[0, 0].get_legend_handles_labels()
        figure.legend(handles, labels, fontsize=8, loc="outside lower left", ncols=3)
        return figure

    told = "; ".join(
        f"{stage_name(line.stage)} epoch {number(line.epoch)}: "
        + ", ".join(f"{name} {number(line.get(name))} of {share(line, name).n}" for name in names)
        for line in record.of("dev")
    )
    return render(draw, f"Dev check by epoch. {told}.", caption)


def plane(record: Record, caption: str) -> Picture | None:
    """The first two dev measures against each other, a point per check in the order of training; None without both."""
    if len(record.measures) < 2:
        return None
    first, second = record.measures[:2]
    points = [line for line in record.of("dev") if math.isfinite(line.get(first)) and math.isfinite(line.get(second))]
    if not points:
        return None

    def draw(theme: Theme) -> "Figure":
        import matplotlib.pyplot as plt

        figure, axes = plt.subplots(figsize=(5.2, 4.6))
        axes.plot([0, 1], [0, 1], ":", color=theme.muted, linewidth=0.9, zorder=1)
        path = [(line.get(first), line.get(second)) for line in points]
        axes.plot(*zip(*path, strict=True), color=theme.muted, linewidth=1, zorder=2)
        for at, stage in enumerate(record.stages):
            own = [place for line, place in zip(points, path, strict=True) if line.stage == stage]
            if own:
                axes.plot(
                    *zip(*own, strict=True), MARKERS[at % len(MARKERS)], color=theme.palette[at % len(theme.palette)],
                    markersize=6, linestyle="none", label=f"{stage_name(stage)}, by epoch", zorder=3, clip_on=False,
                )  # fmt: skip
        ends = {line.stage: (line, place) for line, place in zip(points, path, strict=True)}
        for line, place in ends.values():
            axes.annotate(
                f"{stage_name(line.stage)} {number(line.epoch)}",
                place,
                (9, -12),
                textcoords="offset points",
                fontsize=8,
            )
        for marked, name, marker in ((record.start, "start", "s"), (record.chosen, "chosen checkpoint", "o")):
            if marked in points:
                place = path[points.index(marked)]
                axes.plot(
                    *place, marker, markersize=13, markerfacecolor="none", color=theme.foreground, linestyle="none",
                    label=name, zorder=4, clip_on=False,
                )  # fmt: skip
        axes.set(xlim=(-0.03, 1.03), ylim=(-0.03, 1.03), aspect="equal")
        _finish(axes, f"{second.capitalize()} against {first}", f"{first} (share right)", f"{second} (share right)")
        axes.grid(True)
        axes.legend(fontsize=8, loc="upper left", bbox_to_anchor=(0, -0.14), ncols=2, markerscale=0.7)
        return figure

    told = "; ".join(
        f"{stage_name(line.stage)} epoch {number(line.epoch)} at {number(line.get(first))}, {number(line.get(second))}"
        f"{' (chosen checkpoint)' if line is record.chosen else ' (start)' if line is record.start else ''}"
        for line in points
    )
    return render(draw, f"{second.capitalize()} against {first}. {told}.", caption)


def _bars(axes: "Axes", at: int, name: str, lines: Sequence[Line], theme: Theme) -> None:
    """One measure of one stage: points with their intervals, a little beside each other."""
    shown = [(line.epoch, share(line, name)) for line in lines if math.isfinite(line.get(name))]
    span = max((line.epoch for line in lines), default=0.0) - min((line.epoch for line in lines), default=0.0)
    colour = theme.palette[at % len(theme.palette)]
    places = [epoch + 0.012 * (2 * at - 1) * (span or 1) for epoch, _ in shown]
    axes.plot(
        places, [found.rate for _, found in shown], STYLES[at % len(STYLES)], marker=MARKERS[at % len(MARKERS)],
        color=colour, markersize=5, linewidth=1.4, label=name, clip_on=False,
    )  # fmt: skip
    axes.vlines(
        places, [found.low for _, found in shown], [found.high for _, found in shown], color=colour, linewidth=1
    )


def _finish(axes: "Axes", title: str, below: str, beside: str) -> None:
    axes.set_title(title, loc="left", fontsize=11)
    axes.set_xlabel(below)
    axes.set_ylabel(beside)
    axes.grid(True, axis="y")


def _told(curve: Sequence[tuple[int, float]]) -> str:
    """A curve in words: where it starts, ends, and its extremes."""
    (first, start), (last, end) = curve[0], curve[-1]
    values = [value for _, value in curve]
    if len(curve) == 1:
        return f"{number(start)} at step {first}"
    return (
        f"from {number(start)} at step {first} to {number(end)} at step {last} "
        f"(lowest {number(min(values))}, highest {number(max(values))})"
    )
