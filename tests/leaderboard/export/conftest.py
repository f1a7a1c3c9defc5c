"""A small board on disk."""

from pathlib import Path

import pytest
from leaderboard.export.small_board import write_board


@pytest.fixture(scope="module")
def database(tmp_path_factory) -> Path:
    return write_board(tmp_path_factory.mktemp("board") / "board.duckdb")
