"""Contrasts of biases: Facets' printed example, Welch's test from scratch, signs, gaps in the design."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import t, ttest_ind_from_stats

from equipoise.errors import InputError
from equipoise.judges.irt.diagnostics import contrasts as module
from equipoise.judges.irt.diagnostics.bias import interaction
from equipoise.judges.irt.diagnostics.contrasts import Contrasts, contrasts, welch

from ..by_hand import small
from ..known import guilford, solve


def test_the_printed_example_from_its_printed_numbers():
    """David: Brahe .25 (.29), Cavendish -1.05 (.35); Facets rounds the degrees of freedom, 7.7, before it takes p."""
    se, statistic, df, p = welch(0.25 - -1.05, 0.29, 4, 0.35, 4)
    assert (round(float(se), 2), round(float(statistic), 2), round(float(df))) == (0.45, 2.86, 8)
    assert 2 * t.sf(2.86, 8) == pytest.approx(0.0211, abs=1.5e-4)
    assert p == pytest.approx(2 * t.sf(1.30 / np.hypot(0.29, 0.35), df)) and p == pytest.approx(0.0219, abs=1e-4)


@pytest.mark.reference
def test_guilford():
    """A target measure is main measure + bias. Facets' own stop leaves each of the two up to .035 logit short."""
    ratings, parameters, _, _ = solve(guilford(), "person", ("trait", "judge"), floating=2)
    bias = interaction(ratings, parameters, (2, 0))
    found = contrasts(bias, 1, parameters.locations[0])
    assert len(found) == 7 * 3
    n = np.flatnonzero((found.target == 3) & (found.first == 1) & (found.second == 2))[0]
    assert [part[n] for part in found.measures] == pytest.approx([0.25, -1.05], abs=0.035)
    assert found.measures[0][n] == pytest.approx(-0.481519 + 0.7426, abs=1e-4)
    assert found.difference[n] == pytest.approx(1.30, abs=0.07)
    assert found.se[n] == pytest.approx(0.45, abs=0.015)
    assert found.t[n] == pytest.approx(2.86, abs=0.1)
    assert round(found.df[n]) == 8
    assert found.p[n] == pytest.approx(0.0211, abs=0.004)


def test_welch_is_welch():
    """Two samples of sizes 5 and 9: SE = sd / sqrt n, d.f. n - 1."""
    expected = ttest_ind_from_stats(1.0, 0.8, 5, 0.2, 1.9, 9, equal_var=False)
    se, statistic, df, p = (float(value) for value in welch(0.8, 0.8 / 5**0.5, 4, 1.9 / 3, 8))
    one, two = 0.64 / 5, 3.61 / 9
    assert se == pytest.approx(np.sqrt(one + two))
    assert (statistic, p) == pytest.approx((expected.statistic, expected.pvalue))
    assert df == pytest.approx((one + two) ** 2 / (one**2 / 4 + two**2 / 8))
    for without in (0, 4), (4, 0):
        assert np.isnan(welch(1.0, 0.5, without[0], 0.6, without[1])[3])
    assert np.isnan(welch(1.0, 0.5, 4, np.nan, 4)[3])


@pytest.mark.parametrize("target", [0, 1])
@pytest.mark.parametrize("parts", [(2, 0), (0, 1), (1, 2)])
def test_every_comparison(target, parts):
    """Harsher = harder = higher measure: the bias of a facet that counts minus is taken off, that of a model added."""
    ratings, parameters = small(number=60)
    kept = ~((ratings.codes[0] == 2) & (ratings.codes[2] == 1)) & ~((ratings.codes[0] == 3) & (ratings.codes[1] == 0))
    bias = interaction(ratings.take(kept), parameters, parts)
    facet = parts[target]
    measures = parameters.locations[facet]
    found = contrasts(bias, target, measures)
    cell = {(bias.codes[target][n], bias.codes[1 - target][n]): n for n in range(len(bias))}
    expected = [
        (who, a, b)
        for who in range(ratings.sizes[facet])
        for a in range(10)
        for b in range(a + 1, 10)
        if (who, a) in cell and (who, b) in cell
    ]
    assert list(zip(found.target, found.first, found.second, strict=True)) == expected and len(expected) > 5
    sign = 1 if facet == 0 else -1
    for n, (who, a, b) in enumerate(expected):
        one, two = cell[who, a], cell[who, b]
        assert found.measures[0][n] == pytest.approx(measures[who] + sign * bias.bias[one])
        assert found.measures[1][n] == pytest.approx(measures[who] + sign * bias.bias[two])
        assert found.difference[n] == pytest.approx(sign * (bias.bias[one] - bias.bias[two]))
        by_hand = [*map(float, welch(found.difference[n], bias.se[one], bias.df[one], bias.se[two], bias.df[two]))]
        assert [found.se[n], found.t[n], found.df[n], found.p[n]] == pytest.approx(by_hand, nan_ok=True)
    known = np.isfinite(found.p)
    assert np.nanmin(found.q) >= np.nanmin(found.p) and (np.isnan(found.q) == ~known).all()


def test_only_the_pairs_asked_for():
    ratings, parameters = small()
    bias = interaction(ratings, parameters, (2, 0))
    every, some = (contrasts(bias, 1, parameters.locations[0], pairs) for pairs in (None, [(2, 0)]))
    assert len(some) == 6 and (some.first == 2).all() and (some.second == 0).all()
    turned = (every.first == 0) & (every.second == 2)
    assert some.difference == pytest.approx(-every.difference[turned]) and some.p == pytest.approx(every.p[turned])


def test_codes_that_are_no_facet_keep_the_sign_of_the_bias():
    ratings, parameters = small()
    group = (ratings.codes[0] % 2).astype(np.int16)
    bias = interaction(ratings, parameters, (group, 2))
    found = contrasts(bias, 0, np.zeros(2))
    assert found.measures[0] == pytest.approx(bias.bias[[0, 0, 1, 3, 3, 4]])
    assert isinstance(found, Contrasts)


def test_the_error_is_the_one_behind_t():
    """Clustered biases make clustered contrasts."""
    ratings, parameters = small(response=25)
    bias = interaction(ratings, parameters, (2, 0), clustered=True)
    found = contrasts(bias, 0, parameters.locations[2], [(0, 1)])
    assert found.se == pytest.approx(np.hypot(bias.clustered_se[0::6], bias.clustered_se[1::6]))


def test_what_cannot_be_compared(monkeypatch):
    ratings, parameters = small()
    bias = interaction(ratings, parameters, (2, 0))
    with pytest.raises(InputError, match=r"field 'target': expected a bias of two parts, and 0 or 1"):
        contrasts(bias, 2, np.zeros(3))
    with pytest.raises(InputError, match="expected a bias of two parts"):
        contrasts(interaction(ratings, parameters, (0, 1, 2)), 0, np.zeros(6))
    for wrong in [(0, 3)], [(-1, 0)]:
        with pytest.raises(InputError, match=r"field 'pairs': expected elements from 0 to 2, found"):
            contrasts(bias, 1, np.zeros(6), wrong)
    monkeypatch.setattr(module, "MOST", 17)
    with pytest.raises(InputError, match=r"would be 18 comparisons; expected at most 17"):
        contrasts(bias, 1, np.zeros(6))
    assert len(contrasts(bias, 1, np.zeros(6), [])) == 0
    monkeypatch.setattr(module, "MOST", 18)
    assert len(contrasts(bias, 1, np.zeros(6))) == 18
    assert len(contrasts(replace(bias, se=np.full(18, np.nan)), 1, np.zeros(6), [(0, 1), (0, 2)])) == 12
