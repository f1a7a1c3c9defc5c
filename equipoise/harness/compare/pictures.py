"""Forest plots of the differences: what is on one scale stands on one axis, both margins next to each other."""

from collections.abc import Sequence
from math import isfinite
from typing import TYPE_CHECKING

from equipoise.harness.compare.comparison import Comparison
from equipoise.harness.compare.words import interval, signed
from equipoise.harness.report.theme import Picture, Theme, render

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MOST_ROWS = 24  # of one picture; the table has them all
LONGEST = 44  # characters beside the numbers
_ROW, _FRAME = 0.42, 0.75  # inches
_SCALES = {"share": "Rates and their differences", "z": "Signal detection", "mean": "Other scales"}
_AXES = {"share": "candidate − baseline", "z": "candidate − baseline, z units", "mean": "candidate − baseline"}


def forests(comparisons: Sequence[Comparison]) -> list[Picture]:
    """A picture for each scale of the headline metrics of one task, in their order."""
    shown = [each for each in comparisons if each.headline and isfinite(each.difference)]
    found = []
    for scale in _SCALES:
        own = [each for each in shown if each.pair and each.pair.evidence.scale == scale]
        if own:
            found.append(_forest(_SCALES[scale], own[:MOST_ROWS], len(own), scale))
    return found


def _forest(title: str, rows: Sequence[Comparison], total: int, scale: str) -> Picture:
    panels = [[row] for row in rows] if scale == "mean" else [list(rows)]

    def draw(theme: Theme) -> "Figure":
        import matplotlib.pyplot as plt

        heights = [len(panel) * _ROW + (_FRAME if panel is panels[-1] else 0.3) for panel in panels]
        figure, axes = plt.subplots(
            len(panels), 1, figsize=(4.6, 0.35 + sum(heights)), squeeze=False, layout="constrained",
            gridspec_kw={"height_ratios": [len(panel) for panel in panels]},
        )  # fmt: skip
        for each, panel in zip(axes[:, 0], panels, strict=True):
            _draw(each, panel, theme)
        axes[-1, 0].set_xlabel(_AXES[scale])
        axes[0, 0].set_title(title, loc="left", fontsize=11)
        return figure

    told = "; ".join(f"{_label(row)} {_numbers(row)}" for row in rows)
    cut = f" The first {len(rows)} of {total} are drawn." if total > len(rows) else ""
    marks = "Filled diamonds: the task's margins; hollow circles: its other headline metrics."
    own = " Each on its own axis." if len(panels) > 1 else ""
    caption = f"Left of 0: lower in the candidate. Lines: 95 % intervals. {marks}{own}{cut}"
    return render(draw, _encodable(f"{title}: candidate minus baseline. {told}."), caption)


def _draw(axes: "Axes", rows: Sequence[Comparison], theme: Theme) -> None:
    ends = [abs(end) for row in rows for end in (row.difference, row.low, row.high) if isfinite(end)]
    most = 1.08 * max(ends, default=0.0) or 1.0
    axes.axvline(0, color=theme.muted, linewidth=0.9, linestyle="--", zorder=1)
    for at, row in enumerate(rows):
        colour = theme.palette[0] if row.margin else theme.foreground
        bars = [[row.difference - row.low], [row.high - row.difference]] if isfinite(row.low) else None
        axes.errorbar(
            row.difference, at + 0.22, xerr=bars, color=colour, elinewidth=1.4 if row.margin else 1, zorder=3,
            marker="D" if row.margin else "o", markersize=6 if row.margin else 5, linestyle="none", clip_on=False,
            markerfacecolor=colour if row.margin else "none",
        )  # fmt: skip
        above = {"xycoords": axes.get_yaxis_transform(), "va": "center", "fontsize": 9, "color": theme.foreground}
        axes.annotate(_label(row), (0, at - 0.2), ha="left", **above)  # type: ignore[arg-type]
        axes.annotate(_numbers(row), (1, at - 0.2), ha="right", **above)  # type: ignore[arg-type]
    axes.set_yticks([])
    axes.set_ylim(len(rows) - 0.45, -0.55)
    axes.set_xlim(-most, most)
    axes.grid(True, axis="x")
    axes.spines["left"].set_visible(False)


def _label(row: Comparison) -> str:
    """The margin's word, measure, arm and breakdown; headline metrics are all of the last turn."""
    word = row.margin.partition(":")[0]
    parts = [row.measure, row.arm, *(part for part in row.by.split(",") if part and not part.startswith("turn="))]
    text = f"{word}: {', '.join(parts)}" if word else ", ".join(parts)
    return _encodable(text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…")


def _numbers(row: Comparison) -> str:
    ends = interval(row.low, row.high)
    return f"{signed(row.difference)} ({ends})" if ends else signed(row.difference)


def _encodable(text: str) -> str:
    """Names from a table may hold what cannot be drawn: lone surrogates, control characters."""
    return "".join(c if c.isprintable() else "�" for c in text)
