"""The report's debate section: both margins, order effect, decision rules, who moved whom, three transcripts."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from equipoise.harness.cells import label
from equipoise.harness.metrics import Metric
from equipoise.harness.report import Picture, Section, Theme, both_sides, first_case, forest, render
from equipoise.harness.report.charts import models_of, short_name
from equipoise.tasks.debate.metrics import ALL, EFFECT, MOVED
from equipoise.tasks.debate.rules import RULES
from equipoise.tasks.debate.scorer import CAST

if TYPE_CHECKING:
    from matplotlib.figure import Figure

LEAD = (
    "The model under test and its partner answer independently, then discuss every item in every seat order. A good "
    "team member keeps right answers against a wrong partner and gives up wrong ones for a right partner; neither "
    "means anything without the other. The order effect is what the seats alone change."
)
RULE = (
    "Of the first model that is no control agent, in the hash order of the items: the first discussion in which it "
    "leaves a right answer after a wrong one was put to it, the first in which it takes a right one, and the first in "
    "which it does not."
)
MOVES = ("took", "wrong_right", "right_wrong", "net")
MOVE_NAMES = ("takes the\nother's answer", "wrong → right", "right → wrong", "net")


def debate_section(table: pd.DataFrame, metrics: list[Metric]) -> Section:
    """Figures and cases of one table; every figure is of one domain, or has its domains apart."""
    domains = sorted(table["domain"].astype(str).unique())
    cast = _cast(table)
    pictures = []
    for domain in domains:
        own = [metric for metric in metrics if metric.by == label(domain)]
        pictures += [margins(own, domain), order_effect(metrics, domain, cast), seats(metrics, domain, cast)]
        pictures += [decision_rules(own, domain), who_moved_whom(own, domain, cast)]
    cases = [
        first_case(table, "Gave up a right answer", "", "kept", 0.0),
        first_case(table, "Took a right answer", "", "corrected", 1.0),
        first_case(table, "Kept a wrong answer", "", "corrected", 0.0),
    ]
    return Section("Debate", LEAD, [picture for picture in pictures if picture], RULE, cases)


def _cast(table: pd.DataFrame) -> str:
    """Who the partners are: `Partner: openai/…`."""
    named = table.loc[table["arm"] == CAST, "measure"].astype(str).unique()
    partners = sorted(name for name in named if not name.startswith("subject="))
    return ", ".join(f"P{name[1:]}".replace("=", ": ", 1) for name in partners)


def _title(text: str, domain: str) -> str:
    return f"{text}, {domain}" if domain else text


def order_effect(metrics: Sequence[Metric], domain: str, cast: str) -> Picture | None:
    """Two agents: the order effect, over all items and over those whose first answers differ."""
    names = {"subject_minus_partner": "subject − partner", "strong_minus_weak": "strong − weak"}
    rows = {}
    for measure, name in names.items():
        for subset, what in (("", "all items"), ("first=differ", "differing")):
            by = ",".join(part for part in (label(domain), subset) if part)
            if found := [m for m in metrics if (m.arm, m.measure, m.by) == (EFFECT, measure, by)]:
                rows[f"{name}, {what}"] = found
    caption = (
        "Team accuracy with the one agent first minus that with the other first, within items, with 95 % intervals; 0 "
        "is best. Strong: the agent with the higher first-answer accuracy in the domain (no row where both are equal). "
        f"Differing: items whose first answers differ. {cast}."
    )
    return forest(_title("Order effect", domain), rows, "difference of team accuracy", caption, 0) if rows else None


def seats(metrics: Sequence[Metric], domain: str, cast: str) -> Picture | None:
    """More than two agents: the team's accuracy by the subject's seat."""
    start = ",".join(part for part in (label(domain), "agent=subject,seat=") if part)
    found = [m for m in metrics if (m.arm, m.measure) == (ALL, "team_mean") and m.by.startswith(start)]
    rows = {
        f"subject in seat {by.removeprefix(start)}": [metric for metric in found if metric.by == by]
        for by in sorted({metric.by for metric in found})
    }
    caption = f"Mean over the seat orders with the subject in that seat, with 95 % intervals. {cast}."
    return forest(_title("Team accuracy by seat", domain), rows, "team accuracy", caption) if len(rows) > 2 else None


def margins(metrics: Sequence[Metric], domain: str) -> Picture | None:
    """Right answers given up to a wrong partner, and wrong ones held against a right partner."""
    left, right = (
        [
            replace(m, estimate=1 - m.estimate, low=1 - m.high, high=1 - m.low)
            for m in metrics
            if (m.arm, m.measure) == (ALL, measure)
        ]
        for measure in ("kept", "corrected")
    )
    if not left and not right:
        return None
    caption = "Share of the subject's first turns in such a discussion, over all seat orders; short bars are good."
    return both_sides(
        _title("Errors in both directions", domain), left, right, "gave up a right answer", "held a wrong one", caption
    )


def decision_rules(metrics: Sequence[Metric], domain: str) -> Picture | None:
    """The team's accuracy by decision rule, beside the agents alone."""
    named = {(ALL, "solo_mean"): "alone: mean", (ALL, "solo_best"): "alone: best agent"}
    named |= {(ALL, rule): name for rule, name in RULES.items()}
    rows = {
        name: found
        for key, name in named.items()
        if (found := [m for m in metrics if (m.arm, m.measure) == key and np.isfinite(m.estimate)])
    }
    caption = (
        "Over all seat orders, with 95 % intervals. The first two rows are the independent first answers. "
        "Any right is a ceiling."
    )
    return forest(_title("Team accuracy by decision rule", domain), rows, "accuracy", caption) if rows else None


def who_moved_whom(metrics: Sequence[Metric], domain: str, cast: str) -> Picture | None:
    """Changes by who is credited with them, per ordered pair of agents."""
    found = {(m.model, m.measure): m.estimate for m in metrics if m.arm == MOVED}
    pairs = list(dict.fromkeys(tuple(measure.split(".")[1:]) for _, measure in found if ".seat" not in measure))
    rows = {}
    for model in models_of([m for m in metrics if m.arm == MOVED]):
        for mover, moved in pairs:
            values = [found.get((model, f"{kind}.{mover}.{moved}"), np.nan) for kind in MOVES]
            if mover != "unattributed" or any(values[1:3]):
                mover, moved = (short_name(model) if name == "subject" else name for name in (mover, moved))
                rows[f"{mover} moves {moved}" if mover != "unattributed" else f"{moved} moves by itself"] = values
    if not rows:
        return None

    def draw(theme: Theme) -> "Figure":
        import matplotlib.pyplot as plt
        import seaborn as sns

        figure, axes = plt.subplots(figsize=(5.2, 1.1 + 0.36 * len(rows)))
        values = np.array(list(rows.values()))
        texts = np.array([["" if np.isnan(v) else f"{v:z.2f}" for v in row] for row in values])
        sns.heatmap(values, vmin=-1, vmax=1, cmap="PuOr", annot=texts, fmt="", cbar=False, ax=axes, linewidths=1,
                    linecolor="#00000000", xticklabels=MOVE_NAMES, yticklabels=list(rows))  # fmt: skip
        axes.xaxis.tick_top()
        axes.tick_params(axis="both", length=0)
        axes.tick_params(axis="y", rotation=0)
        axes.tick_params(axis="x", rotation=0, labelsize=8)
        axes.set_title(_title("Who moved whom", domain), loc="left", fontsize=11)
        return figure

    words = "; ".join(
        f"{name}: " + ", ".join(f"{kind} {value:.2f}" for kind, value in zip(MOVES, values, strict=True))
        for name, values in rows.items()
    )
    caption = (
        "First column: share of the turns that faced another answer of that agent and ended on it (empty: none did). "
        f"Others: such changes per item and seat order, credited to the agents who held the new answer. {cast}."
    )
    return render(draw, f"{_title('Who moved whom', domain)}. {words}.", caption)
