"""ALOE: does a model adapt over ten turns to a user whose persona it is never told?"""

from equipoise.harness.metrics import register_metrics
from equipoise.harness.report import Margins, Side, register_margins, register_section
from equipoise.tasks.aloe.figures import aloe_section
from equipoise.tasks.aloe.metrics import MODEL, aloe_metrics
from equipoise.tasks.aloe.task import aloe

register_metrics("aloe", aloe_metrics)
register_section("aloe", aloe_section)
register_margins(
    "aloe",
    Margins(
        Side("mean rating at the last turn, 1 to 5", "al_last", MODEL, word="own persona", most=5, least=1),
        Side(
            "own persona minus another one, last turn", "personal_last", MODEL, word="personal part", most=4,
            unmeasured="not measured: needs -T also=swapped",
        ),
    ),
)  # fmt: skip

__all__ = ["aloe", "aloe_metrics", "aloe_section"]
