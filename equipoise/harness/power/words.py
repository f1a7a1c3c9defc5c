"""A plan in sentences."""

from math import isfinite

from equipoise.harness.power.plan import Plan, Planned


def recommendation(plan: Plan) -> str:
    """What to run and what it gives, in a sentence or two."""
    run = f"Run {_tasks(plan)} with {plan.epochs} epoch{'s' if plan.epochs > 1 else ''} (about {plan.calls:,} answers)"
    stuck = [each for each in plan.comparisons if not each.possible]
    if stuck or plan.unplanned:
        reasons = [f"{each.name}: {each.limited_by}" for each in stuck]
        reasons += [f"{each.name}: {each.reason}" for each in plan.unplanned]
        more = f", and {len(reasons) - 1} more" if len(reasons) > 1 else ""
        return f"No number of items gives GO ({reasons[0]}{more})."
    found = f"{run}: GO in {chance(plan.go)} of runs if nothing changed"
    if isfinite(plan.no_go):
        found += (
            f"; {_drops(plan)} gets NO-GO in {chance(plan.no_go)}{'' if len(plan.comparisons) == 1 else ' or more'}"
        )
    if plan.go < plan.power:
        short = "missing answers, too many or unequal, stop the rest"
        found += f". That is less than the {chance(plan.power)} that was asked for: {short}"
    return found + "."


def chance(value: float) -> str:
    """A probability in percent; simulated ones are never exactly 0 or 1."""
    if not isfinite(value):
        return "–"
    return "<1 %" if value < 0.005 else ">99 %" if value > 0.995 else f"{100 * value:.0f} %"


def amount(each: Planned, value: float) -> str:
    """A difference on the metric's scale; shares are said in points."""
    if not isfinite(value):
        return "–"
    return f"{100 * value:.3g} points" if each.points else f"{value:.3g}"


def notes(plan: Plan) -> list[str]:
    """What a reader must know about the numbers."""
    found = []
    bounded = [each for each in plan.comparisons if each.parts.bounded]
    if bounded and not plan.pilot:
        found.append(
            "The run has one epoch, which cannot tell noise from differences between items: all of it is taken for "
            "noise, an upper bound. A run with --epochs 2 gives a smaller plan."
        )
    if bounded and plan.pilot:
        found.append("With one epoch in either run, what more epochs would save is not known.")
    if plan.pilot:
        found.append("Discordance and design effect are those of the run and its pilot, exchanged at random.")
    else:
        found.append(
            "A single run knows an unchanged model only; one that is equally good in another way differs more, item by "
            "item. With --pilot CANDIDATE that is planned for."
        )
    return found


def _tasks(plan: Plan) -> str:
    if len(plan.tasks) == 1:
        return f"{next(iter(plan.tasks.values())):,} items"
    return ", ".join(f"{items:,} items of {task.rsplit('/', 1)[-1]}" for task, items in plan.tasks.items())


def _drops(plan: Plan) -> str:
    planned = [each for each in plan.comparisons if each.no_go_items is not None]
    drops = sorted({amount(each, each.drop) for each in planned})
    what = f"a drop of {drops[0]}" if len(drops) == 1 else "the drop of the table"
    return what if len(plan.comparisons) == 1 else f"{what} in one comparison"
