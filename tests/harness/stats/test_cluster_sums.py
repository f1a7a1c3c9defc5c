"""Sums by cluster against the sums written out."""

import numpy as np
import pytest

from equipoise.harness.stats.cluster_sums import cluster_codes, cluster_sums


def test_sums_and_counts_against_loops():
    generator = np.random.default_rng(0)
    values = generator.normal(size=(2, 3, 40))
    values[generator.random(values.shape) < 0.2] = np.nan
    labels = generator.choice(["x", "y", "z"], size=40)
    sums, counts = cluster_sums(values, cluster_codes(labels, 40))
    assert sums.shape == counts.shape == (2, 3, 3)
    for k, label in enumerate("xyz"):
        assert sums[..., k] == pytest.approx(np.nansum(values[..., labels == label], axis=-1))
        assert (counts[..., k] == np.isfinite(values[..., labels == label]).sum(axis=-1)).all()


def test_every_item_is_a_cluster_of_its_own():
    sums, counts = cluster_sums(np.array([1.0, np.nan, 3.0]), cluster_codes(None, 3))
    assert sums.tolist() == [1, 0, 3] and counts.tolist() == [1, 0, 1]


def test_no_items():
    sums, counts = cluster_sums(np.empty((2, 0)), cluster_codes([], 0))
    assert sums.shape == counts.shape == (2, 0)
