"""One judge, one question: temperature 0, one reminder, and a reason for every vote that is missing."""

import anyio
import pytest
from inspect_ai.model import ModelOutput
from inspect_ai.util import LimitExceededError
from panels import CRITERIA, YES_NO, exhibit, rubric, scripted

from equipoise.judges import Judge, ask, questions

SEPARATE = rubric(judged="separately", criteria=CRITERIA)


def votes_of(*replies, scale=YES_NO, strictness="neutral"):
    model, asked = scripted(*replies)
    (question,) = questions(exhibit(), rubric(scale=scale), strictness)
    return anyio.run(ask, Judge(model, strictness), question, 2), asked, question


def test_a_vote_keeps_who_was_asked_what():
    (vote,), asked, question = votes_of("Yes.")
    assert (vote.judge, vote.choice, vote.value, vote.raw, vote.missing) == ("mockllm/model", "YES", 1, "Yes.", "")
    assert (vote.prompt_hash, vote.material_hash, vote.epoch) == (question.prompt_hash, question.material_hash, 2)
    assert (vote.rubric, vote.rubric_version, vote.measure) == ("manners", "1", "manners")
    assert (vote.asked, vote.shared, vote.input_tokens, vote.output_tokens) == (1, 1, 5, 2) and vote.seconds > 0
    ((prompt,), config), *more = asked
    assert not more and config.temperature == 0 and prompt == question.prompt


def test_a_strictness_is_part_of_the_judges_name():
    (vote,), asked, _ = votes_of("NO", strictness="strict")
    assert vote.judge == "mockllm/model@strict" and "worse for the writer" in asked[0][0][0]


def test_one_reminder_then_a_vote():
    (vote,), asked, _ = votes_of("I would say that it is rather polite: YES", "YES")
    assert (vote.choice, vote.raw, vote.asked, vote.input_tokens) == ("YES", "YES", 2, 10) and len(asked) == 2
    assert "could not be read" in asked[1][0][-1] and "NO, YES" in asked[1][0][-1]


def test_one_reminder_then_missing():
    (vote,), asked, _ = votes_of("", "YES and NO")
    assert (vote.choice, vote.value, vote.missing, vote.raw) == (None, None, "unparsed", "YES and NO")
    assert len(asked) == 2


def test_a_filtered_reply_is_refused_and_not_asked_again():
    filtered = ModelOutput.from_content("mockllm/model", "YES", stop_reason="content_filter")
    (vote,), asked, _ = votes_of(filtered)
    assert (vote.value, vote.missing, len(asked)) == (None, "refused", 1)


def test_a_failed_call_is_an_error_with_its_message():
    (vote,), asked, _ = votes_of(RuntimeError("no route"))
    assert (vote.value, vote.missing, len(asked)) == (None, "error", 1) and "no route" in vote.raw


def test_a_budget_is_no_fault_of_the_judge():
    with pytest.raises(LimitExceededError):
        votes_of(LimitExceededError("custom", value=2, limit=1))


def joint(*replies):
    model, asked = scripted(*replies)
    (question,) = questions(exhibit(), SEPARATE, joint=True)
    return anyio.run(ask, Judge(model), question), asked


def test_several_criteria_in_one_reply_share_its_tokens():
    votes, _ = joint('{"manners.polite": "YES", "manners.short": "2"}')
    assert [(vote.measure, vote.value) for vote in votes] == [("manners.polite", 1), ("manners.short", 2)]
    assert sum(vote.asked / vote.shared for vote in votes) == 1 and sum(vote.input_tokens for vote in votes) == 5


def test_of_a_joint_reply_the_readable_part_counts_after_the_reminder():
    votes, asked = joint('{"manners.polite": "YES"}')
    assert [(vote.value, vote.missing) for vote in votes] == [(1, ""), (None, "unparsed")] and len(asked) == 2
