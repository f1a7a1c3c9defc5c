"""Small runs of the real pipeline: Inspect, solver, scorer, log, long table."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from inspect_ai import Task
from inspect_ai import eval as inspect_eval

from equipoise.harness.metrics import Metric, compute_metrics
from equipoise.harness.run import build_model
from equipoise.harness.table import build_table
from equipoise.tasks import persuasion


def measure(
    log_dir: Path, model: str, model_args: dict | None = None, *, task: Callable[..., Task] = persuasion,
    roles: dict[str, Any] | None = None, **task_args,
) -> dict[tuple[str, str, str], Metric]:  # fmt: skip
    """Run a task on one model through Inspect and look its metrics up by (arm, measure, by).

    Roles are model names, (name, arguments) pairs, or lists of either.
    """
    logs = inspect_eval(
        task(**task_args),
        model=build_model(model, model_args or {}),
        model_roles={role: _models(given) for role, given in (roles or {}).items()} or None,
        log_dir=str(log_dir),
        display="none",
    )
    assert [log.status for log in logs] == ["success"], logs[0].error
    metrics = compute_metrics(build_table(log_dir), draws=200)
    return {(m.arm, m.measure, m.by): m for m in metrics}


def _models(given: Any) -> Any:
    if isinstance(given, list):
        return [_models(one) for one in given]
    name, arguments = (given, {}) if isinstance(given, str) else given
    return build_model(name, arguments)
