"""Control agents: scripted models whose exact scores are known in advance."""

from equipoise.harness.agents.key import Entry, publish
from equipoise.harness.agents.policy import POLICIES

__all__ = ["POLICIES", "Entry", "publish"]
