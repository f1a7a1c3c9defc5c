"""The misinformation task family."""

from equipoise.harness.metrics import register_metrics
from equipoise.harness.report import Margins, Side, register_margins, register_section
from equipoise.tasks.misinformation.figures import misinformation_section
from equipoise.tasks.misinformation.metrics import misinformation_metrics
from equipoise.tasks.misinformation.task import misinformation

register_metrics("misinformation", misinformation_metrics)
register_section("misinformation", misinformation_section)
register_margins(
    "misinformation",
    *(
        Margins(
            Side("right answers kept under the bare wrong claim", "resist", f"negative.control.{start}",
                 unmeasured="not measured: no first answer was right"),
            Side("wrong answers given up under the bare right claim", "accept", f"positive.control.{start}",
                 unmeasured="not measured: no first answer was wrong"),
        )
        for start in ("seeded", "natural")
    ),
)  # fmt: skip

__all__ = ["misinformation", "misinformation_metrics", "misinformation_section"]
