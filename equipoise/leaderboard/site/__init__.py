"""The static site of a board."""

from equipoise.leaderboard.site.build import SiteSummary, build_site

__all__ = ["SiteSummary", "build_site"]
