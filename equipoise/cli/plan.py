"""From the names on a command line to tasks: suites, groups of tasks, our tasks, and any that Inspect finds."""

import inspect
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from equipoise.errors import InputError
from equipoise.harness.suite import Suite, TaskPlan, load_suite, shipped_suites


def plans(names: tuple[str, ...], arguments: dict[str, Any]) -> tuple[list[TaskPlan], list[Suite]]:
    """Tasks with their arguments, and the suites that were named.

    Arguments of the command line go to every task named there; to the tasks of a suite or group that know them.

    Raises:
        InputError: An unknown name, a suite that does not fit, an argument that no task knows.
    """
    found: list[TaskPlan] = []
    suites: list[Suite] = []
    for name in dict.fromkeys(names):
        members, suite = _members(name)
        suites += [suite] if suite else []
        for member in members:
            knows = parameters(member.task)
            mine = {
                key: value for key, value in arguments.items() if knows is None or len(members) == 1 or key in knows
            }
            found.append(member.model_copy(update={"args": {**member.args, **mine}}))
    for key in arguments:
        if not any(key in task.args for task in found):
            raise InputError("no task of this run has such an argument", field=key)
    return found, suites


def build(plan: TaskPlan) -> Any:
    """A task of ours, built, with its epochs and limits; any other name is left to Inspect.

    Raises:
        InputError: Unknown task or argument, or a value that does not fit.
    """
    import equipoise.tasks

    knows = parameters(plan.task)
    if knows is None:
        return plan.task
    for key in plan.args:
        if key not in knows:
            raise InputError(f"task {plan.task!r} has no argument {key!r}; expected one of {', '.join(knows)}")
        if isinstance(knows[key].default, bool) and not isinstance(plan.args[key], bool):
            raise InputError(f"task {plan.task!r}: expected true or false, found {plan.args[key]!r}", field=key)
    try:
        built = getattr(equipoise.tasks, _short(plan.task))(**plan.args)
    except InputError as error:
        raise InputError(f"task {plan.task!r}: {error}") from None
    if plan.epochs:
        built.epochs = plan.epochs
    for name, value in plan.limits.model_dump(exclude_none=True).items():
        setattr(built, name, value)
    return built


def parameters(task: str) -> Mapping[str, inspect.Parameter] | None:
    """A task's arguments by name; None for a task that is not ours.

    Raises:
        InputError: No such task.
    """
    import equipoise.tasks

    short = _short(task)
    if short in equipoise.tasks.__all__:
        return inspect.signature(getattr(equipoise.tasks, short)).parameters
    if "/" in task or task.endswith(".py"):
        return None
    known = [*shipped_suites(), *equipoise.tasks.GROUPS, *equipoise.tasks.__all__]
    raise InputError(
        f"unknown task or suite {task!r}; expected one of {', '.join(known)}, a YAML file, or package/task"
    )


def _members(name: str) -> tuple[list[TaskPlan], Suite | None]:
    import equipoise.tasks

    if name in shipped_suites() or Path(name).suffix in (".yaml", ".yml"):
        suite = load_suite(name)
        return list(suite.tasks), suite
    if name in equipoise.tasks.GROUPS:
        return [TaskPlan(task=member) for member in equipoise.tasks.GROUPS[name]], None
    return [TaskPlan(task=name)], None


def _short(task: str) -> str:
    return task.removeprefix("equipoise/")
