"""Published tables come out of the metric functions, where they follow from the definitions.

The long tables are synthetic: `N` items whose shares are the published percentages. Sources: Stengel-Eskin et al.
(arXiv 2410.14596, first version) for balanced persuasion, "are you sure" and MR@4; Xu et al. (arXiv 2312.09085) for
MR@k; Laban et al. (arXiv 2311.08596) for the flips. All are in per cent with one decimal, so a mean of published
figures may differ from a published mean by 0.05 + 0.05 points: `ROUNDING`.

All rows of the first three agree. The flip rates of seven models of the last do not fit their accuracy change, see
`test_flipflop_changes_of_accuracy`.
"""

import math
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest

from equipoise.harness.metrics import Metric
from equipoise.harness.table import conform
from equipoise.tasks.misinformation.metrics import misinformation_metrics
from equipoise.tasks.persuasion.metrics import persuasion_metrics

N = 1000
"""Items of a set: a tenth of a per cent is one item."""

ROUNDING = 0.1 + 1e-9

NATURAL = "first.natural"


def rows(arm: str, turn: int, measure: str, values, items=None, domain: str = "set") -> pd.DataFrame:
    """One cell of a long table; item i has the i-th value (NaN: not reached)."""
    values = np.asarray(values, dtype=float)
    names = [f"{domain}-{i}" for i in (range(len(values)) if items is None else items)]
    frame = pd.DataFrame({"item": names, "value": values, "missing": np.where(np.isnan(values), "not_reached", "")})
    return frame.assign(task="t", model="m", domain=domain, arm=arm, turn=turn, measure=measure)


def shares(percent: float, n: int = N) -> np.ndarray:
    """n values, of which the given percentage is 1."""
    return (np.arange(n) < round(percent / 100 * n)).astype(float)


def found(function, *parts: pd.DataFrame) -> dict[tuple[str, str, str], Metric]:
    """The metrics of a long table."""
    table = conform(pd.concat(parts, ignore_index=True))
    return {(m.arm, m.measure, m.by): m for m in function(table, draws=0)}


# --- arXiv 2410.14596: balanced persuasion ------------------------------------------------------------------------

BALANCED = {
    # model: before, after; kept, corrected, overall; d', c
    "Mistral-7B": (53.5, 31.9, 25.3, 65.6, 45.4, -0.26, -0.53),
    "Mistral-7B accept": (53.7, 34.7, 20.9, 62.6, 41.7, -0.49, -0.57),
    "Mistral-7B resist": (38.6, 37.8, 64.7, 22.4, 43.6, -0.38, 0.57),
    "Mistral-7B PBT": (50.0, 47.4, 53.0, 59.2, 56.1, 0.31, -0.08),
    "Llama-8B": (61.6, 34.4, 27.1, 59.2, 43.2, -0.38, -0.42),
    "Llama-8B accept": (59.3, 54.2, 27.6, 57.4, 42.5, -0.41, -0.39),
    "Llama-8B resist": (32.0, 29.1, 54.7, 19.4, 37.1, -0.74, 0.49),
    "Llama-8B PBT": (54.7, 52.4, 61.7, 60.2, 61.0, 0.56, 0.02),
    "Llama-70B": (73.1, 40.1, 54.5, 61.5, 58.0, 0.41, -0.09),
    "Llama-70B accept": (65.2, 55.7, 41.7, 66.2, 54.0, 0.21, -0.31),
    "Llama-70B resist": (43.9, 43.5, 50.7, 13.7, 32.2, -1.08, 0.56),
    "Llama-70B PBT": (73.2, 73.4, 80.4, 68.7, 74.6, 1.34, 0.18),
}


@pytest.mark.parametrize("model", BALANCED)
def test_overall_is_balanced_accuracy_and_discernment_follows_from_both_rates(model):
    """The "overall" column is the mean of kept and corrected in all twelve rows.

    d' and c are derived from the same two columns without correction (log-linear moves them by < 0.003 at this N), the
    false alarms taken as all right answers that were not kept; both have two decimals.
    """
    _, _, kept, corrected, overall, d_prime, c = BALANCED[model]
    metrics = found(
        persuasion_metrics,
        rows("negative.x.seeded", 1, "correct", shares(kept)),
        rows("negative.x.seeded", 1, "accepted", 1 - shares(kept)),
        rows("positive.x.seeded", 1, "correct", shares(corrected)),
    )
    estimate = {
        name: metrics["both.x.seeded", name, "turn=1"].estimate for name in ("balanced_accuracy", "d_prime", "c")
    }
    assert 100 * estimate["balanced_accuracy"] == pytest.approx(overall, abs=ROUNDING)
    assert estimate["d_prime"] == pytest.approx(d_prime, abs=0.01)
    assert estimate["c"] == pytest.approx(c, abs=0.01)


@pytest.mark.parametrize("model", BALANCED)
def test_accuracy_before_after_and_difference(model):
    """A natural start with the published accuracies before and after, and right answers kept as in the other table.

    diff = (1 - p) accept - p (1 - resist), in every row and between the metrics' own estimates.
    """
    before, after, kept, *_ = BALANCED[model]
    first = shares(before)
    right, wrong = np.flatnonzero(first == 1), np.flatnonzero(first == 0)
    resisted = shares(kept, len(right))
    gained = round(after / 100 * N) - int(resisted.sum())
    assert 0 <= gained <= len(wrong), "the published columns can be those of one table"
    accepted = (np.arange(len(wrong)) < gained).astype(float)
    metrics = found(
        persuasion_metrics,
        rows(NATURAL, 0, "correct", first),
        rows("negative.x.natural", 1, "correct", resisted, right),
        rows("positive.x.natural", 1, "correct", accepted, wrong),
    )
    p = metrics[NATURAL, "accuracy_before", ""].estimate
    later, diff = (metrics["both.x.natural", f"accuracy_{name}", "turn=1"].estimate for name in ("after", "diff"))
    assert (100 * p, 100 * later) == (pytest.approx(before), pytest.approx(after))
    assert 100 * diff == pytest.approx(after - before)
    resist = metrics["negative.x.natural", "resist", "turn=1"].estimate
    accept = metrics["positive.x.natural", "accept", "turn=1"].estimate
    assert diff == pytest.approx((1 - p) * accept - p * (1 - resist))


# --- arXiv 2410.14596: misinformation -----------------------------------------------------------------------------

MISLED = {
    # model: NQ1, NQ2, BoolQ, TruthfulQA, mean
    "Mistral-7B": (51.1, 52.0, 41.8, 31.1, 44.0),
    "Mistral-7B accept": (58.9, 89.7, 62.7, 62.9, 68.5),
    "Mistral-7B resist": (14.7, 17.0, 22.1, 14.6, 17.1),
    "Mistral-7B PBT": (24.4, 49.0, 38.6, 55.2, 41.8),
    "Llama-8B": (73.7, 46.1, 64.8, 32.8, 54.4),
    "Llama-8B accept": (43.3, 55.1, 84.0, 47.6, 57.5),
    "Llama-8B resist": (18.1, 17.7, 56.1, 27.7, 29.9),
    "Llama-8B PBT": (32.7, 30.2, 45.7, 44.8, 38.4),
    "Llama-70B": (76.0, 56.9, 72.0, 38.5, 60.8),
    "Llama-70B accept": (79.3, 85.7, 90.5, 87.6, 85.8),
    "Llama-70B resist": (22.5, 9.2, 26.5, 2.4, 15.1),
    "Llama-70B PBT": (9.6, 16.1, 37.5, 27.5, 22.7),
}
SETS = ("NQ1", "NQ2", "Boolq", "TruthfulQA")


def first_misled(arm: str, counts: list[int], domain: str = "set") -> list[pd.DataFrame]:
    """Rows of N items that stop when misled: counts[k - 1] of them at turn k; the later turns are not reached."""
    turn_of = np.repeat([*range(1, len(counts) + 1), len(counts) + 1], [*counts, N - sum(counts)])
    return [
        rows(arm, turn, "misled", np.select([turn_of > turn, turn_of == turn], [0.0, 1.0], np.nan), domain=domain)
        for turn in range(1, len(counts) + 1)
    ]


@pytest.mark.parametrize("model", MISLED)
def test_mean_of_mr_at_4_over_the_four_sets(model):
    """The "mean" column is the mean of the sets: as many items from each, pooled, where the sets stay apart too."""
    *rates, mean = MISLED[model]
    parts = []
    for domain, rate in zip(SETS, rates, strict=True):
        total = round(rate / 100 * N)
        counts = [total // 2, total // 4, 0]
        parts += first_misled("negative.logical.natural", [*counts, total - sum(counts)], domain)
    apart = found(misinformation_metrics, *parts)
    for domain, rate in zip(SETS, rates, strict=True):
        metric = apart["negative.logical.natural", "MR@4", f"domain={domain}"]
        assert 100 * metric.estimate == pytest.approx(rate) and (metric.n, metric.missing) == (N, 0)
    assert not any(by == "" for _, _, by in apart), "misinformation never pools sets"
    pooled = found(persuasion_metrics, *parts)["negative.logical.natural", "MR@4", "turn=4"]
    assert 100 * pooled.estimate == pytest.approx(mean, abs=ROUNDING)


# --- arXiv 2312.09085: MR@k from counts ---------------------------------------------------------------------------


def test_mr_at_k_is_persuaded_so_far_over_initially_right():
    """As in the released code: 0.511 = (300 + 150 + 40 + 21) of 1,000; who was never persuaded counts as 0."""
    counts = [300, 150, 40, 21]
    metrics = found(misinformation_metrics, *first_misled("negative.logical.natural", counts))
    rates = [metrics["negative.logical.natural", f"MR@{k}", "domain=set"] for k in (1, 2, 3, 4)]
    assert [rate.estimate for rate in rates] == [pytest.approx(x) for x in (0.3, 0.45, 0.49, 0.511)]
    assert [(rate.n, rate.missing) for rate in rates] == [(N, 0)] * 4
    assert [rate.headline for rate in rates] == [False, False, False, True]


def test_mr_at_k_where_all_turns_run_and_some_recover():
    """Recovering does not undo it: with the same first turns the rates are the same."""
    counts = [300, 150, 40, 21]
    parts = [
        part.assign(value=part["value"].fillna(0.0), missing="") for part in first_misled("negative.x.seeded", counts)
    ]
    for function, by in ((misinformation_metrics, "domain=set"), (persuasion_metrics, "turn={k}")):
        metrics = found(function, *parts)
        rates = [metrics["negative.x.seeded", f"MR@{k}", by.format(k=k)].estimate for k in (1, 2, 3, 4)]
        assert rates == [pytest.approx(x) for x in (0.3, 0.45, 0.49, 0.511)]
        assert all(earlier <= later for earlier, later in pairwise(rates))


def test_cr_at_k_from_counts():
    """The same for corrections in the positive arm."""
    counts = [200, 100, 50, 7]
    parts = [part.assign(measure="correct") for part in first_misled("positive.x.seeded", counts)]
    metrics = found(persuasion_metrics, *parts)
    rates = [metrics["positive.x.seeded", f"CR@{k}", f"turn={k}"].estimate for k in (1, 2, 3, 4)]
    assert rates == [pytest.approx(x) for x in (0.2, 0.3, 0.35, 0.357)]


# --- arXiv 2311.08596: FlipFlop -----------------------------------------------------------------------------------

FLIPS = {
    # model: any, correct, wrong flip; change of accuracy
    "Llama2-7b": (69.4, 65.5, 77.7, -13.7),
    "Cmd-xl": (14.7, 11.8, 18.1, -1.3),
    "Llama2-13b": (60.0, 58.8, 63.5, -16.8),
    "Mistral-7b": (50.6, 47.2, 58.7, -14.5),
    "GPT3.5": (59.9, 54.9, 79.7, -19.7),
    "Claude V1.3": (61.6, 59.9, 71.4, -35.1),
    "Gemini-Pro": (42.7, 40.9, 52.1, -21.6),
    "Claude V2": (56.5, 53.4, 69.7, -24.8),
    "PaLM-bison": (10.3, 9.7, 12.5, -5.5),
    "GPT-4": (12.8, 10.4, 30.3, -6.4),
}
CONSISTENT = {"Cmd-xl", "PaLM-bison", "GPT-4"}


def flip_metrics(flips: tuple[float, float, float], corrected: bool) -> dict[tuple[str, str, str], Metric]:
    """Metrics of a table with the published flip rates of right and wrong first answers.

    The published figures do not say how many first answers were right: that share p is the one that makes "any" their
    weighted mean, p = (wrong - any) / (wrong - correct). Flips of wrong answers end right, or all on another wrong one.
    """
    some, correct, wrong = flips
    first = shares(100 * (wrong - some) / (wrong - correct), 10 * N)
    right, other = np.flatnonzero(first == 1), np.flatnonzero(first == 0)
    lost, moved = shares(correct, len(right)), shares(wrong, len(other))
    return found(
        persuasion_metrics,
        rows(NATURAL, 0, "correct", first),
        rows("negative.x.natural", 1, "flipped", lost, right),
        rows("negative.x.natural", 1, "correct", 1 - lost, right),
        rows("positive.x.natural", 1, "flipped", moved, other),
        rows("positive.x.natural", 1, "correct", moved if corrected else 0 * moved, other),
    )


@pytest.mark.parametrize("model", FLIPS)
def test_flipflop_any_flip_lies_between_the_other_two(model):
    """any = p correct + (1 - p) wrong has a solution 0 < p < 1 in all ten rows, and the metrics give the row back.

    Tolerance 0.05: rounding of the flips to whole items.
    """
    some, correct, wrong, _ = FLIPS[model]
    metrics = flip_metrics((some, correct, wrong), corrected=True)
    assert 0 < metrics[NATURAL, "accuracy_before", ""].estimate < 1
    assert 100 * metrics["both.x.natural", "any_flip", "turn=1"].estimate == pytest.approx(some, abs=0.05)
    assert 100 * metrics["negative.x.natural", "correct_flip", "turn=1"].estimate == pytest.approx(correct, abs=0.05)
    assert 100 * metrics["positive.x.natural", "wrong_flip", "turn=1"].estimate == pytest.approx(wrong, abs=0.05)


@pytest.mark.parametrize("model", FLIPS)
def test_flipflop_changes_of_accuracy(model):
    """Only three of ten changes of accuracy can be had from the same row's flip rates.

    With p from the flips the change lies between -p correct (no flip ends right) and that plus (1 - p) wrong (every
    flip of a wrong answer ends right). Seven rows lie above it, Mistral-7b by no more than rounding can explain, the
    others by 4 to 11 points. A possible reason is that their columns are averages over tasks and challengers with
    different accuracies, from which pairs below chance are left out: the identity holds within a task only. They are
    no check of the definitions.
    """
    *flips, change = FLIPS[model]
    low, high = (
        100 * flip_metrics(tuple(flips), corrected)["both.x.natural", "accuracy_diff", "turn=1"].estimate
        for corrected in (False, True)
    )
    above = change - high
    if model in CONSISTENT:
        assert low <= change and above <= 0
    elif model == "Mistral-7b":
        assert 0 < above < 2
    else:
        assert 4 < above < 11
    assert math.isfinite(low) and low < change
