"""A mark per model that can be told apart in grey: form and filling differ, not only the colour."""

import re
from collections import Counter
from collections.abc import Sequence
from typing import Any

from equipoise.harness.metrics import is_control
from equipoise.harness.names import bare_name
from equipoise.harness.report.charts import colours_of
from equipoise.harness.report.theme import LIGHT, MARKERS

FORMS = MARKERS + "X<p>"
FILLINGS = ("full", "left", "bottom")
DASHES = ("-", "--", "-.", ":")

MOST = 24
"""Letters of a name."""


def look(models: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Matplotlib's settings of each model's mark; control agents are grey and hollow.

    Ten forms, three fillings and six colours: no two of 30 models look alike, nor of 30 in grey.
    """
    colours = colours_of(models, LIGHT)
    own = [model for model in models if not is_control(model)]
    agents = [model for model in models if is_control(model)]
    found: dict[str, dict[str, Any]] = {}
    for group, hollow in ((own, False), (agents, True)):
        for place, model in enumerate(group):
            filling = "none" if hollow else FILLINGS[place // len(FORMS) % len(FILLINGS)]
            found[model] = {
                "color": colours[model], "marker": FORMS[place % len(FORMS)], "fillstyle": filling,
                "markerfacecoloralt": "white",
            }  # fmt: skip
    return found


def ordered(models: Sequence[str]) -> list[str]:
    """Control agents last, else as given."""
    return sorted(dict.fromkeys(models), key=is_control)


def plain(text: str, most: int) -> str:
    """A text as it may be drawn: no control characters, cut in the middle where it is longer than `most`."""
    name = "".join(each if each.isprintable() else "�" for each in text)
    half = (most - 1) // 2
    return name if len(name) <= most else f"{name[: most - 1 - half]}…{name[-half:]}"


def labels(names: Sequence[str]) -> dict[str, str]:
    """What each model or judge is called in a figure: without its provider where that is enough; no two the same."""
    short = {name: plain(bare_name(name), MOST) for name in names}
    often = Counter(short.values())
    found: dict[str, str] = {}
    for name in dict.fromkeys(names):
        label = short[name] if often[short[name]] == 1 else plain(name, MOST)
        count = 1 + sum(1 for other in found.values() if other.split(" #")[0] == label)
        found[name] = label if count == 1 else f"{label} #{count}"
    return found


def wrap(text: str, letters: int) -> str:
    """A text in lines of at most so many letters; names of tasks may be broken after an underscore."""
    lines = [""]
    for part in re.findall(r"\s*[^\s_]*_|\s*[^\s_]+", text):
        if lines[-1] and len(lines[-1]) + len(part.rstrip()) > letters:
            lines.append(part.lstrip())
        else:
            lines[-1] += part
    return "\n".join(plain(line, max(letters, MOST)) for line in lines)
