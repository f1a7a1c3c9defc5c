"""What is said about each judge, on panels small enough to work out by hand and on simulated ones."""

import numpy as np
import pandas as pd
import pytest
from vote_rows import long_table

from equipoise.harness.stats import wilson
from equipoise.harness.table import conform
from equipoise.judges.agreement import agreement, rest_means

NO = float("nan")


def summaries(table, draws=0):
    (found,) = agreement(table, draws=draws)
    return {summary.judge: summary for summary in found.per_judge}


def complete(votes, family=None):
    """A table from a matrix units x judges."""
    units, judges = np.indices(votes.shape)
    frame = pd.DataFrame({"item": units.ravel(), "judge": judges.ravel(), "value": votes.ravel()}).astype({"item": str})
    frame["judge"] = "j" + frame["judge"].astype(str)
    frame["family"] = frame["item"] if family is None else np.repeat(family, votes.shape[1]).astype(str)
    frame["missing"] = np.where(frame["value"].isna(), "unparsed", "")
    return conform(frame.assign(task="t", model="m", arm="", measure="al"))


def test_a_panel_by_hand():
    found = summaries(
        long_table(
            [
                ("a", "x", 1), ("a", "y", 2), ("a", "z", 3),
                ("b", "x", 4), ("b", "y", 5), ("b", "z", "refused"),
                ("c", "x", 3), ("c", "z", "unparsed"),
                ("d", "x", "unparsed"), ("d", "y", 1), ("d", "z", "unparsed"),
                ("e", "x", 2),
            ]
        )
    )  # fmt: skip
    x, y, z = found["x"], found["y"], found["z"]
    assert (x.asked, x.votes, y.asked, y.votes, z.asked, z.votes) == (5, 4, 3, 3, 4, 1)
    assert (x.missing_rate.value, y.missing_rate.value, z.missing_rate.value) == (0.2, 0, 0.75)
    assert {reason: rate.value for reason, rate in z.missing.items()} == {"unparsed": 0.5, "refused": 0.25}
    assert y.missing == {}
    assert x.mean.value == pytest.approx(2.5)
    assert x.sd == pytest.approx(np.std([1, 4, 3, 2], ddof=1))
    assert np.isnan(z.sd)
    # The others give 2.5 where x gives 1, and 5 where it gives 4; nobody else gave a value on c and e.
    assert (x.severity.value, x.severity.units) == (pytest.approx(1.25), 2)
    assert (y.severity.value, y.severity.units) == (pytest.approx((2 - 2 + 4 - 5) / 2), 2)
    assert (z.severity.value, z.severity.units) == (pytest.approx(-1.5), 1)
    assert x.with_rest.value == pytest.approx(1)
    assert np.isnan(z.with_rest.value) and "do not vary" in z.with_rest.reason
    assert (x.extremes.value, y.extremes.value, z.extremes.value) == (0.25, pytest.approx(2 / 3), 0)


def test_missing_rates_have_the_wilson_interval_of_independent_units():
    """Inspect's and everyone's Wilson interval, but for t instead of z in the effective number of units."""
    votes = np.random.default_rng(0).integers(1, 6, (200, 2)).astype(float)
    votes[:30, 0] = NO
    rate = summaries(complete(votes), draws=10)["j0"].missing_rate
    low, high = wilson(0.15, 200)
    assert (rate.value, rate.units) == (0.15, 200)
    assert (rate.low, rate.high) == pytest.approx((float(low), float(high)), abs=0.002)


def test_missing_votes_that_come_by_family_widen_the_interval():
    votes = np.random.default_rng(0).integers(1, 6, (200, 2)).astype(float)
    votes[:40, 0] = NO
    alone = summaries(complete(votes), draws=10)["j0"].missing_rate
    families = summaries(complete(votes, np.arange(200) // 20), draws=10)["j0"].missing_rate
    assert families.value == alone.value
    assert families.high - families.low > 2 * (alone.high - alone.low)


def test_known_severity_is_found_and_covered():
    """Severities .4, 0 and -.4: a judge differs from the mean of the other two by 1.5 times its own."""
    covered = []
    for seed in range(60):
        generator = np.random.default_rng(seed)
        family = np.repeat(np.arange(40), 3)
        noise = generator.normal(size=(120, 3)) + generator.normal(size=(40, 3))[family]
        found = summaries(complete(generator.normal(size=(120, 1)) + noise - [0.4, 0, -0.4], family), draws=1)
        severities = [found[judge].severity for judge in ("j0", "j1", "j2")]
        assert sum(severity.value for severity in severities) == pytest.approx(0, abs=1e-9)
        covered += [s.low < true < s.high for s, true in zip(severities, (0.6, 0, -0.6), strict=True)]
    assert 0.9 < np.mean(covered) < 0.99


def test_the_correlation_with_the_rest_is_pearsons():
    generator = np.random.default_rng(1)
    votes = generator.normal(size=(300, 1)) + generator.normal(size=(300, 3))
    found = summaries(complete(votes), draws=300)["j1"].with_rest
    expected = np.corrcoef(votes[:, 1], votes[:, [0, 2]].mean(axis=1))[0, 1]
    assert found.value == pytest.approx(expected)
    spread = (1 - expected**2) / 300**0.5  # the normal theory's standard error
    assert (found.high - found.low) / (2 * 1.96 * spread) == pytest.approx(1, abs=0.2)


def test_two_values_have_no_extremes():
    extremes = summaries(complete(np.array([[0.0, 1], [1, 1], [0, 0]])))["j0"].extremes
    assert np.isnan(extremes.value)
    assert "fewer than 3 values" in extremes.reason


def test_without_draws_there_are_no_intervals():
    votes = np.random.default_rng(2).integers(1, 6, (30, 2)).astype(float)
    for draws, there in ((0, False), (50, True)):
        found = summaries(complete(votes), draws)["j0"]
        for estimate in (found.missing_rate, found.mean, found.severity, found.with_rest, found.extremes):
            assert np.isfinite(estimate.value)
            assert np.isfinite([estimate.low, estimate.high]).all() == there


def test_a_judge_who_never_answers():
    votes = np.array([[1, NO], [2, NO], [3, NO]])
    found = summaries(complete(votes), draws=20)["j1"]
    assert (found.asked, found.votes, found.missing_rate.value) == (3, 0, 1)
    for estimate in (found.mean, found.severity, found.with_rest, found.extremes):
        assert np.isnan(estimate.value) and estimate.reason


def test_the_mean_of_the_others_by_hand():
    expected = [[2.5, 2, 1.5], [NO, 4, 4], [NO, NO, NO]]
    np.testing.assert_allclose(rest_means(np.array([[1, 2, 3], [4, NO, NO], [NO, NO, NO]])), expected)
