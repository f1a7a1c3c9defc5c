"""Put panels on a page, with one legend for all, and write the file."""

from collections.abc import Sequence
from math import ceil
from pathlib import Path
from typing import TYPE_CHECKING, Any

from equipoise.errors import InputError
from equipoise.harness.files import write_whole
from equipoise.harness.metrics import is_control
from equipoise.leaderboard.derived import SIDES
from equipoise.leaderboard.plots.drawing import (
    MOST_NAMES,
    draw_items,
    draw_plane,
    draw_rows,
    draw_turns,
    items_of,
)
from equipoise.leaderboard.plots.kinds import models_in
from equipoise.leaderboard.plots.marks import labels, look, ordered, plain, wrap
from equipoise.leaderboard.plots.panels import ItemMap, Panel, Plane, Rows, Turns
from equipoise.leaderboard.plots.style import Style

if TYPE_CHECKING:
    from matplotlib.figure import Figure

METADATA: dict[str, dict[str, Any]] = {
    "pdf": {"CreationDate": None, "Creator": "equipoise", "Producer": "equipoise"},
    "svg": {"Date": None, "Creator": "equipoise"},
    "png": {"Software": "equipoise"},
}
"""What would differ between two runs is left out; format by the file's ending."""

LEGEND = {"handlelength": 1.0, "handletextpad": 0.4, "columnspacing": 1.2}
"""Gaps of the legend, in sizes of its letters."""

MOST_INCHES = 200
"""Height above which no reader or printer takes a page."""


def draw(panels: Sequence[Panel], style: Style, title: str = "", keep_order: bool = False) -> "Figure":
    """A figure with all panels; call it within `style.context()`, and save within it too.

    Args:
        panels: Of one kind, at least one.
        style: Size and letters.
        title: Above all panels, usually none.
        keep_order: Rows stay in the order of their marks; otherwise the highest values of the first panel come first.

    Raises:
        InputError: The figure would be too high.
    """
    from matplotlib.figure import Figure

    columns = _columns(panels, style)
    names = _names(panels, keep_order)
    height = _row_height(panels, names, style, columns)
    models = ordered([model for panel in panels for model in models_in(panel)])
    handles = _handles(panels, models, style)
    ncols = _legend_columns(handles, style)
    rows = ceil(len(panels) / columns)
    legend = style.line * (ceil(len(handles) / ncols) + 1) if handles else 0
    inches = style.height or rows * height + legend + (2 * style.line if title else 0)
    if inches > MOST_INCHES:
        raise InputError(f"would be {inches:.0f} inches high; expected at most {MOST_INCHES}: choose a task or measure")
    figure = Figure(figsize=(style.inches, inches), layout="constrained")
    grid: Any = figure.subplots(rows, columns, squeeze=False)
    looks, width = look(models), _panel_width(panels, style, columns)
    for place, axes in enumerate(grid.flat):
        if place >= len(panels):
            axes.set_axis_off()
            continue
        panel = panels[place]
        if isinstance(panel, Plane):
            draw_plane(axes, panel, looks, style, width)
        elif isinstance(panel, Turns):
            draw_turns(axes, panel, looks, style, width)
        elif isinstance(panel, ItemMap):
            draw_items(axes, panel, style, width)
        elif isinstance(panel, Rows):
            draw_rows(axes, panel, names, style, width)
            axes.tick_params(axis="y", labelleft=place % columns == 0)
        if len(panels) > 1 or isinstance(panel, Rows | Turns):
            axes.set_title(
                wrap(panel.title, style.letters((0.72 if isinstance(panel, Plane) else 0.85) * width, style.points)),
                loc="left",
            )
    if handles:
        figure.legend(handles=handles, loc="outside lower center", ncols=ncols, **LEGEND)
    if title:
        figure.suptitle(wrap(plain(title, 300), style.letters(style.inches, 1.2 * style.points)))
    return figure


def save(figure: "Figure", path: Path, style: Style) -> None:
    """Write PDF, SVG or PNG by the file's ending, whole or not at all; the same figure gives the same bytes.

    Raises:
        InputError: Another ending, or the folder cannot be written.
    """
    kind = format_of(path)
    write_whole(path, lambda partial: figure.savefig(partial, format=kind, dpi=style.dpi, metadata=METADATA[kind]))


def format_of(path: Path) -> str:
    """`pdf`, `svg` or `png`.

    Raises:
        InputError: Another ending.
    """
    kind = path.suffix.lower().removeprefix(".")
    if kind not in METADATA:
        raise InputError(f"expected a name that ends on .pdf, .svg or .png, found {path.suffix!r}", path=path)
    return kind


def _columns(panels: Sequence[Panel], style: Style) -> int:
    """Panels beside each other: as many as leave each wide enough for its letters."""
    least = {Plane: 34, Turns: 38, ItemMap: 44}.get(type(panels[0]), 24) * 0.54 * style.points / 72
    room = style.inches - _names_width(panels, style)
    return max(1, min(len(panels), int(room / least)))


def _names_width(panels: Sequence[Panel], style: Style) -> float:
    """Inches that the names of rows take, once for all columns."""
    marks = [mark.name for panel in panels if isinstance(panel, Rows) for mark in panel.marks]
    return max(map(len, labels(marks).values()), default=0) * 0.54 * style.small / 72


def _panel_width(panels: Sequence[Panel], style: Style, columns: int) -> float:
    return max(0.8, (style.inches - _names_width(panels, style)) / columns - 0.1)


def _names(panels: Sequence[Panel], keep_order: bool) -> list[str]:
    """Rows of all panels from top to bottom."""
    rows = [panel for panel in panels if isinstance(panel, Rows)]
    names = list(dict.fromkeys(mark.name for panel in rows for mark in panel.marks))
    if keep_order or not rows:
        return names
    value = {mark.name: mark.value for mark in rows[0].marks if mark.value == mark.value}
    return sorted(names, key=lambda name: (-value.get(name, float("-inf")), name))


def _row_height(panels: Sequence[Panel], names: Sequence[str], style: Style, columns: int) -> float:
    """Inches of one row of panels, with title and axis."""
    titles = 4 * style.points * 1.4 / 72
    if isinstance(panels[0], Rows):
        return (len(names) + any(map(is_control, names))) * style.line + 2 * titles
    if isinstance(panels[0], ItemMap):
        most = max(len(items_of(panel)) for panel in panels if isinstance(panel, ItemMap))
        return (most if most <= MOST_NAMES else 16) * style.line + titles
    width = style.inches / columns
    return width + (0 if len(panels) == 1 else 0.6 * titles) if isinstance(panels[0], Plane) else 0.72 * width + titles


def _handles(panels: Sequence[Panel], models: Sequence[str], style: Style) -> list[Any]:
    """Marks of the legend; rows name themselves."""
    from matplotlib.lines import Line2D

    if isinstance(panels[0], ItemMap):
        from equipoise.harness.report.theme import LIGHT
        from equipoise.leaderboard.plots.drawing import SIDE_LOOKS

        return _side_handles(panels, SIDE_LOOKS, LIGHT.palette, style)
    if isinstance(panels[0], Rows):
        return []
    looks, called = look(models), labels(models)
    return [
        Line2D([], [], linestyle="none", markersize=style.mark, label=called[model], **looks[model]) for model in models
    ]


def _side_handles(panels: Sequence[Panel], looks: Sequence[Any], colours: Sequence[str], style: Style) -> list[Any]:
    """One mark per side that some panel has."""
    from matplotlib.lines import Line2D

    there = dict.fromkeys(side for panel in panels if isinstance(panel, ItemMap) for side in panel.sides)
    shown = [side for side in SIDES if side in there]
    return [
        Line2D([], [], linestyle="none", color=colours[SIDES.index(side)], markersize=style.mark, label=side,
               markerfacecoloralt="white", **looks[SIDES.index(side)])
        for side in shown
    ]  # fmt: skip


def _legend_columns(handles: Sequence[Any], style: Style) -> int:
    """As many as fit by the width of the longest name."""
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import TextPath

    font = FontProperties(family="DejaVu Sans", size=style.small)
    names = [str(handle.get_label()) for handle in handles]
    longest = max((TextPath((0, 0), name, prop=font).get_extents().width for name in names if name.strip()), default=1)
    each = longest + sum(LEGEND.values()) * style.small
    return max(1, min(len(handles), int((style.inches * 72 - style.small) / each)))
