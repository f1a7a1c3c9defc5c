"""Many questions at once: paid once, kept as they arrive, missing votes by reason."""

from pathlib import Path

import pytest
from inspect_ai.model import ModelOutput
from panels import scripted

from equipoise.judges import Judge, Store
from equipoise.judges.probes.asking import ask_all, missing_votes, question_on

RUBRIC = "feedback_positivity"


def work(judge, texts):
    return [(judge, question_on(judge, RUBRIC, {"comment": text})) for text in texts]


def test_equal_questions_are_asked_once_and_answered_everywhere(tmp_path):
    model, asked = scripted("7")
    seen = []
    with Store(tmp_path / "votes.sqlite") as store:
        first = ask_all(work(Judge(model), ["a", "b", "a"]), store, on_votes=lambda t: seen.append((t.cached, t.made)))
        again = ask_all(work(Judge(model), ["b", "c"]), store)
    assert [vote.value for (vote,) in first] == [7, 7, 7] and first[0] == first[2] != first[1]
    assert len(asked) == 3 and again[0] == first[1], "b was there already"
    assert seen == [(0, 0), (0, 1), (0, 2)]


class Stop(Exception):
    """What ends a probe half-way in these tests."""


def test_an_interrupted_probe_goes_on_where_it_was(tmp_path):
    model, asked = scripted("7")
    texts = [f"text {n}" for n in range(5)]

    def stop(tally):
        if tally.made == 2:
            raise Stop

    with Store(tmp_path / "votes.sqlite") as store, pytest.raises(ExceptionGroup) as stopped:
        ask_all(work(Judge(model), texts), store, connections=1, on_votes=stop)
    assert stopped.group_contains(Stop)
    with Store(tmp_path / "votes.sqlite") as store:
        lost = len(asked) - store.count()
        assert 2 <= store.count() <= 3 and lost <= 1, "what had arrived is kept; at most the call in flight is lost"
        assert [vote.value for (vote,) in ask_all(work(Judge(model), texts), store, connections=1)] == [7] * 5
    assert len(asked) == 5 + lost


def test_failed_calls_are_asked_again(tmp_path):
    model, asked = scripted(RuntimeError("down"), "5")
    with Store(tmp_path / "votes.sqlite") as store:
        (first,), (second,) = ask_all(work(Judge(model), ["a"]), store), ask_all(work(Judge(model), ["a"]), store)
    assert (first[0].missing, second[0].value, len(asked)) == ("error", 5, 2)


def test_the_fence_and_the_strictness_are_part_of_the_question():
    model, _ = scripted("5")
    hashes = {
        question_on(Judge(model, strictness), RUBRIC, {"comment": "a"}, fenced=fenced).prompt_hash
        for strictness in ("neutral", "strict")
        for fenced in (True, False)
    }
    assert len(hashes) == 4


def test_missing_votes_are_counted_by_judge_and_reason_and_equal_ones_once():
    filtered = ModelOutput.from_content("m", "5", stop_reason="content_filter")
    model, _ = scripted("what?", "what?", filtered, RuntimeError("down"), "5")
    other, _ = scripted("6", name="mockllm/other")
    with Store(Path(":memory:")) as store:
        asked = work(Judge(model), ["a", "b", "c", "d", "a", "a"]) + work(Judge(other), ["a", "b"])
        votes = [vote for (vote,) in ask_all(asked, store, connections=1)]
    first, second = missing_votes(votes)
    assert (first.judge, first.asked, first.reasons) == (
        "mockllm/model", 4, {"error": 1, "refused": 1, "unparsed": 1},
    )  # fmt: skip
    assert first.rate.value == 0.75 and 0.3 < first.rate.low < first.rate.high < 0.96
    assert (second.judge, second.asked, second.reasons, second.rate.value) == ("mockllm/other", 2, {}, 0)
