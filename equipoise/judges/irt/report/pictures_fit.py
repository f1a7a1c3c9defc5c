"""How far each element's ratings are as noisy as the model expects: infit against outfit."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from equipoise.harness.report.theme import MARKERS, Picture, Theme, render
from equipoise.judges.irt.calibration import Calibration
from equipoise.judges.irt.diagnostics.misfit import ERRATIC, REGULAR
from equipoise.judges.irt.engine.ratings import Array
from equipoise.judges.irt.report.pictures import number, short_names, spaced

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_NAMED = 8  # elements named on the picture
_TICKS = (0.1, 0.2, 0.5, 1, 1.5, 2, 3, 5, 10)


def misfits(part: Calibration) -> pd.DataFrame:
    """Elements whose infit or outfit lies outside .5 to 1.5, the farthest first."""
    table = part.measures.dropna(subset=["infit", "outfit"])
    away = np.maximum(_far(table["infit"]), _far(table["outfit"]))
    outside = ((table[["infit", "outfit"]] < REGULAR) | (table[["infit", "outfit"]] > ERRATIC)).any(axis=1)
    found = table.assign(away=away)[outside]
    return found.sort_values("away", ascending=False, kind="stable").drop(columns="away")


def fit_scatter(part: Calibration) -> Picture:
    """One mark per element."""
    table = part.measures.dropna(subset=["infit", "outfit"])
    table = table[(table["infit"] > 0) & (table["outfit"] > 0)]
    worst = misfits(part)

    def draw(theme: Theme) -> "Figure":
        import matplotlib.pyplot as plt
        from matplotlib.patches import Rectangle

        figure, axes = plt.subplots(figsize=(5.2, 4.6))
        axes.add_patch(
            Rectangle((REGULAR, REGULAR), ERRATIC - REGULAR, ERRATIC - REGULAR, color=theme.grid, alpha=0.5, lw=0)
        )
        axes.axline((1, 1), (2, 2), color=theme.muted, lw=0.7, ls=":")
        for place, name in enumerate(part.names):
            own = table[table["facet"] == name]
            many = len(own) > 100
            axes.scatter(own["infit"], own["outfit"], s=14 if many else 34, marker=MARKERS[place % len(MARKERS)],
                         color=theme.palette[place % len(theme.palette)], alpha=0.5 if many else 0.9, lw=0,
                         label=f"{short_names([name])[0]} ({len(own):,})", rasterized=many)  # fmt: skip
        axes.set(xscale="log", yscale="log", xlabel="infit mean square", ylabel="outfit mean square")
        for axis, values in ((axes.xaxis, table["infit"]), (axes.yaxis, table["outfit"])):
            _ticks(axis, values)
        _name(axes, worst.head(_NAMED), theme)
        axes.set_title("Fit of every element", loc="left", fontsize=11)
        axes.legend(fontsize=8, loc="upper center", bbox_to_anchor=(0.5, -0.13), ncols=min(len(part.names), 4))
        return figure

    named = ", ".join(
        f"{facet} {label} infit {number(infit)} outfit {number(outfit)}"
        for facet, label, infit, outfit in worst.head(_NAMED)[["facet", "label", "infit", "outfit"]].itertuples(
            index=False
        )
    )
    words = f"{len(worst)} of {len(table)} elements lie outside 0.5 to 1.5{f', farthest: {named}' if named else ''}."
    caption = (
        "1 = as noisy as the model expects. Above 1.5: erratic (the outfit listens to single surprises, the infit to "
        "ratings near the element's level). Below 0.5: too regular to be independent judgements."
    )
    return render(draw, f"Infit and outfit mean squares. {words}", caption)


def _far(values: "pd.Series[float]") -> Array:
    return np.abs(np.log(np.maximum(values.to_numpy(float), 1e-3)))


def _ticks(axis: object, values: "pd.Series[float]") -> None:
    """Plain numbers, from .4 to 2 or as far as the data go."""
    from matplotlib.axis import Axis
    from matplotlib.ticker import FixedFormatter, FixedLocator, NullLocator

    assert isinstance(axis, Axis)
    low, high = min(0.4, float(values.min()) * 0.9), max(2.0, float(values.max()) * 1.1)
    axis.set_view_interval(low, high, ignore=True)
    shown = [tick for tick in _TICKS if low <= tick <= high]
    axis.set_major_locator(FixedLocator(shown))
    axis.set_major_formatter(FixedFormatter([f"{tick:g}" for tick in shown]))
    axis.set_minor_locator(NullLocator())


def _name(axes: "Axes", worst: pd.DataFrame, theme: Theme) -> None:
    """Names beside the farthest marks, moved up or down where they would overlap."""
    worst = worst.sort_values("outfit")
    low, high = np.log(axes.get_ylim())
    beside = np.exp(spaced(np.log(worst["outfit"].to_numpy(float)), 0.04 * (high - low), low, high))
    for name, x, y, text in zip(short_names(worst["label"], 18), worst["infit"], worst["outfit"], beside, strict=True):
        axes.plot([x, 1.04 * x], [y, text], color=theme.muted, lw=0.5, clip_on=False)
        axes.text(1.05 * x, text, name, va="center", fontsize=7.5, color=theme.foreground)
