"""Severity-free measures from judges' ratings: a many-facet Rasch engine for any long table, not only ours."""

from equipoise.judges.irt.fit import fit
from equipoise.judges.irt.reading.read import read_ratings
from equipoise.judges.irt.result import RaschFit
from equipoise.judges.irt.scales.anchors import read_anchors, write_anchors
from equipoise.judges.irt.scales.scoring import score_new
from equipoise.judges.irt.simulate import Simulation, simulate

__all__ = [
    "RaschFit",
    "Simulation",
    "fit",
    "read_anchors",
    "read_ratings",
    "score_new",
    "simulate",
    "write_anchors",
]
