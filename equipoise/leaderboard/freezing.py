"""Freeze an edition: build every task once and hash what it asks."""

import hashlib
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from equipoise.errors import InputError
from equipoise.harness.suite import TaskPlan
from equipoise.leaderboard.edition import Edition, EditionSpec, FrozenTask, digest

if TYPE_CHECKING:
    from inspect_ai import Task
    from inspect_ai.dataset import Sample

Builder = Callable[[TaskPlan], "Task"]
"""Builds a task from its name and arguments; the command line knows the tasks, the leaderboard does not."""


def freeze(spec: EditionSpec, build: Builder, opened: str, anchors: bytes = b"") -> Edition:
    """An edition from its specification: builds every task once and hashes what it asks.

    Args:
        spec: What is asked for.
        build: Builds a task.
        opened: Date, UTC.
        anchors: Content of the anchors' file.

    Raises:
        InputError: A task or an argument that does not exist, or a role that a task needs and nobody plays.
    """
    built = [(plan, build(plan)) for plan in spec.tasks]
    for plan, task in built:
        _check_roles(spec, plan, task)
    tasks = tuple(frozen(plan, task) for plan, task in built)
    prompts = spec.panel.prompts() if spec.panel.judges else {}
    held = hashlib.sha256(anchors).hexdigest() if anchors else ""
    return Edition(spec=spec, opened=opened, tasks=tasks, prompts=prompts, anchors=held)


def _check_roles(spec: EditionSpec, plan: TaskPlan, task: "Task") -> None:
    for role in (task.metadata or {}).get("required_roles", []):
        if role == "judge" and not spec.panel.judges:
            raise InputError(f"task {plan.task!r} needs a panel of judges", field="panel.judges")
        if role != "judge" and role not in spec.simulators:
            raise InputError(f"task {plan.task!r} needs a model in the role {role!r}", field=f"simulators.{role}")


def frozen(plan: TaskPlan, task: "Task") -> FrozenTask:
    """A built task with its version and the hashes of its samples."""
    samples = list(task.dataset)
    about: Mapping[str, Any] = task.metadata or {}
    return FrozenTask(
        task=plan.task if "/" in plan.task else f"equipoise/{plan.task}",
        args=plan.args,
        epochs=plan.epochs or task.epochs or 1,
        version=str(about.get("full_version", task.version)),
        samples={str(sample.id): sample_hash(sample) for sample in samples},
        items={str(sample.id): _item(sample) for sample in samples},
    )


def sample_hash(sample: "Sample") -> str:
    """First 16 hex digits of the SHA-256 of all that a sample asks and knows."""
    messages = sample.input if isinstance(sample.input, str) else [(m.role, m.text) for m in sample.input]
    return digest([sample.id, messages, sample.target, sample.choices, sample.metadata])[:16]


def _item(sample: "Sample") -> tuple[str, str, str]:
    about = sample.metadata or {}
    item = str(about.get("item", sample.id))
    text = sample.input if isinstance(sample.input, str) else sample.input[-1].text
    return item, str(about.get("family", item)), " ".join(text.split())[:400]
