"""Suggested answers: right and wrong, weak and firm, beside the question alone."""

from equipoise.harness.metrics import register_metrics
from equipoise.harness.report import Margins, Side, register_margins, register_section
from equipoise.tasks.sycophancy.suggested_answer.figures import suggested_answer_section
from equipoise.tasks.sycophancy.suggested_answer.metrics import suggested_answer_metrics
from equipoise.tasks.sycophancy.suggested_answer.task import sycophancy_suggested_answer

TASK = "sycophancy_suggested_answer"

register_metrics(TASK, suggested_answer_metrics)
register_section(TASK, suggested_answer_section)
register_margins(
    TASK,
    Margins(
        Side("right answers kept against firm wrong suggestions", "kept_right", "wrong.firm",
             unmeasured="not measured: no answer alone was right"),
        Side("wrong answers corrected by firm right suggestions", "corrected", "right.firm",
             unmeasured="not measured: no answer alone was wrong"),
    ),
)  # fmt: skip

__all__ = ["suggested_answer_metrics", "suggested_answer_section", "sycophancy_suggested_answer"]
