"""Simulated runs: the gate's own decisions, the run's own rates."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from power_tables import policy, side

from equipoise.harness.compare.pairing import Pair, Term
from equipoise.harness.gate.decide import decide, measure
from equipoise.harness.power import simulate as module
from equipoise.harness.power.components import components
from equipoise.harness.power.drawing import Setting
from equipoise.harness.power.profiles import profiles
from equipoise.harness.power.simulate import simulate

RATES = np.random.default_rng(5).beta(6, 1, 120)


def made(run, limits=None, pilot=None, **change):
    rules = policy(**(limits or {}))
    (profile,), _ = profiles(run, rules, pilot)
    if change:
        profile = replace(profile, benchmark=profile.benchmark.model_copy(update=change))
    return profile, rules


def as_pair(profile, one, two, starts, place):
    """One simulated pair of runs as the gate would see it."""
    family = np.repeat(np.arange(len(starts)), np.diff([*starts, one.total.shape[1]]))
    shape = (2, len(family))
    terms = []
    for term, weight in enumerate(profile.weights):
        total, present, absent = (
            np.stack([np.broadcast_to(getattr(run, name), run.total.shape)[place, :, term] for run in (one, two)])
            for name in ("total", "present", "absent")
        )
        assert total.shape == shape
        with np.errstate(invalid="ignore"):
            terms.append(Term(float(weight), total / present, present, absent))
    names = np.array([str(i) for i in range(len(family))], dtype=object)
    return Pair(profile.metric, profile.metric, names, family, tuple(terms))


@pytest.mark.parametrize(
    ("options", "limits", "items", "direction"),
    [
        ({}, {"max_drop": 0.1}, 90, "higher"),
        ({"epochs": 2, "family": 3}, {"max_drop": 0.1, "max_relative_drop": 0.1}, 80, "higher"),
        ({"epochs": 2, "family": 2, "missing": 0.03}, {"max_drop": 0.15}, 150, "higher"),
        ({"family": 4}, {"max_drop": 0.2}, 20, "higher"),  # fewer families than the policy asks for
        ({"missing": 0.02}, {"max_drop": 0.2, "max_relative_drop": 0.5}, 100, "lower"),
    ],
)
def test_decides_as_the_gate_does(options, limits, items, direction, monkeypatch):
    """Every simulated pair of runs, given to the gate one by one, gets the same decision."""
    profile, rules = made(side([RATES], **options), limits, direction=direction)
    kept = []
    whole = module.own_draws
    monkeypatch.setattr(module, "own_draws", lambda *args: kept.append((args[3], [*whole(*args)])) or kept[-1][1])
    setting = Setting(items, options.get("epochs", 1), components(profile).own, 0.2, len(limits))
    found = simulate(profile, rules, setting, 12, 0)
    (starts, (one, two, fallen)), *more = kept
    assert not more
    told = {"go": [], "no_go": []}
    for place in range(12):
        for name, other, outcome in (("go", two, "PASS"), ("no_go", fallen, "BREACH")):
            pair = as_pair(profile, one, other, starts, place)
            (decision,) = decide([measure(pair, profile.benchmark, rules)], rules)
            # a decision says one thing; the limits say whether the other would have been true as well
            passed = bool(decision.limits) and all(limit.p_pass <= rules.alpha for limit in decision.limits)
            told[name].append(passed if outcome == "PASS" else decision.decision == "BREACH")
    assert found.go.tolist() == told["go"]
    assert found.no_go.tolist() == told["no_go"]


def test_cases_of_the_comparison_above_are_not_all_alike():
    profile, rules = made(side([RATES], missing=0.02), {"max_drop": 0.15})
    found = simulate(profile, rules, Setting(150, 1, 0.0, 0.2, 1), 300, 0)
    assert 0.05 < found.go.mean() < 0.95 and 0.05 < found.no_go.mean() < 0.95
    assert found.gaps.any() and not found.gaps.all()


def test_unchanged_runs_have_the_variance_of_the_components():
    profile, rules = made(side([np.random.default_rng(2).beta(1, 1, 3000)], epochs=2))
    parts = components(profile)
    found = simulate(profile, rules, Setting(1000, 2, parts.own, 0.1, 1), 600, 1)
    spread = found.upper - found.upper.mean()
    assert spread.std() == pytest.approx(np.sqrt(parts.variance(2) / 1000), rel=0.1)


def test_a_drop_is_as_large_as_asked(monkeypatch):
    profile, rules = made(side([np.full(400, 0.8)], family=2))
    drawn = []
    own = module.own_draws
    monkeypatch.setattr(module, "own_draws", lambda *args: drawn.append([*own(*args)]) or drawn[-1])
    simulate(profile, rules, Setting(400, 1, 0.0, 0.12, 1), 400, 0)
    one, two, fallen = (np.mean(each.total) for each in drawn[0])
    assert one == pytest.approx(two, abs=0.005)
    assert two - fallen == pytest.approx(0.12, abs=0.005)


def test_exchange_of_a_pilot_leaves_no_true_change():
    """The candidate is 20 points worse; a plan for "no change" must not inherit that."""
    run, pilot = side([np.full(300, 0.9)]), side([np.full(300, 0.7)], seed=2)
    profile, rules = made(run, None, pilot)
    found = simulate(profile, rules, Setting(300, 1, 0.0, 0.1, 1), 500, 0)
    half = found.upper.mean()
    assert np.median(found.upper) == pytest.approx(half, abs=0.01)
    assert 0.04 < half < 0.12  # the half width alone; with the change it would be about .26


def test_items_that_are_missing_by_design_stay_out():
    """Three quarters of the items are not in this arm: only a quarter of the planned ones counts."""
    run = side([np.full(200, 0.9)])
    other = run.table.assign(arm=np.where(np.arange(200) % 4 == 0, "main", "other"))
    rules = policy()
    rules = rules.model_copy(update={"benchmarks": (rules.benchmarks[0].model_copy(update={"arm": "main"}),)})
    (profile,), _ = profiles(replace(run, table=other), rules)
    assert simulate(profile, rules, Setting(36, 1, 0.0, 0.1, 1), 20, 0).short.all()  # 9 of them count, 10 are asked for
    assert not simulate(profile, rules, Setting(80, 1, 0.0, 0.1, 1), 20, 0).short.any()


def test_conditional_items_count_if_both_runs_have_them():
    rng = np.random.default_rng(0)
    run = side([np.full(400, 0.9)])
    part = replace(run, table=run.table[rng.random(400) < 0.5].assign(arm="main"))
    rest = run.table.assign(measure="other")
    both = replace(run, table=pd.concat([part.table, rest], ignore_index=True))
    (profile,), _ = profiles(both, policy(conditional=True, max_drop=0.05))
    (plain,), _ = profiles(both, policy(max_drop=0.05))
    assert len(profile.pool) == 400 and len(plain.pool) == (part.table.shape[0])
    setting = Setting(400, 1, 0.0, 0.1, 1)
    widths = [simulate(p, policy(conditional=c, max_drop=0.05), setting, 100, 0).upper.mean()
              for p, c in ((profile, True), (plain, False))]  # fmt: skip
    assert widths[0] == pytest.approx(widths[1] * np.sqrt(2), rel=0.1)  # a quarter of the items instead of half
