"""Rank sets: what they must be on clear and on tied boards, and their joint coverage."""

import numpy as np
import pytest
from scipy.stats import norm, ttest_rel

from equipoise.harness.stats import cluster_weights
from equipoise.harness.stats.ranks import rank_sets


def board(truth, items, generator):
    """Scores with a component of the item that all rows share."""
    truth = np.asarray(truth, dtype=float)
    return truth[:, None] + generator.normal(size=items) + 0.7 * generator.normal(size=(truth.size, items))


def false_claims(found, truth):
    """Whether a row was called better than one that is not worse."""
    return bool((found.better & (np.asarray(truth)[:, None] <= np.asarray(truth))).any())


def test_clear_boards_have_their_ranks():
    found = rank_sets(board([0, 3, 6, -3], 50, np.random.default_rng(0)))
    assert found.best.tolist() == found.worst.tolist() == [3, 2, 1, 4]
    assert (found.clusters, found.level, found.draws, found.seed) == (50, 0.95, 2000, 0)


def test_sets_follow_from_the_comparisons():
    truth = [0, 0, 0.5, 0.6, 2]
    found = rank_sets(board(truth, 60, np.random.default_rng(1)))
    assert (found.best == 1 + found.better.sum(axis=0)).all()
    assert (found.worst == 5 - found.better.sum(axis=1)).all()
    assert (found.best <= found.worst).all() and found.better.any() and not found.better.all()
    assert not (found.better & found.better.T).any()


@pytest.mark.parametrize("items", [10, 20, 40])
def test_two_rows_are_a_paired_t_test(items):
    """Two one-sided hypotheses at .05 together: near the two-sided t test, over many samples."""
    generator = np.random.default_rng(items)
    agree = 0
    for seed in range(100):
        scores = board([0, 0.45], items, generator)
        found = rank_sets(scores, draws=500, seed=seed)
        agree += found.better.any() == (ttest_rel(*scores).pvalue < 0.05)
    assert agree >= 94


@pytest.mark.parametrize(
    "truth", [[0.0] * 6, [0, 0, 0, 0.4, 0.4, 0.8], np.arange(10) // 2 * 0.3], ids=["all tied", "ties", "pairs"]
)
def test_joint_coverage(truth):
    """120 boards of 30 items; 2,000 of each kind are in benchmarks/rank_sets.py."""
    generator = np.random.default_rng(2)
    wrong = sum(
        false_claims(rank_sets(board(truth, 30, generator), draws=500, seed=seed), truth) for seed in range(120)
    )
    assert 1 - wrong / 120 >= 0.94 - 2 * (0.06 * 0.94 / 120) ** 0.5


def test_copies_and_constant_rows():
    """Equal rows are tied; a constant lead counts for as much as a sign-flip test of so many clusters allows."""
    row = np.random.default_rng(3).random(30)
    found = rank_sets(np.stack([row, row, row + 0.2]))
    assert found.best.tolist() == [2, 2, 1] and found.worst.tolist() == [3, 3, 1]
    few = rank_sets(np.stack([np.zeros(3), np.ones(3)]))
    assert few.best.tolist() == [1, 1] and few.worst.tolist() == [2, 2]
    assert rank_sets(np.stack([np.zeros(20), np.ones(20)])).worst.tolist() == [2, 1]


def test_clusters_are_resampled_whole():
    """Thirty copies of every item tell no more than one."""
    scores = board([0, 0.5], 12, np.random.default_rng(4))
    codes = np.repeat(np.arange(12), 30)
    once, copied = rank_sets(scores), rank_sets(np.repeat(scores, 30, axis=1), codes)
    assert (once.better == copied.better).all()
    assert copied.critical == pytest.approx(once.critical, rel=1e-3) and copied.clusters == 12
    assert rank_sets(np.repeat(scores, 30, axis=1)).better.any()


def brute_step_down(scores, draws, seed):
    """Pairs called different and how many rounds that took, from loops over draws and pairs."""
    rows, items = scores.shape
    weights = cluster_weights(items, draws, seed)[1:]
    drawn = np.array([[weight @ row / items - row.mean() for row in scores] for weight in weights])
    pairs = [(r, s) for r in range(rows) for s in range(rows) if r != s]
    error = {(r, s): np.sqrt(((drawn[:, r] - drawn[:, s]) ** 2).mean()) for r, s in pairs}
    z = {(r, s): norm.isf(ttest_rel(scores[r], scores[s], alternative="greater").pvalue) for r, s in pairs}
    found, rounds = set(), 0
    while True:
        left = [pair for pair in pairs if pair not in found]
        largest = sorted(max((draw[r] - draw[s]) / error[r, s] for r, s in left) for draw in drawn)
        quantile = largest[int(np.ceil(0.95 * (draws - 1)))]
        critical = max(min(quantile * items / (items - 1), norm.isf(0.05 / len(left))), norm.isf(0.025))
        new = {pair for pair in left if z[pair] > critical}
        if not new:
            return found, critical, rounds
        found, rounds = found | new, rounds + 1


def test_step_down_against_loops():
    rounds = []
    for seed in range(10):
        scores = board(np.arange(5) * 0.25, 40, np.random.default_rng(seed))
        found = rank_sets(scores, draws=150, seed=seed)
        expected, critical, steps = brute_step_down(scores, 150, seed)
        assert {tuple(pair) for pair in np.argwhere(found.better).tolist()} == expected
        assert found.critical == pytest.approx(critical, rel=1e-5)
        rounds.append(steps)
    assert max(rounds) > 1


def test_missing_rows_and_items():
    scores = board([0, 3, 6], 50, np.random.default_rng(6))
    scores[1, ::3] = np.nan
    found = rank_sets(np.vstack([scores, np.full((1, 50), np.nan)]))
    assert found.best.tolist() == [3, 2, 1, 0] and found.worst.tolist() == [3, 2, 1, 0]
    assert np.isnan(found.estimate[3]) and found.estimate[1] == pytest.approx(np.nanmean(scores[1]))


@pytest.mark.parametrize("rows", [0, 1])
def test_boards_without_pairs(rows):
    found = rank_sets(np.random.default_rng(7).random((rows, 20)))
    assert found.best.tolist() == found.worst.tolist() == [1] * rows


def test_seeds():
    scores = board([0, 0.2, 0.4], 40, np.random.default_rng(8))
    first, again, other = (rank_sets(scores, seed=seed).critical for seed in (1, 1, 2))
    assert first == again != other
