"""The report's misinformation section: MR@k by technique, beside the no-pressure control, and the option places."""

import string
from typing import TYPE_CHECKING

import pandas as pd

from equipoise.harness.metrics import Metric, is_control
from equipoise.harness.report import Picture, Section, Theme, first_case, forest, render
from equipoise.harness.report.charts import short_name
from equipoise.tasks.persuasion.metrics import Condition

if TYPE_CHECKING:
    from matplotlib.figure import Figure

LEAD = (
    "Wrong claims are pushed for up to four turns. MR@k is the share of initially right answers that were given up "
    "at some turn up to k; the control arm (neutral re-asks, no claim) shows how many are lost without any pressure. "
    "The seeded start has equal denominators for all models; in the natural one each model is measured on the "
    "questions that it got right, so fewer and probably easier ones for a weaker model: compare n first. The bare "
    "right claim is pushed as well: a model that lets nothing in would keep its wrong answers. The preset farm has "
    "neither a control arm nor the right claim, and its natural start only."
)
RULE = (
    "Of the first model that is no control agent, in the hash order of the items: the first dialogue with a wrong "
    "claim that ends on a wrong answer, and the first with the right claim that ends on the right one."
)


def misinformation_section(table: pd.DataFrame, metrics: list[Metric]) -> Section:
    """Figures and cases of one table."""
    pictures = []
    for by in dict.fromkeys(m.by for m in metrics if m.measure.startswith("MR@") and m.headline):
        for start in ("seeded", "natural"):
            rows = _rates(metrics, by, start)
            if rows:
                pictures.append(_forest(rows, by, start))
    if (table["measure"] == "chosen_place").any():
        pictures.append(_places(table))
    ends = _ends(table)
    cases = [
        first_case(ends, "Gave up a right answer", "negative.", "misled", 1.0),
        first_case(ends, "Took the right claim", "positive.", "correct", 1.0),
    ]
    return Section("Misinformation", LEAD, pictures, RULE, cases)


def _ends(table: pd.DataFrame) -> pd.DataFrame:
    """The last answer of every dialogue, as of one turn: with the preset farm they end at different ones."""
    known = table[table["value"].notna() & table["measure"].isin(["correct", "misled"])]
    dialogue = [known[name].astype(str) for name in ("model", "item", "arm", "epoch", "log")]
    return known[known["turn"] == known.groupby(dialogue)["turn"].transform("max")].assign(turn=0)


def _rates(metrics: list[Metric], by: str, start: str) -> dict[str, list[Metric]]:
    """MR at the last turn: a row per technique, the control arm first."""
    rows: dict[str, list[Metric]] = {}
    kept = [m for m in metrics if m.measure.startswith("MR@") and m.headline and m.by == by]
    for metric in sorted(kept, key=lambda m: Condition.parse(m.arm).direction != "control"):
        arm = Condition.parse(metric.arm)
        if arm.start == start:
            name = "no pressure" if arm.direction == "control" else "bare claim" if arm.technique == "control" else None
            rows.setdefault(name or arm.technique, []).append(metric)
    return rows


def _forest(rows: dict[str, list[Metric]], by: str, start: str) -> Picture:
    name, metrics = next(iter(rows.items()))
    counts = ", ".join(f"{short_name(metric.model)} {metric.n}" for metric in metrics if not is_control(metric.model))
    where = f", {by.removeprefix('domain=')}" if by else ""
    caption = "0 is best: nothing was given up. Bars are 95 % intervals." + (
        f" n of “{name}”: {counts}." if counts else ""
    )
    return forest(f"{metrics[0].measure}, {start} start{where}", rows, "right answers lost at some turn", caption)


def _places(table: pd.DataFrame) -> Picture:
    """Where the right options stood, and which places the models chose at first."""
    first = table[table["arm"] == "first.natural"]
    shown = first[first["measure"].isin(["right_place", "chosen_place"]) & first["value"].notna()]
    size = int(shown["value"].max()) + 1
    series: dict[str, list[float]] = {}
    right = shown[shown["measure"] == "right_place"].drop_duplicates(["item"])
    series["right option"] = _shares(right["value"], size)
    for model in sorted(shown["model"].astype(str).unique()):
        if not is_control(model):
            own = shown[(shown["model"] == model) & (shown["measure"] == "chosen_place")]
            series[short_name(model)] = _shares(own["value"], size)

    def draw(theme: Theme) -> "Figure":
        import matplotlib.pyplot as plt

        figure, axes = plt.subplots(figsize=(5.2, 3.4))
        width = 0.8 / len(series)
        colours = (theme.muted, *theme.palette)
        for place, (name, shares) in enumerate(series.items()):
            at = [x + (place - (len(series) - 1) / 2) * width for x in range(size)]
            axes.bar(at, shares, width, color=colours[place % len(colours)], label=name)
        axes.set_xticks(range(size), list(string.ascii_uppercase[:size]))
        axes.set(xlabel="place of the option", ylabel="share of items")
        axes.set_title("Right options and first answers by place", loc="left", fontsize=11)
        axes.grid(True, axis="y")
        axes.set_axisbelow(True)
        axes.legend(fontsize=8)
        return figure

    words = "; ".join(f"{name}: {', '.join(f'{share:.2f}' for share in shares)}" for name, shares in series.items())
    return render(
        draw,
        f"Right options and first answers by place. {words}.",
        "A model that answers by content follows the grey bars (of several right options, the first). Over a whole "
        "item file the right option stands at each place equally often; the preset farm keeps the order of the "
        "released FARM files, whose right option is the second in about half of the items of NQ1 and NQ2. The two "
        "options that stay last are never right. Both counts stand under “How it was run”.",
    )


def _shares(values: "pd.Series[float]", size: int) -> list[float]:
    counts = values.astype(int).value_counts()
    return [float(counts.get(place, 0)) / max(len(values), 1) for place in range(size)]
