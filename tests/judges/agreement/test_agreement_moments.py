"""Moments of pairs of columns against numpy's, with gaps and with weights."""

import numpy as np
import pytest

from equipoise.judges.agreement.moments import correlations, pair_moments


def test_moments_are_those_of_the_shared_rows_as_often_as_drawn():
    generator = np.random.default_rng(0)
    left, right = generator.normal(size=(2, 40, 3)) + 1e4
    left[generator.random(left.shape) < 0.2] = np.nan
    clusters = np.arange(40) // 4
    weights = generator.integers(0, 4, (5, 10)).astype(float)
    moments = pair_moments(left, right, clusters)(weights)
    found = correlations(moments)
    for row, weight in enumerate(weights.astype(int)):
        for pair in range(3):
            both = np.isfinite(left[:, pair])
            times = weight[clusters][both]
            x, y = (np.repeat(side[both, pair], times) for side in (left, right))
            covariance = np.cov(x, y, ddof=0)
            expected = (covariance[0, 0], covariance[1, 1], covariance[0, 1])
            assert [moment[row, pair] for moment in moments] == pytest.approx(expected, rel=1e-8)
            assert found[row, pair] == pytest.approx(np.corrcoef(x, y)[0, 1])


def test_a_column_that_is_constant_in_a_draw_has_no_correlation_there():
    """Its variance there is what rounding leaves of zero, which must not be divided by."""
    generator = np.random.default_rng(1)
    left = np.where(np.arange(30) < 29, generator.normal(size=50)[:, None], 7.0).T
    right = generator.normal(size=(30, 50))
    moments = pair_moments(left, right, np.arange(30))
    weights = np.ones((2, 30))
    weights[1, 29] = 0
    spread = moments(weights)[0]
    assert (spread[0] > 0.1).all()
    assert (spread[1] != 0).any()
    found = correlations(moments(weights))
    assert np.isfinite(found[0]).all()
    assert np.isnan(found[1]).all()
    assert np.isnan(correlations(pair_moments(right, left, np.arange(30))(weights))[1]).all()
