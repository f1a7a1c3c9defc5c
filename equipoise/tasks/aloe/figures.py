"""The report's ALOE section: alignment by turn beside its references, rates of improvement, the simulated user."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from equipoise.harness.cells import label
from equipoise.harness.metrics import Metric, is_control
from equipoise.harness.report import Picture, Section, Theme, first_case, forest, render
from equipoise.harness.report.charts import colours_of, models_of, short_name
from equipoise.harness.report.theme import MARKERS
from equipoise.tasks.aloe.metrics import BLIND, CHECKS, KNOWN, MODEL, MOST_DROPPED, OWN, STYLE, SWAPPED

if TYPE_CHECKING:
    from matplotlib.figure import Figure

LEAD = (
    "A simulated user with a persona talks to the model, which is never told who that is. After every reply a panel "
    "rates from 1 to 5 how well it suits the persona. A rating alone says little, because any friendly reply would get "
    "part of it. What the model owes to this user shows in the gap to the rating for another persona, and in its place "
    "between a model that is told the persona and one that sees only the current message."
)
RULE = (
    "Of the first model that is no control agent, in the hash order of the items: the first dialogue whose last reply "
    "some judge rated 5, the first whose last reply some judge rated 1, and the first in which the simulated user's "
    "last message answers like an assistant."
)
NOISE = (
    "0 is no improvement. N-IR (in the table) is the same for any straight rise, whatever its size: 0.111 over 10 "
    "turns, and within ±0.067 in 95 % of runs without one: read it with IR."
)
BANDS = "Mean over cases, with 95 % bands over profiles and personalities."
CHECK_NAMES = dict(
    zip(
        CHECKS,
        ("answers like an assistant", "tells all at once", "repeats itself", "leaves its character"),
        strict=True,
    )
)
ARM_NAMES = {MODEL: "as it is", KNOWN: "told the persona", BLIND: "current message only", STYLE: "told to be friendly"}


def aloe_section(table: pd.DataFrame, metrics: list[Metric]) -> Section:
    """Figures and cases of one table; every figure is of one pool of personas (domain)."""
    domains = sorted(table["domain"].astype(str).unique()) if "domain" in table else [""]
    pictures: list[Picture | None] = []
    for domain in domains:
        shown = _longest(_within(metrics, domain))
        where = domain if len(domains) > 1 else ""
        models = [model for model in models_of(shown) if not is_control(model)] or models_of(shown)
        if len(models_of(shown)) > 1:
            pictures.append(every_model(shown, where))
        for model in models:
            own = [metric for metric in shown if metric.model == model]
            pictures += [personas(own, model, where), references(own, model, where)]
        pictures += [rates(shown, where), checks(shown, where)]
    cases = [
        first_case(table, "Rated 5 by a judge", MODEL, OWN, 5.0),
        first_case(table, "Rated 1 by a judge", MODEL, OWN, 1.0),
        first_case(table, "The simulated user answers like an assistant", MODEL, CHECKS[0], 1.0),
    ]
    lead = " ".join([LEAD, *_warnings(metrics)])
    return Section("ALOE: alignment with an unstated persona", lead, [p for p in pictures if p], RULE, cases)


def every_model(metrics: Sequence[Metric], where: str) -> Picture | None:
    """Alignment by turn of every model, control agents in grey."""
    models = models_of(metrics)
    series = {model: _by_turn(metrics, MODEL, OWN, model) for model in models}
    return _curves(_title("Alignment by turn", where), series, f"{BANDS} Hollow marks are control agents.", models)


def personas(metrics: Sequence[Metric], model: str, where: str) -> Picture | None:
    """The same replies rated for the user's own persona and for another one: the gap is the personal part."""
    series = {
        "own persona": _by_turn(metrics, MODEL, OWN, model),
        "another persona": _by_turn(metrics, MODEL, SWAPPED, model),
    }
    caption = (
        "The same replies, rated for the user's persona and for another one; the gap is the personal part. Where both "
        f"rise together, the replies improve for anybody. {BANDS}"
    )
    if not series["another persona"]:
        return None
    return _curves(_title("Own and another persona", where, model), series, caption)


def references(metrics: Sequence[Metric], model: str, where: str) -> Picture | None:
    """The model beside itself under other conditions: upper and lower reference, and style alone."""
    series = {name: _by_turn(metrics, arm, OWN, model) for arm, name in ARM_NAMES.items()}
    caption = (
        "Told the persona: an upper reference. Current message only: a lower one, alignment without accumulation. "
        f"Both are measured, so the model may fall outside. {BANDS}"
    )
    return _curves(_title("Beside its references", where, model), series, caption)


def rates(metrics: Sequence[Metric], where: str) -> Picture | None:
    """IR of the model, of its personal part and of its references."""
    wanted = {
        "own persona": (MODEL, "ir"),
        "another persona": (MODEL, "al_swapped_ir"),
        "personal part": (MODEL, "personal_ir"),
        **{ARM_NAMES[arm]: (arm, "ir") for arm in (KNOWN, BLIND, STYLE)},
    }
    rows = _rows(metrics, wanted)
    caption = f"Rating points per turn, least squares, with 95 % intervals. {NOISE}"
    title = _title("Rate of improvement (IR)", where)
    return forest(title, rows, "rating points per turn", caption, 0) if rows else None


def checks(metrics: Sequence[Metric], where: str) -> Picture | None:
    """How often the simulated user failed."""
    rows = _rows(metrics, {name: (MODEL, check) for check, name in CHECK_NAMES.items()})
    caption = "Share of the simulated user's messages, with 95 % intervals clustered by profile; 0 is best."
    return forest(_title("Failures of the simulated user", where), rows, "share of messages", caption) if rows else None


def _title(text: str, where: str, model: str = "") -> str:
    """A title that names the domain, where there are several, and the model, on a line of its own."""
    return "\n".join([f"{text}, {where}" if where else text, *([short_name(model)] if model else [])])


def _warnings(metrics: Sequence[Metric]) -> list[str]:
    """Sentences on what makes a run invalid, and on judges that rated nothing."""
    dropped: dict[str, float] = {}
    silent: dict[str, None] = {}
    for metric in metrics:
        if metric.measure == "dropped_share" and "judge=" not in metric.by:
            dropped[metric.model] = max(dropped.get(metric.model, 0.0), metric.estimate)
        elif metric.measure == "dropped_share" and metric.estimate == 1:
            judge = metric.by.partition("judge=")[2].split(",")[0]
            silent[f"{judge} ({short_name(metric.model)})"] = None
    over = [
        f"{short_name(model)} (up to {100 * share:.1f} %)" for model, share in dropped.items() if share > MOST_DROPPED
    ]
    found = []
    if over:
        limit = f"{100 * MOST_DROPPED:.0f} %"
        found.append(f"Not valid for publication, over {limit} of an arm's dialogues dropped: {', '.join(over)}.")
    if silent:
        found.append(f"Judges who completed no dialogue of an arm, and so are not in its panel: {', '.join(silent)}.")
    return found


def _within(metrics: Sequence[Metric], domain: str) -> list[Metric]:
    """The metrics of one domain, without the label that tells it."""
    start = label(domain)
    own = [metric for metric in metrics if not start or f"{metric.by},".startswith(f"{start},")]
    return [replace(metric, by=metric.by.removeprefix(start).lstrip(",")) for metric in own]


def _longest(metrics: Sequence[Metric]) -> list[Metric]:
    """The metrics of each model's largest number of turns, where it has several, without the label that tells it."""
    lengths: dict[str, int] = {}
    for metric in metrics:
        _, found, turns = metric.by.rpartition("turns=")
        lengths[metric.model] = max(lengths.get(metric.model, 0), int(turns) if found else 0)
    ends = {model: f"turns={turns}" if turns else "" for model, turns in lengths.items()}
    own = [metric for metric in metrics if metric.by.endswith(ends[metric.model])]
    return [replace(metric, by=metric.by.removesuffix(ends[metric.model]).rstrip(",")) for metric in own]


def _by_turn(metrics: Sequence[Metric], arm: str, measure: str, model: str) -> list[Metric]:
    """A curve, turn after turn; empty if there is none."""
    found = {
        int(m.by.removeprefix("turn=")): m
        for m in metrics
        if (m.arm, m.measure, m.model) == (arm, measure, model) and m.by.startswith("turn=") and np.isfinite(m.estimate)
    }
    return [found[turn] for turn in sorted(found)]


def _rows(metrics: Sequence[Metric], wanted: Mapping[str, tuple[str, str]]) -> dict[str, list[Metric]]:
    """Labels that have metrics."""
    rows = {
        name: [m for m in metrics if (m.arm, m.measure, m.by) == (*key, "") and np.isfinite(m.estimate)]
        for name, key in wanted.items()
    }
    return {name: found for name, found in rows.items() if found}


def _curves(
    title: str, series: Mapping[str, Sequence[Metric]], caption: str, models: Sequence[str] = ()
) -> Picture | None:
    """Ratings by turn over the whole scale, a line with a band each; `models` if the lines are models."""
    lines = {name: metrics for name, metrics in series.items() if metrics}
    if not lines:
        return None

    def draw(theme: Theme) -> "Figure":
        import matplotlib.pyplot as plt

        figure, axes = plt.subplots(figsize=(5.2, 3.8))
        colours = colours_of(models, theme) or dict(zip(series, theme.palette, strict=False))
        for place, (name, metrics) in enumerate(series.items()):
            if not metrics:
                continue
            agent, colour = is_control(name), colours[name]
            x = [int(metric.by.removeprefix("turn=")) for metric in metrics]
            axes.plot(
                x, [metric.estimate for metric in metrics], "-" if place == 0 or models else "--", color=colour,
                lw=1 if agent else 2, marker=MARKERS[place % len(MARKERS)], ms=4 if agent else 5,
                mfc="none" if agent else colour, label=short_name(name), clip_on=False, zorder=3,
            )  # fmt: skip
            if not agent:
                low, high = [metric.low for metric in metrics], [metric.high for metric in metrics]
                axes.fill_between(x, low, high, color=colour, alpha=0.15, lw=0)
        turns = sorted({int(metric.by.removeprefix("turn=")) for metrics in lines.values() for metric in metrics})
        axes.set(ylim=(1, 5), yticks=range(1, 6), xticks=turns, xlabel="turn", ylabel="rating, 1 to 5")
        axes.set_title(title, loc="left", fontsize=11)
        axes.grid(True, axis="y")
        axes.legend(fontsize=8, loc="upper center", bbox_to_anchor=(0.5, -0.18), ncols=2)
        return figure

    words = "; ".join(f"{name}: {', '.join(f'{m.estimate:.2f}' for m in metrics)}" for name, metrics in lines.items())
    return render(draw, f"{title.replace(chr(10), ', ')}, rating by turn. {words}.", caption)
