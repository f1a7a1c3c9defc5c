"""The report: one HTML file that needs no server and no network."""

from equipoise.harness.report.sections import Case, Section, register_section
from equipoise.harness.report.theme import Picture, Theme, render
from equipoise.harness.report.write import write_report

__all__ = ["Case", "Picture", "Section", "Theme", "register_section", "render", "write_report"]
