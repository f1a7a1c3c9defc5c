"""Submissions that want to harm or to cheat are refused by name, and leave the board as it was."""

import resource
import shutil

import pytest
from leaderboard.intake import hostile_files, hostile_logs
from leaderboard.submitted import build, tree

from equipoise.leaderboard.board import open_board
from equipoise.leaderboard.intake.add import add

KINDS = {
    "ask": {**hostile_files.KINDS, **hostile_logs.ASK},
    "talk": hostile_logs.TALK,
    "judged": hostile_logs.JUDGED,
}
PLACES = [(ground, name) for ground, kinds in KINDS.items() for name in kinds]


def copied(ground, folder):
    """A board of one's own on the same ground."""
    shutil.copytree(ground.board, folder / "board")
    return folder / "board"


@pytest.fixture(scope="session")
def refusals(ask, talk, judged, tmp_path_factory):
    """What became of each kind, and how the boards, the sources and the memory were before and after."""
    outcomes, trees = {}, {}
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for name, ground in (("ask", ask), ("talk", talk), ("judged", judged)):
        folder = tmp_path_factory.mktemp(name)
        board = copied(ground, folder)
        sources = [make(ground, folder / f"s{n}") for n, (make, _) in enumerate(KINDS[name].values())]
        first = tree(board)
        found = add(board, sources, build)
        trees[name] = first, tree(board)
        outcomes |= {(name, kind): outcome for kind, outcome in zip(KINDS[name], found, strict=True)}
    return outcomes, trees, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before


@pytest.mark.parametrize("place", PLACES, ids=[" ".join(place) for place in PLACES])
def test_is_refused_by_name(refusals, place):
    outcome = refusals[0][place]
    told = [str(problem) for problem in outcome.problems]
    words = KINDS[place[0]][place[1]][1]
    assert any(all(word in line for word in words) for line in told), told
    assert all(line.isprintable() and len(line) < 1000 for line in told)
    assert outcome.tier == ""


@pytest.mark.parametrize("name", KINDS)
def test_nothing_is_left_on_the_board(refusals, name):
    before, after = refusals[1][name]
    assert before == after


def test_bombs_cost_no_memory(refusals):
    assert refusals[2] < 900_000, "kB"


def test_there_are_enough_kinds():
    assert len(PLACES) > 100


def test_script_in_every_field_stays_text(ask, tmp_path):
    board = copied(ask, tmp_path)
    (outcome,) = add(board, [hostile_files.inert(ask, tmp_path / "s")], build)
    assert not outcome.problems
    assert outcome.submission.startswith("script-alert-1-script")
    there = tree(board)
    assert {name.split("/")[0] for name in there} == {
        "board.yaml",
        "derived",
        "editions",
        "events.jsonl",
        "submissions",
    }
    assert hostile_files.SCRIPT not in (board / "events.jsonl").read_text()
    assert list(open_board(board).standings) == [outcome.submission]
