"""Planning a gate from a run: how many items and epochs a policy needs on this model."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, isfinite, isnan, prod
from typing import Any

from equipoise.errors import InputError
from equipoise.harness.compare.sides import Side
from equipoise.harness.gate.policy import Policy
from equipoise.harness.power.components import Components
from equipoise.harness.power.profiles import Unplanned, name_of, profiles
from equipoise.harness.power.search import CONFIRMED, Planner, Rates
from equipoise.harness.power.sequential import Sequential, sequential
from equipoise.harness.stats.planning import agreement_items

EPOCHS = (1, 2, 4, 8)
RAISES = 12
"""How often a plan that falls short is raised, by at least a thirtieth."""


@dataclass(frozen=True)
class Planned:
    """One comparison's plan.

    Attributes:
        name, task: Which.
        value: The metric in the run.
        limit: Smallest allowed drop, on the metric's scale.
        drop: True fall that NO-GO is planned for.
        points: Whether the scale is a share, so that differences are said in points.
        items, epochs: Of the run.
        parts: Variance components of the difference.
        formula_go, formula_no_go: Items by the normal approximation.
        go_items, no_go_items: Items by simulation, of the task; None where no number is enough.
        margin_now: Smallest limit with the asked chance to pass, at the run's own items.
        go_now: Chance to pass at the run's own items.
        go, no_go: Chances at the recommended items.
        by_epochs: Items for both verdicts by number of epochs, from the components.
        missing: Share of the run's rows without a value.
        limited_by: What keeps the plan from being smaller, or possible.
    """

    name: str
    task: str
    value: float
    limit: float
    drop: float
    points: bool
    items: int
    epochs: int
    parts: Components
    formula_go: float
    formula_no_go: float
    go_items: int | None
    no_go_items: int | None
    margin_now: float
    go_now: float
    go: float
    no_go: float
    by_epochs: dict[int, int]
    missing: float
    limited_by: str

    @property
    def possible(self) -> bool:
        """Whether some number of items gives it GO."""
        return self.go_items is not None

    def record(self) -> dict[str, Any]:
        """As a JSON object."""
        found = {name: _plain(getattr(self, name)) for name in Planned.__annotations__ if name != "parts"}
        parts = {name: _plain(getattr(self.parts, name)) for name in Components.__annotations__}
        return {**found, "by_epochs": {str(k): v for k, v in self.by_epochs.items()}, "components": parts}


@dataclass(frozen=True)
class Plan:
    """What `plan_from` found.

    Attributes:
        comparisons: The blocking comparisons that can be planned.
        unplanned: Those that cannot, and why.
        tasks: Recommended items of each task.
        epochs: Of the plan: the run's.
        calls: Answers of the model that the plan takes, about.
        go: Chance of GO at these items if nothing changed.
        no_go: Least chance of NO-GO, over the comparisons, if one of them fell by its drop; NaN without any.
        power: What was asked.
        sequential: The same with several looks.
        pilot: Whether a second run was there to learn from.
        curve: (items of every task, chance of GO, least chance of NO-GO), if a curve was asked for.
    """

    comparisons: tuple[Planned, ...]
    unplanned: tuple[Unplanned, ...]
    tasks: dict[str, int]
    epochs: int
    calls: int
    go: float
    no_go: float
    power: float
    sequential: Sequential | None
    pilot: bool
    curve: tuple[tuple[int, float, float], ...] = ()

    @property
    def possible(self) -> bool:
        """Whether the plan can be carried out and reaches the power."""
        return not self.unplanned and all(each.possible for each in self.comparisons)

    def record(self) -> dict[str, Any]:
        """As a JSON object."""
        looks = self.sequential
        return {
            "tasks": self.tasks,
            "epochs": self.epochs,
            "calls": self.calls,
            "power": self.power,
            "go": _plain(self.go),
            "no_go": _plain(self.no_go),
            "possible": self.possible,
            "pilot": self.pilot,
            "comparisons": [each.record() for each in self.comparisons],
            "unplanned": [{"name": each.name, "reason": each.reason} for each in self.unplanned],
            "sequential": looks
            and {
                "inflation": looks.inflation,
                "expected_share_unchanged": looks.expected_unchanged,
                "expected_share_dropped": looks.expected_dropped,
                "looks": [
                    {
                        "share": look.fraction, "alpha": look.alpha, "go": look.go, "no_go": look.no_go,
                        "items": look_items(self, look.fraction),
                    }
                    for look in looks.looks
                ],
            },
            "curve": [{"items": n, "go": _plain(go), "no_go": _plain(no_go)} for n, go, no_go in self.curve],
        }  # fmt: skip


def plan_from(
    side: Side, policy: Policy, power: float = 0.8, drop: float | None = None, pilot: Side | None = None,
    looks: int = 3, curve: bool = False, seed: int = 0,
) -> Plan:  # fmt: skip
    """Items at which an unchanged model gets GO, and a drop gets NO-GO, each with a stated chance.

    Formulas give the start, simulated pairs of runs decide: the recommended number is raised until the simulated gate
    reaches the power. With K comparisons each is given 1 - beta / K, which holds whatever their dependence.

    Args:
        side: The run to learn from.
        policy: The gate's.
        power: 1 - beta, in (0, 1).
        drop: True fall that is to get NO-GO, on every metric's own scale; None = twice each limit.
        pilot: A second run of the same items, whose differences are then used as they are.
        looks: Of the sequential plan.
        curve: Whether to simulate the chances at other numbers of items too.
        seed: Of the simulation.

    Raises:
        InputError: The run has none of the policy's blocking comparisons, or the drop lies within every limit.
    """
    found, unplanned = profiles(side, policy, pilot)
    if not found:
        why = f": {unplanned[0].name}: {unplanned[0].reason}" if unplanned else ""
        raise InputError(f"has none of the policy's blocking comparisons{why}", path=side.name)
    epochs = max(profile.answers.epochs for profile in found)
    family = sum(len(profile.benchmark.hypotheses) for profile in found)
    planners = [
        Planner(profile, policy, power, len(found), family, drop, epochs, seed + place)
        for place, profile in enumerate(found)
    ]
    if drop is not None and all(drop <= planner.limit for planner in planners):
        least = min(planner.limit for planner in planners)
        raise InputError(f"expected more than the smallest limit ({least:g}), found {drop:g}", field="drop")
    needed = [planner.required() for planner in planners]
    tasks = _by_task(planners, needed)
    rates = [planner.rates(tasks[planner.profile.metric.task]) for planner in planners]
    slack = (power * (1 - power) / CONFIRMED) ** 0.5  # a standard error of the simulation
    for _ in range(RAISES):
        if any(go is None for go, _ in needed) or _enough(rates, needed, power, slack):
            break
        factor = max(1.03, *(planner.growth(rate) for planner, rate in zip(planners, rates, strict=True)))
        tasks = {task: _rounded(min(factor, 1.5) * items) for task, items in tasks.items()}
        rates = [planner.rates(tasks[planner.profile.metric.task]) for planner in planners]
    rows = tuple(
        _planned(planner, each, rate, policy) for planner, each, rate in zip(planners, needed, rates, strict=True)
    )
    breaches = [rate.no_go for rate, (_, breach) in zip(rates, needed, strict=True) if breach is not None]
    no_go = min(breaches) if breaches else float("nan")
    go = prod(rate.go for rate in rates)
    every = [rate.go for rate in rates]
    steps = sequential(looks, policy.alpha, every, no_go, family, seed) if breaches and go > 0.05 else None
    per_task = {planner.profile.metric.task: planner.profile.calls for planner in planners}
    calls = round(sum(tasks[task] * epochs * per_task[task] for task in tasks))
    points = _curve(planners, tasks, needed) if curve else ()
    return Plan(rows, tuple(unplanned), tasks, epochs, calls, go, no_go, power, steps, pilot is not None, points)


def look_items(plan: Plan, fraction: float) -> dict[str, int]:
    """Items of each task at a look of the sequential plan."""
    assert plan.sequential is not None
    return {task: ceil(items * plan.sequential.inflation * fraction) for task, items in plan.tasks.items()}


def _by_task(planners: Sequence[Planner], needed: Sequence[tuple[int | None, int | None]]) -> dict[str, int]:
    found: dict[str, int] = {}
    for planner, wanted in zip(planners, needed, strict=True):
        most = max((each for each in wanted if each is not None), default=planner.least)
        task = planner.profile.metric.task
        found[task] = max(found.get(task, 0), _rounded(most))
    return found


def _rounded(items: float) -> int:
    step = 5 if items <= 100 else 10
    return step * ceil(items / step)


def _enough(
    rates: Sequence[Rates], needed: Sequence[tuple[int | None, int | None]], power: float, slack: float
) -> bool:
    """Both verdicts are likely enough, GO beyond the error of the simulation."""
    breaches = [rate.cleared[1] for rate, (_, breach) in zip(rates, needed, strict=True) if breach is not None]
    return prod(rate.cleared[0] for rate in rates) >= power + slack and all(rate >= power for rate in breaches)


def _planned(planner: Planner, needed: tuple[int | None, int | None], rates: Rates, policy: Policy) -> Planned:
    profile, metric = planner.profile, planner.profile.metric
    now = planner.rates(profile.items)
    formula = planner.formula()
    return Planned(
        name_of(metric), metric.task, metric.estimate, planner.limit, planner.drop, profile.scale == "share",
        profile.items, planner.epochs, planner.parts, *formula, *needed, now.margin, now.go, rates.go, rates.no_go,
        _by_epochs(planner, needed), planner.missing, _limited_by(planner, needed, policy),
    )  # fmt: skip


def _by_epochs(planner: Planner, needed: tuple[int | None, int | None]) -> dict[int, int]:
    """The simulated number, scaled by the variance: what repeats can save is noise only."""
    known = [each for each in needed if each is not None]
    if needed[0] is None or not known:
        return {}
    floor = planner.least
    if planner.profile.scale == "share":
        floor = max(floor, ceil(float(agreement_items(min(planner.limit, 0.999), planner.policy.alpha))))
    now = planner.parts.variance(planner.epochs)
    return {
        epochs: max(floor, ceil(max(known) * planner.parts.variance(epochs) / now)) if now > 0 else max(known)
        for epochs in EPOCHS
    }


def _limited_by(planner: Planner, needed: tuple[int | None, int | None], policy: Policy) -> str:
    go, breach = needed
    profile, missing = planner.profile, planner.missing
    if missing > policy.missing.max_missing:
        return f"{missing:.1%} missing, allowed {policy.missing.max_missing:.1%}"
    if go is None and planner.limit <= 0:
        return "a limit of 0 is never surely kept"
    if isnan(planner.gap()):
        return "missing answers of unknown range"
    if go is None:
        worst = planner.gap() >= planner.limit
        return f"{missing:.1%} missing: their worst case" if worst else "noise: no realistic number is enough"
    if breach is None and planner.limit < planner.drop < planner.most:
        return f"{missing:.1%} missing could hide the drop" if missing else "noise: no realistic number shows the drop"
    if breach is None:
        return f"cannot fall by more than {planner.most:.2g}" if planner.most <= planner.limit else "drop within limit"
    if breach > go:
        return "noise, for the drop"
    if profile.scale == "share" and planner.formula()[0] <= agreement_items(min(planner.limit, 0.999), policy.alpha):
        return "full agreement is no proof"
    if missing:
        return f"noise, and {missing:.1%} missing"
    return "the policy's least items" if go <= planner.least else "noise"


def _curve(
    planners: Sequence[Planner], tasks: dict[str, int], needed: Sequence[tuple[int | None, int | None]]
) -> tuple[tuple[int, float, float], ...]:
    """Chances at other numbers of items, the same number in every task."""
    most = max(tasks.values())
    found = []
    for share in (0.1, 0.2, 0.3, 0.45, 0.6, 0.8, 1.0, 1.25, 1.5):
        items = max(round(share * most), 10)
        rates = [planner.rates(items, pairs=400) for planner in planners]
        breaches = [rate.no_go for rate, (_, breach) in zip(rates, needed, strict=True) if breach is not None]
        found.append((items, prod(rate.go for rate in rates), min(breaches, default=float("nan"))))
    return tuple(found)


def _plain(value: Any) -> Any:
    """For JSON: floats of Python, null for what is no number."""
    if isinstance(value, bool | int | str | dict) or value is None:
        return value
    return float(value) if isfinite(value) else None
