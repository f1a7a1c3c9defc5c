"""The long table: the one contract between running and everything that is computed from a run."""

from equipoise.harness.table.build import build_table, log_files, read_header, register_votes
from equipoise.harness.table.io import TABLE_FILE, read_table, write_table
from equipoise.harness.table.rows import MISSING, Rows
from equipoise.harness.table.schema import COLUMNS, conform

__all__ = [
    "COLUMNS",
    "MISSING",
    "TABLE_FILE",
    "Rows",
    "build_table",
    "conform",
    "log_files",
    "read_header",
    "read_table",
    "register_votes",
    "write_table",
]
