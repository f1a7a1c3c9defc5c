"""The task families, one folder each."""

from equipoise.tasks.are_you_sure import are_you_sure
from equipoise.tasks.debate import debate
from equipoise.tasks.misinformation import misinformation
from equipoise.tasks.persuasion import persuasion
from equipoise.tasks.sycophancy.evasive_servant import sycophancy_evasive_servant
from equipoise.tasks.sycophancy.false_presupposition import sycophancy_false_presupposition
from equipoise.tasks.sycophancy.feedback import sycophancy_feedback
from equipoise.tasks.sycophancy.opposite_narrator import sycophancy_opposite_narrator
from equipoise.tasks.sycophancy.suggested_answer import sycophancy_suggested_answer
from equipoise.tasks.sycophancy.syco_bench import syco_bench

GROUPS = {
    "sycophancy": (
        "sycophancy_suggested_answer",
        "sycophancy_opposite_narrator",
        "sycophancy_feedback",
        "sycophancy_false_presupposition",
        "sycophancy_evasive_servant",
    ),
}
"""Names that stand for several tasks."""

__all__ = [
    "are_you_sure",
    "debate",
    "misinformation",
    "persuasion",
    "syco_bench",
    "sycophancy_evasive_servant",
    "sycophancy_false_presupposition",
    "sycophancy_feedback",
    "sycophancy_opposite_narrator",
    "sycophancy_suggested_answer",
]
