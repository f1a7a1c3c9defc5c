"""Forest plots: measures with their intervals, and what severity does to raw means."""

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from equipoise.harness.report.theme import Picture, Theme, render
from equipoise.judges.irt.calibration import Calibration
from equipoise.judges.irt.report.pictures import Cut, cut, elements, number, quality, short_names, told

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MOST = 30  # rows of a forest; of more elements the highest and lowest are drawn
_ROW = 0.19  # inches


def forest(part: Calibration, facet: str) -> Picture:
    """Measures of a facet other than the object: severity of judges, difficulty of items."""
    table = elements(part.measures, facet)
    shown = cut(table, MOST)
    what = f"{quality(facet).capitalize()} of each {facet}"

    def draw(theme: Theme) -> "Figure":
        import matplotlib.pyplot as plt

        figure, axes = plt.subplots(figsize=(5.2, _height(shown)))
        _rows(axes, shown, theme, theme.palette[part.place(facet) % len(theme.palette)])
        axes.set_xlabel("logits (right: lower scores)")
        axes.set_title(what, loc="left", fontsize=11)
        return figure

    return render(draw, _alt(what, table), f"95 % intervals. {_gap(shown)}{_hollow(shown)}".strip())


def object_forest(table: pd.DataFrame, facet: str, sentence: str) -> Picture:
    """Measures of the object, with raw and adjusted mean beside.

    Args:
        table: Its elements, with `adjusted_average`.
        facet: Its name.
        sentence: Why the two means differ.
    """
    shown = cut(table, MOST)

    def draw(theme: Theme) -> "Figure":
        import matplotlib.pyplot as plt

        figure, (left, right) = plt.subplots(
            1, 2, sharey=True, figsize=(5.2, _height(shown)), gridspec_kw={"width_ratios": [3, 2], "wspace": 0.06}
        )
        _rows(left, shown, theme, theme.palette[0])
        left.set_xlabel("logits (right: higher scores)")
        left.set_title(f"Measure of each {facet}", loc="left", fontsize=11)
        y, raw, adjusted = _places(shown), shown.table["average"], shown.table["adjusted_average"]
        right.hlines(y, raw, adjusted, color=theme.muted, lw=1)
        right.plot(raw, y, "o", ms=4.5, mfc="none", color=theme.foreground, clip_on=False, label="raw mean")
        right.plot(adjusted, y, "o", ms=4.5, color=theme.palette[0], clip_on=False, label="adjusted mean")
        right.set_xlabel("score")
        right.margins(x=0.12)
        right.grid(True, axis="x")
        right.tick_params(axis="y", length=0)
        right.legend(fontsize=7.5, loc="lower left", bbox_to_anchor=(0, 1), ncols=1, borderaxespad=0.2, handlelength=1)
        return figure

    words = _alt(f"Measure of each {facet}", table)
    adjusted = told(list(shown.table["label"]), shown.table["adjusted_average"])
    raw = told(list(shown.table["label"]), shown.table["average"])
    caption = f"95 % intervals. {_gap(shown)}{_hollow(shown)}{sentence}"
    return render(draw, f"{words} Adjusted means: {adjusted}. Raw means: {raw}.", caption)


def _places(shown: Cut) -> Any:
    """Row of each element, one row left free at the gap."""
    places = np.arange(len(shown.table), dtype=float)
    places[shown.before :] += 1 if shown.left_out else 0
    return places


def _height(shown: Cut) -> float:
    return 1.1 + _ROW * (len(shown.table) + bool(shown.left_out))


def _rows(axes: "Axes", shown: Cut, theme: Theme, colour: str) -> None:
    table, y = shown.table, _places(shown)
    measure = table["measure"].to_numpy(float)
    ends = np.clip(np.nan_to_num(np.array([measure - table["low"], table["high"] - measure])), 0, None)
    hollow = table["status"].str.startswith("extreme").to_numpy()
    axes.axvline(0, color=theme.muted, lw=0.9, ls="--", zorder=1)
    for which, fill in ((~hollow, colour), (hollow, "none")):
        if which.any():
            axes.errorbar(
                measure[which], y[which], xerr=ends[:, which], color=colour, elinewidth=1, marker="o", markersize=4.5,
                linestyle="none", markerfacecolor=fill, clip_on=False, zorder=3,
            )  # fmt: skip
    names, ticks = short_names(table["label"]), list(y)
    if shown.left_out:
        names.insert(shown.before, f"… {shown.left_out:,} more …")
        ticks.insert(shown.before, float(shown.before))
    axes.set_yticks(ticks, names, fontsize=8)
    axes.set_ylim(max(ticks, default=0) + 0.7, -0.7)
    axes.grid(True, axis="x")
    axes.tick_params(axis="y", length=0)


def _alt(what: str, table: pd.DataFrame) -> str:
    intervals = [
        f"{label} ({number(low)} to {number(high)})"
        for label, low, high in zip(table["label"], table["low"], table["high"], strict=True)
    ]
    return f"{what} in logits with 95 % intervals: {told(intervals, table['measure'])}."


def _gap(shown: Cut) -> str:
    return f"The {shown.before} highest and lowest are drawn. " if shown.left_out else ""


def _hollow(shown: Cut) -> str:
    extreme = shown.table["status"].str.startswith("extreme").any()
    return "Hollow: only highest or only lowest scores. " if extreme else ""
