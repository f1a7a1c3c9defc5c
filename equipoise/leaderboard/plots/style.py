"""How a plot looks: size, letters, and what makes its bytes the same every time."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from equipoise.harness.report.theme import LIGHT

COLUMNS = {"one": 3.3, "two": 6.9}
"""Inches of one and of two columns of a paper."""

DEFAULTS = {"paper": (COLUMNS["one"], 8.0), "slides": (10.0, 16.0)}
"""Style -> width in inches, size of the letters in points."""


@dataclass(frozen=True)
class Style:
    """Size and letters.

    Attributes:
        name: `paper` or `slides`.
        width, height: In inches; 0 = of the style, and as high as the content needs.
        font_size: In points; 0 = of the style.
        dpi: Of a PNG.
    """

    name: str = "paper"
    width: float = 0
    height: float = 0
    font_size: float = 0
    dpi: float = 300

    @property
    def inches(self) -> float:
        """Width."""
        return self.width or DEFAULTS[self.name][0]

    @property
    def points(self) -> float:
        """Size of the letters; names and ticks are a little smaller."""
        return self.font_size or DEFAULTS[self.name][1]

    @property
    def small(self) -> float:
        """Size of names and ticks, in points."""
        return 0.88 * self.points

    @property
    def line(self) -> float:
        """From one line of small letters to the next, in inches."""
        return 1.55 * self.small / 72

    @property
    def mark(self) -> float:
        """Size of a mark, in points."""
        return 0.62 * self.points

    def letters(self, inches: float, size: float = 0) -> int:
        """How many letters fit into a width, at least 8."""
        return max(8, int(inches * 72 / (0.54 * (size or self.small))))

    @contextmanager
    def context(self) -> Iterator[None]:
        """Matplotlib's settings, for drawing and for saving."""
        import matplotlib as mpl

        settings: Any = {
            "font.family": "DejaVu Sans", "font.size": self.points, "axes.titlesize": self.points,
            "axes.labelsize": self.points, "xtick.labelsize": self.small, "ytick.labelsize": self.small,
            "legend.fontsize": self.small, "legend.frameon": False, "axes.spines.top": False,
            "axes.spines.right": False, "axes.linewidth": 0.07 * self.points, "lines.linewidth": 0.15 * self.points,
            "grid.linewidth": 0.06 * self.points, "grid.color": LIGHT.grid, "text.color": LIGHT.foreground,
            "axes.labelcolor": LIGHT.foreground, "axes.edgecolor": LIGHT.muted, "xtick.color": LIGHT.foreground,
            "ytick.color": LIGHT.foreground, "axes.axisbelow": True, "savefig.facecolor": "white",
            "pdf.fonttype": 42, "ps.fonttype": 42, "svg.hashsalt": "equipoise", "text.usetex": False,
            "text.parse_math": False, "axes.formatter.use_mathtext": False, "axes.unicode_minus": True,
        }  # fmt: skip
        with mpl.rc_context(settings), warnings.catch_warnings():
            warnings.filterwarnings("ignore", r"Glyph \d+ .*missing from font")  # a name in a script that it lacks
            yield
