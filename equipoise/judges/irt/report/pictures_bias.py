"""Which judge favours which object: a heat map of interactions."""

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from equipoise.harness.report.theme import Picture, Theme, render
from equipoise.judges.irt.report.pictures import number, short_names

if TYPE_CHECKING:
    from matplotlib.colors import Colormap
    from matplotlib.figure import Figure

MOST_ROWS, MOST_COLUMNS = 60, 24
_SIGNIFICANT = 0.05
_FLAT = 45  # characters of column names that stand side by side
_BAR = 1.8  # inches of the colour bar
_TOLD = 12  # cells that the alternative text names


def heat_map(table: pd.DataFrame, rows: str, columns: str) -> Picture | None:
    """Bias in logits by two facets; None if no cell has any.

    Args:
        table: A bias table of one calibration.
        rows: Facet of the rows; of many elements the most biased are drawn.
        columns: Facet of the columns, likewise.
    """
    known = table[table["bias"].notna()]
    if known.empty:
        return None
    shown_rows, shown_columns = _most_biased(known, rows, MOST_ROWS), _most_biased(known, columns, MOST_COLUMNS)
    grid = known.pivot(index=rows, columns=columns, values="bias").reindex(shown_rows, columns=shown_columns)
    marks = (
        known.pivot(index=rows, columns=columns, values="q").reindex(shown_rows, columns=shown_columns) < _SIGNIFICANT
    )
    most = max(float(np.nanquantile(grid.abs().to_numpy(), 0.98)), 0.5)

    def draw(theme: Theme) -> "Figure":
        import matplotlib.pyplot as plt

        row = 0.26 if len(grid) <= 25 else 0.17
        figure, axes = plt.subplots(figsize=(5.2, 1.5 + row * len(grid)))
        mesh = axes.pcolormesh(
            np.ma.masked_invalid(grid.to_numpy(float)), cmap=_diverging(theme), vmin=-most, vmax=most,
            edgecolors="face", linewidth=0.2,
        )  # fmt: skip
        y, x = np.nonzero(marks.to_numpy())
        axes.plot(x + 0.5, y + 0.5, "o", ms=3 if row < 0.2 else 4, color=theme.foreground, mec="none")
        axes.set_yticks(np.arange(len(grid)) + 0.5, short_names(grid.index, 26), fontsize=8 if row > 0.2 else 6.5)
        across = short_names(grid.columns, 22)
        turned = max(map(len, across)) * len(across) > _FLAT
        axes.set_xticks(np.arange(grid.shape[1]) + 0.5, across, fontsize=8, rotation=40 if turned else 0,
                        ha="right" if turned else "center", rotation_mode="anchor")  # fmt: skip
        axes.set(xlim=(0, grid.shape[1]), ylim=(len(grid), 0))
        axes.tick_params(length=0)
        for spine in axes.spines.values():
            spine.set_visible(False)
        axes.set_title(f"Bias, {columns} by {rows}", loc="left", fontsize=11)
        bar = figure.colorbar(mesh, ax=axes, fraction=0.04, pad=0.02, anchor=(0, 1), aspect=12, extend="both",
                              shrink=min(1, _BAR / (row * len(grid))))  # fmt: skip
        bar.set_label("logits", fontsize=8)
        bar.ax.tick_params(labelsize=7.5, length=0)
        bar.outline.set_visible(False)
        return figure

    flagged = known[known["q"] < _SIGNIFICANT]
    flagged = flagged.loc[flagged["t"].abs().sort_values(ascending=False).index]
    cells = ", ".join(
        f"{a} with {b} {number(value)}"
        for a, b, value in flagged[[rows, columns, "bias"]].head(_TOLD).itertuples(index=False)
    )
    words = f"{len(flagged)} of {len(known)} cells have q below 0.05{f': {cells}' if cells else ''}"
    caption = (
        "Above 0: higher scores than severity and difficulty explain, below 0: lower. A dot marks cells with q < .05 "
        "(Benjamini-Hochberg over all cells). Empty: no ratings."
    )
    left = [f"{len(shown)} most biased of {known[name].nunique():,}" for name, shown in
            ((rows, shown_rows), (columns, shown_columns)) if known[name].nunique() > len(shown)]  # fmt: skip
    if left:
        caption += f" Drawn: {', '.join(left)}."
    return render(draw, f"Heat map of bias, {columns} by {rows}, in logits. {words}.", caption)


def _most_biased(table: pd.DataFrame, facet: str, most: int) -> list[Any]:
    """Elements in the order of their labels; of many, those with the largest |t| in some cell."""
    largest = table["t"].abs().fillna(0).groupby(table[facet], observed=True).max()
    return sorted(largest.sort_values(ascending=False, kind="stable").index[:most])


def _diverging(theme: Theme) -> "Colormap":
    """Orange for too low, blue for too high scores, the page's own shade between: told apart with any colour vision."""
    from matplotlib.colors import LinearSegmentedColormap

    blue, orange = theme.palette[:2]
    return LinearSegmentedColormap.from_list("bias", [orange, theme.grid, blue])
