"""The Wright map: every facet and the thresholds on one ruler of logits."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from equipoise.harness.report.theme import Picture, Theme, render
from equipoise.judges.irt.calibration import Calibration
from equipoise.judges.irt.engine.ratings import Array
from equipoise.judges.irt.report.pictures import elements, number, short_names, spaced, told

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

NAMED = 24  # elements of a facet up to which each is named; more are a histogram
_EXTREMES = 4  # elements named at either end of a histogram
_WIDTH, _HEIGHT = 5.2, 5.6  # inches
_LINE = 0.15  # inches from one name to the next
_POINTS = 7.5


def wright_map(part: Calibration) -> Picture:
    """Objects, items, judges and thresholds of one calibration."""
    tables = {name: elements(part.measures, name) for name in part.names}
    thresholds = _thresholds(part, tables)
    places = np.concatenate([*(table["measure"] for table in tables.values()), thresholds["place"]])
    low, high = _span(places)

    def draw(theme: Theme) -> "Figure":
        import matplotlib.pyplot as plt

        widths = [1.7, *[1.25] * (len(tables) - 1), 0.75]
        figure, columns = plt.subplots(
            1, len(widths), sharey=True, squeeze=True, gridspec_kw={"width_ratios": widths, "wspace": 0.04},
            figsize=(max(_WIDTH, 1.05 * sum(widths)), _HEIGHT),
        )  # fmt: skip
        gap = (high - low) * _LINE / (_HEIGHT * 0.77)
        for place, (axes, (name, table)) in enumerate(zip(columns, tables.items(), strict=False)):
            higher = "higher scores" if place == 0 else "lower scores"
            _column(axes, f"{short_names([name], 16)[0]} ({len(table):,})\n↑ {higher}", theme)
            colour = theme.palette[place % len(theme.palette)]
            if len(table) <= NAMED:
                _names(axes, table, gap, colour, theme, (low, high), 14 if place else 20)
            else:
                _histogram(axes, table, gap, colour, theme, (low, high), 9 if place else 14)
        _column(columns[-1], "category\nsteps", theme)
        _steps(columns[-1], thresholds, gap, theme, (low, high))
        columns[0].set_ylim(low, high)
        columns[0].set_ylabel("logits")
        return figure

    words = "; ".join(f"{name}: {told(list(table['label']), table['measure'])}" for name, table in tables.items())
    caption = (
        "One ruler for all: where an object stands level with an item, a judge and a step, it is as likely to get the "
        "category above the step as the one below. Facets with many elements are drawn as a histogram with the names "
        "of the highest and lowest."
    )
    return render(draw, f"Wright map in logits. {words}; category steps: {_in_words(thresholds)}.", caption)


def _thresholds(part: Calibration, tables: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Thresholds where they stand for elements of average location in all facets but the object."""
    average = sum(float(table["measure"].mean()) for table in list(tables.values())[1:])
    table = part.thresholds
    steps = table[table["threshold"].notna()]
    return pd.DataFrame({"category": steps["category"], "place": steps["threshold"] + average})


def _in_words(thresholds: pd.DataFrame) -> str:
    median = thresholds.groupby("category")["place"].median()
    return ", ".join(f"to {category:g} at {number(place)}" for category, place in median.items())


def _span(places: Array) -> tuple[float, float]:
    low, high = float(places.min(initial=0)), float(places.max(initial=0))
    margin = max(0.06 * (high - low), 0.15)
    return low - margin, high + margin


def _column(axes: "Axes", title: str, theme: Theme) -> None:
    axes.set(xlim=(0, 1), xticks=[])
    axes.set_title(title, fontsize=8.5, color=theme.foreground, loc="left")
    axes.grid(True, axis="y")
    axes.set_axisbelow(True)
    axes.tick_params(axis="y", length=0)
    for side in ("left", "bottom"):
        axes.spines[side].set_visible(False)


def _names(
    axes: "Axes", table: pd.DataFrame, gap: float, colour: str, theme: Theme, span: tuple[float, float], width: int
) -> None:
    """A mark per element and its name beside it, moved up or down where names would overlap."""
    table = table.iloc[::-1]
    at = table["measure"].to_numpy(float)
    beside = spaced(at, gap, span[0] + gap / 2, span[1] - gap / 2)
    hollow = table["status"].str.startswith("extreme").to_numpy()
    for name, mark, text, empty in zip(short_names(table["label"], width), at, beside, hollow, strict=True):
        axes.plot(0.05, mark, "o", ms=4, color=colour, mfc="none" if empty else colour, clip_on=False)
        axes.plot([0.08, 0.14], [mark, text], color=theme.muted, lw=0.6)
        axes.text(0.16, text, name, va="center", fontsize=_POINTS, color=theme.foreground)


def _histogram(
    axes: "Axes", table: pd.DataFrame, gap: float, colour: str, theme: Theme, span: tuple[float, float], width: int
) -> None:
    """Bars to the right, and the names of the extremes beyond them."""
    at = table["measure"].to_numpy(float)
    counts, edges = np.histogram(at, bins=np.linspace(*span, 41))
    axes.barh(
        edges[:-1], 0.42 * counts / counts.max(), np.diff(edges), align="edge", left=0.02, color=colour, alpha=0.75
    )
    shown = np.r_[: min(_EXTREMES, len(at)), max(len(at) - _EXTREMES, _EXTREMES) : len(at)][::-1]
    beside = spaced(at[shown], gap, span[0] + gap / 2, span[1] - gap / 2)
    for name, mark, text in zip(short_names(table["label"].iloc[shown], width), at[shown], beside, strict=True):
        axes.plot([0.04, 0.44, 0.48], [mark, mark, text], color=theme.muted, lw=0.5)
        axes.text(0.49, text, name, va="center", fontsize=_POINTS - 0.5, color=theme.foreground)


def _steps(axes: "Axes", thresholds: pd.DataFrame, gap: float, theme: Theme, span: tuple[float, float]) -> None:
    """A line per threshold; with a scale for every element, their steps and the name at the middle one."""
    median = thresholds.groupby("category")["place"].median().sort_values()
    beside = spaced(median.to_numpy(float), gap, span[0] + gap / 2, span[1] - gap / 2)
    crowded = len(thresholds) > 4 * len(median)
    axes.hlines(thresholds["place"], 0.02, 0.2, color=theme.foreground, lw=0.8, alpha=0.3 if crowded else 1)
    for (category, mark), text in zip(median.items(), beside, strict=True):
        axes.plot([0.2, 0.3], [mark, text], color=theme.muted, lw=0.6)
        axes.text(0.33, text, f"to {category:g}", va="center", fontsize=_POINTS, color=theme.foreground)
