"""Krippendorff's alpha: the published example, the definition pair by pair, Inspect's metric, literal resampling."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from inspect_ai.scorer import SampleScore, Score
from inspect_ai.scorer import krippendorff_alpha as inspect_alpha

from equipoise.harness.stats import cluster_weights
from equipoise.judges.agreement import LEVELS, krippendorff_alpha

NO = float("nan")
PUBLISHED = np.array(
    [
        [1, 2, 3, 3, 2, 1, 4, 1, 2, NO, NO, NO],
        [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, NO, 3],
        [NO, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, NO],
        [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, NO],
    ]
).T
"""Reliability data of Krippendorff (2011): 12 units, 4 observers."""

panels = st.integers(2, 5).flatmap(
    lambda judges: st.lists(
        st.lists(st.sampled_from([NO, 1.0, 2.0, 3.0, 5.0]), min_size=judges, max_size=judges), min_size=1, max_size=14
    )
)


def by_definition(votes, level):
    """Alpha from all pairs of votes, one by one."""
    units = [unit[np.isfinite(unit)] for unit in votes]
    units = [unit for unit in units if len(unit) > 1]
    pool = np.concatenate(units) if units else np.empty(0)
    if len(set(pool)) < 2:
        return float("nan")
    count = {value: int((pool == value).sum()) for value in sorted(set(pool))}

    def delta(a, b):
        if level == "nominal":
            return float(a != b)
        if level == "interval":
            return (a - b) ** 2
        low, high = min(a, b), max(a, b)
        return (sum(n for v, n in count.items() if low <= v <= high) - (count[a] + count[b]) / 2) ** 2

    def disagreement(group):
        return sum(delta(a, b) for i, a in enumerate(group) for j, b in enumerate(group) if i != j)

    observed = sum(disagreement(unit) / (len(unit) - 1) for unit in units) / len(pool)
    return 1 - observed / (disagreement(pool) / len(pool) / (len(pool) - 1))


@pytest.mark.parametrize(("level", "expected"), [("nominal", 0.743), ("ordinal", 0.815), ("interval", 0.849)])
def test_the_published_example(level, expected):
    found = krippendorff_alpha(PUBLISHED, level, draws=0)
    assert round(found.value, 3) == expected
    assert found.units == 11  # the last unit has a single value
    assert found.reason == ""


@pytest.mark.parametrize("level", LEVELS)
@settings(deadline=None, max_examples=150)
@given(panels)
def test_alpha_is_its_definition_pair_by_pair(level, rows):
    votes = np.array(rows)
    found = krippendorff_alpha(votes, level, draws=0)
    assert found.value == pytest.approx(by_definition(votes, level), abs=1e-10, nan_ok=True)
    assert np.isnan(found.value) == bool(found.reason)


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("share_missing", [0.0, 0.4])
def test_alpha_agrees_with_inspect(level, share_missing):
    generator = np.random.default_rng(3)
    votes = np.clip(np.round(generator.normal(3, 1, (60, 1)) + generator.normal(0, 0.7, (60, 4))), 1, 5)
    votes[generator.random(votes.shape) < share_missing] = NO
    scores = [SampleScore(score=Score(value=[v for v in unit if v == v])) for unit in votes.tolist()]
    expected = inspect_alpha(level)(scores)
    assert 0.1 < expected < 0.9
    assert krippendorff_alpha(votes, level, draws=0).value == pytest.approx(expected, abs=1e-12)


def test_the_order_of_units_and_judges_and_the_unit_of_an_interval_scale_do_not_matter():
    generator = np.random.default_rng(4)
    shuffled = generator.permuted(PUBLISHED, axis=1)[generator.permutation(12)]
    for level in LEVELS:
        plain = krippendorff_alpha(PUBLISHED, level, draws=0).value
        assert krippendorff_alpha(shuffled, level, draws=0).value == pytest.approx(plain)
        assert krippendorff_alpha(7 - 3 * PUBLISHED, level, draws=0).value == pytest.approx(plain)
    cubed = PUBLISHED**3
    assert krippendorff_alpha(cubed, "ordinal", draws=0).value == pytest.approx(0.815, abs=5e-4)
    assert krippendorff_alpha(cubed, "interval", draws=0).value != pytest.approx(0.849, abs=5e-3)


@pytest.mark.parametrize("level", LEVELS)
def test_perfect_agreement_is_one_and_no_certainty(level):
    found = krippendorff_alpha(np.repeat([[1.0], [2.0], [5.0]], 3, axis=1), level, draws=50)
    assert found.value == 1.0
    assert np.isnan([found.low, found.high]).all()


@pytest.mark.parametrize("level", LEVELS)
def test_random_votes_have_alpha_zero(level):
    generator = np.random.default_rng(0)
    found = [krippendorff_alpha(generator.integers(1, 6, (500, 3)) * 1.0, level, draws=100) for _ in range(30)]
    values = np.array([one.value for one in found])
    assert abs(values.mean()) < 4 * values.std() / 30**0.5
    assert 0.01 < values.std() < 0.05
    assert np.mean([one.low < 0 < one.high for one in found]) > 0.75


@pytest.mark.parametrize(
    ("votes", "reason"),
    [
        ([[1, NO], [NO, 2]], "no unit has two votes"),
        ([[1], [2]], "no unit has two votes"),
        (np.empty((0, 3)), "no unit has two votes"),
        ([[2, 2], [2, 2], [1, NO]], "all votes are the same"),
        ([[0.1, 0.1, 0.1]], "all votes are the same"),  # three times .1 by three is not .1
    ],
)
def test_no_alpha_without_pairs_or_spread(votes, reason):
    for level in LEVELS:
        found = krippendorff_alpha(np.array(votes, dtype=float), level, draws=20)
        assert np.isnan([found.value, found.low, found.high]).all()
        assert found.reason == reason


@pytest.mark.parametrize("level", LEVELS)
def test_a_draw_is_alpha_of_the_drawn_clusters(level):
    """The interval's ends are quantiles of alphas computed by definition on units copied as often as drawn."""
    generator = np.random.default_rng(5)
    votes = generator.integers(1, 4, (14, 3)).astype(float)
    votes[:, 1] = np.where(generator.random(14) < 0.7, votes[:, 0], votes[:, 1])
    votes[2, 0] = votes[7, 2] = NO
    clusters = np.array(list("aabbbcddddeffg"))
    draws, seed = 21, 9
    weights = cluster_weights(7, draws, seed).astype(int)
    number = np.unique(clusters, return_inverse=True)[1]
    expected = [by_definition(np.repeat(votes, weight[number], axis=0), level) for weight in weights]
    found = krippendorff_alpha(votes, level, clusters, draws, seed)
    assert found.value == pytest.approx(expected[0])
    assert (found.low, found.high) == pytest.approx(tuple(np.quantile(expected[1:], [0.025, 0.975])))


def test_units_of_one_family_count_as_dependent():
    """Every unit copied four times: as independent units the interval is half as wide, by family it stays."""
    generator = np.random.default_rng(6)
    votes = generator.integers(1, 6, (80, 1)) + generator.integers(0, 2, (80, 3)).astype(float)
    copied, family = np.repeat(votes, 4, axis=0), np.repeat(np.arange(80), 4)
    once = krippendorff_alpha(votes, "interval", draws=500)
    clustered = krippendorff_alpha(copied, "interval", family, draws=500)
    naive = krippendorff_alpha(copied, "interval", draws=500)
    assert clustered.high - clustered.low == pytest.approx(once.high - once.low, rel=0.05)
    assert (naive.high - naive.low) / (clustered.high - clustered.low) == pytest.approx(0.5, abs=0.08)


def test_clusters_must_fit():
    with pytest.raises(ValueError, match="one cluster per unit"):
        krippendorff_alpha(PUBLISHED, "nominal", [1, 2])
