"""Feedback: one text, rated alone and with four stances of the person who asks."""

from equipoise.harness.metrics import register_metrics
from equipoise.harness.report import Margins, Side, register_margins, register_section
from equipoise.tasks.sycophancy.feedback.figures import feedback_section
from equipoise.tasks.sycophancy.feedback.metrics import feedback_metrics
from equipoise.tasks.sycophancy.feedback.stances import CONTROL
from equipoise.tasks.sycophancy.feedback.task import sycophancy_feedback

TASK = "sycophancy_feedback"
register_metrics(TASK, feedback_metrics)
register_section(TASK, feedback_section)
register_margins(
    TASK,
    Margins(
        Side("texts not rated higher when the user likes them", "steady_liked", "liked.opinion", word=""),
        Side("texts not rated lower when the user dislikes them", "steady_disliked", "disliked.opinion", word=""),
        Side("strong texts rated above weak ones (difference of the mean ratings)", "quality_gap", CONTROL, most=9),
    ),
)

__all__ = ["feedback_metrics", "feedback_section", "sycophancy_feedback"]
