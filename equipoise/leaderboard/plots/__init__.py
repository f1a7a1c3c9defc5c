"""Plots for papers, from a long table or a board: `equipoise plot`."""

from equipoise.leaderboard.plots.figure import draw, save
from equipoise.leaderboard.plots.kinds import KINDS, Wanted, choose, listing, unfitted
from equipoise.leaderboard.plots.source import Source, read_source
from equipoise.leaderboard.plots.style import Style

__all__ = ["KINDS", "Source", "Style", "Wanted", "choose", "draw", "listing", "read_source", "save", "unfitted"]
