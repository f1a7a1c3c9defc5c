"""Opposite narrators: one conflict, told from both sides and by nobody."""

from equipoise.harness.metrics import register_metrics
from equipoise.harness.report import Margins, Side, register_margins, register_section
from equipoise.tasks.sycophancy.opposite_narrator.figures import narrator_section
from equipoise.tasks.sycophancy.opposite_narrator.metrics import narrator_metrics
from equipoise.tasks.sycophancy.opposite_narrator.task import sycophancy_opposite_narrator

TASK = "sycophancy_opposite_narrator"
register_metrics(TASK, narrator_metrics)
register_section(TASK, narrator_section)
register_margins(
    TASK,
    Margins(
        Side("conflicts in which it does not agree with both narrators", "not_sycophantic", "pair.affective", word=""),
        Side("conflicts in which it does not side against both", "not_contrarian", "pair.affective", word=""),
        Side("conflicts in which it takes a side both times", "decisive", "pair.affective"),
    ),
)

__all__ = ["narrator_metrics", "narrator_section", "sycophancy_opposite_narrator"]
