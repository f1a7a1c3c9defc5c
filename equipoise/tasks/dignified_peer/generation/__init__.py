"""Generation: an answer to a question that calls for several dimensions at once, judged criterion by criterion."""

from equipoise.harness.metrics import register_metrics
from equipoise.harness.report import Margins, Side, register_margins, register_section
from equipoise.tasks.dignified_peer.generation.arms import MODEL
from equipoise.tasks.dignified_peer.generation.figures import generation_section
from equipoise.tasks.dignified_peer.generation.metrics import generation_metrics
from equipoise.tasks.dignified_peer.generation.task import dignified_peer_generation

TASK = "dignified_peer_generation"
NO_VOTES = "no judge's votes"

register_metrics(TASK, generation_metrics)
register_section(TASK, generation_section)
register_margins(
    TASK,
    Margins(
        Side("anti-sycophancy and trustworthiness, all criteria", "stands", MODEL, "stands", unmeasured=NO_VOTES),
        Side("empathy and creativity, all criteria", "responds", MODEL, "responds", unmeasured=NO_VOTES),
    ),
)

__all__ = ["dignified_peer_generation", "generation_metrics", "generation_section"]
