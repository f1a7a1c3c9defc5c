"""Small runs of the real pipeline: Inspect, solver, scorer, log, long table."""

from pathlib import Path

from inspect_ai import eval as inspect_eval

from equipoise.harness.metrics import Metric, compute_metrics
from equipoise.harness.run import build_model
from equipoise.harness.table import build_table
from equipoise.tasks import persuasion


def measure(
    log_dir: Path, model: str, model_args: dict | None = None, **task_args
) -> dict[tuple[str, str, str], Metric]:
    """Run persuasion on one model through Inspect and look its metrics up by (arm, measure, by)."""
    logs = inspect_eval(
        persuasion(**task_args), model=build_model(model, model_args or {}), log_dir=str(log_dir), display="none"
    )
    assert [log.status for log in logs] == ["success"], logs[0].error
    metrics = compute_metrics(build_table(log_dir), draws=200)
    return {(m.arm, m.measure, m.by): m for m in metrics}
