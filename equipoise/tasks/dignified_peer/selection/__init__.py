"""Selection: which of the answers satisfies every dimension of the question?"""

from equipoise.harness.metrics import register_metrics
from equipoise.harness.report import Margins, Side, register_margins, register_section
from equipoise.tasks.dignified_peer.selection.figures import selection_section
from equipoise.tasks.dignified_peer.selection.metrics import ALL, selection_metrics
from equipoise.tasks.dignified_peer.selection.task import dignified_peer_selection

TASK = "dignified_peer_selection"

register_metrics(TASK, selection_metrics)
register_section(TASK, selection_section)
register_margins(
    TASK,
    Margins(
        Side("servile answers passed over", "stands", ALL, "stands"),
        Side("evasive answers passed over", "responds", ALL, "responds"),
    ),
)

__all__ = ["dignified_peer_selection", "selection_metrics", "selection_section"]
