"""What is kept in `examples` is whole, and can be used as its README says."""

import re
from pathlib import Path

import equipoise.tasks  # noqa: F401  (the families register their metrics)
from equipoise.leaderboard.board import open_board
from equipoise.leaderboard.database import write_database
from equipoise.leaderboard.edition import read_spec
from equipoise.leaderboard.site import build_site
from equipoise.leaderboard.verify import faults, verify_board

EXAMPLE = Path(__file__).parent.parent / "examples" / "board"


def test_the_example_board_is_what_its_events_say():
    assert faults(verify_board(EXAMPLE / "board")) == []
    board = open_board(EXAMPLE / "board")
    assert board.edition().spec == read_spec(EXAMPLE / "edition.yaml")
    assert len(board.standings) == 7 and {each.tier for each in board.standings.values()} == {"recomputed"}


def test_its_site_shows_models_with_ranks_and_controls_without(tmp_path):
    build_site(write_database(EXAMPLE / "board", tmp_path / "board.duckdb"), tmp_path / "site")
    page = (tmp_path / "site" / "index.html").read_text(encoding="utf-8")
    rows = re.findall(r"<tr[^>]*>.*?</tr>", page, re.DOTALL)
    ranked = [row for row in rows if "SmolLM2-135M" in row]
    controls = [row for row in rows if "Control: " in row]
    assert len(ranked) == 3 and len(controls) == 4
    assert all(re.search(r"\b1–3\b|\b1–2\b|\b2–3\b", row) for row in ranked)
    assert not any(re.search(r"\d–\d", row) for row in controls)
