"""The clustered bootstrap against numpy and against the analytic cluster-robust standard error."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from equipoise.harness.stats import DRAWS, cluster_weights, interval
from equipoise.harness.stats import bootstrap as module
from equipoise.harness.stats.bootstrap import bootstrap_means


@settings(deadline=None)
@given(st.integers(1, 40), st.integers(1, 60), st.integers(0, 5))
def test_rows_of_the_weights_are_resamples_of_all_clusters(n_clusters, draws, seed):
    weights = cluster_weights(n_clusters, draws, seed)
    assert weights.shape == (draws + 1, n_clusters)
    assert (weights[0] == 1).all()
    assert (weights.sum(axis=1) == n_clusters).all()
    assert (weights >= 0).all()
    assert (weights == weights.round()).all()


def test_weights_are_multinomial():
    """Mean 1, variance 1 - 1/n and covariance -1/n, as of n draws with replacement."""
    n, draws = 5, 40_000
    drawn = cluster_weights(n, draws, seed=1)[1:]
    covariance = np.cov(drawn, rowvar=False)
    expected = np.eye(n) - 1 / n
    assert np.abs(drawn.mean(axis=0) - 1).max() < 4 * (1 / draws) ** 0.5
    assert np.abs(covariance - expected).max() < 0.05


def test_weights_are_reproducible_and_differ_by_seed():
    assert np.array_equal(cluster_weights(10, 50, seed=3), cluster_weights(10, 50, seed=3))
    assert not np.array_equal(cluster_weights(10, 50, seed=3), cluster_weights(10, 50, seed=4))


def test_the_default_number_of_draws():
    assert cluster_weights(3).shape == (DRAWS + 1, 3)


@pytest.mark.parametrize(("n_clusters", "draws"), [(4, 0), (0, 3), (0, 0)])
def test_weights_without_draws_or_without_clusters(n_clusters, draws):
    weights = cluster_weights(n_clusters, draws)
    assert weights.shape == (draws + 1, n_clusters)
    assert (weights == 1).all()


def test_a_single_cluster_has_nothing_to_resample():
    assert (cluster_weights(1, 20) == 1).all()


@pytest.mark.parametrize("level", [0.5, 0.9, 0.95, 0.99])
def test_interval_is_the_pair_of_quantiles_of_the_draws_alone(level):
    draws = np.random.default_rng(0).normal(size=501)
    values = np.concatenate([[100.0], draws])  # the estimate is no draw
    expected = np.quantile(draws, [(1 - level) / 2, 1 - (1 - level) / 2])
    assert interval(values, level) == pytest.approx(tuple(expected), rel=1e-12)


def test_interval_leaves_missing_draws_out():
    values = np.array([0.5, *np.linspace(0, 1, 101), *[np.nan] * 40, np.inf])
    assert interval(values, 0.9) == pytest.approx((0.05, 0.95))


@pytest.mark.parametrize(
    ("there", "gone", "exists"), [(100, 0, True), (51, 49, True), (50, 50, False), (1, 99, False), (0, 100, False)]
)
def test_interval_needs_more_than_half_of_the_draws(there, gone, exists):
    values = np.array([0.5] + [0.5] * there + [np.nan] * gone)
    assert np.isfinite(interval(values)).tolist() == [exists] * 2


def test_interval_needs_an_estimate_and_draws():
    assert np.isnan(interval(np.array([np.nan] + [0.5] * 10))).all()
    assert np.isnan(interval(np.array([0.5]))).all()


def clustered_data(clusters=150, seed=5):
    """Outcomes that share a component within their cluster; clusters differ in size."""
    generator = np.random.default_rng(seed)
    label = np.repeat(np.arange(clusters), generator.integers(1, 9, size=clusters))
    outcome = generator.normal(size=clusters)[label] + 0.5 * generator.normal(size=label.size)
    return label, outcome


def test_bootstrap_standard_error_of_a_clustered_mean():
    """Within 10 % of the analytic one, sqrt(sum over clusters of (sum of residuals)^2) / n."""
    label, outcome = clustered_data()
    sums, sizes = np.bincount(label, outcome), np.bincount(label)
    weights = cluster_weights(sizes.size, draws=4000, seed=0)
    means = (weights @ sums) / (weights @ sizes)
    residuals = np.bincount(label, outcome - outcome.mean())
    analytic = np.sqrt((residuals**2).sum()) / outcome.size
    independent = outcome.std(ddof=1) / np.sqrt(outcome.size)
    assert means[0] == pytest.approx(outcome.mean())
    assert means[1:].std(ddof=1) == pytest.approx(analytic, rel=0.10)
    assert analytic > 1.5 * independent  # else the test could not tell clusters from rows


def test_percentile_interval_has_the_width_of_the_analytic_one():
    label, outcome = clustered_data()
    sums, sizes = np.bincount(label, outcome), np.bincount(label)
    weights = cluster_weights(sizes.size, draws=4000, seed=0)
    low, high = interval((weights @ sums) / (weights @ sizes))
    residuals = np.bincount(label, outcome - outcome.mean())
    analytic = np.sqrt((residuals**2).sum()) / outcome.size
    assert low < outcome.mean() < high
    assert high - low == pytest.approx(2 * 1.959964 * analytic, rel=0.10)


@pytest.mark.parametrize("cells", [1, 60, 2_000_000], ids=["a draw at a time", "three at a time", "all at once"])
def test_means_in_blocks_are_those_of_the_matrix_of_weights(cells, monkeypatch):
    monkeypatch.setattr(module, "CELLS", cells)
    generator = np.random.default_rng(0)
    values = generator.normal(size=(3, 100))
    values[1:, :][generator.random((2, 100)) < 0.2] = np.nan
    label = generator.permutation(100) % 20
    sums, counts = (
        np.array([np.bincount(label, row, minlength=20) for row in rows])
        for rows in (np.nan_to_num(values), np.isfinite(values))
    )
    weights = cluster_weights(20, 301, seed=4)
    found = bootstrap_means(values, label, 301, seed=4)
    assert found == pytest.approx((weights @ sums.T / (weights @ counts.T)).T, rel=1e-12)
    assert found[:, 0] == pytest.approx(np.nanmean(values, axis=1))


def test_means_of_single_items_and_leading_axes():
    values = np.random.default_rng(1).normal(size=(2, 3, 40))
    found = bootstrap_means(values, draws=4000)
    assert found.shape == (2, 3, 4001)
    assert found[..., 1:].std(axis=-1) == pytest.approx(values.std(axis=-1) / 40**0.5, rel=0.06)
    assert found[1, 2] == pytest.approx(bootstrap_means(values[1, 2], draws=4000))


def test_means_of_nothing():
    assert np.isnan(bootstrap_means(np.full((2, 5), np.nan), draws=3)).all()
    assert bootstrap_means(np.empty((2, 0)), draws=3).shape == (2, 4)
    assert bootstrap_means([1.0, 2.0], draws=0).tolist() == [1.5]
