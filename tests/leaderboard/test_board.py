"""A board as its events tell it."""

import json

import pytest

from equipoise.errors import InputError
from equipoise.leaderboard.board import BOARD_FILE, Profile, create_board, open_board, read_profile
from equipoise.leaderboard.changes import PENDING, changing, open_edition
from equipoise.leaderboard.edition import Edition, EditionSpec, FrozenTask
from equipoise.leaderboard.verify import verify_board


def edition(name="2026.1", version="1-A", **spec):
    task = FrozenTask(task="equipoise/t", args={}, epochs=1, version=version, samples={"a": "0" * 16})
    told = EditionSpec(edition=name, tasks=({"task": "t"},), **spec)
    return Edition(spec=told, opened="2026-11-22", tasks=(task,), prompts={})


@pytest.fixture
def board(tmp_path):
    create_board(tmp_path / "board", Profile(name="ours", title="Ours", maintainers=("A",)))
    open_edition(tmp_path / "board", edition())
    return tmp_path / "board"


def tell(board, kind, submission, of="2026.1", **details):
    with changing(board) as change:
        change.tell(kind, of, submission, **details)
        change.make()


def added(board, submission, kind="add", **details):
    tell(board, kind, submission, files={}, tier="recomputed", tables=f"2026.1/{submission}", **details)


def test_a_new_board(board):
    there = open_board(board)
    assert (there.profile.title, list(there.editions), there.standings) == ("Ours", ["2026.1"], {})
    assert there.edition().identity == edition().identity
    assert there.head == there.events[-1].hash
    assert verify_board(board) == []


def test_a_board_needs_a_folder_of_its_own(board):
    with pytest.raises(InputError, match="is not empty"):
        create_board(board, Profile(name="other", title="Other"))


def test_an_edition_is_never_changed(board):
    with pytest.raises(InputError, match="a changed one needs a new name"):
        open_edition(board, edition(version="2-A"))
    with pytest.raises(InputError, match=r"nothing that makes rows comparable differs from edition '2026\.1'"):
        open_edition(board, edition("2027.1"))
    open_edition(board, edition("2027.1", version="2-A"), anchors=b"a,b\n")
    assert open_board(board).edition().name == "2027.1"
    assert open_board(board).edition("2026.1").name == "2026.1"
    with pytest.raises(InputError, match="has no edition 'x'"):
        open_board(board).edition("x")
    (board / "editions/2027.1.anchors.csv").write_bytes(b"a,c\n")
    assert [problem.path for problem in verify_board(board)] == ["editions/2027.1.anchors.csv"]


def test_what_becomes_of_submissions(board):
    for name in ("a", "b", "c"):
        added(board, name)
    added(board, "d", "replace", replaces="a")
    tell(board, "withdraw", "b")
    tell(board, "rerun", "c")
    tell(board, "rejudge", "d", tables="2026.1/judged-1/d")
    tell(board, "carry", "d", of="2027.1", tables="2027.1/d", voted=True)
    there = open_board(board)
    assert {name: found.tier for name, found in there.standings.items()} == {"c": "re-run", "d": "recomputed"}
    assert there.standings["d"].editions == ["2026.1", "2027.1"]
    assert there.standings["d"].voted == ["2026.1", "2027.1"]
    assert there.derived("d", "2026.1") == board / "derived/2026.1/judged-1/d"
    with pytest.raises(InputError, match="no submission 'a' stands on this board"):
        there.submission("a")


def test_nothing_is_told_without_being_made(board):
    before = (board / "events.jsonl").read_bytes()
    with pytest.raises(RuntimeError), changing(board) as change:
        (change.staging() / "x").write_text("x")
        change.tell("withdraw", "2026.1", "a")
        raise RuntimeError
    assert (board / "events.jsonl").read_bytes() == before
    assert not list(board.glob(".staging-*"))


def test_what_a_killed_change_put_into_place_is_taken_back(board):
    added(board, "kept")
    for name in ("kept", "left"):
        (board / "submissions" / name).mkdir(parents=True)
    (board / PENDING).write_text('["submissions/kept", "submissions/left", "submissions/never"]')
    with changing(board):
        pass
    assert [path.name for path in (board / "submissions").iterdir()] == ["kept"]
    assert not (board / PENDING).exists()


def test_a_half_written_list_of_a_killed_change_is_no_hindrance(board):
    (board / PENDING).write_text('["submi')
    with changing(board):
        pass
    assert not (board / PENDING).exists()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("name: ours\ntitle: ''\n", "at least 1 character"),
        ("name: Our Board\ntitle: x\n", "match pattern"),
        ("name: ours\ntitle: x\nurl: 'javascript:alert(1)'\n", "match pattern"),
        ("name: ours\ntitle: \"a\\u202eb\"\n", "U\\+202E"),
        ("name: ours\ntitle: x\nmore: 1\n", "unknown key"),
        ("name: [\n", "broken YAML"),
        ("just text", "valid dictionary"),
    ],
)  # fmt: skip
def test_a_profile_that_does_not_fit(tmp_path, text, message):
    (tmp_path / BOARD_FILE).write_text(text)
    with pytest.raises(InputError, match=message):
        read_profile(tmp_path / BOARD_FILE)


def test_no_board(tmp_path):
    with pytest.raises(InputError, match="expected a board's profile"):
        open_board(tmp_path)


@pytest.mark.parametrize(
    "place", ["../elsewhere", "submissions/../../elsewhere", "editions", "submissions", 7, ["x"], ""]
)
def test_a_list_of_pending_places_deletes_nothing_else(tmp_path, place):
    board, elsewhere = tmp_path / "board", tmp_path / "elsewhere"
    create_board(board, Profile(name="ours", title="Ours"))
    for folder in (elsewhere, board / "editions", board / "submissions" / "left"):
        folder.mkdir(parents=True)
        (folder / "file").write_text("kept")
    (board / PENDING).write_text(json.dumps([place, "submissions/left"]))
    with changing(board):
        pass
    assert not (board / "submissions" / "left").exists() and (board / "submissions").is_dir()
    assert (elsewhere / "file").is_file() and (board / "editions" / "file").is_file()
    assert not (board / PENDING).exists()


def test_a_linked_folder_is_not_followed_when_places_are_taken_back(tmp_path):
    board, elsewhere = tmp_path / "board", tmp_path / "elsewhere"
    create_board(board, Profile(name="ours", title="Ours"))
    (elsewhere / "left").mkdir(parents=True)
    (board / "submissions").symlink_to(elsewhere)
    (board / PENDING).write_text(json.dumps(["submissions/left"]))
    with changing(board):
        pass
    assert (elsewhere / "left").is_dir()
