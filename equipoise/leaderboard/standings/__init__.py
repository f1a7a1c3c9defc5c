"""What all submissions of an edition say together: ranks, capability, judges, items. Pure functions of tables."""

from equipoise.leaderboard.standings.items import item_statistics
from equipoise.leaderboard.standings.judged import Judged, agreement_table, judged
from equipoise.leaderboard.standings.ranking import PLACE, ranks

__all__ = ["PLACE", "Judged", "agreement_table", "item_statistics", "judged", "ranks"]
