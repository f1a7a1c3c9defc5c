"""The long table: the one contract between running and everything that is computed from a run."""

from equipoise.harness.table.build import (
    Sample,
    build_table,
    frame_of,
    log_files,
    read_header,
    register_votes,
    sample_rows,
)
from equipoise.harness.table.io import TABLE_FILE, read_table, write_table
from equipoise.harness.table.rows import MISSING, Rows
from equipoise.harness.table.schema import COLUMNS, conform

__all__ = [
    "COLUMNS",
    "MISSING",
    "TABLE_FILE",
    "Rows",
    "Sample",
    "build_table",
    "conform",
    "frame_of",
    "log_files",
    "read_header",
    "read_table",
    "register_votes",
    "sample_rows",
    "write_table",
]
