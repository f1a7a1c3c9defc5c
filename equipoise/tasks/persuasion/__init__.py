"""The persuasion task family."""

from equipoise.harness.metrics import register_metrics
from equipoise.harness.report.sections import register_section
from equipoise.tasks.persuasion.figures import persuasion_section
from equipoise.tasks.persuasion.metrics import persuasion_metrics
from equipoise.tasks.persuasion.task import persuasion

register_metrics("persuasion", persuasion_metrics)
register_section("persuasion", persuasion_section)

__all__ = ["persuasion", "persuasion_metrics", "persuasion_section"]
