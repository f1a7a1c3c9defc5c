"""Plans: enough items for the gate, and no promise where there is none to make."""

import json

import numpy as np
import pytest
from power_tables import policy, side

from equipoise.errors import InputError
from equipoise.harness.gate.policy import Benchmark, Missing, Policy
from equipoise.harness.power import look_items, plan_from
from equipoise.harness.power.words import recommendation
from equipoise.harness.stats import Contrast, cluster_mean
from equipoise.harness.stats.planning import agreement_items


def truth(rates, items, epochs, margin=0.05, pairs=400, seed=9):
    """Share of pairs of fresh runs of one model on fresh items that pass: the gate's contrast, no plan involved."""
    rng = np.random.default_rng(seed)
    p = rates(rng, (pairs, items))
    one, two = (
        cluster_mean(x, np.ones(items), (x * x).sum(axis=-1))
        for x in ((rng.random((epochs, pairs, items)) < p).mean(axis=0) for _ in range(2))
    )
    return np.asarray(Contrast((one, two), (1.0, -1.0)).interval(0.95)[1] <= margin)


def even(rng, shape):
    return rng.beta(1, 1, shape)


def ceiling(rng, shape):
    return rng.beta(20, 0.5, shape)


@pytest.mark.parametrize(("rates", "epochs", "tasks"), [(even, 1, 1), (even, 2, 1), (ceiling, 1, 1), (ceiling, 2, 4)])
def test_go_as_often_as_was_asked_for(rates, epochs, tasks):
    """Learned from 200 items, tried on new items of the same kind."""
    run = side([rates(np.random.default_rng(task), 200) for task in range(tasks)], epochs)
    plan = plan_from(run, policy(tasks, max_drop=0.1), drop=0.3)
    assert plan.possible and plan.go >= 0.8 and plan.no_go >= 0.8
    together = [truth(rates, plan.tasks[f"t{task}"], epochs, 0.1, seed=task) for task in range(tasks)]
    assert np.all(together, axis=0).mean() >= 0.8 - 3 * np.sqrt(0.16 / 400)


def test_formula_and_simulation_agree_in_the_middle():
    plan = plan_from(side([np.full(300, 0.6)]), policy(max_drop=0.08), drop=0.2)
    (row,) = plan.comparisons
    assert row.go_items == pytest.approx(row.formula_go, rel=0.12)


def test_a_perfect_run_still_needs_items():
    """No answer was wrong, none differed: agreement alone asks for z^2 (1 - m) / m, and a rate may be below 1."""
    plan = plan_from(side([np.ones(300)], epochs=2), policy())
    assert plan.tasks["t0"] > agreement_items(0.05)
    assert plan.go >= 0.8


def test_more_comparisons_need_more_items():
    rates = np.full(150, 0.8)
    one, four = (plan_from(side([rates] * k), policy(k, max_drop=0.1), drop=0.4).tasks for k in (1, 4))
    assert min(four.values()) > one["t0"]


def test_missing_answers_cost_items_or_make_go_impossible():
    rates = np.full(200, 0.8)
    whole, some, many = (
        plan_from(side([rates], missing=share), policy(max_drop=0.15), drop=0.5) for share in (0.0, 0.03, 0.12)
    )
    assert some.tasks["t0"] > 1.2 * whole.tasks["t0"]
    assert not many.possible
    assert "missing, allowed 5.0%" in recommendation(many)


def test_worst_case_of_the_missing_can_eat_the_margin():
    run = side([np.full(300, 0.97)], missing=0.04)
    plan = plan_from(run, policy(max_drop=0.045), drop=0.3)
    assert not plan.possible
    assert plan.comparisons[0].go_items is None
    assert "worst case" in plan.comparisons[0].limited_by
    rules = policy(max_drop=0.045).model_copy(update={"missing": Missing(bounds="complete")})
    assert plan_from(run, rules, drop=0.3).comparisons[0].go_items is not None


def test_missing_answers_can_hide_a_drop():
    """4 points lie beyond the limit, and as many may be among the missing."""
    (row,) = plan_from(side([np.full(300, 0.97)], missing=0.04), policy(max_drop=0.15), drop=0.19).comparisons
    assert row.go_items is not None and row.no_go_items is None
    assert row.limited_by.endswith("missing could hide the drop")


def test_smallest_margin_is_where_the_power_is():
    """With that margin as the limit, the run's own items pass as often as was asked."""
    run = side([np.full(300, 0.7)], epochs=2)
    (row,) = plan_from(run, policy()).comparisons
    (again,) = plan_from(run, policy(max_drop=row.margin_now), drop=0.5).comparisons
    assert again.go_now == pytest.approx(0.8, abs=0.03)


def test_relative_limits_count_with_their_value():
    (row,) = plan_from(side([np.full(200, 0.5)]), policy(max_drop=0.3, max_relative_drop=0.2), drop=0.3).comparisons
    assert row.limit == pytest.approx(0.2 * row.value)


def test_what_cannot_fall_by_the_drop_gets_no_promise():
    """A rate of 3 % cannot fall by 5 points."""
    plan = plan_from(side([np.full(400, 0.03)]), policy())
    (row,) = plan.comparisons
    assert row.no_go_items is None and "cannot fall" in row.limited_by
    assert np.isnan(plan.no_go) and "NO-GO" not in recommendation(plan)
    assert json.loads(json.dumps(plan.record(), allow_nan=False))["no_go"] is None


def test_lower_is_better_is_planned_as_its_mirror():
    """No pressure on the random numbers: the two plans differ by their simulation only."""
    wrong = side([np.full(300, 0.2)])
    table = wrong.table.assign(value=1 - wrong.table["value"])
    right = side([np.full(300, 0.2)]).__class__("run", "m", table)
    lower = plan_from(wrong, policy(max_drop=0.1, direction="lower")).comparisons[0]
    higher = plan_from(right, policy(max_drop=0.1)).comparisons[0]
    assert lower.go_items == pytest.approx(higher.go_items, rel=0.08)
    assert lower.no_go_items == pytest.approx(higher.no_go_items, rel=0.1)


def test_epochs_save_items_only_where_there_is_noise():
    rng = np.random.default_rng(1)
    one = rng.integers(0, 2, 300).astype(float)
    changed = np.where(rng.random(300) < 0.2, 1 - one, one)
    steady = plan_from(side([one], 2), policy(max_drop=0.1), pilot=side([changed], 2, seed=2)).comparisons[0]
    noisy = plan_from(side([np.full(300, 0.5)], 2), policy(max_drop=0.1)).comparisons[0]
    assert steady.by_epochs[8] > 0.9 * steady.by_epochs[1]
    assert noisy.by_epochs[8] < 0.3 * noisy.by_epochs[1]


def test_plan_by_looks_spends_the_same_error_in_parts():
    plan = plan_from(side([np.full(300, 0.7)]), policy(max_drop=0.1), looks=4)
    assert plan.sequential is not None
    assert [look.fraction for look in plan.sequential.looks] == [0.25, 0.5, 0.75, 1.0]
    assert plan.sequential.looks[-1].go >= 0.78
    assert look_items(plan, 1.0)["t0"] == pytest.approx(plan.tasks["t0"] * plan.sequential.inflation, abs=1)


def test_same_seed_same_plan():
    run = side([np.full(100, 0.7)])
    assert (
        plan_from(run, policy(max_drop=0.1), seed=3).record() == plan_from(run, policy(max_drop=0.1), seed=3).record()
    )


def test_calls_are_answers_of_the_model():
    plan = plan_from(side([np.full(100, 0.7)], epochs=2), policy(max_drop=0.1))
    assert plan.calls == 2 * plan.tasks["t0"]


def test_refusals():
    run = side([np.full(100, 0.7)])
    with pytest.raises(InputError, match="none of the policy's blocking comparisons"):
        plan_from(run, policy(tasks=1, max_drop=0.1, arm="nowhere", required=False))
    with pytest.raises(InputError, match="more than the smallest limit"):
        plan_from(run, policy(max_drop=0.1), drop=0.1)


def test_a_required_benchmark_that_was_not_run_is_said():
    rules = Policy(benchmarks=(*policy(max_drop=0.1).benchmarks, Benchmark(name="gone", metric="right", max_drop=0.1)))
    plan = plan_from(side([np.full(100, 0.7)]), rules)
    assert not plan.possible
    assert "gone right: the run does not have it" in recommendation(plan)


def test_advisory_benchmarks_need_no_items():
    advisory = Benchmark(name="t1", metric="right", max_drop=0.001, tier="advisory")
    rules = Policy(benchmarks=(*policy(max_drop=0.1).benchmarks, advisory))
    assert [row.task for row in plan_from(side([np.full(100, 0.7)] * 2), rules).comparisons] == ["t0"]
