"""Whether a board is what its events say."""

import shutil

import pytest
from leaderboard.submitted import build

from equipoise.errors import InputError
from equipoise.leaderboard.intake.add import add
from equipoise.leaderboard.verify import NOTE, faults, verify_board


@pytest.fixture(scope="module")
def held(ask, tmp_path_factory):
    folder = tmp_path_factory.mktemp("verify")
    shutil.copytree(ask.board, folder / "board")
    (outcome,) = add(folder / "board", [ask.submission(folder / "s")], build)
    return folder / "board", outcome.submission


@pytest.fixture
def board(held, tmp_path):
    shutil.copytree(held[0], tmp_path / "board")
    return tmp_path / "board"


def told(board):
    return [str(problem) for problem in verify_board(board)]


def test_a_board_as_it_should_be(board):
    assert told(board) == []


def test_any_changed_file_is_found(board):
    files = [path for path in board.rglob("*") if path.is_file() and path.name not in (".lock", "board.yaml")]
    assert len(files) >= 9
    for path in files:
        content = path.read_bytes()
        path.write_bytes(content[:-2] + bytes([content[-2] ^ 1]) + content[-1:])
        found = faults(verify_board(board))
        assert found and path.relative_to(board).as_posix() in {problem.path for problem in found}, path
        path.write_bytes(content)


def test_any_missing_file_is_found(board):
    files = [
        path for path in board.rglob("*") if path.is_file() and path.name not in (".lock", "board.yaml", "events.jsonl")
    ]
    for path in files:
        path.rename(aside := path.with_name(".aside"))
        assert any(path.relative_to(board).as_posix() in problem.path for problem in faults(verify_board(board))), path
        aside.rename(path)


def test_white_space_in_a_manifest_is_found(board, held):
    path = board / "submissions" / held[1] / "submission.json"
    path.write_text(path.read_text() + " ")
    assert told(board) == [f"submissions/{held[1]}/submission.json: is not what was submitted"]


def test_a_link_in_place_of_a_file_is_found(board, held):
    path = board / "submissions" / held[1] / "logs/0.eval"
    path.rename(board.parent / "elsewhere")
    path.symlink_to(board.parent / "elsewhere")
    assert "no plain file" in told(board)[0]


def test_a_lost_folder_is_found(board, held):
    shutil.rmtree(board / "submissions" / held[1])
    assert "an event names it, and it is not there" in " ".join(told(board))


def test_a_file_too_many_is_found(board, held):
    (board / "submissions" / held[1] / "logs/more.eval").write_text("x")
    assert "more.eval: is there, and no event names it" in told(board)[0]


def test_what_no_event_names_is_a_note(board):
    for place in ("submissions/other", "derived/2026.1/other", "derived/2027.1/other"):
        (board / place).mkdir(parents=True)
    (board / "editions/2027.1.json").write_text("{}")
    found = verify_board(board)
    assert {problem.path for problem in found} == {
        "submissions/other", "derived/2026.1/other", "derived/2027.1", "editions/2027.1.json",
    }  # fmt: skip
    assert {problem.field for problem in found} == {NOTE} and not faults(found)


def test_a_broken_chain_is_told_with_its_line(board):
    path = board / "events.jsonl"
    path.write_text(path.read_text().replace("recomputed", "re-run"))
    assert told(board) == ["events.jsonl: line 2: breaks the chain of hashes: this or an earlier line was changed"]


def test_no_board(tmp_path):
    with pytest.raises(InputError, match="expected a board's profile"):
        verify_board(tmp_path)
