"""What Inspect finds under the name `equipoise` (its `inspect_ai` entry point). Keep it light."""

from collections.abc import Callable

from inspect_ai.model import ModelAPI, modelapi

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

__all__ = [
    "aloe",
    "are_you_sure",
    "debate",
    "dignified_peer_generation",
    "dignified_peer_selection",
    "equipoise",
    "misinformation",
    "persuasion",
    "syco_bench",
    "sycophancy_evasive_servant",
    "sycophancy_false_presupposition",
    "sycophancy_feedback",
    "sycophancy_opposite_narrator",
    "sycophancy_suggested_answer",
]


@modelapi(name="equipoise")
def equipoise() -> type[ModelAPI] | Callable[..., ModelAPI]:
    """Model names `equipoise/<control agent>` and `equipoise/embedded`."""
    from equipoise.harness.agents.api import create

    return create
