"""Control agents, scripted judges and a scripted user: models whose exact scores are known in advance."""

from equipoise.harness.agents.judge import level_of, publish_attacks, publish_levels, verdict
from equipoise.harness.agents.key import NAMED, Entry, Reply, publish, publish_replies
from equipoise.harness.agents.policy import POLICIES
from equipoise.harness.agents.user import user_message

__all__ = [
    "NAMED",
    "POLICIES",
    "Entry",
    "Reply",
    "level_of",
    "publish",
    "publish_attacks",
    "publish_levels",
    "publish_replies",
    "user_message",
    "verdict",
]
