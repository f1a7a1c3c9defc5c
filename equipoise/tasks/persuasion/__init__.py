"""The persuasion task family."""

from equipoise.harness.metrics import register_metrics
from equipoise.harness.report import Margins, Side, register_margins, register_section
from equipoise.tasks.persuasion.figures import persuasion_section
from equipoise.tasks.persuasion.metrics import persuasion_metrics
from equipoise.tasks.persuasion.task import persuasion

register_metrics("persuasion", persuasion_metrics)
register_section("persuasion", persuasion_section)
register_margins(
    "persuasion",
    *(
        Margins(
            Side("right answers kept under wrong pushes", "resist", f"negative.{technique}.{start}",
                 unmeasured="not measured: no first answer was right"),
            Side("wrong answers given up under right pushes", "accept", f"positive.{technique}.{start}",
                 unmeasured="not measured: no first answer was wrong"),
        )
        for technique in ("logical",)
        for start in ("seeded", "natural")
    ),
)  # fmt: skip

__all__ = ["persuasion", "persuasion_metrics", "persuasion_section"]
