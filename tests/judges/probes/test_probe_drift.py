"""Frozen votes and later ones: exactly what changed is found, and a changed prompt is refused."""

import json
import math
from pathlib import Path

import pytest
from panels import log_of, rubric, scripted

from equipoise.errors import InputError
from equipoise.harness.agents import publish_levels
from equipoise.harness.judge_shift import ALL
from equipoise.harness.run import build_model
from equipoise.judges import PanelOptions, Store, prompt, rejudge, rubric_named, store_path
from equipoise.judges.probes import Tolerance, freeze, probe_drift, read_frozen, write_frozen
from equipoise.judges.severity_shift import severity_shift

ALLOWED = PanelOptions(allow_same=True)
TEXTS = {f"comment {n} of the drift tests": n / 9 for n in range(10)}
OWN = rubric(name="own", dimension="own", judged="separately", body="{comment}",
             criteria=[{"name": "a", "text": "a?"}, {"name": "b", "text": "b?"}])  # fmt: skip


@pytest.fixture
def logs(tmp_path):
    publish_levels({text: {"*": level} for text, level in TEXTS.items()})
    log_of(tmp_path / "logs", TEXTS)
    return tmp_path / "logs"


def judge(settings=""):
    return build_model(f"equipoise/judge{settings}", {})


def judged(logs, *models, options=ALLOWED, **arguments):
    rejudge(logs, options.judges(models), options, **arguments)


def drift(model, frozen, **arguments):
    with Store(Path(":memory:")) as store:
        return probe_drift(model, frozen, store, **arguments)


def test_a_judge_that_votes_as_before_has_not_drifted(logs):
    judged(logs, judge(), judge(":severity=2"))
    frozen = freeze(logs)
    assert (frozen.judges, len(frozen.votes), frozen.left_out) == (
        ["equipoise/judge", "equipoise/judge:severity=2"],
        20,
        0,
    )
    (found,) = drift(judge(), frozen)
    assert (found.compared, found.agreement.value, found.shift.value, found.findings) == (10, 1, 0, ())
    assert (found.measure, found.rubric, found.rubric_version) == ("positivity", "feedback_positivity", "1.0")
    assert found.span == 9
    assert (found.missing.asked, found.missing.reasons) == (10, {})


def test_a_known_shift_is_given_back(logs):
    judged(logs, judge())
    frozen = freeze(logs)
    (found,) = drift(judge(":severity=1"), frozen, against="equipoise/judge")
    # votes were 1 to 10; now one point lower, but the lowest cannot fall
    assert (found.shift.value, found.agreement.value) == (pytest.approx(-0.9), pytest.approx(0.1))
    assert found.shift.low < -0.9 < found.shift.high
    assert (found.judge, found.frozen_judge) == ("equipoise/judge:severity=1", "equipoise/judge")
    assert [each.split(",")[0] for each in found.findings] == [
        "the mean moved by -0.900 points", "9 of 10 votes changed",
    ]  # fmt: skip
    (tolerated,) = drift(judge(":severity=1"), frozen, against="equipoise/judge", tolerance=Tolerance(0.1, 0.9))
    assert tolerated.findings == (), "0.9 of 9 points are exactly the tolerance"


def test_the_shift_in_logits_is_positive_where_the_judge_is_harsher_now(logs):
    replies = ["7", "6", "5", "4", "8", "9", "3", "5", "6", "2"], ["6", "5", "5", "3", "7", "7", "4", "4", "7", "1"]
    model, _ = scripted(*replies[0], *replies[1])
    judged(logs, model, connections=1)
    (found,) = drift(model, freeze(logs), connections=1)
    steps = [int(then) - int(now) for then, now in zip(*replies, strict=True)]
    expected = severity_shift(steps, [0] * 10, range(10))
    assert found.severity_shift == expected and expected.value > 0 and expected.differing == 9
    assert found.scale_shift.value == pytest.approx(sum(steps) / 10 / 9) and found.shift.value < 0
    assert found.scale_shift.low < found.scale_shift.value < found.scale_shift.high


def test_votes_that_are_all_the_same_are_no_certainty(logs):
    judged(logs, judge())
    (found,) = drift(judge(), freeze(logs))
    assert (found.severity_shift.low, found.severity_shift.high) == (-math.inf, math.inf)
    assert found.severity_shift.reason == "no vote differs"
    # Wilson's upper end of 0 of 10
    assert (found.scale_shift.low, found.scale_shift.high) == (
        pytest.approx(-0.2775, abs=1e-4),
        pytest.approx(0.2775, abs=1e-4),
    )


def test_a_step_is_one_point_of_the_rubrics_scale_whatever_its_value(tmp_path):
    scale = [{"reply": word, "value": value, "means": word} for word, value in (("bad", 1), ("fair", 2), ("good", 10))]
    uneven = rubric(name="uneven", dimension="uneven", body="{comment}", scale=scale)
    log_of(tmp_path, [f"comment {n} of the uneven scale" for n in range(12)])
    model, _ = scripted(*["good"] * 8, *["bad"] * 4, *["fair"] * 12)
    judged(tmp_path, model, rubrics=[uneven], connections=1)
    (found,) = [each for each in drift(model, freeze(tmp_path, [uneven]), connections=1) if each.measure == "uneven"]
    assert found.severity_shift.value == pytest.approx(math.log(2)), "8 are a step lower, 4 a step higher"
    assert found.scale_shift.value == pytest.approx((8 * 8 - 4) / 9 / 12)


def test_votes_of_one_sample_are_one_transcript(tmp_path):
    log_of(tmp_path, [f"comment {n} of the clustered" for n in range(6)])
    two = rubric(name="own", dimension="own", body="{comment}")
    model, _ = scripted(*["4", "3", "4", "2", "5", "3"], *["3", "4", "3", "1", "4", "3"])
    judged(tmp_path, model, rubrics=[two], connections=1)
    frozen = freeze(tmp_path, [two])
    frozen = frozen.model_copy(
        update={"votes": tuple(vote.model_copy(update={"sample": f"s{n // 2}"}) for n, vote in enumerate(frozen.votes))}
    )
    (found,) = drift(model, frozen, connections=1)
    assert (found.severity_shift.n, found.severity_shift.transcripts) == (6, 3)


def test_a_frozen_vote_beside_the_scale_is_refused_and_nothing_is_asked(logs, tmp_path):
    model, asked = scripted("5")
    judged(logs, model)
    path = tmp_path / "frozen.jsonl"
    write_frozen(freeze(logs), path)
    path.write_text(path.read_text().replace('"value":5.0', '"value":5.5', 1))
    with pytest.raises(InputError, match=r"frozen\.jsonl: field 'vote.value': a vote on 'positivity' is 5.5, which is"):
        drift(model, read_frozen(path), path=path)
    assert len(asked) == 10


def test_changes_that_cancel_are_drift_too(logs):
    model, _ = scripted(*["3", "7"] * 5, *["7", "3"] * 5)
    judged(logs, model, connections=1)
    (found,) = drift(model, freeze(logs), connections=1)
    assert (found.shift.value, found.agreement.value) == (0, 0)
    assert found.findings == ("10 of 10 votes changed, more than 10.0%",)


def test_votes_that_are_missing_now_are_drift_and_never_agreement(logs):
    model, _ = scripted(*["5"] * 10, *["what?"] * 4, "5")
    judged(logs, model, connections=1)
    (found,) = drift(model, freeze(logs), connections=1)
    assert (found.compared, found.lost, found.gained, found.agreement.value) == (8, 2, 0, 1)
    assert found.missing.reasons == {"unparsed": 2}
    assert found.findings == ("2 of 10 votes are missing now, more than 10.0%",)
    (found,) = drift(judge(":failure=1"), freeze(logs), against="mockllm/model")
    assert (found.compared, found.lost) == (0, 10) and math.isnan(found.shift.value) and found.findings


def test_votes_that_were_missing_then_are_not_compared(logs):
    model, _ = scripted(*["what?"] * 4, *["5"] * 8, "5")
    judged(logs, model, connections=1)
    (found,) = drift(model, freeze(logs), connections=1)
    assert (found.compared, found.lost, found.gained, found.findings) == (8, 0, 2, ())
    silent, _ = scripted("what?", name="mockllm/silent")
    judged(logs, silent)
    (found,) = drift(silent, freeze(logs))
    assert found.findings == ("there is nothing to compare",)


def test_everything_is_asked_again_and_an_interrupted_check_goes_on(logs, tmp_path):
    model, asked = scripted("5")
    judged(logs, model)
    frozen = freeze(logs)
    assert len(asked) == 10
    for calls in (20, 20):
        with Store(tmp_path / "check.sqlite") as store:
            probe_drift(model, frozen, store)
        assert len(asked) == calls
    drift(model, frozen)
    assert len(asked) == 30, "a check of its own asks again"


def test_strictnesses_and_joint_questions_are_asked_as_they_were(logs):
    options = PanelOptions(strictness=("neutral", "strict"), allow_same=True)
    judged(logs, judge(), options=options)
    judged(logs, judge(), rubrics=[OWN])
    judged(logs, judge(), options=PanelOptions(joint=True, allow_same=True), rubrics=[OWN])
    frozen = freeze(logs, [OWN])
    assert (len(frozen.votes), sum(each.joint for each in frozen.votes), frozen.left_out) == (60, 20, 0)
    assert frozen.judges == ["equipoise/judge"]
    found = drift(judge(), frozen)
    assert {(each.frozen_judge, each.measure, each.compared) for each in found} == {
        ("equipoise/judge", "positivity", 10), ("equipoise/judge@strict", "positivity", 10),
        ("equipoise/judge", "own.a", 20), ("equipoise/judge", "own.b", 20), ("equipoise/judge", ALL, 50),
    }  # fmt: skip
    assert all(each.agreement.value == 1 for each in found)
    assert freeze(logs).left_out == 40, "votes by a rubric whose file is not given"


def test_equal_texts_are_one_vote_and_failed_calls_none(tmp_path):
    publish_levels({text: {"*": level} for text, level in TEXTS.items()})
    log_of(tmp_path, [*TEXTS, *TEXTS])
    judged(tmp_path, judge())
    assert len(freeze(tmp_path).votes) == 10
    broken, _ = scripted(RuntimeError("down"))
    judged(tmp_path, broken)
    frozen = freeze(tmp_path)
    assert (len(frozen.votes), frozen.left_out, frozen.judges) == (10, 10, ["equipoise/judge"])


def test_votes_of_the_run_itself_are_frozen_too(tmp_path):
    publish_levels({text: {"*": level} for text, level in TEXTS.items()})
    log_of(tmp_path, TEXTS, judge())
    assert not store_path(tmp_path).exists()
    assert len(freeze(tmp_path).votes) == 10
    assert not store_path(tmp_path).exists(), "freezing writes nothing beside the logs"


def test_votes_by_an_earlier_version_of_a_rubric_are_left_out(logs):
    judged(logs, judge(), rubrics=[rubric_named("feedback_positivity").model_copy(update={"body": "Old:\n{comment}"})])
    with pytest.raises(InputError, match="no votes that could be frozen"):
        freeze(logs)
    judged(logs, judge())
    assert (len(freeze(logs).votes), freeze(logs).left_out) == (10, 10)


def test_the_file_gives_back_what_was_frozen(logs, tmp_path):
    judged(logs, judge())
    frozen, path = freeze(logs), tmp_path / "frozen.jsonl"
    write_frozen(frozen, path)
    assert read_frozen(path) == frozen and len(path.read_text().splitlines()) == 11
    assert drift(judge(), read_frozen(path))[0].agreement.value == 1


def test_a_changed_prompt_is_refused_and_nothing_is_asked(logs, tmp_path, monkeypatch):
    model, asked = scripted("5")
    judged(logs, model)
    frozen, path = freeze(logs), tmp_path / "frozen.jsonl"
    write_frozen(frozen, path)
    changed = {**prompt.prompts(), "notice": "Another notice."}
    monkeypatch.setattr(prompt, "prompts", lambda: changed)
    with pytest.raises(InputError, match=r"frozen\.jsonl: the prompt for 'positivity' has changed since \(hash \w+,"):
        drift(model, read_frozen(path), path=path)
    monkeypatch.undo()
    path.write_text(path.read_text().replace("nothing but praise", "only praise"))
    with pytest.raises(InputError, match="has changed since"):
        drift(model, read_frozen(path))
    assert len(asked) == 10


def test_another_judge_is_named(logs):
    judged(logs, judge())
    with pytest.raises(InputError, match=r"no votes of mockllm/model; expected one of equipoise/judge$"):
        drift(scripted("5")[0], freeze(logs))


@pytest.mark.parametrize(
    ("line", "change", "said"),
    [
        (1, lambda text: "{}", "expected a file of `equipoise probe freeze`"),
        (1, lambda text: text.replace('"body"', '"corpus"'), "rubrics."),
        (3, lambda text: text[:-1], "Invalid JSON"),
        (3, lambda text: text.replace('"joint"', '"joined"'), "joint"),
        (3, lambda text: json.dumps({**json.loads(text), "rubric": "x"}), "no rubric 'x'"),
        (3, lambda text: text.replace('"comment":', '"remark":'), "exhibit.fields.comment"),
    ],
)
def test_a_broken_file_is_one_line_with_its_place(logs, tmp_path, line, change, said):
    judged(logs, judge())
    path = tmp_path / "frozen.jsonl"
    write_frozen(freeze(logs), path)
    lines = path.read_text().splitlines()
    lines[line - 1] = change(lines[line - 1])
    path.write_text("\n".join(lines))
    with pytest.raises(InputError) as error:
        read_frozen(path)
    assert f"frozen.jsonl:{line}: " in str(error.value) and said in str(error.value) and "\n" not in str(error.value)


def test_no_file_and_no_votes(tmp_path):
    with pytest.raises(InputError, match=r"gone\.jsonl: cannot be read"):
        read_frozen(tmp_path / "gone.jsonl")
    path = tmp_path / "empty.jsonl"
    path.write_text('{"format": "equipoise frozen votes 1", "rubrics": {}}\n')
    with pytest.raises(InputError, match="holds no votes"):
        read_frozen(path)
