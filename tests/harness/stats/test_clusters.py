"""CR2, its degrees of freedom and the effective sample size against their matrix definitions and worked examples."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from equipoise.harness.stats import cluster_mean, correlation

SIZES = st.lists(st.integers(1, 6), min_size=2, max_size=12)


def of_items(values, family):
    """From item values and the number of each item's family."""
    values, family = np.asarray(values, dtype=float), np.asarray(family)
    return cluster_mean(np.bincount(family, values), np.bincount(family).astype(float), values @ values)


def bell_mccaffrey(values, family):
    """CR2 and the Satterthwaite degrees of freedom of a mean, from the projection matrices."""
    n = len(values)
    residuals = np.eye(n) - 1 / n  # I - H for the intercept alone
    variance, vectors = 0.0, []
    for each in np.unique(family):
        inside = family == each
        block = residuals[np.ix_(inside, inside)]
        eigenvalues, basis = np.linalg.eigh(block)
        adjust = basis @ np.diag(eigenvalues**-0.5) @ basis.T
        variance += (adjust @ (values - values.mean())[inside]).sum() ** 2 / n**2
        vectors.append(residuals[:, inside] @ adjust @ np.ones(inside.sum()) / n)
    gram = np.array(vectors) @ np.array(vectors).T
    return variance, np.trace(gram) ** 2 / (gram**2).sum()


@settings(deadline=None, max_examples=50)
@given(SIZES, st.integers(0, 100))
def test_equals_the_matrix_definition(sizes, seed):
    family = np.repeat(np.arange(len(sizes)), sizes)
    values = np.random.default_rng(seed).normal(size=len(family))
    mean = of_items(values, family)
    variance, df = bell_mccaffrey(values, family)
    assert mean.estimate == pytest.approx(values.mean())
    assert mean.spread == pytest.approx(values.var())
    assert mean.variance == pytest.approx(variance)
    assert mean.df == pytest.approx(df)


@pytest.mark.parametrize("size", [1, 4])
def test_equal_clusters_are_the_textbook_case(size):
    """Standard error of the mean of cluster means, with clusters - 1 degrees of freedom."""
    values = np.random.default_rng(0).normal(size=(12, size))
    mean = of_items(values.ravel(), np.repeat(np.arange(12), size))
    assert mean.variance == pytest.approx(values.mean(axis=1).var(ddof=1) / 12)
    assert mean.df == pytest.approx(11)


def test_unequal_clusters_have_fewer_degrees_of_freedom():
    assert of_items(np.arange(10.0), [0, 0, 0, 0, 0, 0, 0, 1, 2, 3]).df < 2


def test_clusters_without_items_change_nothing():
    sums, counts = np.array([1.0, 2.0, 1.0]), np.array([2.0, 3.0, 1.0])
    more = np.insert(sums, 1, 0), np.insert(counts, 1, 0)
    one, other = cluster_mean(sums, counts, 4.0), cluster_mean(*more, 4.0)
    assert other.clusters == 3
    for name in ("estimate", "items", "variance", "df", "spread"):
        assert getattr(one, name) == pytest.approx(getattr(other, name))


def test_leading_axes_are_samples_of_their_own():
    values = np.random.default_rng(0).normal(size=(5, 8))
    counts = np.array([1.0, 3.0, 4.0])
    sums = np.add.reduceat(values, [0, 1, 4], axis=1)
    together = cluster_mean(sums, counts, (values**2).sum(axis=1))
    for row, each in zip(values, range(5), strict=True):
        alone = of_items(row, [0, 1, 1, 1, 2, 2, 2, 2])
        assert together.variance[each] == pytest.approx(alone.variance)
        assert together.df == pytest.approx(alone.df)


def test_one_cluster_has_no_variance_and_no_item_no_mean():
    alone = of_items([0.0, 1.0, 1.0], [0, 0, 0])
    assert np.isnan([alone.variance, alone.df]).all()
    assert alone.effective() == 1
    nothing = cluster_mean(np.zeros(3), np.zeros(3), 0.0)
    assert np.isnan(nothing.estimate)
    assert nothing.effective() == 0


class TestEffectiveSampleSize:
    def test_independent_answers_count_in_full(self):
        assert of_items([1, 1, 0, 1, 0], range(5)).effective() == pytest.approx(5)

    def test_copies_within_a_family_count_once(self):
        values = np.array([1, 1, 0, 1, 0, 0, 1, 1.0])
        once, copied = of_items(values, range(8)), of_items(np.repeat(values, 3), np.repeat(range(8), 3))
        ratio = (2.0687 / 2.3646) ** 2  # t(23) and t(7)
        assert once.effective() == pytest.approx(8)
        assert copied.variance == pytest.approx(once.variance)
        assert copied.effective() == pytest.approx(24 / 23 * 7 * ratio, rel=1e-4)

    def test_never_more_than_without_families(self):
        """Each family right once and wrong once: its sum never varies, and still nothing is certain."""
        assert of_items([1, 0] * 6, np.repeat(range(6), 2)).effective() == pytest.approx(12)

    def test_averages_over_epochs_say_more_than_single_answers(self):
        assert of_items([0.25, 0.5, 0.75, 0.5], range(4)).effective() > 4

    @pytest.mark.parametrize("value", [0.0, 0.3, 1.0])
    def test_the_families_where_nothing_varies(self, value):
        assert of_items([value] * 6, [0, 0, 1, 1, 2, 2]).effective() == 3


class TestCorrelation:
    def test_of_independent_items_is_pearsons(self):
        one, two = np.random.default_rng(0).normal(size=(2, 30))
        found = correlation(of_items(one, range(30)), of_items(one + two, range(30)))
        assert found == pytest.approx(np.corrcoef(one, one + two)[0, 1])

    def test_gives_the_variance_of_the_difference(self):
        family = np.repeat(range(10), 3)
        one, two = np.random.default_rng(1).normal(size=(2, 30))
        left, right, difference = (of_items(v, family) for v in (one, two, one - two))
        shared = correlation(left, right) * np.sqrt(left.variance * right.variance)
        assert difference.variance == pytest.approx(left.variance + right.variance - 2 * shared)

    def test_is_0_where_one_side_does_not_vary(self):
        assert correlation(of_items([1, 1, 1], range(3)), of_items([0, 1, 1], range(3))) == 0


def test_near_the_ends_averages_count_as_items():
    """A few items that differ may be absent: the averages of the others say nothing of them."""
    high = of_items([0.95, 1.0, 0.97, 0.99, 1.0, 0.98, 0.96, 1.0], range(8))
    assert high.effective() == 8
