"""Cohen's kappa: a table by hand, the definition, and its identities."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from equipoise.harness.stats import cluster_weights
from equipoise.judges.agreement import WEIGHTS, cohen_kappa

NO = float("nan")
pairs = st.lists(st.tuples(*[st.sampled_from([NO, 0.0, 1.0, 2.0, 4.0])] * 2), min_size=1, max_size=25)


def spread(table):
    """A contingency table as two columns of votes."""
    cells = [(row, column) for row, line in enumerate(table) for column, n in enumerate(line) for _ in range(n)]
    return np.array(cells, dtype=float).T


def by_definition(first, second, weights):
    both = [(x, y) for x, y in zip(first, second, strict=True) if x == x and y == y]
    ones, twos = [x for x, _ in both], [y for _, y in both]
    if len(set(ones)) < 2 or len(set(twos)) < 2:
        return float("nan")
    apart = {
        "none": lambda a, b: float(a != b),
        "linear": lambda a, b: abs(a - b),
        "quadratic": lambda a, b: (a - b) ** 2,
    }
    observed = np.mean([apart[weights](x, y) for x, y in both])
    return 1 - observed / np.mean([apart[weights](x, y) for x in ones for y in twos])


def test_a_table_of_two_values_by_hand():
    """20 + 15 of 50 agree = .7; by chance .5 * .6 + .5 * .4 = .5; so .2 / .5. Weights make no difference."""
    first, second = spread([[20, 5], [10, 15]])
    for weights in WEIGHTS:
        found = cohen_kappa(first, second, weights, draws=0)
        assert found.value == pytest.approx(0.4)
        assert found.units == 50


@pytest.mark.parametrize(
    ("weights", "observed", "by_chance"),
    [("none", 0.5, 1 - 0.2 - 0.09 - 0.06), ("linear", 0.4 + 2 * 0.1, 0.42 + 2 * 0.23), ("quadratic", 0.8, 1.34)],
)
def test_a_table_of_three_values_by_hand(weights, observed, by_chance):
    """Of 10 units 4 are one apart and 1 is two apart; margins (.5, .3, .2) and (.4, .3, .3) give .42 and .23."""
    first, second = spread([[3, 1, 1], [1, 1, 1], [0, 1, 1]])
    assert cohen_kappa(first, second, weights, draws=0).value == pytest.approx(1 - observed / by_chance)


@pytest.mark.parametrize("weights", WEIGHTS)
@settings(deadline=None, max_examples=150)
@given(pairs)
def test_kappa_is_its_definition(weights, votes):
    first, second = np.array(votes).T
    found = cohen_kappa(first, second, weights, draws=0)
    assert found.value == pytest.approx(by_definition(first, second, weights), abs=1e-10, nan_ok=True)
    assert cohen_kappa(second, first, weights, draws=0).value == pytest.approx(found.value, nan_ok=True)
    assert np.isnan(found.value) == bool(found.reason)


def test_quadratic_kappa_is_the_concordance_coefficient():
    generator = np.random.default_rng(0)
    first = generator.normal(size=200)
    second = 0.6 * first + generator.normal(size=200) + 0.3
    covariance = np.cov(first, second, ddof=0)
    expected = 2 * covariance[0, 1] / (np.trace(covariance) + (first.mean() - second.mean()) ** 2)
    assert cohen_kappa(first + 1e6, second + 1e6, "quadratic", draws=0).value == pytest.approx(expected, rel=1e-6)


def test_perfect_opposite_and_unrelated_judges():
    scale = np.repeat([1.0, 2.0, 3.0], 400)
    shuffled = np.random.default_rng(1).permutation(scale)
    for weights in WEIGHTS:
        assert cohen_kappa(scale, scale, weights, draws=0).value == 1
        assert abs(cohen_kappa(scale, shuffled, weights, draws=0).value) < 0.1
    assert cohen_kappa(scale, 4 - scale, "quadratic", draws=0).value == pytest.approx(-1)


@pytest.mark.parametrize(
    ("first", "second", "reason", "units"),
    [
        ([1, 1, 1], [1, 2, 3], "only one value from first", 3),
        ([1, 2, NO], [3, 3, 1], "only one value from second", 2),
        ([1, 1], [1, 1], "only one value from first and second", 2),
        ([1, NO], [NO, 1], "no unit was rated by both", 0),
        ([], [], "no unit was rated by both", 0),
    ],
)
def test_no_kappa_without_two_judges_who_vary(first, second, reason, units):
    for weights in WEIGHTS:
        found = cohen_kappa(first, second, weights, draws=20)
        assert np.isnan([found.value, found.low, found.high]).all()
        assert (found.reason, found.units) == (reason, units)


@pytest.mark.parametrize("weights", WEIGHTS)
def test_a_draw_is_kappa_of_the_drawn_clusters(weights):
    generator = np.random.default_rng(2)
    first = generator.integers(1, 4, 15).astype(float)
    second = np.where(generator.random(15) < 0.6, first, generator.integers(1, 4, 15))
    first[4] = second[8] = NO
    clusters = np.array(list("aabbbccdddeeffg"))
    number = np.unique(clusters, return_inverse=True)[1]
    drawn = cluster_weights(7, 25, 3).astype(int)
    expected = [by_definition(*(np.repeat(v, w[number]) for v in (first, second)), weights) for w in drawn]
    found = cohen_kappa(first, second, weights, clusters, 25, 3)
    assert found.value == pytest.approx(expected[0])
    assert (found.low, found.high) == pytest.approx(tuple(np.nanquantile(expected[1:], [0.025, 0.975])))
