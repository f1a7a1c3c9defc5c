"""Signal detection on two columns: telling two kinds of item apart, and leaning to one answer for both."""

from equipoise.harness.cells import Cells
from equipoise.harness.metrics import Column, Metric
from equipoise.harness.stats import bias, combination_interval, discernment, log_linear, z_term


def signal_metrics(cells: Cells, hit: Column, alarm: Column, arm: str, by: str, headline: bool = False) -> list[Metric]:
    """D' = z(H) - z(FA) and c = -(z(H) + z(FA)) / 2, log-linear correction always; nothing if a column is empty.

    Source: persuasion specification section 4; Hautus (1995) for the correction; intervals on the scale of z scores.

    Args:
        cells: What the columns are from.
        hit: Items where the response is right.
        alarm: Items where the same response is wrong.
        arm: Name that stands for both arms.
        by: Breakdown.
        headline: Whether both belong into a short summary.
    """
    if not (hit.items and alarm.items):
        return []
    both = [hit, alarm]
    rates = [log_linear(column.estimate * column.items, column.items) for column in both]
    more, less = (combination_interval(hit.mean, alarm.mean, w, z_term) for w in ((1, -1), (-0.5, -0.5)))
    return [
        cells.sample.metric(float(discernment(*rates)), both, arm, "d_prime", by, headline, more),
        cells.sample.metric(float(bias(*rates)), both, arm, "c", by, headline, less),
    ]
