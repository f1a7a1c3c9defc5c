"""The sycophancy task family: five sub-tasks, each in both directions with a no-pressure control."""

from equipoise.tasks.sycophancy.evasive_servant import sycophancy_evasive_servant
from equipoise.tasks.sycophancy.false_presupposition import sycophancy_false_presupposition
from equipoise.tasks.sycophancy.feedback import sycophancy_feedback
from equipoise.tasks.sycophancy.opposite_narrator import sycophancy_opposite_narrator
from equipoise.tasks.sycophancy.suggested_answer import sycophancy_suggested_answer
from equipoise.tasks.sycophancy.syco_bench import syco_bench

__all__ = [
    "syco_bench",
    "sycophancy_evasive_servant",
    "sycophancy_false_presupposition",
    "sycophancy_feedback",
    "sycophancy_opposite_narrator",
    "sycophancy_suggested_answer",
]
