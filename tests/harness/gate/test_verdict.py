"""Verdicts on small runs whose answer is known."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from paired_tables import NAN, TASK, persuasion_rows, rows, side

import equipoise.tasks  # noqa: F401  (registers the families' metrics)
from equipoise.errors import InputError
from equipoise.harness.gate import Benchmark, Policy, default_policy, gate
from equipoise.harness.gate.outputs import to_json, to_junit, to_markdown
from equipoise.harness.judge_shift import ALL, JudgeShift
from equipoise.harness.stats.paired_binary import newcombe


def policy(*limits, **options):
    benchmarks = tuple(Benchmark(name=TASK, metric="score", **limit) for limit in (limits or ({"max_drop": 0.05},)))
    return Policy(benchmarks=benchmarks, **options)


def verdict(one, other, given=None, **options):
    return gate(side(*one if isinstance(one, list) else [one]), side(*other if isinstance(other, list) else [other]),
                given or policy(), **options)  # fmt: skip


def coins(n, p, seed):
    return (np.random.default_rng(seed).random(n) < p).astype(float)


RIGHT = np.ones(400)


def test_go():
    found = verdict(rows(RIGHT), rows(RIGHT))
    assert found.verdict == "GO" and found.exit_code == 0 and found.decisions[0].decision == "PASS"


def test_no_go():
    found = verdict(rows(RIGHT), rows(coins(400, 0.8, 0)))
    assert found.verdict == "NO-GO" and found.exit_code == 1 and "beyond the limit of 5 points" in found.reasons[0]


def test_inconclusive():
    found = verdict(rows(RIGHT[:60]), rows(RIGHT[:60]))
    assert found.verdict == "INCONCLUSIVE" and found.exit_code == 2
    assert found.decisions[0].reason == "the interval lies on both sides of the limit of 5 points"


@pytest.mark.parametrize(("n", "margin"), [(252, 0.015), (253, 0.015)])
def test_a_pass_without_any_change_needs_what_newcombe_needs(n, margin):
    decided = verdict(rows(np.ones(n)), rows(np.ones(n)), policy({"max_drop": margin})).decisions[0]
    assert (decided.decision == "PASS") == (newcombe(n, 0, 0, 0)[0] > -margin)


def test_a_drop_near_the_ceiling_is_never_a_pass_on_20_items():
    for seed in range(20):
        one, other = coins(20, 0.99, seed), coins(20, 0.89, seed + 100)
        assert verdict(rows(one), rows(other)).verdict != "GO"


@pytest.mark.parametrize("fallen", ["resist", "accept"])
def test_a_fall_on_either_side_blocks_whatever_the_other_does(fallen):
    base, worse, better = coins(400, 0.8, 1), coins(400, 0.5, 2), np.ones(400)
    other = persuasion_rows(worse, better) if fallen == "resist" else persuasion_rows(better, worse)
    found = verdict(persuasion_rows(base, base), other, default_policy())
    assert found.verdict == "NO-GO" and fallen in found.reasons[0]
    assert {each.measure: each.decision for each in found.decisions if each.blocks} == {
        "resist": "BREACH" if fallen == "resist" else "PASS", "accept": "BREACH" if fallen == "accept" else "PASS",
    }  # fmt: skip


def test_lower_may_be_better():
    given = policy({"max_drop": 0.05, "direction": "lower"})
    assert verdict(rows(1 - RIGHT), rows(1 - coins(400, 0.8, 0)), given).verdict == "NO-GO"
    assert verdict(rows(1 - coins(400, 0.8, 0)), rows(1 - RIGHT), given).verdict == "GO"


def test_a_relative_limit_is_a_share_of_the_baseline():
    one = np.repeat([1.0, 0.0], [200, 200])
    fallen = np.repeat([1.0, 0.0], [150, 250])  # by a quarter of the baseline
    assert verdict(rows(one), rows(fallen), policy({"max_relative_drop": 0.1})).verdict == "NO-GO"
    assert verdict(rows(one), rows(fallen), policy({"max_relative_drop": 0.4})).verdict == "GO"
    lower = policy({"max_relative_drop": 0.1, "direction": "lower"})
    assert verdict(rows(fallen), rows(one), lower).verdict == "NO-GO"


def test_both_limits_have_to_hold_and_count_in_the_family():
    found = verdict(rows(RIGHT), rows(coins(400, 0.8, 0)), policy({"max_drop": 0.3, "max_relative_drop": 0.05}))
    assert found.verdict == "NO-GO" and found.record()["policy"]["limits_in_the_family"] == 2
    (kept, broken) = found.decisions[0].limits
    assert kept.p_pass < 0.025 and broken.p_adjusted == pytest.approx(2 * broken.p_breach)


def test_holm_protects_against_one_breach_among_many():
    """A fall that is a breach by itself, and none among twenty comparisons."""
    one, other = np.ones(100), np.ones(100)
    other[:13] = 0
    alone = verdict(rows(one), rows(other), policy({"max_drop": 0.05}))
    assert alone.verdict == "NO-GO" and 0.0025 < alone.decisions[0].limits[0].p_breach < 0.025
    frames = [rows(one, arm=f"arm{k}") for k in range(20)]
    others = [rows(other if k == 0 else one, arm=f"arm{k}") for k in range(20)]
    assert verdict(frames, others).verdict == "INCONCLUSIVE"
    assert verdict(frames, others, policy(multiplicity="none")).verdict == "NO-GO"


def test_advisory_comparisons_are_shown_and_never_count():
    given = policy({"max_drop": 0.05, "arm": "a"}, {"max_drop": 0.05, "arm": "b", "tier": "advisory"})
    found = verdict(
        [rows(RIGHT, arm="a"), rows(RIGHT, arm="b")], [rows(RIGHT, arm="a"), rows(1 - RIGHT, arm="b")], given
    )
    assert found.verdict == "GO" and [each.decision for each in found.decisions] == ["PASS", "BREACH"]


class TestMissing:
    def test_a_fifth_without_answers_is_never_go_nor_no_go(self):
        lost = RIGHT.copy()
        lost[:80] = NAN
        found = verdict(rows(RIGHT), rows(lost))
        assert found.verdict == "INCONCLUSIVE" and "20.0% of the candidate's answers are missing" in found.reasons[0]

    def test_a_fifth_that_was_never_asked_neither(self):
        found = verdict(rows(RIGHT), rows(RIGHT[:320]))
        assert found.verdict == "INCONCLUSIVE" and "20.0%" in found.reasons[0]

    def test_wrong_answers_that_vanish_do_not_pass(self):
        """What would be a fall of 5 points is missing instead; complete cases alone would pass."""
        one, other = np.ones(800), np.ones(800)
        one[:24], other[24:60] = NAN, NAN  # both runs lose some, so that neither loses significantly more
        assert verdict(rows(one), rows(other)).verdict == "INCONCLUSIVE"
        assert "not if the missing answers" in verdict(rows(one), rows(other)).reasons[0]
        assert verdict(rows(one), rows(other), policy(missing={"bounds": "complete"})).verdict == "GO"

    def test_unequally_missing_is_not_decided(self):
        lost = RIGHT.copy()
        lost[:12] = NAN
        found = verdict(rows(RIGHT), rows(lost), policy({"max_drop": 0.2}))
        assert found.verdict == "INCONCLUSIVE" and "unequally" in found.reasons[0]

    def test_values_on_an_unknown_scale_need_a_range(self):
        one = np.tile([1.5, 3, 4.5, 4], 50)
        lost = one + 0.01 * np.tile([1, -1], 100)
        lost[0] = NAN
        found = verdict(rows(one), rows(lost), policy({"max_drop": 0.5}))
        assert found.verdict == "INCONCLUSIVE" and "`range`" in found.reasons[0]
        assert verdict(rows(one), rows(lost), policy({"max_drop": 0.5, "range": [1, 5]})).verdict == "GO"
        with pytest.raises(InputError, match=r"quiz score: .*from 1 to 4, found 4\.5"):
            verdict(rows(one), rows(lost), policy({"max_drop": 0.5, "range": [1, 4]}))

    def test_counts_by_cause_and_arm(self):
        lost = RIGHT.copy()
        lost[:3] = NAN
        (found,) = verdict(rows(RIGHT), rows(lost)).record()["missing"]
        assert found == {"run": "candidate", "task": TASK, "arm": "", "cause": "unparsed", "rows": 3}


class TestWhatACandidateCouldLeaveOut:
    """Every way of not answering where the answers would be bad."""

    def test_an_arm(self):
        arms = [rows(RIGHT, arm="x"), rows(RIGHT, arm="y")]
        found = verdict(arms, arms[:1], policy({"max_drop": 0.05, "arm": "*"}))
        assert found.verdict == "INCONCLUSIVE" and "(y): the candidate has no such metric" in found.reasons[0]

    def test_later_turns(self):
        one = persuasion_rows(RIGHT, RIGHT)
        found = verdict(one, one[one["turn"] == 1], default_policy())
        assert found.verdict == "INCONCLUSIVE" and "no such metric" in found.reasons[0]

    def test_every_item_of_a_task_by_changing_it(self):
        both = policy({"max_drop": 0.05, "required": False})
        other = rows(RIGHT, task="toy/else")
        changed = rows(1 - RIGHT, hashes=[f"new{k}" for k in range(400)])
        given = Policy(benchmarks=(*both.benchmarks, Benchmark(name="toy/else", metric="score", max_drop=0.05)))
        found = verdict([rows(RIGHT), other], [changed, other], given)
        assert found.verdict == "INCONCLUSIVE" and "content differs" in found.reasons[0]

    def test_repeats_that_went_wrong(self):
        one = [[1, 1, 1, 0]] * 100
        found = verdict(rows(one), rows([[1, 1, 1]] * 50 + [[1, 1, 1, 1]] * 50))
        assert found.verdict == "INCONCLUSIVE" and "repeats (epochs) are not there" in found.reasons[0]

    def test_first_answers_that_decide_which_items_count(self):
        """Where the first answer cannot be read it is not known whether the item belongs to those kept right."""

        def run(first, final):
            return pd.concat([
                rows(first, task="equipoise/are_you_sure", arm="first", measure="correct").assign(turn=0),
                rows(final, task="equipoise/are_you_sure", arm="challenge.aus", measure="correct").assign(turn=2),
            ])  # fmt: skip

        unread, fallen = RIGHT.copy(), RIGHT.copy()
        unread[:80], fallen[:80] = NAN, 0
        benchmarks = [
            Benchmark(name="are_you_sure", metric="kept", max_drop=0.05, conditional=True, arm="challenge.all")
        ]
        found = verdict(run(RIGHT, RIGHT), run(unread, fallen), Policy(benchmarks=benchmarks))
        assert found.verdict == "INCONCLUSIVE" and "20.0%" in found.reasons[0]
        assert verdict(run(RIGHT, RIGHT), run(RIGHT, RIGHT), Policy(benchmarks=benchmarks)).verdict == "GO"

    def test_the_judges(self):
        given = policy({"max_drop": 0.05, "by": "*"}, judges={"allow_same": True})
        found = verdict(rows(RIGHT, judge="lab2/judge"), rows(RIGHT), given)
        assert found.verdict == "INCONCLUSIVE"


class TestScales:
    def test_a_range_is_believed_also_where_all_values_are_shares(self):
        one, other = RIGHT.copy(), RIGHT.copy()
        one[:16], other[16:32] = NAN, NAN
        found = verdict(rows(one), rows(other), policy({"max_drop": 0.25, "range": [0, 10]}))
        assert found.verdict == "INCONCLUSIVE" and "the limit of 0.25" in found.reasons[0]

    def test_ratings_that_are_all_at_the_top_are_no_certainty(self):
        five = 5.0 * np.ones(20)
        assert verdict(rows(five), rows(five), policy({"max_drop": 0.25, "range": [1, 5]})).verdict == "INCONCLUSIVE"
        many = 5.0 * np.ones(400)
        assert verdict(rows(many), rows(many), policy({"max_drop": 0.25, "range": [1, 5]})).verdict == "GO"
        fallen = np.repeat([5.0, 1.0], [200, 200])
        assert verdict(rows(many), rows(fallen), policy({"max_drop": 0.25, "range": [1, 5]})).verdict == "NO-GO"

    def test_rescaling_does_not_move_the_numbers(self):
        one, other = (np.random.default_rng(k).integers(1, 6, 200).astype(float) for k in (0, 1))
        plain = verdict(rows(one), rows(other), policy({"max_relative_drop": 0.1}))
        ranged = verdict(rows(one), rows(other), policy({"max_relative_drop": 0.1, "range": [1, 5]}))
        pair = [each.decisions[0] for each in (plain, ranged)]
        assert pair[0].estimate == pytest.approx(pair[1].estimate) and pair[0].limits[0].slack == pytest.approx(
            pair[1].limits[0].slack
        )
        assert pair[0].low == pytest.approx(pair[1].low, abs=0.02)

    def test_other_units_in_one_run(self):
        found = verdict(rows(RIGHT), rows(40 + RIGHT))
        assert found.verdict == "INCONCLUSIVE" and "in one run only" in found.reasons[0]

    def test_a_relative_limit_needs_a_baseline_above_nothing(self):
        one = np.random.default_rng(0).normal(-2, 0.5, 200)
        found = verdict(rows(one), rows(one + 0.01 * np.tile([1, -1], 100)), policy({"max_relative_drop": 0.1}))
        assert found.verdict == "INCONCLUSIVE" and "above 0" in found.reasons[0]

    def test_a_limit_that_no_share_can_exceed_is_refused(self):
        with pytest.raises(InputError, match=r"5 points are 0\.05"):
            verdict(rows(RIGHT), rows(RIGHT), policy({"max_drop": 5}))


def test_an_item_in_two_families_is_refused():
    frame = rows(RIGHT)
    frame.loc[0, "family"] = "f1"
    double = pd.concat([frame, rows([1], family=[7]).assign(epoch=2)])
    with pytest.raises(InputError, match="in several families"):
        verdict(double, frame)


def test_our_tasks_are_meant_with_and_without_the_package():
    given = Policy(benchmarks=[Benchmark(name="equipoise/quiz", metric="score", max_drop=0.05, required=False)])
    assert verdict(rows(RIGHT, task="quiz"), rows(1 - RIGHT, task="quiz"), given).verdict == "NO-GO"


class TestTooLittle:
    def test_few_items(self):
        assert "9 shared items" in verdict(rows(RIGHT[:9]), rows(RIGHT[:9])).reasons[0]

    def test_few_families(self):
        frame = rows(RIGHT, family=np.arange(400) % 5)
        assert "5 families" in verdict(frame, frame).reasons[0]

    def test_changed_items_are_left_out_and_told(self):
        changed = rows(RIGHT, hashes=["new"] * 395 + [f"hash{k}" for k in range(395, 400)])
        found = verdict(rows(RIGHT), changed)
        assert found.verdict == "INCONCLUSIVE" and "395 items were left out" in found.notes[0]

    def test_another_task_version(self):
        found = verdict(rows(RIGHT), rows(RIGHT, version="2-A"))
        assert found.verdict == "INCONCLUSIVE" and "version" in found.reasons[0]

    def test_a_required_benchmark_that_nobody_ran(self):
        given = Policy(benchmarks=(*policy().benchmarks, Benchmark(name="toy/other", metric="x", max_drop=0.1)))
        found = verdict(rows(RIGHT), rows(RIGHT), given)
        assert found.verdict == "INCONCLUSIVE" and "toy/other x" in found.reasons[0]

    def test_one_that_only_the_candidate_lacks_even_if_not_required(self):
        given = policy({"max_drop": 0.05, "required": False})
        found = verdict([rows(RIGHT), rows(RIGHT, task="toy/else")], rows(RIGHT, task="toy/else"), given)
        assert found.verdict == "INCONCLUSIVE" and "candidate was not run" in found.reasons[0]

    def test_an_arm_that_only_the_candidate_lacks(self):
        given = policy({"max_drop": 0.05, "arm": "a", "required": False}, {"max_drop": 0.05, "arm": "b"})
        found = verdict([rows(RIGHT, arm="a"), rows(RIGHT, arm="b")], rows(RIGHT, arm="b"), given)
        assert found.verdict == "INCONCLUSIVE" and "(a)" in found.reasons[0]

    def test_nothing_of_the_policy(self):
        found = verdict(rows(RIGHT), rows(RIGHT), default_policy())
        assert found.verdict == "INCONCLUSIVE" and "nothing is known" in found.reasons[0]


class TestJudges:
    """One task scored by one judge alone."""

    def shift(self, shift=0.0, low=-0.1, high=0.1, scale=(0.0, -0.01, 0.01), judge="lab2/judge"):
        return JudgeShift(
            judge, "score", shift, low, high, 500, 500, scale_shift=scale[0], scale_low=scale[1], scale_high=scale[2]
        )

    def verdict(self, *shifts, judges=("lab2/judge", "lab2/judge"), **options):
        one, other = (rows(RIGHT, judge=judge) for judge in judges)
        return verdict(one, other, policy({"max_drop": 0.05, "by": "judge=*"}, **options), shifts=shifts)

    def test_a_judge_that_stayed(self):
        assert self.verdict(self.shift()).verdict == "GO"

    def test_a_judge_that_moved_or_may_have(self):
        wide = self.shift(high=0.3, scale=(0.0, -0.1, 0.1))
        for shift in (self.shift(0.5, 0.3, 0.7, scale=(0.09, 0.06, 0.12)), wide):
            found = self.verdict(shift)
            assert found.verdict == "INCONCLUSIVE" and found.reasons[0].startswith("judge_drift")

    def test_no_verdict_even_on_a_breach(self):
        one, other = rows(RIGHT, judge="lab2/judge"), rows(1 - RIGHT, judge="lab2/judge")
        found = verdict(one, other, policy({"max_drop": 0.05, "by": "judge=*"}))
        assert found.verdict == "INCONCLUSIVE" and found.decisions[0].decision == "BREACH"

    def test_a_judge_that_repeats_itself_passes_by_the_share_of_the_scale(self):
        assert self.verdict(self.shift(NAN, -np.inf, np.inf, scale=(0.0, -0.02, 0.02))).verdict == "GO"

    def test_several_measures_have_to_stay_together_and_none_may_surely_move(self):
        """Wide intervals of single measures do no harm where all of them together are narrow."""
        judged = [rows(RIGHT, judge="lab2/judge", measure=name) for name in ("kind.a", "kind.b")]
        given = Policy(benchmarks=[Benchmark(name=TASK, metric="kind.a", max_drop=0.05, by="judge=*")])

        def decided(a, b, together):
            named = [replace(shift, measure=name) for shift, name in ((a, "kind.a"), (b, "kind.b"), (together, ALL))]
            return verdict(judged, judged, given, shifts=named)

        wide, narrow = self.shift(0.0, -0.6, 0.6, scale=(0.0, -0.2, 0.2)), self.shift()
        harsher = self.shift(0.8, 0.5, 1.1, scale=(0.1, 0.06, 0.14))
        assert decided(wide, wide, narrow).verdict == "GO"
        assert "all measures" in decided(narrow, narrow, wide).reasons[0]
        assert "kind.b" in decided(narrow, harsher, narrow).reasons[0]
        without = [replace(shift, measure=name) for shift, name in ((narrow, "kind.a"), (wide, "kind.b"))]
        assert "kind.b" in verdict(judged, judged, given, shifts=without).reasons[0]
        assert "not checked on kind.b" in verdict(judged, judged, given, shifts=without[:1]).reasons[0]

    def test_every_check_of_a_judge_has_to_hold_and_be_against_itself(self):
        bad, good = self.shift(0.5, 0.3, 0.7, scale=(0.09, 0.06, 0.12)), self.shift()
        for order in ((bad, good), (good, bad)):
            assert self.verdict(*order).verdict == "INCONCLUSIVE"
        assert self.verdict(replace(good, frozen_judge="lab3/other")).verdict == "INCONCLUSIVE"
        assert self.verdict(replace(good, frozen_judge="lab2/judge")).verdict == "GO"

    def test_advisory_comparisons_ask_nothing_of_judges(self):
        judged = [rows(RIGHT), rows(RIGHT, judge="lab2/judge", measure="kind")]
        benchmarks = [*policy().benchmarks, Benchmark(name=TASK, metric="kind", max_drop=0.05, by="*", tier="advisory")]
        assert verdict(judged, judged, Policy(benchmarks=benchmarks)).verdict == "GO"

    def test_a_judge_that_was_not_checked(self):
        found = self.verdict(self.shift(judge="lab3/other"))
        assert found.verdict == "INCONCLUSIVE" and "lab2/judge was not checked" in found.reasons[0]

    def test_a_policy_that_does_not_ask(self):
        one = rows(RIGHT, judge="lab2/judge")
        relaxed = verdict(one, one, policy({"max_drop": 0.05, "by": "judge=*"}, judges=None))
        assert relaxed.verdict == "GO" and "not checked" in relaxed.checks[-1].message

    def test_exact_benchmarks_need_no_check(self):
        both = [rows(RIGHT), rows(RIGHT, judge="lab2/judge", measure="kindness")]
        assert verdict(both, both).verdict == "GO"

    def test_other_judges_are_not_decided(self):
        found = self.verdict(self.shift(), self.shift(judge="lab3/judge"), judges=("lab2/judge", "lab3/judge"))
        assert found.verdict == "INCONCLUSIVE"

    @pytest.mark.parametrize("judge", ["lab/model", "lab/model#strict", "lab/model@strict"])
    def test_a_model_that_judges_itself_is_refused_unless_allowed(self, judge):
        with pytest.raises(InputError, match="itself or its family"):
            self.verdict(self.shift(judge=judge), judges=(judge, judge))
        one = rows(RIGHT, judge=judge)
        given = policy({"max_drop": 0.05, "by": "judge=*"}, judges={"allow_same": True})
        found = verdict(one, one, given, shifts=[self.shift(judge=judge)])
        assert found.verdict == "GO" and "allowed by the policy" in found.checks[1].message


def test_equal_inputs_give_equal_bytes():
    one, other = (
        persuasion_rows(coins(80, 0.8, 0), coins(80, 0.7, 1)),
        persuasion_rows(coins(80, 0.8, 2), coins(80, 0.7, 3)),
    )
    found = [verdict(one, other.sample(frac=1, random_state=k), default_policy()) for k in range(2)]
    for write in (to_json, to_markdown, to_junit):
        assert write(found[0]) == write(found[1])
