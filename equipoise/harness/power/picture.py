"""The power curve as a picture: how likely each verdict is at which number of items."""

from html import escape
from io import BytesIO
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Any

from equipoise.errors import InputError
from equipoise.harness.files import write_text, write_whole
from equipoise.harness.power.plan import Plan
from equipoise.harness.power.words import chance
from equipoise.harness.report.theme import LIGHT, Picture, Theme, render

if TYPE_CHECKING:
    from matplotlib.figure import Figure

FORMATS = (".html", ".svg", ".png")

PAGE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Power: {title}</title>
<style>
:root {{ color-scheme: light dark; }}
body {{ font: 16px/1.5 system-ui, sans-serif; max-width: 46rem; margin: 2rem auto; padding: 0 1rem;
  background: light-dark(#fff, #15191e); color: light-dark(#1b1f24, #e6e8eb); }}
img {{ max-width: 100%; height: auto; }}
figure {{ margin: 1.5rem 0; }}
figcaption {{ font-size: .9rem; opacity: .8; }}
table {{ border-collapse: collapse; font-variant-numeric: tabular-nums; }}
th, td {{ padding: .25rem 1rem .25rem 0; text-align: right; }}
th {{ font-weight: 600; }}
</style>
<h1>Power: {title}</h1>
<p>{sentence}</p>
<figure><picture>
<source srcset="{dark}" media="(prefers-color-scheme: dark)"><img src="{light}" alt="{alt}">
</picture><figcaption>{caption}</figcaption></figure>
<table><tr><th>items</th><th>GO, nothing changed</th><th>NO-GO, one drop</th></tr>
{rows}</table>
</html>
"""


def write_curve(plan: Plan, path: Path, title: str, sentence: str) -> None:
    """Write the curve: a page that follows the reader's light or dark setting, or a plain picture on white.

    Args:
        plan: With a curve.
        path: Ends in .html, .svg or .png.
        title: Of the run.
        sentence: The recommendation.

    Raises:
        InputError: Another ending.
    """
    check_format(path)
    if path.suffix == ".html":
        write_text(path, _page(plan, title, sentence))
    else:
        image = _image(plan, path.suffix[1:])
        write_whole(path, lambda partial: partial.write_bytes(image))


def check_format(path: Path) -> None:
    """Refuse a path whose ending names no known format.

    Raises:
        InputError: It does.
    """
    if path.suffix not in FORMATS:
        raise InputError(f"unknown format; expected {', '.join(FORMATS)}", path=path)


def picture(plan: Plan) -> Picture:
    """The curve for light and dark pages."""
    words = "; ".join(f"{n} items: GO {chance(go)}, NO-GO {chance(no_go)}" for n, go, no_go in plan.curve)
    caption = (
        "Chance of GO if nothing changed, and of NO-GO if one comparison fell by the drop: the one that shows it "
        "least. Dashed: the power that was asked for. Dotted: the recommended number of items."
    )
    return render(lambda theme: draw(plan, theme), f"Power curve. {words}.", caption)


def draw(plan: Plan, theme: Theme) -> "Figure":
    """The figure in a theme's colours."""
    import matplotlib.pyplot as plt
    from matplotlib.ticker import PercentFormatter

    figure, axes = plt.subplots(figsize=(6.2, 3.6))
    items = [point[0] for point in plan.curve]
    lines = (("GO, nothing changed", 1, "o-", 0), ("NO-GO, one drop", 2, "D-", 1))
    for label, column, style, colour in lines:
        values = [point[column] for point in plan.curve]
        if any(map(isfinite, values)):
            axes.plot(items, values, style, color=theme.palette[colour], label=label, markersize=5, clip_on=False)
    axes.axhline(plan.power, color=theme.muted, linewidth=0.9, linestyle="--")
    if plan.possible:
        for count in sorted(set(plan.tasks.values())):
            axes.axvline(count, color=theme.muted, linewidth=0.9, linestyle=":")
    axes.set_xlim(0, max(items) * 1.02)
    axes.set_ylim(0, 1)
    axes.yaxis.set_major_formatter(PercentFormatter(1.0))
    axes.set_xlabel("items per task" if len(plan.tasks) > 1 else "items")
    axes.set_ylabel("chance of the verdict")
    axes.grid(True, axis="y")
    axes.legend(fontsize=9, loc="upper left", bbox_to_anchor=(0, 1.14), ncols=2, borderaxespad=0)
    return figure


def _page(plan: Plan, title: str, sentence: str) -> str:
    found = picture(plan)
    rows = "".join(f"<tr><td>{n:,}</td><td>{chance(a)}</td><td>{chance(b)}</td></tr>\n" for n, a, b in plan.curve)
    return PAGE.format(
        title=escape(title), sentence=escape(sentence), light=found.light, dark=found.dark, alt=escape(found.alt),
        caption=escape(found.caption), rows=rows,
    )  # fmt: skip


def _image(plan: Plan, kind: str) -> bytes:
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    style: Any = {
        "text.color": LIGHT.foreground, "axes.labelcolor": LIGHT.foreground, "axes.edgecolor": LIGHT.grid,
        "xtick.color": LIGHT.muted, "ytick.color": LIGHT.muted, "grid.color": LIGHT.grid, "legend.frameon": False,
        "axes.spines.top": False, "axes.spines.right": False, "svg.hashsalt": "equipoise",
    }  # fmt: skip
    buffer = BytesIO()
    with plt.rc_context(style):
        figure = draw(plan, LIGHT)
        figure.savefig(buffer, format=kind, dpi=160, bbox_inches="tight", facecolor="white",
                       metadata={"Date": None} if kind == "svg" else None)  # fmt: skip
        plt.close(figure)
    return buffer.getvalue()
