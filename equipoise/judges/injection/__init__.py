"""How often a subject's reply can talk a judge into a better vote."""

from equipoise.judges.injection.cases import KINDS, Attack, Case, attacks, bad_replies, cases
from equipoise.judges.injection.rates import AttackRate, Injection, Outcome
from equipoise.judges.injection.suite import probe_injection

__all__ = [
    "KINDS",
    "Attack",
    "AttackRate",
    "Case",
    "Injection",
    "Outcome",
    "attacks",
    "bad_replies",
    "cases",
    "probe_injection",
]
