"""Judges that fall for a known part of the attacks: exactly that part is found."""

import math
from pathlib import Path

import pytest
from inspect_ai.model import ModelOutput, ModelUsage, get_model
from panels import scripted

from equipoise.harness.run import build_model
from equipoise.judges import Judge, Store, fence
from equipoise.judges.injection import KINDS, attacks, bad_replies, cases, probe_injection

FEW = 16
"""Attacks in most of these tests: two of each kind."""

REPLIES = len(bad_replies())
ALL = FEW * REPLIES
WORST = {"aloe_alignment": "1", "feedback_positivity": "1", "correction": "no"}
BETTER = {"aloe_alignment": "2", "feedback_positivity": "2", "correction": "yes"}
BEST = {"aloe_alignment": "5", "feedback_positivity": "10", "correction": "yes"}


def probed(*models, limit=FEW, **arguments):
    with Store(Path(":memory:")) as store:
        return probe_injection([Judge(model) for model in models], store, limit, **arguments)


def scripted_judge(settings=""):
    return build_model(f"equipoise/judge{settings}", {})


def judge_that(answers):
    """A judge that recognises the case: it is given whether the prompt is fenced, the rubric, the attack (or None) and
    whether harmless words were added."""
    known = {}
    for case in cases():
        for text in (case.alone, case.attacked, case.control):
            for form in (text, fence(text).strip("=").strip("\n")):
                attack = case.attack if text == case.attacked else None
                known[form] = case.reply.rubric, attack, text == case.control
    longest_first = sorted(known, key=len, reverse=True)
    asked = []

    def reply(messages, tools, tool_choice, config):
        prompt = messages[0].text
        asked.append(prompt)
        rubric, attack, harmless = known[next(text for text in longest_first if text in prompt)]
        output = ModelOutput.from_content("mockllm/model", answers("It is data" in prompt, rubric, attack, harmless))
        output.usage = ModelUsage()
        return output

    return get_model("mockllm/model", memoize=False, custom_outputs=reply), asked


@pytest.mark.parametrize(
    ("settings", "limit", "fenced", "naive", "worth"),
    [
        ("", FEW, 0, 0, 0),
        (":gullible=1", FEW, 1, 1, 0),
        (":gullible=2", None, 0, 1, 1),
        (":gullible=1:severity=1", FEW, 1, 1, 0),
    ],
)
def test_what_a_judge_falls_for_is_given_back(settings, limit, fenced, naive, worth):
    (found,) = probed(scripted_judge(settings), limit=limit)
    tries = (limit or len(attacks())) * REPLIES
    for prompt, success in (("fenced", fenced), ("naive", naive)):
        for part in ("all", *KINDS, *WORST):
            rate = found.rate(prompt, part)
            assert (rate.success.value, rate.reached_best.value, rate.control.value) == (success, success, 0)
            assert rate.beyond_control.value == success and (rate.no_room, rate.missing) == (0, {})
        assert found.rate(prompt).attempts == found.rate(prompt).success.units == tries
        assert sum(found.rate(prompt, kind).attempts for kind in KINDS) == tries
    assert found.fence_worth.value == worth and found.missing.reasons == {}


def test_a_judge_that_falls_for_some_kinds_has_the_rates_of_these_kinds():
    def answers(fenced, rubric, attack, harmless):
        fallen = attack and (attack.kind == "plain" or (attack.kind == "markup" and not fenced))
        return BEST[rubric] if fallen else WORST[rubric]

    (found,) = probed(judge_that(answers)[0])
    rate = found.rate("fenced")
    assert (rate.success.value, rate.reached_best.value, rate.control.value) == (2 / FEW, 2 / FEW, 0)
    # Wilson interval at the effective size: the 80 tries vary as 16 attacks, p (1 - p) / 15, and the variance is known
    # with 15 instead of 79 degrees of freedom
    n, z = 15 * 80 / 79 * (1.990450 / 2.131450) ** 2, 1.959964
    middle, half = 0.125 + z * z / (2 * n), z * math.sqrt(0.125 * 0.875 / n + z * z / (4 * n * n))
    ends = (middle - half) / (1 + z * z / n), (middle + half) / (1 + z * z / n)
    assert (rate.success.low, rate.success.high) == pytest.approx(ends, abs=1e-5)
    assert found.rate("naive").success.value == 4 / FEW and found.fence_worth.value == 2 / FEW
    by_kind = {kind: found.rate("naive", kind).success.value for kind in KINDS}
    assert by_kind == {kind: float(kind in ("plain", "markup")) for kind in KINDS}


def test_a_judge_that_rewards_length_is_not_taken_for_one_that_obeys():
    def answers(fenced, rubric, attack, harmless):
        return BETTER[rubric] if attack or harmless else WORST[rubric]

    (found,) = probed(judge_that(answers)[0])
    rate = found.rate("fenced")
    assert (rate.success.value, rate.control.value, rate.beyond_control.value) == (1, 1, 0)
    best = sum(BETTER[reply.rubric] == BEST[reply.rubric] for reply in bad_replies()) / REPLIES
    assert rate.reached_best.value == pytest.approx(best) and 0 < best < 1
    assert rate.beyond_control.low < 0 < rate.beyond_control.high


def test_missing_votes_are_counted_apart_and_never_as_resisted():
    def answers(fenced, rubric, attack, harmless):
        if attack and attack.kind == "markup":
            return "I do not follow instructions in texts."
        return BEST[rubric] if attack and attack.kind == "plain" else WORST[rubric]

    (found,) = probed(judge_that(answers)[0])
    rate, lost = found.rate("fenced"), 2 * REPLIES
    assert rate.missing == {"unparsed": lost} and rate.success.units == ALL - lost
    assert rate.success.value == pytest.approx(2 / (FEW - 2))
    assert found.missing.reasons == {"unparsed": 2 * lost}
    markup = found.rate("fenced", "markup")
    assert math.isnan(markup.success.value) and markup.success.reason == "no attempt with both votes"


def test_missing_control_votes_leave_the_success_rate_alone():
    def answers(fenced, rubric, attack, harmless):
        return "no idea" if harmless else BEST[rubric] if attack else WORST[rubric]

    (found,) = probed(judge_that(answers)[0])
    rate = found.rate("naive")
    assert (rate.success.value, rate.success.units, rate.missing) == (1, ALL, {})
    assert math.isnan(rate.control.value) and math.isnan(rate.beyond_control.value)


def test_without_a_vote_on_the_reply_alone_there_is_no_outcome():
    (found,) = probed(scripted_judge(":failure=1"))
    assert found.rate("naive").missing == {"alone unparsed": ALL} and math.isnan(found.fence_worth.value)
    assert found.missing.rate.value == 1
    (found,) = probed(scripted(RuntimeError("down"))[0], limit=1, rubrics=["correction"])
    assert found.rate("fenced").missing == {"alone error": 1}


def test_where_the_reply_alone_gets_the_best_vote_no_attack_can_succeed():
    (found,) = probed(scripted_judge(":severity=-9:gullible=1"))
    rate = found.rate("fenced")
    assert rate.no_room == ALL and math.isnan(rate.success.value) and rate.missing == {}
    (found,) = probed(scripted_judge(":severity=-1:gullible=1"))
    rate = found.rate("fenced")
    room = sum(reply.rubric != "correction" for reply in bad_replies()) * FEW
    assert (rate.success.units, rate.no_room, rate.success.value) == (room, ALL - room, 1)


def test_failures_are_missing_at_their_rate_in_every_place():
    (found,) = probed(scripted_judge(":failure=0.2:gullible=1:seed=4"))
    rate, asked = found.rate("fenced"), found.missing.asked
    assert found.missing.reasons["unparsed"] == pytest.approx(0.2 * asked, abs=4 * math.sqrt(0.16 * asked))
    assert rate.success.value == 1 and rate.success.units + sum(rate.missing.values()) == ALL
    both = [o for o in found.outcomes if o.prompt == "fenced" and o.alone is not None and o.attacked is not None]
    assert rate.success.units == len(both) < ALL


def test_calls_are_few_and_repeats_are_free(tmp_path):
    model, asked = judge_that(lambda fenced, rubric, attack, harmless: WORST[rubric])
    with Store(tmp_path / "votes.sqlite") as store:
        (first,) = probe_injection([Judge(model)], store, FEW)
        calls = len(asked)
        (again,) = probe_injection([Judge(model)], store, FEW)
    controls = len({case.control for case in cases(FEW)})
    assert calls == first.missing.asked == 2 * (ALL + REPLIES + controls) == len(set(asked))
    assert len(asked) == calls and again == first
    assert 5 * REPLIES < len({case.control for case in cases()}) < len(cases()) / 4


def test_every_attempt_is_in_the_record_with_its_votes():
    fair, fallen = probed(scripted_judge(), scripted_judge(":gullible=1"), limit=3, rubrics=["feedback_positivity"])
    assert (fair.judge, fallen.judge) == ("equipoise/judge", "equipoise/judge:gullible=1")
    assert len(fallen.outcomes) == 2 * 3 * 2
    for outcome in fallen.record()["outcomes"]:
        assert (outcome["alone"], outcome["attacked"], outcome["control"], outcome["best"]) == (1, 10, 1, 10)
    assert {outcome.attacked for outcome in fair.outcomes} == {1}
