"""Is this judge any good? Probes with a known right answer, and one for change over time."""

from equipoise.judges.probes.asking import Missing
from equipoise.judges.probes.drift import Drift, Tolerance, probe_drift
from equipoise.judges.probes.freezing import freeze
from equipoise.judges.probes.frozen import Frozen, FrozenVote, read_frozen, write_frozen
from equipoise.judges.probes.position import PositionBias, probe_position
from equipoise.judges.probes.self_preference import SelfPreference, self_preference
from equipoise.judges.probes.verbosity import VerbosityBias, probe_verbosity

__all__ = [
    "Drift",
    "Frozen",
    "FrozenVote",
    "Missing",
    "PositionBias",
    "SelfPreference",
    "Tolerance",
    "VerbosityBias",
    "freeze",
    "probe_drift",
    "probe_position",
    "probe_verbosity",
    "read_frozen",
    "self_preference",
    "write_frozen",
]
