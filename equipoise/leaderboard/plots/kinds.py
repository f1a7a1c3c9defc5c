"""The kinds of plots: which panels a source has for each, and which of them are wanted."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, cast

import numpy as np
import pandas as pd

from equipoise.errors import InputError
from equipoise.harness.metrics import Metric
from equipoise.harness.report.charts import short_name
from equipoise.harness.report.scorecard import Line, Side, cards, margin_of, scorecard
from equipoise.leaderboard.plots.panels import ItemMap, Mark, Panel, Plane, Rows, Span, Turns
from equipoise.leaderboard.plots.source import Source

MOST_MODELS = 60
ORDER, EFFECTS = "order_effect", ("subject_minus_partner", "strong_minus_weak")
"""Arm and measures of the order effects of a debate."""


@dataclass(frozen=True)
class Wanted:
    """What is to be drawn.

    Attributes:
        measure: Name of a measure or dimension; empty = what a kind shows by default.
        models: By full or short name, in this order; empty = all.
    """

    measure: str = ""
    models: tuple[str, ...] = ()


@dataclass(frozen=True)
class Kind:
    """A kind of plot.

    Attributes:
        needs: In words.
        find: Its panels in a source.
        fitted: Whether it is drawn from a fit of judges' votes, which may not be possible.
    """

    needs: str
    find: Callable[[Source], Sequence[Panel]]
    fitted: bool = False


def planes(source: Source) -> list[Panel]:
    """One per task (and domain) whose margins both have a value for some model."""
    found: list[Panel] = []
    for lines in cards(scorecard(source.metrics)):
        points = {line.model: (line.stand, line.bend) for line in lines if _has(line.stand) and _has(line.bend)}
        if not points:
            continue
        (x, stand), (y, bend) = lines[0].margins.columns[:2]
        known = cast("dict[str, tuple[Metric, Metric]]", points)
        found.append(
            Plane(
                lines[0].task,
                lines[0].about,
                (stand.measure, bend.measure),
                points=known,
                labels=(x, y),
                spans=(_ends(stand), _ends(bend)),
            )
        )
    return found


def forests(source: Source) -> list[Panel]:
    """One per headline metric; those of the scorecard by default."""
    groups: dict[tuple[str, ...], list[Metric]] = {}
    for metric in source.metrics:
        if metric.headline:
            groups.setdefault((metric.task, metric.arm, metric.measure, metric.by), []).append(metric)
    ends = _margin_ends(source.metrics)
    found: list[Panel] = []
    for (task, arm, measure, by), metrics in groups.items():
        if not any(map(_has, metrics)):
            continue
        margin, span = margin_of(metrics[0]), ends.get((task, arm, measure))
        title = margin or ", ".join(part for part in (measure, arm, _said(by)) if part)
        found.append(
            Rows(
                task,
                f"{_short(task)}{_domain(by)}: {title}",
                (measure,),
                bool(span),
                marks=list(map(_mark, metrics)),
                label=measure,
                span=span,
                ideal=None if span else _zero(metrics),
            )
        )
    return found if any(panel.default for panel in found) else [replace(panel, default=True) for panel in found]


def capabilities(source: Source) -> list[Panel]:
    """One per judged dimension: models."""
    return _measured(source.capability, "capability (logits)", None, True)


def severities(source: Source) -> list[Panel]:
    """One per judged dimension: judges."""
    return _measured(source.severity, "severity (logits)", 0.0, False)


def item_maps(source: Source) -> list[Panel]:
    """One per task."""
    found: list[Panel] = []
    for task, rows in source.items.groupby("task", sort=False):
        sides = {
            str(side): dict(zip(own["item"].astype(str), own["difficulty"].astype(float), strict=True))
            for side, own in rows.groupby("side", sort=False)
        }
        found.append(ItemMap(str(task), _short(str(task)), tuple(sides), sides=sides))
    return found


def orders(source: Source) -> list[Panel]:
    """Difference of the team's accuracy between seat orders, per task and domain."""
    groups: dict[tuple[str, str, str], list[Metric]] = {}
    for metric in source.metrics:
        if metric.arm == ORDER and metric.measure in EFFECTS and "first=" not in metric.by and _has(metric):
            groups.setdefault((metric.task, metric.by, metric.measure), []).append(metric)
    return [
        Rows(task, f"{_short(task)}{_domain(by)}", (measure,), marks=list(map(_mark, metrics)),
             label=f"accuracy: {measure.replace('_minus_', ' first − ')} first", ideal=0.0)
        for (task, by, measure), metrics in groups.items()
    ]  # fmt: skip


def turns(source: Source) -> list[Panel]:
    """One per metric that is there after several turns; those of the scorecard by default."""
    groups: dict[tuple[str, str, str, str], dict[str, dict[int, Metric]]] = {}
    for metric in source.metrics:
        parts = metric.by.split(",")
        at = [part.removeprefix("turn=") for part in parts if part.startswith("turn=")]
        if at and at[0].isdecimal() and _has(metric):
            rest = ",".join(part for part in parts if not part.startswith("turn="))
            key = (metric.task, metric.arm, metric.measure, rest)
            groups.setdefault(key, {}).setdefault(metric.model, {})[int(at[0])] = metric
    ends = _margin_ends(source.metrics)
    found: list[Panel] = []
    for (task, arm, measure, rest), lines in groups.items():
        if len({turn for line in lines.values() for turn in line}) < 2:
            continue
        span = ends.get((task, arm, measure))
        title = f"{_short(task)}: {', '.join(part for part in (measure, arm, _said(rest)) if part)}"
        default = bool(span) and "judge=" not in rest
        found.append(Turns(task, title, (measure,), default, lines=lines, label=measure, span=span))
    return found if any(panel.default for panel in found) else _overall(found)


KINDS: dict[str, Kind] = {
    "plane": Kind("both margins of a task", planes),
    "forest": Kind("a headline metric", forests),
    "capability": Kind("votes of two judges or more on one dimension", capabilities, fitted=True),
    "severity": Kind("votes of two judges or more on one dimension", severities, fitted=True),
    "items": Kind("a margin that is a mean over items", item_maps),
    "order": Kind("a debate with two seat orders", orders),
    "turns": Kind("a measure after two turns or more", turns),
}


def choose(source: Source, kind: str, wanted: Wanted | None = None) -> list[Panel]:
    """The panels that are wanted, with the models that are wanted, in their order.

    Raises:
        InputError: The source has none of this kind, or not of this measure or model; the message says what it has.
    """
    wanted = wanted or Wanted()
    found = list(KINDS[kind].find(source))
    if not found:
        others = ", ".join(name for name, other in KINDS.items() if name != kind and other.find(source)) or "nothing"
        raise InputError(f"{_lacks(source, kind)}; it has: {others}", path=source.path)
    if wanted.measure:
        named = sorted({measure for panel in found for measure in panel.measures})
        found = [panel for panel in found if wanted.measure in panel.measures]
        if not found and (why := unfitted(source, kind, wanted.measure)):
            raise InputError(f"has no {kind} ({'; '.join(why)})", path=source.path)
        if not found:
            message = f"has no measure {wanted.measure!r} for {kind!r}; it has: {', '.join(named)}"
            raise InputError(message, path=source.path)
    else:
        found = [panel for panel in found if panel.default]
    shown = [_with_models(panel, _meant(found, wanted.models, source)) for panel in found] if wanted.models else found
    shown = [panel for panel in shown if models_in(panel) or not _of_models(panel)]
    if (most := max((len(models_in(panel)) for panel in shown), default=0)) > MOST_MODELS:
        raise InputError(
            f"has {most:,} models; expected a choice of at most {MOST_MODELS} (--models)", path=source.path
        )
    return shown


def unfitted(source: Source, kind: str, measure: str = "") -> list[str]:
    """Judged dimensions that a kind cannot show, with the reason, a line per task and reason.

    Args:
        source: Where the votes are.
        kind: Of plot; only those that are drawn from a fit lack some.
        measure: Only this dimension; empty = all.
    """
    lines: dict[tuple[str, str], list[str]] = {}
    for (task, dimension), reason in source.unfitted.items() if KINDS[kind].fitted else ():
        if measure in ("", dimension):
            lines.setdefault((_short(task), reason), []).append(dimension)
    return [f"{task}, {', '.join(dimensions)}: {reason}" for (task, reason), dimensions in lines.items()]


def listing(source: Source) -> dict[str, list[tuple[str, list[str]]]]:
    """Kind -> tasks with the measures that can be chosen; kinds without a panel are left out."""
    found: dict[str, list[tuple[str, list[str]]]] = {}
    for name, kind in KINDS.items():
        tasks: dict[str, dict[str, None]] = {}
        for panel in kind.find(source):
            tasks.setdefault(_short(panel.task), {}).update(dict.fromkeys(panel.measures))
        if tasks:
            found[name] = [(task, list(measures)) for task, measures in tasks.items()]
    return found


def models_in(panel: Panel) -> list[str]:
    """Models that a panel shows."""
    if isinstance(panel, Plane):
        return list(panel.points)
    if isinstance(panel, Turns):
        return list(panel.lines)
    return [mark.name for mark in panel.marks] if isinstance(panel, Rows) and panel.models else []


def _lacks(source: Source, kind: str) -> str:
    """Why there is nothing of a kind."""
    if why := unfitted(source, kind):
        return f"no {kind} can be told from its votes ({'; '.join(why)})"
    return f"lacks {KINDS[kind].needs}, which {kind!r} needs"


def _of_models(panel: Panel) -> bool:
    return isinstance(panel, Plane | Turns) or (isinstance(panel, Rows) and panel.models)


def _meant(panels: Sequence[Panel], names: Sequence[str], source: Source) -> list[str]:
    """Full names of the models that are meant."""
    there = list(dict.fromkeys(model for panel in panels for model in models_in(panel)))
    meant = []
    for name in names:
        found = [model for model in there if name == model] or [model for model in there if name == short_name(model)]
        if not found and there:
            raise InputError(f"has no model {name!r}; it has: {', '.join(there[:20])}", path=source.path)
        meant += found
    return list(dict.fromkeys(meant))


def _with_models(panel: Panel, models: Sequence[str]) -> Panel:
    if isinstance(panel, Plane):
        return replace(panel, points={model: panel.points[model] for model in models if model in panel.points})
    if isinstance(panel, Turns):
        return replace(panel, lines={model: panel.lines[model] for model in models if model in panel.lines})
    if isinstance(panel, Rows) and panel.models:
        by_name = {mark.name: mark for mark in panel.marks}
        return replace(panel, marks=[by_name[model] for model in models if model in by_name])
    return panel


def _measured(table: pd.DataFrame, label: str, ideal: float | None, models: bool) -> list[Panel]:
    found: list[Panel] = []
    for key, rows in table.groupby(["task", "dimension"], sort=False):
        task, dimension = map(str, cast("tuple[Any, ...]", key))
        marks = [
            Mark(str(row.name_), float(row.value), float(row.low), float(row.high), str(row.remark or ""))
            for row in cast("Any", rows.rename(columns={"name": "name_"}).itertuples())
            if np.isfinite(row.value)
        ]
        if marks:
            title = f"{_short(task)}: {dimension}"
            found.append(Rows(task, title, (dimension,), marks=marks, label=label, ideal=ideal, models=models))
    return found


def _margin_ends(metrics: Sequence[Metric]) -> dict[tuple[str, str, str], Span]:
    """Ends of the scale of each margin on the scorecard, by task, arm and measure."""
    lines: list[Line] = scorecard(metrics)
    sides = [(line.task, side) for line in lines for _, side in line.margins.columns]
    return {(task, side.arm, side.measure): _ends(side) for task, side in sides}


def _overall(panels: list[Panel]) -> list[Panel]:
    """Where no margin goes over turns: all that is not broken down by judge."""
    return [replace(panel, default=True) for panel in panels if "judge=" not in panel.title] or panels


def _ends(side: Side) -> Span:
    return side.least, side.most


def _zero(metrics: Sequence[Metric]) -> float | None:
    """A line at 0, where values of both signs are there."""
    ends = [end for metric in metrics for end in (metric.estimate, metric.low, metric.high) if np.isfinite(end)]
    return 0.0 if min(ends) < 0 else None


def _has(metric: Metric | None) -> bool:
    return metric is not None and bool(np.isfinite(metric.estimate))


def _mark(metric: Metric) -> Mark:
    return Mark(metric.model, metric.estimate, metric.low, metric.high)


def _short(task: str) -> str:
    return task.rsplit("/", 1)[-1]


def _said(by: str) -> str:
    return ", ".join(part.replace("=", " ") for part in by.split(",") if part)


def _domain(by: str) -> str:
    values = [part.removeprefix("domain=") for part in by.split(",") if part.startswith("domain=")]
    return f", {values[0]}" if values else ""
