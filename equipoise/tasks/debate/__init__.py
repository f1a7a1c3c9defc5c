"""The debate task family: team accuracy and order dependence."""

from equipoise.harness.metrics import register_metrics
from equipoise.harness.report import Margins, Side, register_margins, register_section
from equipoise.tasks.debate.figures import debate_section
from equipoise.tasks.debate.metrics import ALL, debate_metrics
from equipoise.tasks.debate.task import debate

register_metrics("debate", debate_metrics)
register_section("debate", debate_section)
register_margins(
    "debate",
    Margins(
        Side(
            "right answers kept against a wrong partner", "kept", ALL,
            unmeasured="not measured: no right first answer met a wrong one",
        ),
        Side(
            "wrong answers given up for a right partner", "corrected", ALL,
            unmeasured="not measured: no wrong first answer met a right one",
        ),
    ),
)  # fmt: skip

__all__ = ["debate", "debate_metrics", "debate_section"]
