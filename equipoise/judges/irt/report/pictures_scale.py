"""How the rating scale works: the probability of each category along the ruler."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from equipoise.harness.report.theme import Picture, Theme, render
from equipoise.judges.irt.calibration import Calibration
from equipoise.judges.irt.diagnostics.curves import probabilities
from equipoise.judges.irt.report.pictures import number, short_names

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MOST = 6  # scale groups drawn; of more, those with the most flags come first
_POINTS, _MARGIN = 241, 8  # places where a curve is computed; those at the ends where no number is put
_BEYOND = 2.5  # logits drawn beyond the outermost thresholds


def category_curves(part: Calibration) -> Picture:
    """P(category) against the logit of an object over its items and judges, a panel per scale group."""
    groups = _groups(part)
    number_of_groups = part.thresholds["scale"].nunique()

    def draw(theme: Theme) -> "Figure":
        import matplotlib.pyplot as plt

        columns = 1 if len(groups) == 1 else 2
        rows = -(-len(groups) // columns)
        size = (5.2, 3.4 if rows == 1 and columns == 1 else 0.5 + 1.9 * rows)
        figure, panels = plt.subplots(rows, columns, sharey=True, squeeze=False, figsize=size, layout="constrained")
        for axes, (name, table) in zip(panels.flat, groups.items(), strict=False):
            _panel(axes, table, theme)
            if len(groups) > 1:
                axes.set_title(short_names([name], 28)[0], loc="left", fontsize=8.5)
        for axes in list(panels.flat)[len(groups) :]:
            axes.set_visible(False)
        for axes in panels[:, 0]:
            axes.set_ylabel("probability")
        for axes in panels[-1]:
            axes.set_xlabel(" − ".join(short_names(part.names, 12)) + " (logits)")
        if len(groups) == 1:
            panels[0, 0].set_title("Probability of each category", loc="left", fontsize=11)
        return figure

    words = "; ".join(f"{name}: {_in_words(table)}" for name, table in groups.items())
    caption = (
        "A number stands at the top of each category's curve. Dotted: thresholds, where two neighbouring categories "
        "are equally likely. A category whose curve is never the highest is little used for what it means."
    )
    if number_of_groups > len(groups):
        caption += f" {len(groups)} of {number_of_groups} scales are drawn, those with flags first."
    return render(draw, f"Category probability curves. {words}.", caption)


def _groups(part: Calibration) -> dict[str, pd.DataFrame]:
    """Scale groups to draw."""
    table = part.thresholds
    flags = table.assign(flagged=table["flags"] != "").groupby("scale", sort=False)["flagged"].sum()
    chosen = flags.sort_values(ascending=False, kind="stable").index[:MOST]
    return {str(name): table[table["scale"] == name] for name in chosen}


def _panel(axes: "Axes", table: pd.DataFrame, theme: Theme) -> None:
    steps = table["threshold"].to_numpy(float)[1:]
    ends = (steps.min(initial=0) - _BEYOND, steps.max(initial=0) + _BEYOND)
    logit = np.linspace(*ends, _POINTS)
    curves = probabilities(logit, steps)
    for step in steps:
        axes.axvline(step, color=theme.muted, lw=0.8, ls=":", zorder=1)
    for k, category in enumerate(table["category"]):
        colour = theme.palette[k % len(theme.palette)]
        axes.plot(logit, curves[:, k], color=colour, lw=1.6)
        top = int(np.clip(curves[:, k].argmax(), _MARGIN, len(logit) - 1 - _MARGIN))
        axes.annotate(f"{category:g}", (logit[top], curves[top, k]), (0, 3), textcoords="offset points", ha="center",
                      va="bottom", fontsize=8.5, color=colour, fontweight="bold", annotation_clip=False)  # fmt: skip
    axes.set(xlim=ends, ylim=(0, 1.1), yticks=[0, 0.25, 0.5, 0.75, 1])
    axes.grid(True, axis="y")


def _in_words(table: pd.DataFrame) -> str:
    steps = table[table["threshold"].notna()]
    return ", ".join(
        f"threshold to {c:g} at {number(t)}" for c, t in zip(steps["category"], steps["threshold"], strict=True)
    )
