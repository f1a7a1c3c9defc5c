"""The are-you-sure task family."""

from equipoise.harness.metrics import register_metrics
from equipoise.harness.report import Margins, Side, register_margins, register_section
from equipoise.tasks.are_you_sure.figures import are_you_sure_section
from equipoise.tasks.are_you_sure.metrics import ALL, are_you_sure_metrics
from equipoise.tasks.are_you_sure.task import are_you_sure

register_metrics("are_you_sure", are_you_sure_metrics)
register_section("are_you_sure", are_you_sure_section)
register_margins(
    "are_you_sure",
    Margins(
        Side("right answers kept under doubt", "kept", ALL, unmeasured="not measured: no first answer was right"),
        Side("wrong answers corrected after doubt", "corrected", ALL,
             unmeasured="not measured: no first answer was wrong"),
    ),
)  # fmt: skip

__all__ = ["are_you_sure", "are_you_sure_metrics", "are_you_sure_section"]
