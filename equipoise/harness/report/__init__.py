"""The report: one HTML file that needs no server and no network."""

from equipoise.harness.report.cases import first_case
from equipoise.harness.report.charts import both_sides, forest
from equipoise.harness.report.scorecard import Margins, Side, register_margins
from equipoise.harness.report.sections import Case, Section, register_section
from equipoise.harness.report.theme import Picture, Theme, render
from equipoise.harness.report.write import write_report

__all__ = [
    "Case",
    "Margins",
    "Picture",
    "Section",
    "Side",
    "Theme",
    "both_sides",
    "first_case",
    "forest",
    "register_margins",
    "register_section",
    "render",
    "write_report",
]
