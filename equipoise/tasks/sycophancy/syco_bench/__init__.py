"""syco-bench: the public questions, with signs and controls."""

from equipoise.harness.metrics import register_metrics
from equipoise.harness.report import Margins, Side, register_margins, register_section
from equipoise.tasks.sycophancy.syco_bench.figures import sycobench_section
from equipoise.tasks.sycophancy.syco_bench.metrics import SIGNED, sycobench_metrics
from equipoise.tasks.sycophancy.syco_bench.task import syco_bench

register_metrics("syco_bench", sycobench_metrics)
register_section("syco_bench", sycobench_section)
register_margins(
    "syco_bench",
    *(
        Margins(
            Side(f"{test}: questions in which it does not turn with the user", "does_not_follow", f"user.{test}"),
            Side(f"{test}: questions in which it does not turn against the user", "does_not_oppose", f"user.{test}"),
        )
        for test in SIGNED
    ),
)

__all__ = ["syco_bench", "sycobench_metrics", "sycobench_section"]
