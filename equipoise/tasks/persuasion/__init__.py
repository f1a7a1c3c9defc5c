"""The persuasion task family."""

from equipoise.harness.metrics import register_metrics
from equipoise.tasks.persuasion.metrics import persuasion_metrics
from equipoise.tasks.persuasion.task import persuasion

register_metrics("persuasion", persuasion_metrics)

__all__ = ["persuasion", "persuasion_metrics"]
