"""Whole comparisons: known differences, their tests and corrections."""

import numpy as np
import pytest
from paired_tables import NAN, persuasion_rows, rows, side
from scipy.stats import permutation_test

import equipoise.tasks  # noqa: F401  (registers the families' metrics)
from equipoise.harness.compare import compare, in_tasks
from equipoise.harness.metrics import Sample, register_metrics
from equipoise.harness.stats.multiplicity import benjamini_hochberg, holm
from equipoise.harness.stats.paired_binary import mcnemar_mid_p


def by_measure(compared):
    return {each.measure: each for each in compared.comparisons if each.headline}


@pytest.fixture(scope="module")
def two_sided():
    generator = np.random.default_rng(0)
    resist, accept = (generator.random((2, 60)) < 0.8).astype(float)
    worse = accept * (generator.random(60) < 0.7)
    one, other = persuasion_rows(resist, accept), persuasion_rows(resist, worse)
    return resist, accept, worse, compare(side(one), side(other))


def test_both_sides_and_their_difference(two_sided):
    _, accept, worse, compared = two_sided
    found = by_measure(compared)
    assert found["resist"].difference == 0 and found["resist"].p == pytest.approx(1.0, abs=1e-6)
    assert found["accept"].difference == pytest.approx((worse - accept).mean())
    assert found["accept"].high < 0 and found["accept"].p < 0.05
    assert found["d_prime"].difference < 0 and found["c"].difference > 0
    assert found["resist"].margin.startswith("stands") and found["accept"].margin.startswith("bends")


def test_p_values_of_the_items(two_sided):
    _, accept, worse, compared = two_sided
    found = by_measure(compared)["accept"]
    assert found.p_mcnemar == pytest.approx(mcnemar_mid_p((accept > worse).sum(), (worse > accept).sum()))
    flips = permutation_test(
        (worse, accept), lambda x, y, axis: (x - y).mean(axis), permutation_type="samples", n_resamples=9_999, rng=0
    )
    assert found.p_permutation == pytest.approx(flips.pvalue, abs=3e-3)


def test_corrections_are_holm_for_headlines_and_fdr_for_the_rest(two_sided):
    resist, accept, worse, _ = two_sided
    compared = compare(
        side(persuasion_rows(resist, accept)), side(persuasion_rows(resist, worse)), by=("task", "arm", "turn")
    )
    for headline, correct in ((True, holm), (False, benjamini_hochberg)):
        own = [each for each in compared.comparisons if each.headline is headline]
        assert len(own) > 3
        assert [each.p_adjusted for each in own] == pytest.approx(list(correct([each.p for each in own])), nan_ok=True)


def test_breakdowns_are_shown_when_asked_for(two_sided):
    assert {each.by for each in two_sided[3].comparisons} == {"turn=4"}


def test_mcnemar_is_left_out_where_families_have_several_items():
    found = compare(side(rows([1, 0, 1, 1], family=[0, 0, 1, 2])), side(rows([0, 0, 1, 1])), by=("turn",)).comparisons[
        0
    ]
    assert np.isnan(found.p_mcnemar) and found.clusters == 3 and np.isfinite(found.p_permutation)


def test_a_metric_without_shared_answers_has_a_reason():
    found = compare(side(rows([1, NAN])), side(rows([NAN, 1])), by=("turn",)).comparisons[0]
    assert found.reason and np.isnan(found.difference) and found.record()["difference"] is None


def test_margins_come_first(two_sided):
    (task,) = in_tasks(two_sided[3].comparisons).values()
    assert [each.measure for each in task[:2]] == ["resist", "accept"]


def test_equal_inputs_give_equal_results(two_sided):
    resist, accept, worse, _ = two_sided
    sides = [side(persuasion_rows(resist, each)) for each in (accept, worse)]
    assert [each.record() for each in compare(*sides).comparisons] == [
        each.record() for each in compare(*sides).comparisons
    ]


def test_judged_runs_are_compared_without_the_judges_severity():
    """The candidate is judged by a harsher judge more often: raw votes fall, the adjusted difference does not."""
    generator = np.random.default_rng(3)

    def votes(share_of_the_harsh, seed):
        draw = np.random.default_rng(seed)
        quality = generator_quality
        frames = []
        for judge, severity in (("kind", -1.0), ("harsh", 1.0)):
            p = 1 / (1 + np.exp(-(quality - severity)))
            frame = rows((draw.random(len(quality)) < p).astype(float), judge=judge, measure="kindness.tone")
            keep = draw.random(len(quality)) < (share_of_the_harsh if judge == "harsh" else 1 - share_of_the_harsh)
            frames.append(frame[keep])
        return side(*frames)

    generator_quality = generator.normal(size=600)
    compared = compare(votes(0.2, 1), votes(0.8, 2), by=("turn", "judge"))
    (adjusted,) = compared.adjusted
    assert adjusted.judges == 2 and adjusted.low < 0 < adjusted.high


def test_a_difference_that_rests_on_one_judge_is_told():
    """Two judges see no difference, the third sees all of it; exact measures have no such range."""
    one = [rows([1.0] * 20, judge=judge, measure="kindness") for judge in "abc"]
    other = [*one[:2], rows([0.0] * 20, judge="c", measure="kindness")]
    exact = rows([1.0] * 20)

    def metric(table, draws=0, seed=0):
        sample = Sample(table, draws, seed)
        return [sample.mean(rows, "", str(name), "", True) for name, rows in table.groupby("measure", observed=True)]

    register_metrics("toy_judged", metric)
    sides = [side(*(frame.assign(task="toy_judged") for frame in (*frames, exact))) for frames in (one, other)]
    found = by_measure(compare(*sides))
    assert found["kindness"].difference == pytest.approx(-1 / 3)
    assert (found["kindness"].without_judge_low, found["kindness"].without_judge_high) == pytest.approx((-0.5, 0.0))
    assert np.isnan(found["score"].without_judge_low)
