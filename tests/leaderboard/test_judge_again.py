import json
import shutil

import pytest
from inspect_ai.model import ModelOutput
from leaderboard.submitted import JUDGED, JUDGES, Ground, calls, edited, judged

from equipoise.cli.plan import build
from equipoise.errors import InputError
from equipoise.harness.table import read_table
from equipoise.judges import VOTES
from equipoise.leaderboard.board import ROW, open_board
from equipoise.leaderboard.changes import changing, open_edition
from equipoise.leaderboard.derived import ROWS
from equipoise.leaderboard.edition import EditionSpec, Panel
from equipoise.leaderboard.freezing import freeze
from equipoise.leaderboard.intake.add import add
from equipoise.leaderboard.judging import JUDGING, judge_again

STRICT = "equipoise/judge:severity=2"
BEST = "10"


@pytest.fixture(scope="module")
def added(tmp_path_factory: pytest.TempPathFactory) -> tuple[Ground, str]:
    folder = tmp_path_factory.mktemp("judging")
    ground = judged(folder)
    log = edited(ground.logs["oracle"], folder / "forged.eval", flatter)
    (outcome,) = add(ground.board, [ground.submission(folder / "submission", [log])], build)
    assert not outcome.problems
    return ground, outcome.submission


def flatter(log):
    """A thorough forgery: every judge is made to say the best that its scale has, wherever the log tells it."""
    for event in calls(log, "judge"):
        event.output = ModelOutput.from_content(event.output.model, BEST)
    for sample in log.samples:
        for score in sample.scores.values():
            for key, block in score.metadata.items():
                if key == VOTES:
                    for record in block:
                        record["vote"] |= {"raw": BEST, "choice": BEST, "value": float(BEST)}
                elif key.count("|") > 1:
                    for measure, (turns, _) in block.items():
                        block[measure] = [turns, [float(BEST)] * len(turns)]


@pytest.fixture
def there(added, tmp_path):
    """A copy of the board, to be changed."""
    ground, submission = added
    shutil.copytree(ground.board, tmp_path / "board")
    return tmp_path / "board", submission, ground.edition


def votes(board, submission, edition):
    rows = read_table(open_board(board).derived(submission, edition) / ROWS)
    rows = rows[rows["judge"].astype(str) != ""]
    keys = ["judge", "item", "arm", "turn", "measure", "value"]
    return rows[keys].astype({"judge": str}).sort_values(keys).reset_index(drop=True)


def test_the_panels_own_votes_take_the_submitters_place(there):
    board, submission, edition = there
    before = votes(board, submission, edition.name)
    assert set(before["value"]) == {float(BEST)}
    tally, problems = judge_again(board, submission, build)
    assert not problems and tally.failed == 0 and tally.calls > 0
    after, again = open_board(board), votes(board, submission, edition.name)
    assert len(again) == len(before)
    assert again["value"].mean() < float(BEST)
    row = json.loads((after.derived(submission, edition.name) / ROW).read_text())
    assert row["votes_by"] == "board"
    assert after.events[-1].kind == "rejudge" and after.standings[submission].voted == [edition.name]


def test_no_vote_is_paid_twice(there):
    board, submission, edition = there
    judge_again(board, submission, build)
    events = (board / "events.jsonl").read_bytes()
    tally, _ = judge_again(board, submission, build)
    assert tally.calls == 0 and tally.cached == tally.votes > 0
    assert (board / "events.jsonl").read_bytes() == events  # nothing new, nothing to tell
    assert (board / JUDGING / edition.name / submission / "votes.jsonl").is_file()


def test_a_submission_is_carried_into_an_edition_with_another_panel(there):
    board, submission, edition = there
    spec = EditionSpec(edition="2026.2", tasks=(JUDGED,), panel=Panel(judges=(*JUDGES, STRICT)))
    open_edition(board, freeze(spec, build, "2026-11-22"))
    assert open_board(board).standings[submission].editions == [edition.name]
    _, problems = judge_again(board, submission, build)
    assert not problems
    after = open_board(board)
    assert after.standings[submission].editions == [edition.name, "2026.2"]
    assert after.events[-1].kind == "carry" and edition.name in after.events[-1].note
    assert set(votes(board, submission, "2026.2")["judge"]) == {*JUDGES, STRICT}
    assert set(votes(board, submission, edition.name)["judge"]) == set(JUDGES)  # the earlier table is as it was


def test_a_rerun_confirms_an_edition_and_not_the_next(there):
    board, submission, edition = there
    with changing(board) as change:
        change.tell("rerun", edition.name, submission)
        change.make()
    spec = EditionSpec(edition="2026.2", tasks=(JUDGED,), panel=Panel(judges=(*JUDGES, STRICT)))
    open_edition(board, freeze(spec, build, "2026-11-22"))
    judge_again(board, submission, build)
    assert open_board(board).standings[submission].tiers == {edition.name: "re-run", "2026.2": "recomputed"}


def test_other_items_are_not_carried(there):
    board, submission, _ = there
    longer = JUDGED.model_copy(update={"args": {"n_items": 3}})
    spec = EditionSpec(edition="2026.2", tasks=(longer,), panel=Panel(judges=JUDGES))
    open_edition(board, freeze(spec, build, "2026-11-22"))
    events = (board / "events.jsonl").read_bytes()
    with pytest.raises(InputError, match=r"asks other items of equipoise/sycophancy_feedback than '2026\.1'"):
        judge_again(board, submission, build)
    assert (board / "events.jsonl").read_bytes() == events


def test_a_judge_that_fails_leaves_the_board_as_it_was(there):
    board, submission, _ = there
    spec = EditionSpec(edition="2026.2", tasks=(JUDGED,), panel=Panel(judges=("equipoise/judge:failure=1",)))
    open_edition(board, freeze(spec, build, "2026-11-22"))
    events = (board / "events.jsonl").read_bytes()
    tally, problems = judge_again(board, submission, build)
    assert tally.failed or problems or tally.missing
    if tally.failed or problems:
        assert (board / "events.jsonl").read_bytes() == events


def test_an_edition_without_a_panel_has_nobody_to_ask(there):
    board, submission, _ = there
    open_edition(board, freeze(EditionSpec(edition="2026.2", tasks=(JUDGED,)), build, "2026-11-22"))
    with pytest.raises(InputError, match=r"field 'edition 2026\.2': has no panel of judges"):
        judge_again(board, submission, build)
