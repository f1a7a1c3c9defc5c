"""Separation, strata, reliability and the two chi-squares, against numbers worked out by hand and printed ones."""

import math

import numpy as np
import pytest
from scipy.stats import chi2

from equipoise.judges.irt.diagnostics.separation import Spread, separation

NO = float("nan")


def test_by_hand():
    """Measures -1, 0, 2 with errors .3, .4, .5: mean SE^2 = 1/6; sums of squares about the mean 14/3."""
    found = separation(np.array([-1.0, 0.0, 2.0]), np.array([0.3, 0.4, 0.5]))
    assert (found.elements, found.rmse) == (3, pytest.approx(math.sqrt(0.5 / 3)))
    for spread, variance in ((found.population, 14 / 9), (found.sample, 7 / 3)):
        true = variance - 0.5 / 3
        g = math.sqrt(true / (0.5 / 3))
        assert spread.true_sd == pytest.approx(math.sqrt(true))
        assert spread.separation == pytest.approx(g)
        assert spread.strata == pytest.approx((4 * g + 1) / 3)
        assert spread.reliability == pytest.approx(true / variance)
    w = 1 / np.array([0.09, 0.16, 0.25])
    fixed = w[0] + 4 * w[2] - (2 * w[2] - w[0]) ** 2 / w.sum()
    assert found.fixed.statistic == pytest.approx(fixed)
    assert (found.fixed.degrees_of_freedom, found.fixed.p) == (2, pytest.approx(chi2.sf(fixed, 2)))
    w = 1 / (np.array([0.09, 0.16, 0.25]) + 7 / 3 - 0.5 / 3)
    random = w[0] + 4 * w[2] - (2 * w[2] - w[0]) ** 2 / w.sum()
    assert found.random.statistic == pytest.approx(random)
    assert (found.random.degrees_of_freedom, found.random.p) == (1, pytest.approx(chi2.sf(random, 1)))


def ap_essays():
    """Twelve readers with the printed population separation, 2.17, and equal errors of .08."""
    pattern = np.linspace(-1, 1, 12)
    errors = np.full(12, 0.08)
    return pattern * math.sqrt(2.17**2 + 1) * 0.08 / pattern.std(), errors


def test_ap_english_essays():
    """Facets' summary of 12 readers (specification, 10.5): population 2.17, 3.22, .82, sample 2.28, 3.38, .84.

    What is printed was cut from unrounded numbers; 2.17 itself gives strata 3.23 and reliability .825.
    """
    found = separation(*ap_essays())
    assert found.population.separation == pytest.approx(2.17)
    assert found.population.true_sd == pytest.approx(0.17, abs=0.005)
    assert found.population.strata == pytest.approx(3.2267, abs=5e-5)
    assert found.population.reliability == pytest.approx(0.8248, abs=5e-5)
    assert found.sample.true_sd == pytest.approx(0.18, abs=0.005)
    assert found.sample.separation == pytest.approx(2.28, abs=0.01)
    assert found.sample.strata == pytest.approx(3.38, abs=0.01)
    assert found.sample.reliability == pytest.approx(0.84, abs=0.005)


def test_chi_squares_with_equal_errors():
    """Fixed: L (1 + G^2); random: L - 1, whatever the separation, once there is any."""
    found = separation(*ap_essays())
    assert found.fixed.statistic == pytest.approx(12 * (1 + 2.17**2))
    assert (found.fixed.degrees_of_freedom, found.random.degrees_of_freedom) == (11, 10)
    assert found.random.statistic == pytest.approx(11)
    assert found.fixed.p < 1e-8 and found.random.p == pytest.approx(chi2.sf(11, 10))


def test_no_spread_beyond_error_is_no_separation():
    found = separation(np.array([0.1, -0.1, 0.05]), np.full(3, 0.5))
    for spread in (found.population, found.sample):
        assert spread == Spread(0.0, 0.0)
        assert (spread.strata, spread.reliability) == (pytest.approx(1 / 3), 0)
    assert found.random.statistic == pytest.approx(found.fixed.statistic)
    assert found.random.p < found.fixed.p


def test_elements_without_measure_or_error_are_left_out():
    used = separation(np.array([-1.0, 0.0, 2.0]), np.array([0.3, 0.4, 0.5]))
    measures = np.array([NO, -1.0, 5.0, 0.0, np.inf, 2.0, 9.0])
    assert separation(measures, np.array([0.2, 0.3, NO, 0.4, 1.0, 0.5, 0.0])) == used


@pytest.mark.filterwarnings("error")
def test_few_elements():
    two = separation(np.array([0.0, 1.0]), np.array([0.1, 0.1]))
    assert two.fixed.statistic == pytest.approx(50) and two.fixed.degrees_of_freedom == 1
    assert math.isnan(two.random.statistic) and math.isnan(two.random.p)
    one = separation(np.array([0.0]), np.array([0.1]))
    assert one.population.separation == 0 and math.isnan(one.sample.separation) and math.isnan(one.fixed.p)
    none = separation(np.array([NO]), np.array([0.1]))
    assert none.elements == 0 and math.isnan(none.rmse) and math.isnan(none.population.reliability)
