import shutil

import pytest
from inspect_ai import eval as inspect_eval
from leaderboard.submitted import ASK, Ground, ask, edited, play

from equipoise.cli.plan import build
from equipoise.errors import InputError
from equipoise.leaderboard.board import open_board
from equipoise.leaderboard.intake.add import add
from equipoise.leaderboard.maintain import ALPHA, measured_again, withdraw


@pytest.fixture(scope="module")
def added(tmp_path_factory: pytest.TempPathFactory) -> tuple[Ground, str]:
    folder = tmp_path_factory.mktemp("maintain")
    ground = ask(folder)
    (outcome,) = add(ground.board, [ground.submission(folder / "submission")], build)
    assert not outcome.problems
    return ground, outcome.submission


@pytest.fixture
def board(added, tmp_path):
    shutil.copytree(added[0].board, tmp_path / "board")
    return tmp_path / "board"


def test_withdrawn_is_off_the_board_and_in_its_history(added, board):
    withdraw(board, added[1], "asked\u202e for\x1b[31m")
    opened = open_board(board)
    assert not opened.standings
    assert opened.events[-1].kind == "withdraw" and opened.events[-1].note == "asked� for�[31m"
    assert (board / "submissions" / added[1]).is_dir()
    with pytest.raises(InputError, match="no submission"):
        withdraw(board, added[1], "again")


def run_of(log, folder):
    (folder / "run").mkdir()
    shutil.copy(log, folder / "run")
    return folder / "run"


def test_the_same_result_confirms(added, board, tmp_path):
    (log,) = inspect_eval(build(ASK), model="equipoise/oracle", log_dir=str(tmp_path / "mine"), display="none")
    found = measured_again(board, added[1], run_of(log.location.removeprefix("file://"), tmp_path), "our own run")
    assert found and all(each.p_adjusted >= ALPHA for each in found)
    opened = open_board(board)
    assert opened.standings[added[1]].tier == "re-run"
    assert opened.events[-1].details["compared"] == len(found)
    assert opened.events[-1].note.startswith("our own run: ")


def test_the_submitted_logs_are_no_rerun(added, board, tmp_path):
    with pytest.raises(InputError, match="holds logs that were submitted"):
        measured_again(board, added[1], run_of(added[0].logs["oracle"], tmp_path))
    assert open_board(board).standings[added[1]].tier == "recomputed"


def test_another_model_is_not_the_one_that_was_submitted(added, board, tmp_path):
    with pytest.raises(InputError, match="holds no model 'equipoise/oracle'"):
        measured_again(board, added[1], run_of(added[0].logs["stubborn"], tmp_path))
    assert open_board(board).standings[added[1]].tier == "recomputed"


def test_another_result_does_not_confirm(tmp_path_factory, tmp_path):
    """Twelve items, all told wrong: a submission of somebody else's good replies."""
    folder = tmp_path_factory.mktemp("apart")
    plan = ASK.model_copy(update={"args": {"n_items": 12}, "epochs": None})
    ground = play(folder, plan, ("oracle",))
    (outcome,) = add(ground.board, [ground.submission(folder / "submission")], build)
    assert not outcome.problems
    (log,) = inspect_eval(build(plan), model="equipoise/stubborn", log_dir=str(folder / "mine"), display="none")
    mine = edited(
        folder / "mine" / log.location.rsplit("/", 1)[-1], tmp_path / "run" / "mine.eval",
        lambda read: setattr(read.eval, "model", "equipoise/oracle"),
    )  # fmt: skip
    events = (ground.board / "events.jsonl").read_bytes()
    found = measured_again(ground.board, outcome.submission, mine.parent)
    assert any(each.p_adjusted < ALPHA for each in found)
    assert (ground.board / "events.jsonl").read_bytes() == events
