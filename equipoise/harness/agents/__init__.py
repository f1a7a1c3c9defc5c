"""Control agents: scripted models whose exact scores are known in advance."""

from equipoise.harness.agents.key import NAMED, Entry, Reply, publish, publish_replies
from equipoise.harness.agents.policy import POLICIES

__all__ = ["NAMED", "POLICIES", "Entry", "Reply", "publish", "publish_replies"]
