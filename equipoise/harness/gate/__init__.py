"""The release gate: GO, NO-GO or INCONCLUSIVE from two runs and a policy."""

from equipoise.harness.gate.checks import Check
from equipoise.harness.gate.decide import Decision, Limit
from equipoise.harness.gate.explain import explain
from equipoise.harness.gate.policy import Benchmark, Policy, default_policy, default_policy_text, read_policy
from equipoise.harness.gate.verdict import EXIT_CODES, Verdict, gate

__all__ = [
    "EXIT_CODES",
    "Benchmark",
    "Check",
    "Decision",
    "Limit",
    "Policy",
    "Verdict",
    "default_policy",
    "default_policy_text",
    "explain",
    "gate",
    "read_policy",
]
