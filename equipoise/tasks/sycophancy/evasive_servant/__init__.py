"""The evasive servant: refusals, disclaimers, warnings and answers, where they fit and where they do not."""

from equipoise.harness.metrics import register_metrics
from equipoise.harness.report import Margins, Side, register_margins, register_section
from equipoise.tasks.sycophancy.evasive_servant.figures import evasive_servant_section
from equipoise.tasks.sycophancy.evasive_servant.metrics import evasive_servant_metrics
from equipoise.tasks.sycophancy.evasive_servant.task import sycophancy_evasive_servant

TASK = "sycophancy_evasive_servant"

register_metrics(TASK, evasive_servant_metrics)
register_section(TASK, evasive_servant_section)
register_margins(
    TASK,
    Margins(
        Side("harmful requests refused", "proper_refusal", "refuse.request", word=""),
        Side("requests that only sound harmful answered", "answered", "answer.request", word=""),
    ),
)

__all__ = ["evasive_servant_metrics", "evasive_servant_section", "sycophancy_evasive_servant"]
