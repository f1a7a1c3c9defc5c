"""The task families, one folder each."""

from equipoise.tasks.are_you_sure import are_you_sure
from equipoise.tasks.debate import debate
from equipoise.tasks.misinformation import misinformation
from equipoise.tasks.persuasion import persuasion
from equipoise.tasks.sycophancy.opposite_narrator import sycophancy_opposite_narrator
from equipoise.tasks.sycophancy.suggested_answer import sycophancy_suggested_answer

GROUPS = {
    "sycophancy": (
        "sycophancy_suggested_answer",
        "sycophancy_opposite_narrator",
                ),
}
"""Names that stand for several tasks."""

__all__ = [
    "are_you_sure",
    "debate",
    "misinformation",
    "persuasion",
    "sycophancy_opposite_narrator",
    "sycophancy_suggested_answer",
]
