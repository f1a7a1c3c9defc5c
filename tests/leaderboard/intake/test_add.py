"""Adding: what gets onto the board, and what was there before does not get there again."""

import json
import shutil

import pytest
from leaderboard.submitted import build, calls, edited, operated, tree, zipped

from equipoise.errors import InputError
from equipoise.leaderboard.board import open_board
from equipoise.leaderboard.intake.add import add
from equipoise.leaderboard.manifest import MANIFEST_FILE, read_manifest
from equipoise.leaderboard.verify import verify_board


@pytest.fixture(scope="module")
def held(ask, tmp_path_factory):
    """A board with one submission on it."""
    folder = tmp_path_factory.mktemp("held")
    shutil.copytree(ask.board, folder / "board")
    (outcome,) = add(folder / "board", [ask.submission(folder / "s")], build)
    assert (outcome.tier, outcome.problems) == ("recomputed", [])
    return folder / "board", outcome.submission


@pytest.fixture
def board(held, tmp_path):
    shutil.copytree(held[0], tmp_path / "board")
    return tmp_path / "board"


def refused(board, source):
    before = tree(board)
    (outcome,) = add(board, [source], build)
    assert tree(board) == before
    return " ".join(map(str, outcome.problems))


def renamed(text):
    """Of another model, with another id."""

    def edit(header):
        changed = json.loads(json.dumps(header).replace("equipoise/oracle", f"acme/{text}"))
        changed["eval"]["eval_id"] = changed["eval"]["run_id"] = text
        return changed

    return edit


def test_a_submission_stands_on_the_board(held):
    board, submission = held
    there = open_board(board)
    assert list(there.standings) == [submission]
    assert read_manifest(there.submission(submission)).digest == there.events[-1].details["manifest"]
    assert {path.name for path in there.derived(submission, "2026.1").iterdir()} >= {"rows.parquet", "row.json"}
    assert not verify_board(board)


def test_the_same_again(ask, board, tmp_path):
    assert "these files are on the board as oracle-" in refused(board, ask.submission(tmp_path / "s"))


def test_the_same_under_another_name(ask, board, tmp_path):
    source = ask.submission(tmp_path / "s", model__name="Best", contact="@somebody-else")
    assert "was submitted before, in oracle-" in refused(board, source)


def test_the_same_packed_anew(ask, board, tmp_path):
    log = operated(ask.logs["oracle"], tmp_path / "x.eval", {})
    assert "was submitted before, in oracle-" in refused(board, ask.submission(tmp_path / "s", [log]))


def test_the_same_with_another_id_and_model(ask, board, tmp_path):
    everywhere = {
        "header": renamed("best"),
        "samples/": lambda s: json.loads(json.dumps(s).replace("equipoise/oracle", "acme/best")),
    }
    log = operated(ask.logs["oracle"], tmp_path / "x.eval", everywhere)
    source = ask.submission(tmp_path / "s", [log], model__model="acme/best", model__name="Best")
    assert "was submitted before, in oracle-" in refused(board, source)


def test_the_same_with_other_times(ask, board, tmp_path):
    """Another model cannot have written the very same texts."""

    def edit(log):
        log.eval.model, log.eval.eval_id, log.eval.run_id = "acme/best", "other", "other"
        for n, call in enumerate(calls(log)):
            call.model, call.uuid = "acme/best", f"u{n}"

    log = edited(ask.logs["oracle"], tmp_path / "x.eval", edit)
    source = ask.submission(tmp_path / "s", [log], model__model="acme/best", model__name="Best")
    (outcome,) = add(board, [source], build)
    assert outcome.problems == [], "what cannot be told: few short replies may be the same"


def test_a_second_run_of_the_model(ask, board, tmp_path):
    def edit(log):
        log.eval.eval_id = log.eval.run_id = "second"
        for n, call in enumerate(calls(log)):
            call.uuid = f"u{n}"

    log = edited(ask.logs["oracle"], tmp_path / "x.eval", edit)
    source = ask.submission(tmp_path / "s", [log])
    assert "a further run takes its place with --replace" in refused(board, source)
    before = list(open_board(board).standings)
    (outcome,) = add(board, [source], build, replaces=before[0], note="better\u2028code")
    assert not outcome.problems
    assert list(open_board(board).standings) == [outcome.submission]
    assert open_board(board).events[-1].note == "better\ufffdcode"
    assert not verify_board(board)


def test_nothing_to_be_replaced(ask, board, tmp_path):
    with pytest.raises(InputError, match="no submission 'other' stands on this board"):
        add(board, [ask.submission(tmp_path / "s")], build, replaces="other")


def test_from_a_zip_with_or_without_its_folder(ask, board, tmp_path):
    one = zipped(ask.submission(tmp_path / "a", model="stubborn"), tmp_path / "a.zip")
    other = zipped(ask.submission(tmp_path / "b", model="random"), tmp_path / "b.zip", root="mine/")
    assert [outcome.problems for outcome in add(board, [one, other], build)] == [[], []]
    assert not verify_board(board)


def test_a_key_twice_in_the_manifest_is_read_once(ask, board, tmp_path):
    source = ask.submission(tmp_path / "s", model="random")
    text = (source / MANIFEST_FILE).read_text()
    (source / MANIFEST_FILE).write_text(text.replace('"contact"', '"contact": "@hidden",\n "contact"', 1))
    (outcome,) = add(board, [source], build)
    kept = (open_board(board).submission(outcome.submission) / MANIFEST_FILE).read_text()
    assert "@hidden" not in kept and "@somebody" in kept


def test_scores_as_they_stand_have_a_tier_of_their_own(ask, board, tmp_path):
    (outcome,) = add(board, [ask.submission(tmp_path / "s", model="random")], build, again=False)
    assert (outcome.tier, outcome.problems) == ("self-run", [])


def test_scores_as_they_stand_must_still_be_rows(ask, board, tmp_path):
    def edit(sample):
        for score in sample["scores"].values():
            score["metadata"] = {"rows|": {"correct": [["x"], [[]]]}}
        return sample

    log = operated(ask.logs["random"], tmp_path / "x.eval", {"samples/": edit})
    before = tree(board)
    (outcome,) = add(board, [ask.submission(tmp_path / "s", [log], model="random")], build, again=False)
    assert "scores or notes cannot be read" in str(outcome.problems[0])
    assert tree(board) == before


def test_one_that_breaks_the_check_keeps_no_other_out(ask, board, tmp_path, monkeypatch):
    from equipoise.leaderboard.intake import add as adding

    real, sources = adding.prepare, [ask.submission(tmp_path / model, model=model) for model in ("random", "stubborn")]

    def breaks(source, *rest):
        if source == sources[0]:
            raise ZeroDivisionError("by\u202enought")
        return real(source, *rest)

    monkeypatch.setattr(adding, "prepare", breaks)
    first, second = add(board, sources, build)
    assert "could not be checked (ZeroDivisionError: by\ufffdnought)" in str(first.problems[0])
    assert second.problems == []


def test_several_processes(ask, tmp_path):
    shutil.copytree(ask.board, tmp_path / "board")
    sources = [ask.submission(tmp_path / "random", model="random"), tmp_path / "nothing"]
    one, two = add(tmp_path / "board", sources, build, workers=2)
    assert one.problems == [] and "is not there" in str(two.problems[0])
