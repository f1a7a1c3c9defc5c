"""The report's persuasion section: the resist-accept plane, flips by turn, techniques, three transcripts."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from equipoise.harness.metrics import Metric, is_control
from equipoise.harness.report.cases import first_case
from equipoise.harness.report.charts import colours_of, short_name, spread
from equipoise.harness.report.sections import Case, Section
from equipoise.harness.report.theme import MARKERS, Picture, Theme, render
from equipoise.harness.stats import discernment
from equipoise.tasks.persuasion.metrics import Condition

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

START_NAMES = {"seeded": "seeded start", "natural": "natural start"}

LEAD = (
    "The same questions are pushed towards the wrong and towards the right answer. Resist is the share of right "
    "answers kept under wrong pushes; accept is the share of wrong answers given up under right pushes. Neither means "
    "anything without the other: a model that never moves has resist 1 and accept 0."
)
RULE = (
    "Of the first model that is no control agent, in the hash order of the items: the first dialogue in which it ends "
    "on the pushed wrong answer after a right start, the first in which it stays wrong against a right push, and the "
    "first in which it follows a right push. All from the seeded start if there is one."
)


def persuasion_section(table: pd.DataFrame, metrics: list[Metric]) -> Section:
    """Figures and cases of one table."""
    found = _Lookup(metrics)
    pictures = [plane(found, start) for start in found.starts]
    pictures += [
        curves(found, start, direction) for start in found.starts[:1] for direction in ("negative", "positive")
    ]
    if len(found.techniques) > 1:
        pictures += [heat_map(found, start, measure) for start in found.starts[:1] for measure in ("resist", "accept")]
    return Section("Persuasion", LEAD, pictures, RULE, _cases(table))


class _Lookup:
    """Metrics by (measure, arm, turn, model), over all domains."""

    def __init__(self, metrics: Sequence[Metric]) -> None:
        self.cells = {(m.measure, m.arm, m.by, m.model): m for m in metrics}
        self.models = sorted({m.model for m in metrics}, key=lambda m: (is_control(m), m))
        arms = {Condition.parse(m.arm) for m in metrics if m.measure in ("resist", "accept")}
        self.techniques = list(dict.fromkeys(arm.technique for arm in sorted(arms, key=lambda arm: arm.order)))
        starts = {arm.start for arm in arms}
        self.starts = [start for start in ("seeded", "natural", "") if start in starts]
        self.last = max(
            (int(by.removeprefix("turn=")) for _, _, by, _ in self.cells if by.startswith("turn=")), default=0
        )

    def get(
        self, measure: str, direction: str, technique: str, start: str, model: str, turn: int | None = None
    ) -> Metric | None:
        arm = str(Condition(direction, technique, start))
        return self.cells.get((measure, arm, f"turn={turn or self.last}", model))


def plane(found: _Lookup, start: str) -> Picture:
    """Resist against accept, with lines of equal discernment and the control agents in their corners."""
    points = []
    for technique in found.techniques:
        for model in found.models:
            resist = found.get("resist", "negative", technique, start, model)
            accept = found.get("accept", "positive", technique, start, model)
            if resist and accept and np.isfinite(resist.estimate + accept.estimate):
                points.append((model, technique, resist, accept))

    def draw(theme: Theme) -> "Figure":
        import matplotlib.pyplot as plt

        figure, axes = plt.subplots(figsize=(5.2, 5.0))
        _iso_discernment(axes, theme)
        colours = colours_of(found.models, theme)
        for model, technique, resist, accept in points:
            control = is_control(model)
            axes.errorbar(
                resist.estimate, accept.estimate,
                xerr=spread(resist), yerr=spread(accept), color=colours[model], ecolor=colours[model], elinewidth=1,
                marker=MARKERS[found.techniques.index(technique) % len(MARKERS)], markersize=6 if control else 10,
                alpha=0.75 if control else 1, linestyle="none", zorder=2 if control else 3,
                markerfacecolor="none" if control else colours[model], clip_on=False,
            )  # fmt: skip
        _name_points(axes, points, colours)
        if len(found.techniques) > 1:
            for marker, technique in zip(MARKERS, found.techniques, strict=False):
                axes.plot([], [], marker, color=theme.muted, label=technique)
            axes.legend(fontsize=8, loc="upper center", bbox_to_anchor=(0.5, -0.12), ncols=3)
        axes.set(xlim=(-0.03, 1.03), ylim=(-0.03, 1.03), aspect="equal")
        axes.set_xlabel("resist: right answers kept under wrong pushes")
        axes.set_ylabel("accept: wrong answers given up under right pushes")
        axes.set_title(f"Resist-accept plane, {START_NAMES.get(start, start or 'all items')}", loc="left", fontsize=11)
        axes.grid(True)
        return figure

    words = "; ".join(
        f"{model} ({technique}): resist {resist.estimate:.2f}, accept {accept.estimate:.2f}"
        for model, technique, resist, accept in points
    )
    caption = (
        "Top right: yields to right pushes only. Bottom right: stubborn. Top left: credulous. Along a dotted line the "
        "discernment d′ is the same and only the yielding bias changes. Hollow marks are control agents; bars are "
        "95 % intervals."
    )
    return render(draw, f"Resist-accept plane, {start} start. {words}.", caption)


def curves(found: _Lookup, start: str, direction: str) -> Picture:
    """Share of moved beliefs by turn under pressure (solid) and without it (dashed), for the first technique."""
    technique = found.techniques[0]
    measure, control = ("misled", "right") if direction == "negative" else ("accept", "wrong")
    quiet = "spontaneous_right" if direction == "negative" else "spontaneous_wrong"
    what = "Right answers lost to wrong pushes" if direction == "negative" else "Wrong answers given up for right ones"
    turns = range(1, found.last + 1)
    lines: dict[str, list[list[Metric | None]]] = {
        model: [
            [found.get(measure, direction, technique, start, model, turn) for turn in turns],
            [found.get(quiet, "control", control, start, model, turn) for turn in turns],
        ]
        for model in found.models
    }

    def draw(theme: Theme) -> "Figure":
        import matplotlib.pyplot as plt

        figure, axes = plt.subplots(figsize=(5.2, 3.8))
        colours = colours_of(found.models, theme)
        for place, model in enumerate(found.models):
            shift = (place - len(found.models) / 2) * 0.03  # equal curves of the agents would hide each other
            agent, marker = is_control(model), MARKERS[place % len(MARKERS)]
            fill = "none" if agent else None
            for series, style in zip(lines[model], ("-", "--"), strict=True):
                there = [(turn + shift, m) for turn, m in zip(turns, series, strict=True) if m]
                x, y = [at for at, _ in there], [m.estimate for _, m in there]
                axes.plot(x, y, style, color=colours[model], lw=1 if agent else 2, marker=marker, ms=4 if agent else 6,
                          mfc=fill, label=short_name(model) if style == "-" else None)  # fmt: skip
                if not agent and style == "-":
                    low, high = [m.low for _, m in there], [m.high for _, m in there]
                    axes.fill_between(x, low, high, color=colours[model], alpha=0.15, lw=0)
        axes.set(ylim=(-0.03, 1.03), xticks=list(turns), xlabel="turn", ylabel="share of items")
        axes.set_title(f"{what}, {technique}", loc="left", fontsize=11)
        axes.grid(True, axis="y")
        axes.legend(fontsize=8, loc="upper center", bbox_to_anchor=(0.5, -0.18), ncols=3)
        return figure

    words = "; ".join(
        f"{model}: {', '.join(f'{m.estimate:.2f}' if m else 'none' for m in pushed)}"
        for model, (pushed, _) in lines.items()
    )
    caption = "Solid: under pressure, with a 95 % band for models. Dashed: control arm, as many neutral re-asks."
    return render(draw, f"{what}, by turn. {words}.", caption)


def heat_map(found: _Lookup, start: str, measure: str) -> Picture:
    """One measure by model and technique."""
    direction = "negative" if measure == "resist" else "positive"
    cells = [[found.get(measure, direction, t, start, model) for t in found.techniques] for model in found.models]
    values = np.array([[m.estimate if m else np.nan for m in row] for row in cells])

    def draw(theme: Theme) -> "Figure":
        import matplotlib.pyplot as plt
        import seaborn as sns

        figure, axes = plt.subplots(figsize=(5.2, 0.9 + 0.42 * len(found.models)))
        sns.heatmap(values, vmin=0, vmax=1, cmap="cividis", annot=True, fmt=".2f", cbar=False, ax=axes, linewidths=1,
                    linecolor="#00000000", xticklabels=found.techniques,
                    yticklabels=[short_name(model) for model in found.models])  # fmt: skip
        axes.set_title(f"{measure} by technique", loc="left", fontsize=11)
        axes.tick_params(axis="both", length=0)
        axes.tick_params(axis="y", rotation=0)
        return figure

    words = "; ".join(
        f"{model}: "
        + ", ".join(f"{t} {m.estimate:.2f}" if m else f"{t} none" for t, m in zip(found.techniques, row, strict=True))
        for model, row in zip(found.models, cells, strict=True)
    )
    return render(
        draw,
        f"Heat map of {measure}. {words}.",
        f"{measure} after the last turn; 1 is best. Empty: no such appeals.",
    )


def _iso_discernment(axes: "Axes", theme: Theme) -> None:
    """Dotted lines of equal d', drawn for FA = 1 - resist."""
    grid = np.linspace(0.005, 0.995, 199)
    x, y = np.meshgrid(grid, grid)
    lines = axes.contour(
        x,
        y,
        discernment(y, 1 - x),
        levels=[0, 1, 2, 3],
        colors=theme.muted,
        linestyles="dotted",
        linewidths=0.8,
    )
    axes.clabel(lines, fmt=lambda level: f"d′={level:.0f}", fontsize=7)


def _name_points(axes: "Axes", points: list[tuple[str, str, Metric, Metric]], colours: dict[str, Any]) -> None:
    """Names beside the points, once per model, towards the middle of the plane, where no error bar runs."""
    named = set()
    for model, _, resist, accept in points:
        if model in named:
            continue
        named.add(model)
        right, top = resist.estimate > 0.5, accept.estimate > 0.5
        weight = "normal" if is_control(model) else "bold"
        axes.annotate(
            short_name(model), (resist.estimate, accept.estimate), (-12 if right else 12, -13 if top else 13),
            textcoords="offset points", ha="right" if right else "left", va="top" if top else "bottom",
            fontsize=9, color=colours[model], fontweight=weight,
        )  # fmt: skip


def _cases(table: pd.DataFrame) -> list[Case]:
    """The three dialogues of `RULE`."""
    seeded = table[table["arm"].astype(str).str.endswith(".seeded")]
    chosen = seeded if len(seeded) else table
    return [
        first_case(chosen, "Gave up a right answer", "negative.", "accepted", 1.0),
        first_case(chosen, "Kept a wrong answer", "positive.", "correct", 0.0),
        first_case(chosen, "Took a right answer", "positive.", "correct", 1.0),
    ]
