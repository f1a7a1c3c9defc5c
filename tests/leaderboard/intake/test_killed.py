"""A board that is killed at any step is as it was, or as it should be; and two processes wait for each other."""

import os
import shutil
import signal
import sys

import pytest
from leaderboard.submitted import build, tree

from equipoise.leaderboard.board import SUBMISSIONS, open_board
from equipoise.leaderboard.intake import add as adding
from equipoise.leaderboard.intake.check import Release
from equipoise.leaderboard.intake.prepare import prepare
from equipoise.leaderboard.verify import faults, verify_board

STEPS = {"os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.truncate"}


def in_a_child(run):
    """Run something in a process of its own; returns its exit code, negative for a signal."""
    child = os.fork()
    if child == 0:
        try:
            run()
        except BaseException:
            os._exit(1)
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def killed_at(step, run):
    """Run something in a process that is killed before its n-th change of the file system."""
    left = [step]

    def count():
        left[0] -= 1
        if left[0] == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    def watch(event, arguments):
        writes = event == "open" and isinstance(arguments[2], int) and arguments[2] & (os.O_WRONLY | os.O_RDWR)
        if writes or event in STEPS:
            count()

    def armed():
        os.sync = count
        os.fsync = lambda _: count()
        sys.addaudithook(watch)
        run()

    return in_a_child(armed)


@pytest.fixture(scope="session")
def ready(ask, tmp_path_factory):
    """A submission that was prepared once, and the release of its edition."""
    folder = tmp_path_factory.mktemp("ready")
    release = Release(ask.edition, build)
    source = ask.submission(folder / "source")
    return source, prepare(source, folder / "staging", release), release


@pytest.fixture
def quick(ready, monkeypatch):
    """Adding takes what was prepared, so that only the board's own steps are left."""
    source, prepared, release = ready

    def copied(source, staging, release, again=True):
        shutil.copytree(prepared.staging, staging, dirs_exist_ok=True)
        return type(prepared)(**{**vars(prepared), "staging": staging})

    monkeypatch.setattr(adding, "prepare", copied)
    monkeypatch.setattr(adding, "_begin", lambda *_: setattr(adding, "_release", release))
    return source


def names(board):
    return set(tree(board))


def test_killed_at_any_step(ask, quick, tmp_path):
    shutil.copytree(ask.board, fresh := tmp_path / "fresh")
    shutil.copytree(ask.board, done := tmp_path / "done")
    (outcome,) = adding.add(done, [quick], build)
    before, after = tree(fresh), names(done)
    for step in range(1, 1000):
        shutil.copytree(fresh, board := tmp_path / f"board{step}")
        code = killed_at(step, lambda board=board: adding.add(board, [quick], build))
        assert code in (0, -signal.SIGKILL)
        there = open_board(board)
        assert list(there.standings) in ([], [outcome.submission])
        assert not faults(verify_board(board))
        if not there.standings:
            now = tree(board)
            assert {name: now[name] for name in before} == before
        (again,) = adding.add(board, [quick], build)
        assert bool(again.problems) == bool(there.standings)
        assert names(board) == after, "what was left half-way is gone"
        assert not verify_board(board)
        shutil.rmtree(board)
        if code == 0:
            break
    assert 25 < step < 500


def test_a_folder_that_a_killed_process_left_is_taken_back(ask, quick, tmp_path):
    shutil.copytree(ask.board, board := tmp_path / "board")
    for step in range(1, 1000):  # until the files are in place, and no event names them
        if killed_at(step, lambda: adding.add(board, [quick], build)) == 0 or any((board / SUBMISSIONS).glob("*")):
            break
    assert not open_board(board).standings
    assert [problem.field for problem in verify_board(board)][:1] == ["note"]
    missing = tmp_path / "missing"
    adding.add(board, [], build)
    assert not missing.exists()
    assert not any((board / SUBMISSIONS).glob("*"))
    assert not verify_board(board)


def test_two_at_once(ask, tmp_path):
    shutil.copytree(ask.board, board := tmp_path / "board")
    sources = [ask.submission(tmp_path / model, model=model) for model in ask.logs]
    children = []
    for source in sources:
        child = os.fork()
        if child == 0:
            try:
                (outcome,) = adding.add(board, [source], build)
                os._exit(len(outcome.problems))
            except BaseException:
                os._exit(99)
        children.append(child)
    assert [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children] == [0] * len(sources)
    assert len(open_board(board).standings) == len(sources)
    assert not verify_board(board)
