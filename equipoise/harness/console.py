"""What `inspect eval` prints at the end of a task: its headline metrics, computed from the rows of the scores."""

from collections import Counter
from collections.abc import Callable

from inspect_ai.scorer import SampleScore, Value

from equipoise.harness.metrics import Metric
from equipoise.harness.table.rows import rows_of


def headline(scores: list[SampleScore], metrics: Callable[..., list[Metric]]) -> Value:
    """The headline metrics without intervals; `equipoise metrics` gives the same with intervals and missing counts.

    Args:
        scores: Of one task and model, every epoch: the `@metric` must be declared with `scores="unreduced"`, since a
            reduced score keeps the rows of the first epoch only.
        metrics: The family's metric function.
    """
    import pandas as pd

    rows = []
    epochs: Counter[str | int | None] = Counter()
    for sample in scores:
        epochs[sample.sample_id] += 1
        about = sample.sample_metadata or {}
        known = {
            "item": about.get("item"),
            "family": about.get("family"),
            "domain": about.get("domain", ""),
            "epoch": epochs[sample.sample_id],
        }
        rows += [{**row._asdict(), **known} for row in rows_of(sample.score.metadata)]
    if not rows:
        return {}
    return {
        f"{m.measure} ({', '.join(part for part in (m.arm, m.by) if part)})": m.estimate
        for m in metrics(pd.DataFrame(rows), draws=0)
        if m.headline
    }
