"""The picture of a dialogue tree: a card for every reply, a column for every turn."""

import warnings
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from equipoise.harness.files import write_whole
from equipoise.harness.report.theme import LIGHT
from equipoise.training.pbt.explain import GREEN, ORANGE, Card
from equipoise.training.pbt.node import Node, Tree

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WIDTH, HEIGHT, GAP, ROW = 2.9, 1.12, 0.55, 1.5
"""Inches: of a card, between two columns, and from one row to the next."""

MARGIN, PAD, LINE = 0.3, 0.1, 0.16
"""Inches: around everything, inside a card, and height of a line."""

TEXT, HEAD = 7.5, 11.0
"""Points: of a card's texts and of the title."""

LEGEND = "✓ right   ✗ wrong   ? not read   – abstained   s: recursive credit   green line: chosen   dashed: rejected"


def write_picture(tree: Tree, title: str, cards: Mapping[str, Card], path: Path) -> None:
    """Draw and write the picture; texts are shown as they are, a dollar sign starts no formula.

    Args:
        tree: The tree.
        title: Above it.
        cards: What is shown of each reply, by node id.
        path: Ends in .svg or .png.

    Raises:
        InputError: The file cannot be written.
    """
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    style: Any = {"text.color": LIGHT.foreground, "svg.hashsalt": "equipoise", "text.parse_math": False}
    kind = "png" if path.suffix == ".png" else "svg"
    buffer = BytesIO()
    with plt.rc_context(style), warnings.catch_warnings():
        warnings.filterwarnings("ignore", category=UserWarning, module="matplotlib|equipoise")  # a glyph no font has
        figure = _figure(tree, title, cards)
        metadata: Any = {"Date": None} if kind == "svg" else None
        figure.savefig(buffer, format=kind, dpi=130, facecolor="white", metadata=metadata)
        plt.close(figure)
    write_whole(path, lambda partial: partial.write_bytes(buffer.getvalue()))


def _figure(tree: Tree, title: str, cards: Mapping[str, Card]) -> "Figure":
    import matplotlib.pyplot as plt

    rows = _rows(tree)
    columns = max(2, 1 + max(node.turn for node in tree.nodes.values()))
    width = columns * WIDTH + (columns - 1) * GAP + 2 * MARGIN
    lines = wrapped(title, width - 2 * MARGIN, HEAD, most=3)
    top = MARGIN + len(lines) * 0.22 + 0.25
    height = top + (1 + max(rows.values()) - min(rows.values())) * ROW + MARGIN
    figure = plt.figure(figsize=(width, height))
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set(xlim=(0, width), ylim=(height, 0))  # inches from the upper left corner
    axes.axis("off")
    axes.text(MARGIN, MARGIN, "\n".join(lines), fontsize=HEAD, weight="bold", va="top", linespacing=1.35)
    legend = "\n".join(wrapped(LEGEND, width - 2 * MARGIN, TEXT, most=2))
    axes.text(MARGIN, height - MARGIN / 2, legend, fontsize=TEXT, color=LIGHT.muted, va="bottom")
    places = {id_: (MARGIN + tree.nodes[id_].turn * (WIDTH + GAP), top + row * ROW) for id_, row in rows.items()}
    for node in tree.nodes.values():
        for child in tree.children(node):
            _edge(axes, places[node.id], places[child.id], cards[child.id])
    for node_id, place in places.items():
        _card(axes, place, cards[node_id])
    return figure


def _rows(tree: Tree) -> dict[str, float]:
    """The row of each reply: leaves one below the other, every other one in the middle of its replies."""
    rows: dict[str, float] = {}
    leaves = 0

    def place(node: Node) -> None:
        nonlocal leaves
        children = tree.children(node)
        for child in children:
            place(child)
        if children:
            rows[node.id] = (rows[children[0].id] + rows[children[-1].id]) / 2
        else:
            rows[node.id] = leaves
            leaves += 1

    for root in tree.children(None):
        place(root)
    return rows


def _edge(axes: "Axes", parent: tuple[float, float], child: tuple[float, float], card: Card) -> None:
    start, end = (parent[0] + WIDTH, parent[1] + HEIGHT / 2), (child[0], child[1] + HEIGHT / 2)
    middle = (start[0] + end[0]) / 2
    axes.plot([start[0], middle], [start[1], start[1]], color=LIGHT.muted, linewidth=1.0, zorder=1)
    axes.plot(
        [middle, middle, end[0]], [start[1], end[1], end[1]],
        color={True: GREEN, False: ORANGE, None: LIGHT.muted}[card.chosen],
        linewidth=1.0 if card.chosen is None else 2.0, linestyle="--" if card.chosen is False else "-",
        zorder=1 if card.chosen is None else 2, solid_capstyle="butt",
    )  # fmt: skip


def _card(axes: "Axes", place: tuple[float, float], card: Card) -> None:
    from matplotlib.patches import FancyBboxPatch

    left, top = place
    colour = card.look.colour
    axes.add_patch(FancyBboxPatch(
        place, WIDTH, HEIGHT, boxstyle="round,pad=0,rounding_size=0.06", facecolor="white", edgecolor=colour,
        linewidth=1.4, zorder=3,
    ))  # fmt: skip
    inner = WIDTH - 2 * PAD
    score = f"s = {card.credit}"
    room = inner - _inches(score, TEXT, bold=True) - PAD
    y = top + PAD + 0.06
    bold: Any = {"fontsize": TEXT, "weight": "bold", "va": "top", "zorder": 4}
    (who,) = wrapped(card.who, room, TEXT, most=1)
    axes.text(left + PAD, y, who, fontsize=TEXT, color=LIGHT.muted, va="top", zorder=4)
    axes.text(left + WIDTH - PAD, y, score, ha="right", **bold)
    (answer,) = wrapped(f"{card.look.sign} {card.answer or card.look.word}", inner, TEXT + 1, most=1, bold=True)
    axes.text(left + PAD, y + LINE + 0.02, answer, color=colour, **{**bold, "fontsize": TEXT + 1})
    reply = "\n".join(wrapped(card.reply, inner, TEXT, most=3))
    axes.text(left + PAD, y + 2 * LINE + 0.07, reply, fontsize=TEXT, va="top", linespacing=1.3, zorder=4)
    _tag(axes, left + PAD, top, card.part, {True: GREEN, False: ORANGE, None: LIGHT.muted}[card.chosen])
    _tag(axes, left + PAD, top + HEIGHT, card.end, LIGHT.muted)


def _tag(axes: "Axes", x: float, y: float, text: str, colour: str) -> None:
    """A short word on the border of a card."""
    if text:
        box = {"boxstyle": "round,pad=0.25", "facecolor": colour, "edgecolor": "none"}
        axes.text(x + 0.05, y, text, fontsize=TEXT - 0.5, weight="bold", color="white", va="center", bbox=box, zorder=5)


def wrapped(text: str, width: float, size: float, most: int, bold: bool = False) -> list[str]:
    """A text in lines that are no wider than so many inches, measured; what does not fit ends in an ellipsis.

    Args:
        text: On one line.
        width: Inches.
        size: Points.
        most: Lines.
        bold: Whether it is set in bold.
    """
    lines: list[str] = []
    rest = text
    while rest and len(lines) < most:
        fits = _fitting(rest, width, size, bold)
        if fits == len(rest):
            return [*lines, rest]
        if len(lines) == most - 1:
            return [*lines, f"{rest[: _fitting(rest, width, size, bold, '…')].rstrip()}…"]
        space = rest.rfind(" ", 1, fits + 1)
        cut = space if space > 0 else fits
        lines.append(rest[:cut].rstrip())
        rest = rest[cut:].lstrip()
    return lines or [""]


def _fitting(text: str, width: float, size: float, bold: bool, end: str = "") -> int:
    """How many characters fit, at least one."""
    low, high = 1, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if _inches(text[:middle] + end, size, bold) <= width else (low, middle - 1)
    return low


def _inches(text: str, size: float, bold: bool = False) -> float:
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import text_to_path

    font = FontProperties(size=size, weight="bold" if bold else "normal")
    width, _, _ = text_to_path.get_text_width_height_descent(text, font, ismath=False)
    return 1.05 * float(width) / 72  # a renderer's hinting makes a line up to 5 % longer
