"""How many items, epochs and looks a gate needs on a model that has been run once."""

from equipoise.harness.power.plan import Plan, Planned, look_items, plan_from
from equipoise.harness.power.profiles import Unplanned
from equipoise.harness.power.sequential import Look, Sequential, boundaries, sequential, spent

__all__ = [
    "Look",
    "Plan",
    "Planned",
    "Sequential",
    "Unplanned",
    "boundaries",
    "look_items",
    "plan_from",
    "sequential",
    "spent",
]
