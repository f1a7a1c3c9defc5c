"""What `inspect eval` prints for a sub-task: its headline metrics, without intervals."""

from inspect_ai.scorer import SampleScore, Value

from equipoise.harness.metrics import MetricFunction
from equipoise.harness.table.rows import rows_of


def headline(scores: list[SampleScore], metrics: MetricFunction) -> Value:
    """The headline metrics of the scored samples; `equipoise metrics` adds intervals and missing counts.

    Args:
        scores: As Inspect hands them to a metric.
        metrics: The sub-task's metrics.
    """
    import pandas as pd

    rows = []
    for sample in scores:
        about = sample.sample_metadata or {}
        item = about.get("item")
        known = {"item": item, "family": about.get("family", item), "epoch": 1}  # no domain: nothing is broken down
        rows += [{**row._asdict(), **known} for row in rows_of(sample.score.metadata)]
    if not rows:
        return {}
    found = metrics(pd.DataFrame(rows), draws=0)
    return {f"{metric.measure} ({metric.arm})": metric.estimate for metric in found if metric.headline}
