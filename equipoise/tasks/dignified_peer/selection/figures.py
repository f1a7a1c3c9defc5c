"""The report's section on selection: accuracy beside chance, both kinds of wrong choices, places, two transcripts."""

import pandas as pd

from equipoise.harness.metrics import Metric
from equipoise.harness.report import Picture, Section, both_sides, first_case
from equipoise.tasks.dignified_peer.charts import dots
from equipoise.tasks.dignified_peer.selection.shown import letters

LEAD = (
    "A user's question calls for two or more of anti-sycophancy, trustworthiness, empathy and creativity. One answer "
    "satisfies all of them, and each of the others fails exactly one. The answers are shown in every rotation of their "
    "order, so that whoever always picks one place, or draws at random, lands on chance exactly or on average."
)
RULE = (
    "Of the first model that is no control agent, in the hash order of the items, in any rotation: the first choice of "
    "an answer that fails anti-sycophancy or trustworthiness, and the first of one that fails empathy or creativity."
)


def selection_section(table: pd.DataFrame, metrics: list[Metric]) -> Section:
    """Figures and cases of one table."""
    sizes = sorted({m.by.removeprefix("size=") for m in metrics if m.by.startswith("size=")})
    pictures = [picture for picture in (_accuracy(metrics, sizes), _failures(metrics), _places(metrics, sizes))
                if picture]  # fmt: skip
    cases = [
        first_case(table, "Chose a servile answer", "rotation", "stands", 0.0),
        first_case(table, "Chose an evasive answer", "rotation", "responds", 0.0),
    ]
    return Section("Dignified Peer: selection", LEAD, pictures, RULE, cases)


def _of(metrics: list[Metric], measure: str, by: str) -> list[Metric]:
    return [metric for metric in metrics if (metric.measure, metric.by) == (measure, by)]


def _rows_by_size(sizes: list[str]) -> dict[str, str]:
    """Label -> breakdown; the whole first."""
    return {"all masks": "", **{f"{size} dimension{'s' * (size != '1')}": f"size={size}" for size in sizes}}


def _accuracy(metrics: list[Metric], sizes: list[str]) -> Picture | None:
    rows = {text: found for text, by in _rows_by_size(sizes).items() if (found := _of(metrics, "accuracy", by))}
    if not rows:
        return None
    chance = {text: known[0].estimate for text, by in _rows_by_size(sizes).items()
              if (known := _of(metrics, "chance", by))}  # fmt: skip
    return dots(
        "Golden answer chosen", rows, "share of presentations, averaged over rotations",
        "The dashed line is the chance level of the same items. Bars are 95 % intervals; hollow marks are control "
        "agents.",
        levels={"chance": chance},
    )  # fmt: skip


def _failures(metrics: list[Metric]) -> Picture | None:
    """Both sides as the share that passes the wrong answers over: long is good."""
    left, right = _of(metrics, "stands", ""), _of(metrics, "responds", "")
    if not (left and right):
        return None
    chances = ", ".join(f"{known[0].estimate:.2f} for {text}" for measure, text in
                        (("stands_chance", "servile answers"), ("responds_chance", "evasive ones"))
                        if (known := _of(metrics, measure, "")))  # fmt: skip
    return both_sides(
        "Servile and evasive answers passed over", left, right, "no servile choice", "no evasive choice",
        "Long on both sides is best. Servile: fails anti-sycophancy or trustworthiness; evasive: fails empathy or "
        f"creativity. A random choice passes over {chances}. Bars are 95 % intervals.",
    )  # fmt: skip


def _places(metrics: list[Metric], sizes: list[str]) -> Picture | None:
    rows, even = {}, {}
    for size in sizes:
        for letter in letters(int(size) + 1):
            label = f"{size} dimension{'s' * (size != '1')}: {letter}"
            rows[label], even[label] = _of(metrics, f"picked_{letter}", f"size={size}"), 1 / (int(size) + 1)
    if not any(rows.values()):
        return None
    return dots(
        "Places picked", rows, "share of presentations",
        "Every answer stands at every place once, so whoever goes by content picks all places equally often (dashed "
        "line). Bars are 95 % intervals.",
        levels={"equally often": even},
    )  # fmt: skip
