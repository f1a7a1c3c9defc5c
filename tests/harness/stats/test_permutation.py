"""Cluster sign-flip tests against scipy, against all flips written out, and by their error rates."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import permutation_test

from equipoise.harness.stats.permutation import DRAWS, SignFlips


def studentised(d, codes):
    """M / sqrt(CR2), from the definition."""
    mean, total = d.mean(), 0.0
    for code in np.unique(codes):
        own = codes == code
        total += (d[own] - mean).sum() ** 2 / (1 - own.mean())
    error = np.sqrt(total) / d.size
    return mean / error if error > 1e-12 * abs(mean) else np.copysign(np.inf, mean)


def brute(d, codes, margin):
    """p of all flips: two-sided, less, greater."""
    d = d - margin
    observed = studentised(d, codes)
    clusters = np.unique(codes)
    t = np.array(
        [studentised(d * np.array(signs)[codes], codes) for signs in product((-1.0, 1.0), repeat=clusters.size)]
    )
    slack = 1e-7
    return tuple(
        np.mean(hits) for hits in (np.abs(t) >= abs(observed) - slack, t <= observed + slack, t >= observed - slack)
    )


@pytest.mark.parametrize("margin", [0.0, -0.4, 0.3])
@pytest.mark.parametrize("sizes", [(1,) * 7, (3, 3, 3, 3), (5, 1, 2, 9, 1, 3), (40, 1, 1, 1, 2, 2, 3)])
def test_exact_p_against_all_flips_written_out(sizes, margin):
    codes = np.repeat(np.arange(len(sizes)), sizes)
    generator = np.random.default_rng(sum(sizes))
    d = generator.normal(0.3, 1, codes.size) + generator.normal(size=len(sizes))[codes]
    flips = SignFlips(d, codes)
    found = flips.test(margin)
    assert flips.exact and flips.draws == 2 ** len(sizes)
    assert (found.p, found.less, found.greater) == pytest.approx(brute(d, codes, margin), rel=1e-12)


@pytest.mark.parametrize(("alternative", "field"), [("two-sided", "p"), ("less", "less"), ("greater", "greater")])
def test_exact_p_against_scipy(alternative, field):
    """With one item per cluster the studentised statistic orders flips as the mean does."""
    d = np.random.default_rng(1).normal(0.4, 1, (4, 11))
    expected = permutation_test(
        (d,),
        lambda x, axis: x.mean(axis=axis),
        permutation_type="samples",
        n_resamples=np.inf,
        alternative=alternative,
        axis=1,
        vectorized=True,
    ).pvalue
    assert getattr(SignFlips(d).test(), field) == pytest.approx(expected, rel=1e-12)


def test_random_flips_come_near_to_the_exact_p():
    """20 clusters: 2^20 flips of the mean, all of them, against 9,999 draws."""
    d = np.random.default_rng(2).normal(0.3, 1, 20)
    sums = np.array([0.0])
    for value in d:
        sums = np.concatenate([sums + value, sums - value])
    exact = (np.abs(sums) >= abs(d.sum()) - 1e-9).mean()
    flips = SignFlips(d)
    assert not flips.exact and flips.draws == DRAWS
    assert flips.test().p == pytest.approx(exact, abs=4 * (exact / DRAWS) ** 0.5)


def test_smallest_p():
    """No flip comes near differences that are all alike: 2 / 2^G, and (1 + 0) / (1 + draws)."""
    alike = np.random.default_rng(0).normal(5, 0.1, 60)
    few = SignFlips(alike[:8]).test()
    assert (few.p, few.less, few.greater) == (2 / 2**8, 1, 1 / 2**8)
    many = SignFlips(alike).test()
    assert (many.p, many.less, many.greater) == (1e-4, 1, 1e-4)


def test_measures_share_the_draws_and_missing_items_only_drop_out():
    generator = np.random.default_rng(3)
    d = generator.normal(0.2, 1, (3, 90))
    codes = generator.permutation(90) % 25
    d[1, generator.random(90) < 0.3] = np.nan
    d[2, codes == 4] = np.nan
    flips = SignFlips(d, codes, seed=5)
    for k in range(3):
        alone = SignFlips(d[k], codes, seed=5)
        assert alone.test(0.1).p == flips.test(0.1).p[k]
        assert np.array(alone.interval()) == pytest.approx(np.array(flips.interval())[:, k], abs=1e-9)
    assert flips.items.tolist() == np.isfinite(d).sum(axis=1).tolist()
    there = [np.unique(codes[np.isfinite(row)]).size for row in d]
    assert flips.clusters.tolist() == there and there[0] == 25 and there[2] == 24
    assert flips.estimate == pytest.approx(np.nanmean(d, axis=1))


def test_missing_items_against_the_data_without_them():
    """Few clusters, so that all flips are tried either way."""
    generator = np.random.default_rng(4)
    d, codes = generator.normal(size=30), np.arange(30) % 8
    gone = generator.random(30) < 0.4
    whole = SignFlips(np.where(gone, np.nan, d), codes).test(0.2)
    left = SignFlips(d[~gone], codes[~gone]).test(0.2)
    assert (whole.p, whole.less, whole.greater) == (left.p, left.less, left.greater)


@settings(deadline=None, max_examples=40)
@given(st.integers(6, 13), st.integers(0, 10_000), st.sampled_from([0.8, 0.95]))
def test_interval_is_what_the_test_does_not_reject(clusters, seed, level):
    generator = np.random.default_rng(seed)
    codes = np.arange(4 * clusters) % clusters
    flips = SignFlips(generator.normal(size=codes.size), codes)
    low, high = flips.interval(level)
    edge = 1e-6 * (high - low)
    assert low < flips.estimate < high
    assert (flips.test(low + edge).p > 1 - level) and (flips.test(high - edge).p > 1 - level)
    assert (flips.test(low - edge).p <= 1 - level) and (flips.test(high + edge).p <= 1 - level)


def test_interval_of_many_clusters_is_students():
    """Normal differences, 400 of them: within 3 % of the t interval's width."""
    d = np.random.default_rng(6).normal(1, 2, 400)
    low, high = SignFlips(d).interval()
    half = 1.966 * d.std(ddof=1) / 20
    assert (low, high) == pytest.approx((d.mean() - half, d.mean() + half), abs=0.03 * half * 2)


@pytest.mark.parametrize(("clusters", "finite"), [(1, False), (2, False), (5, False), (6, True), (15, True)])
def test_fewer_than_six_clusters_cannot_be_told_from_anything(clusters, finite):
    d = np.random.default_rng(7).normal(size=(2, 3 * clusters))
    low, high = SignFlips(d, np.arange(3 * clusters) % clusters).interval()
    assert np.isfinite(low).tolist() == np.isfinite(high).tolist() == [finite] * 2
    assert (low < high).all()


def test_too_few_draws_for_the_level_leave_the_interval_infinite():
    assert SignFlips(np.random.default_rng(8).normal(size=30), draws=9).interval() == (-np.inf, np.inf)


def test_what_does_not_vary():
    """Equal differences: p as small as it gets away from them, 1 at them, and no interval of width 0."""
    flips = SignFlips(np.full(10, 0.1))
    assert (flips.test(0.1).p, flips.test(0.0).p) == (1, 2 / 2**10)
    assert SignFlips(np.zeros(40)).test().p == 1
    assert np.isnan(flips.interval()).all()


@pytest.mark.parametrize("value", [0.1, 0.7, 1 / 3, 12345.6])
def test_rounding_is_no_difference(value):
    """Means and sums of equal values come out a few bits apart; at their own value p is 1 all the same."""
    for items in range(7, 40):
        assert SignFlips(np.full(items, value), np.arange(items) % 7).test(value).p == 1


def test_nothing_there():
    flips = SignFlips(np.array([[np.nan] * 8, [1.0, 2, 3, 4, 5, 6, 7, 9]]))
    found = flips.test()
    assert np.isnan([found.p[0], found.less[0], found.greater[0]]).all() and found.p[1] == 2 / 2**8
    assert np.isnan(flips.interval()).tolist() == [[True, False]] * 2
    assert SignFlips(np.empty((0, 4))).test().p.shape == (0,)


def test_leading_axes_and_margins_of_their_own():
    d = np.random.default_rng(9).normal(size=(2, 3, 10))
    margins = np.array([[0.0, 0.1, -0.2], [0.3, 0.0, 0.5]])
    found = SignFlips(d).test(margins)
    assert found.p.shape == (2, 3) and SignFlips(d).interval()[0].shape == (2, 3)
    assert found.p[1, 2] == SignFlips(d[1, 2]).test(0.5).p


def test_scale_and_shift_change_nothing():
    d = np.random.default_rng(10).normal(size=(1, 12))
    assert SignFlips(1e6 * d + 3e6).test(3e6).p == pytest.approx(SignFlips(d).test(0).p, rel=1e-12)


def test_blocks_are_one_matrix():
    """2,500 clusters and 600 draws need two blocks of each; the products have the moments that signs give them."""
    d = np.random.default_rng(11).normal(size=(1, 2500))
    flips = SignFlips(np.vstack([d, np.ones((1, 2500))]), draws=600)
    centred = d[0] - d[0].mean()
    flipped, ones = flips._flipped[0][0], flips._flipped[1][0]
    assert flipped.std() == pytest.approx(np.sqrt((centred**2).sum()), rel=0.12)
    assert ones.std() == pytest.approx(50, rel=0.12)
    assert np.unique(ones).size > 60 and (ones % 2 == 0).all()


def test_seeds():
    d = np.random.default_rng(12).normal(0.2, 1, 40)
    first, again, other = (SignFlips(d, draws=500, seed=seed).test().p for seed in (1, 1, 2))
    assert first == again != other


@pytest.mark.parametrize("sizes", [(4,) * 20, (1, 2, 3, 4, 5, 6, 7, 8, 9, 15) * 2], ids=["equal", "unequal"])
def test_level(sizes):
    """1,500 samples of 20 clusters with a shared component: rejections at .05 within 3 standard errors."""
    generator = np.random.default_rng(13)
    codes = np.repeat(np.arange(20), sizes)
    d = generator.normal(size=(1500, 20))[:, codes] * 0.5 + generator.normal(size=(1500, codes.size))
    rate = (SignFlips(d, codes, draws=999).test().p <= 0.05).mean()
    assert rate == pytest.approx(0.05, abs=3 * (0.05 * 0.95 / 1500) ** 0.5)
