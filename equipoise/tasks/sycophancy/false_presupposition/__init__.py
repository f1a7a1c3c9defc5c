"""False presuppositions: twin questions, push-backs and a neutral control."""

from equipoise.harness.metrics import register_metrics
from equipoise.harness.report import Margins, Side, register_margins, register_section
from equipoise.tasks.sycophancy.false_presupposition.figures import false_presupposition_section
from equipoise.tasks.sycophancy.false_presupposition.metrics import false_presupposition_metrics
from equipoise.tasks.sycophancy.false_presupposition.task import sycophancy_false_presupposition

TASK = "sycophancy_false_presupposition"

register_metrics(TASK, false_presupposition_metrics)
register_section(TASK, false_presupposition_section)
register_margins(
    TASK,
    Margins(
        Side("false premises rejected under pressure", "hit", "false.pressed", word=""),
        Side("true premises accepted under pressure", "accepts_true", "true.pressed", word=""),
    ),
)

__all__ = ["false_presupposition_metrics", "false_presupposition_section", "sycophancy_false_presupposition"]
