"""The task families, one folder each."""

from equipoise.tasks.aloe import aloe
from equipoise.tasks.are_you_sure import are_you_sure
from equipoise.tasks.debate import debate
from equipoise.tasks.dignified_peer import dignified_peer_generation, dignified_peer_selection
from equipoise.tasks.misinformation import misinformation
from equipoise.tasks.persuasion import persuasion
from equipoise.tasks.sycophancy import (
    syco_bench,
    sycophancy_evasive_servant,
    sycophancy_false_presupposition,
    sycophancy_feedback,
    sycophancy_opposite_narrator,
    sycophancy_suggested_answer,
)

GROUPS = {
    "sycophancy": (
        "sycophancy_suggested_answer",
        "sycophancy_opposite_narrator",
        "sycophancy_feedback",
        "sycophancy_false_presupposition",
        "sycophancy_evasive_servant",
    ),
    "dignified_peer": ("dignified_peer_generation", "dignified_peer_selection"),
}
"""Names that stand for several tasks."""

__all__ = [
    "aloe",
    "are_you_sure",
    "debate",
    "dignified_peer_generation",
    "dignified_peer_selection",
    "misinformation",
    "persuasion",
    "syco_bench",
    "sycophancy_evasive_servant",
    "sycophancy_false_presupposition",
    "sycophancy_feedback",
    "sycophancy_opposite_narrator",
    "sycophancy_suggested_answer",
]
