"""Prediction-powered means against the formula for independent items, against human labels alone, by simulation."""

import numpy as np
import pytest

from equipoise.harness.stats.clusters import cluster_mean
from equipoise.harness.stats.prediction_powered import prediction_powered


def sample(labelled, unlabelled, noise, tables=None, seed=0):
    """Labels N(1, 1), scores label + .4 + noise; the first items are labelled."""
    generator = np.random.default_rng(seed)
    shape = (labelled + unlabelled,) if tables is None else (tables, labelled + unlabelled)
    labels = generator.normal(1, 1, shape)
    scores = labels + 0.4 + noise * generator.normal(size=shape)
    labels[..., labelled:] = np.nan
    return labels, scores


def test_against_the_formula_for_independent_items():
    labels, scores = sample(60, 400, 0.7)
    y, f, others = labels[:60], scores[:60], scores[60:]
    found = prediction_powered(labels, scores, weight=0.8)
    assert found.estimate == pytest.approx(0.8 * others.mean() + (y - 0.8 * f).mean(), rel=1e-12)
    variance = 0.64 * others.var(ddof=1) / 400 + (y - 0.8 * f).var(ddof=1) / 60
    assert found.se**2 == pytest.approx(variance, rel=1e-12)
    assert (found.labelled, found.unlabelled, found.df) == (60, 400, pytest.approx(59))
    assert found.bias == pytest.approx((f - y).mean())


def test_against_ppi_python():
    """ppi_py 0.2.3: ppi_mean_pointestimate(y, f, others, lam=0.8), and ppi_mean_ci, whose variances divide by n."""
    generator = np.random.default_rng(0)
    y = generator.normal(1, 1, 60)
    f = y + 0.4 + 0.7 * generator.normal(size=60)
    others = generator.normal(1, 1, 400) + 0.4 + 0.7 * generator.normal(size=400)
    found = prediction_powered(np.append(y, np.full(400, np.nan)), np.append(f, others), weight=0.8)
    assert found.estimate == pytest.approx(0.91051248, abs=5e-9)
    assert 2 * 1.959964 * found.se == pytest.approx(1.09401365 - 0.72701132, rel=0.01)


def test_weight_is_the_one_of_the_smallest_variance():
    labels, scores = sample(50, 200, 1.0, seed=1)
    best = prediction_powered(labels, scores)
    others = [prediction_powered(labels, scores, weight=w).se for w in (best.weight - 0.05, best.weight + 0.05)]
    assert 0 < best.weight < 1 and best.se < min(others)
    y, f, rest = labels[:50], scores[:50], scores[50:]
    expected = np.cov(y, f)[0, 1] / 50 / (f.var(ddof=1) / 50 + rest.var(ddof=1) / 200)
    assert best.weight == pytest.approx(expected, rel=1e-10)


def test_weight_of_large_samples_is_the_published_one():
    """Cov(y, f) / ((1 + n/N) Var(f)) = 1 / (1.25 x 1.49)."""
    labels, scores = sample(40_000, 160_000, 0.7, seed=2)
    assert prediction_powered(labels, scores).weight == pytest.approx(1 / (1.25 * 1.49), abs=0.01)


def test_weight_0_is_the_labels_alone():
    labels, scores = sample(30, 100, 0.5, seed=3)
    found = prediction_powered(labels, scores, weight=0)
    assert found.estimate == found.human == pytest.approx(labels[:30].mean())
    assert found.interval == found.human_interval
    assert found.se == pytest.approx(labels[:30].std(ddof=1) / 30**0.5)


@pytest.mark.parametrize("scores", ["none", "constant", "backwards"])
def test_a_judge_that_tells_nothing_is_not_used(scores):
    labels, f = sample(30, 100, 0.5, seed=4)
    f = {"none": np.where(np.isnan(labels), np.nan, f), "constant": np.full(130, 2.0), "backwards": -f}[scores]
    found = prediction_powered(labels, f)
    assert found.weight == 0 and found.interval == found.human_interval


def test_clusters_in_both_groups_are_counted_once():
    """The variance of any linear combination of the two means, from sums of residuals by cluster."""
    generator = np.random.default_rng(5)
    codes = np.repeat(np.arange(40), 5)
    common = generator.normal(size=40)[codes]
    scores = common + generator.normal(size=200)
    labels = np.where(generator.random(200) < 0.3, scores + 0.5 * generator.normal(size=200), np.nan)
    found = prediction_powered(labels, scores, codes, weight=0.6)
    total = 0.0
    there = np.isfinite(labels)
    for code in range(40):
        mine = codes == code
        part = 0.0
        for group, values, factor in ((there, labels - 0.6 * scores, 1.0), (~there, scores, 0.6)):
            chosen = mine & group
            n = group.sum()
            part += factor * (values[chosen] - values[group].mean()).sum() / n / np.sqrt(1 - chosen.sum() / n)
        total += part**2
    assert found.se**2 == pytest.approx(total, rel=1e-10)


def test_tables_at_once():
    labels, scores = sample(20, 50, 0.5, tables=3, seed=6)
    both = prediction_powered(labels, scores)
    for k in range(3):
        alone = prediction_powered(labels[k], scores[k])
        assert (both.estimate[k], both.se[k], both.weight[k]) == (alone.estimate, alone.se, alone.weight)
        assert both.bias_interval[1][k] == alone.bias_interval[1]


def test_no_labels():
    found = prediction_powered(np.full(5, np.nan), np.arange(5.0))
    assert np.isnan([found.estimate, found.se, *found.interval, found.bias]).all() and found.labelled == 0


@pytest.mark.parametrize("noise", [0.3, 1.0, 10.0])
def test_never_worse_than_labels_alone_and_covers(noise):
    """2,000 tables of 100 labelled and 500 other items: errors, coverage of the mean and of the judge's bias."""
    labels, scores = sample(100, 500, noise, tables=2000, seed=7)
    found = prediction_powered(labels, scores)
    error, human_error = (found.estimate - 1).var(), (found.human - 1).var()
    assert error < human_error * 1.02
    if noise < 1:
        assert error < 0.5 * human_error  # a good judge is worth having
    low, high = found.interval
    assert ((low <= 1) & (high >= 1)).mean() == pytest.approx(0.95, abs=0.02)
    low, high = found.bias_interval
    assert ((low <= 0.4) & (high >= 0.4)).mean() == pytest.approx(0.95, abs=0.02)


def test_human_interval_is_that_of_the_clustered_mean():
    labels, scores = sample(40, 40, 0.5, seed=8)
    codes = np.arange(80) % 8
    found = prediction_powered(labels, scores, codes)
    sums = np.bincount(codes[:40], labels[:40])
    human = cluster_mean(sums, np.bincount(codes[:40]), (labels[:40] ** 2).sum())
    assert found.human == pytest.approx(human.estimate) and found.df == pytest.approx(human.df)
