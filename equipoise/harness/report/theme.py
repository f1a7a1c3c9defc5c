"""Figures for light and dark pages: each is drawn twice and the reader's browser picks."""

import base64
import io
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True)
class Theme:
    """Colours of one page style; the background stays transparent."""

    foreground: str
    muted: str
    grid: str
    palette: tuple[str, ...]


# Okabe-Ito hues: told apart with every common colour vision, lightened for dark pages.
LIGHT = Theme("#1b1f24", "#6a737d", "#d8dee4", ("#0072B2", "#D55E00", "#009E73", "#AA4499", "#B8860B", "#332288"))
DARK = Theme("#e6e8eb", "#9aa4af", "#3a424b", ("#56B4E9", "#FF9E5E", "#2EC4A0", "#E08CC8", "#F0D060", "#9F93F5"))

MARKERS = "oDsP^v"


@dataclass(frozen=True)
class Picture:
    """One figure as two SVG data URIs, with the text that says the same in words."""

    light: str
    dark: str
    alt: str
    caption: str


def render(draw: Callable[[Theme], "Figure"], alt: str, caption: str) -> Picture:
    """Draw a figure for both page styles.

    Args:
        draw: Makes the figure for a theme.
        alt: What the figure shows, with its numbers, for readers who do not see it.
        caption: One or two sentences below it: how to read it.
    """
    return Picture(_uri(draw, LIGHT), _uri(draw, DARK), alt, caption)


def _uri(draw: Callable[[Theme], "Figure"], theme: Theme) -> str:
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    style: Any = {
        "figure.facecolor": "none", "axes.facecolor": "none", "savefig.facecolor": "none", "font.size": 10,
        "text.color": theme.foreground, "axes.labelcolor": theme.foreground, "axes.edgecolor": theme.grid,
        "xtick.color": theme.muted, "ytick.color": theme.muted, "grid.color": theme.grid, "grid.linewidth": 0.7,
        "axes.spines.top": False, "axes.spines.right": False, "legend.frameon": False, "svg.hashsalt": "equipoise",
        "text.parse_math": False,
    }  # fmt: skip
    buffer = io.BytesIO()
    with plt.rc_context(style):
        figure = draw(theme)
        figure.savefig(buffer, format="svg", bbox_inches="tight", metadata={"Date": None})
        plt.close(figure)
    return "data:image/svg+xml;base64," + base64.b64encode(buffer.getvalue()).decode()
