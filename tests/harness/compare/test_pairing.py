"""Pairs of metrics: complete items, and what is missing at its worst and best."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from paired_tables import NAN, pair_metrics, persuasion_rows, rows, side

import equipoise.tasks  # noqa: F401  (registers the families' metrics)
from equipoise.harness.compare import share_tasks
from equipoise.harness.compare.pairing import pair
from equipoise.harness.metrics import Evidence, Metric, Sample, register_metrics


def pair_of(one, other, conditional=True, measure="score"):
    (task,) = share_tasks(side(one), side(other))
    return next(p for p in pair_metrics(task, draws=200, conditional=conditional) if p.baseline.measure == measure)


def test_only_items_with_a_value_in_both_runs_are_compared():
    pair = pair_of(rows([1, 1, NAN, 0]), rows([0, NAN, 1, 0]))
    assert pair.n_items == 2 and pair.contrast().estimate == pytest.approx(-0.5)
    assert pair.missing == (0.25, 0.25)


def test_epochs_are_averaged_within_the_item_first():
    pair = pair_of(rows([[1, 1, 1, 1], [0]]), rows([[0, 1, NAN, NAN], [1]]))
    assert pair.contrast().estimate == pytest.approx(((0.5 - 1) + (1 - 0)) / 2)
    assert pair.missing == (0.0, 0.25)


VALUES = st.lists(st.tuples(*[st.sampled_from([0.0, 1.0, NAN])] * 4), min_size=3, max_size=12)


@given(VALUES)
@settings(max_examples=40, deadline=None)
def test_fills_bound_every_way_of_filling_in(values):
    """Two epochs a run; the worst and the best fill are the least and the greatest over random completions."""
    cells = np.array(values).reshape(len(values), 2, 2)
    if np.isnan(cells).all(axis=(0, 2)).any():
        return
    pair = pair_of(rows(list(cells[:, 0])), rows(list(cells[:, 1])))
    low, high = (float(pair.contrast(fill=fill).estimate) for fill in ("lowest", "highest"))
    generator = np.random.default_rng(0)
    for _ in range(5):
        filled = np.where(np.isnan(cells), generator.integers(0, 2, cells.shape), cells)
        truth = (filled[:, 1] - filled[:, 0]).mean()
        assert low - 1e-9 <= truth <= high + 1e-9
    worst = np.where(np.isnan(cells), np.array([1.0, 0.0])[None, :, None], cells)
    assert low == pytest.approx((worst[:, 1] - worst[:, 0]).mean())


def test_an_item_that_the_candidate_was_not_asked_counts_as_missing():
    pair = pair_of(rows([1] * 10), rows([1] * 8))
    assert pair.n_items == 8 and pair.missing == (0.0, 0.2)
    assert pair.contrast(fill="lowest").estimate == pytest.approx(-0.2)
    assert pair.contrast(fill="highest").estimate == pytest.approx(0.0)


def test_an_item_that_the_baseline_was_not_asked_is_left_out():
    pair = pair_of(rows([1] * 8), rows([1] * 8 + [0, 0]))
    assert pair.n_items == 8 and pair.missing == (0.0, 0.0) and pair.contrast(fill="lowest").estimate == 0


def test_a_condition_of_the_model_leaves_items_out_only_where_it_may():
    """An item that is asked elsewhere in the task but has no row in this arm."""
    one = [rows([1] * 6, arm="a"), rows([1] * 6, arm="b")]
    other = [rows([1] * 6, arm="a"), rows([1] * 3, arm="b")]

    def in_arm_b(conditional):
        (task,) = share_tasks(side(*one), side(*other))
        return next(p for p in pair_metrics(task, conditional=conditional) if p.baseline.arm == "b")

    assert in_arm_b(True).missing == (0.0, 0.0) and in_arm_b(False).missing == (0.0, 0.5)
    assert in_arm_b(True).n_items == in_arm_b(False).n_items == 3


def test_relative_weights_leave_the_share_that_may_be_lost():
    pair = pair_of(rows([1] * 10), rows([1] * 9 + [0]))
    assert pair.contrast((-0.9, 1.0)).estimate == pytest.approx(0.0)


def test_a_difference_within_items_needs_all_its_arms():
    resist, accept = [1.0] * 6, [1.0, 1, 1, 1, 0, 0]
    other = persuasion_rows(resist, [0.0, 1, 1, 1, 0, 0])
    lost = (other["item"] == "q00001") & (other["arm"] == "control.wrong.seeded")
    other.loc[lost, ["value", "missing"]] = NAN, "unparsed"
    pair = pair_of(persuasion_rows(resist, accept), other, measure="net_accept")
    assert pair.n_items == 5 and pair.contrast().estimate == pytest.approx(-0.2)
    assert pair.missing == (0.0, pytest.approx(1 / 6))
    # the missing control answer was, at the worst, right: then nothing was gained by the push
    assert pair.contrast(fill="lowest").estimate == pytest.approx((-1 - 1) / 6)


def test_a_d_prime_difference_has_no_item_differences():
    pair = pair_of(persuasion_rows([1.0] * 8, [1.0] * 8), persuasion_rows([1.0] * 8, [0.0] * 8), measure="d_prime")
    assert np.isnan(pair.differences).all() and pair.contrast().estimate < 0


def test_values_without_known_ends_cannot_be_filled_in():
    pair = pair_of(rows([3, 4, 5, NAN]), rows([3, 4, 2, 1]))
    assert pair.contrast().estimate == pytest.approx(-1.0)
    with pytest.raises(ValueError, match="not known"):
        pair.contrast(fill="lowest")
    assert replace(pair, range=(1, 5)).contrast(fill="lowest").estimate == pytest.approx(-(3 + 4) / 4)


def test_bootstrap_draws_move_as_far_as_missing_rows_could_move_them():
    def metric(value, missing):
        draws = np.array([value, value - 0.1, value + 0.1])
        found = Metric("toy/rated", "lab/model", "", "level", "", value, 0, 0, 90, missing, items=9, families=9)
        return replace(found, evidence=Evidence((), draws=draws))

    joined = replace(pair(metric(3.0, 10), metric(4.0, 0), pd.Index([])), range=(1, 5))
    assert joined.contrast().estimate == pytest.approx(1.0)
    assert joined.contrast(fill="lowest").estimate == pytest.approx(4.0 - (0.9 * 3 + 0.1 * 5))
    assert joined.contrast(fill="highest").estimate == pytest.approx(4.0 - (0.9 * 3 + 0.1 * 1))


def test_a_metric_about_families_or_a_part_of_the_items_is_paired_by_its_own_names():
    def metrics(table, draws=0, seed=0):
        part = table[table["item"].astype(str) > "q00001"]
        parts = {"whole": table, "by_family": table.assign(item=table["family"]), "part": part}
        return [Sample(rows, draws, seed).mean(rows, "", name, "", True) for name, rows in parts.items()]

    register_metrics("toy_parts", metrics)
    one, other = (
        side(rows(values, family=[0, 0, 1, 1, 2, 2]).assign(task="toy_parts"))
        for values in ([1] * 6, [1, 0, 1, 0, 0, 0])
    )
    (task,) = share_tasks(one, other)
    found = {each.baseline.measure: each for each in pair_metrics(task)}
    assert {name: each.n_items for name, each in found.items()} == {"whole": 6, "by_family": 3, "part": 4}
    assert found["part"].contrast().estimate == pytest.approx(-0.75)
    assert found["by_family"].differences == pytest.approx([-0.5, -0.5, -1.0])
