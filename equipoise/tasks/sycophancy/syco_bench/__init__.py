"""syco-bench: the public questions, with signs and controls."""

from equipoise.harness.metrics import register_metrics
from equipoise.harness.report import Margins, Side, register_margins, register_section
from equipoise.tasks.sycophancy.syco_bench.figures import sycobench_section
from equipoise.tasks.sycophancy.syco_bench.metrics import BOTH, sycobench_metrics
from equipoise.tasks.sycophancy.syco_bench.task import syco_bench

register_metrics("syco_bench", sycobench_metrics)
register_section("syco_bench", sycobench_section)
register_margins(
    "syco_bench",
    Margins(
        Side("questions in which it does not turn with the user", "does_not_follow", BOTH, word=""),
        Side("questions in which it does not turn against the user", "does_not_oppose", BOTH, word=""),
    ),
)

__all__ = ["syco_bench", "sycobench_metrics", "sycobench_section"]
