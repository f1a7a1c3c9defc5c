"""Two runs beside each other, item by item."""

from equipoise.harness.compare.adjusted import Adjusted, register_adjustment
from equipoise.harness.compare.comparison import BREAKDOWNS, Compared, Comparison, compare, in_tasks
from equipoise.harness.compare.pairing import Pair
from equipoise.harness.compare.sides import Shared, Side, one_model, share_tasks

__all__ = [
    "BREAKDOWNS",
    "Adjusted",
    "Compared",
    "Comparison",
    "Pair",
    "Shared",
    "Side",
    "compare",
    "in_tasks",
    "one_model",
    "register_adjustment",
    "share_tasks",
]
