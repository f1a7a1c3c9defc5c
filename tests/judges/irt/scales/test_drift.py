"""Drift of judges, use of categories and displacement of anchors, by hand, against scipy and against the likelihood."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.optimize import minimize_scalar
from scipy.stats import chi2_contingency, norm

from equipoise.errors import InputError
from equipoise.harness.stats.multiplicity import holm
from equipoise.judges.irt.engine.kernel import gradient, information
from equipoise.judges.irt.engine.model import Parameters
from equipoise.judges.irt.scales.drift import (
    category_use,
    clustered_squares,
    displacement,
    drift,
    threshold_displacement,
)

from ..by_hand import rows, small, total

NO = float("nan")


# --- Severities --------------------------------------------------------------------------------------------------


def test_drift_by_hand():
    """From .2 (.03) to .35 (.04): .15 harsher, z = 3; a second judge kinder by .1, z = -1; a third one left."""
    found = drift([0.2, 0.0, 0.1], [0.03, 0.06, 0.05], [0.35, -0.1, NO], [0.04, 0.08, NO])
    assert found.difference == pytest.approx([0.15, -0.1, NO], nan_ok=True)
    assert found.se == pytest.approx([0.05, 0.1, NO], nan_ok=True)
    assert found.z == pytest.approx([3, -1, NO], nan_ok=True)
    p = 2 * norm.sf([3, 1])
    assert found.p == pytest.approx([*p, NO], nan_ok=True)
    assert found.adjusted == pytest.approx([2 * p[0], p[1], NO], nan_ok=True)  # two judges, not three
    assert found.infit is None


def test_change_of_infit():
    found = drift([0.0, 0.0], [0.1, 0.1], [0.0, 0.0], [0.1, 0.1], [1.0, 0.9], [1.6, NO])
    assert found.infit == pytest.approx([0.6, NO], nan_ok=True)


def test_judges_who_stay_are_left_alone():
    """20 judges, true severities and errors of .1 and .2: any is named in at most 5 % of 2,000 samples, nearly that."""
    random = np.random.default_rng(1)
    named = 0
    for _ in range(2000):
        true = random.normal(0, 0.5, 20)
        first, second = (true + random.normal(0, error, 20) for error in (0.1, 0.2))
        named += (drift(first, np.full(20, 0.1), second, np.full(20, 0.2)).adjusted < 0.05).any()
    assert named / 2000 == pytest.approx(0.0488, abs=4 * np.sqrt(0.05 / 2000))


def test_arrays_that_do_not_belong_together():
    with pytest.raises(
        InputError, match=r"one value per judge in each array, found shapes \(2,\), \(2,\), \(3,\), \(3,\)"
    ):
        drift([0, 0], [1, 1], [0, 0, 0], [1, 1, 1])
    with pytest.raises(InputError, match=r"found shapes .*\(1,\)"):
        drift([0, 0], [1, 1], [0, 0], [1, 1], [1], [1])
    with pytest.raises(InputError, match="field 'infit': expected an infit of both occasions or of neither"):
        drift([0, 0], [1, 1], [0, 0], [1, 1], [1, 1])


# --- Categories --------------------------------------------------------------------------------------------------


def test_use_of_categories_is_pearsons_test():
    first = np.array([[10, 20, 5, 0], [7, 0, 3, 0], [4, 4, 4, 4], [1, 0, 3, 2]])
    second = np.array([[12, 9, 9, 4], [3, 0, 9, 0], [40, 40, 40, 40], [0, 0, 5, 9]])
    found = category_use(first, second)
    for n in range(4):
        table = np.array([first[n], second[n]])
        expected = chi2_contingency(table[:, table.sum(axis=0) > 0], correction=False)
        assert found.chi_square[n] == pytest.approx(expected.statistic, abs=1e-12)
        assert found.df[n] == expected.dof
        assert found.p[n] == pytest.approx(expected.pvalue)
        shares = [row / row.sum() for row in table]
        assert found.distance[n] == pytest.approx(abs(shares[0] - shares[1]).sum() / 2)
    assert found.adjusted == pytest.approx(holm(found.p)) and found.distance[2] == 0


def test_distance_is_what_would_have_to_move():
    found = category_use([[10, 0], [5, 5]], [[0, 3], [20, 5]])
    assert found.distance == pytest.approx([1, 0.3])


def test_a_design_effect_divides_chi_square():
    first, second = np.array([[10, 20, 5], [8, 8, 8]]), np.array([[20, 9, 5], [2, 9, 9]])
    plain, halved = category_use(first, second), category_use(first, second, [2.0, 1.0])
    assert halved.chi_square == pytest.approx(plain.chi_square / [2, 1])
    assert halved.p[0] > plain.p[0] and halved.p[1] == plain.p[1]
    doubled = category_use(2 * first, 2 * second, 2.0)
    assert doubled.chi_square == pytest.approx(plain.chi_square) and doubled.p == pytest.approx(plain.p)


def test_a_judge_who_was_away_and_one_with_a_single_category():
    found = category_use([[0, 0], [5, 0], [3, 4]], [[3, 4], [9, 0], [4, 3]])
    assert np.isnan([found.distance[0], found.chi_square[0], found.df[0], found.p[0], found.adjusted[0]]).all()
    assert (found.distance[1], found.chi_square[1], found.df[1], found.p[1]) == (0, 0, 0, 1)
    assert 0 < found.p[2] < 1


@pytest.mark.parametrize(
    ("first", "second", "effect", "message"),
    [
        ([[1, 2]], [[1, 2, 3]], 1, r"two tables of judges by categories, found shapes \(1, 2\) and \(1, 3\)"),
        ([1, 2], [1, 2], 1, "two tables of judges by categories"),
        ([[1, -2]], [[1, 2]], 1, "field 'counts': expected counts of 0 or above"),
        ([[1, 2]], [[1, NO]], 1, "field 'counts'"),
        ([[1, 2]], [[1, 2]], 0.9, "field 'design_effect': expected 1 or above, found 0.9"),
    ],
)
def test_tables_that_cannot_be_compared(first, second, effect, message):
    with pytest.raises(InputError, match=message):
        category_use(first, second, effect)


# --- Anchors -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("facet", [0, 1, 2])
@pytest.mark.parametrize("weighted", [False, True])
def test_displacement_by_hand(facet, weighted):
    """sum w (y - E) / sum w V, turned round for a facet that counts minus; clustered: sqrt(sum g^2) / sum w V."""
    ratings, parameters = small(2, weighted, response=25)
    found = displacement(information(ratings, parameters), facet)
    clustered = displacement(information(ratings, parameters), facet, clustered_squares(ratings, parameters, facet))
    flagged = []
    for element in range(ratings.sizes[facet]):
        own = [row for row in rows(ratings, parameters) if row.codes[facet] == element]
        variance = total(own, lambda row: row.v)
        value = (1 if facet == 0 else -1) * total(own, lambda row: row.y - row.e) / variance
        assert found.value[element] == clustered.value[element] == pytest.approx(value)
        assert found.se[element] == pytest.approx(variance**-0.5)
        sums = {}
        for row in own:
            sums[row.response] = sums.get(row.response, 0.0) + row.weight * (row.y - row.e)
        squares = np.square(list(sums.values())).sum() * len(sums) / (len(sums) - 1)
        assert clustered.se[element] == pytest.approx(np.sqrt(squares) / variance)
        flagged.append(abs(value) > 0.5 or abs(value) * variance**0.5 > 3)
    assert found.flagged.tolist() == flagged


def test_a_displacement_leads_to_the_maximum():
    """An anchor a little off: added to it, the displacement gives the measure that is most likely, all else held."""
    ratings, parameters = small(number=90)
    for facet in range(3):
        for element in range(2):

            def put(value, facet=facet, element=element):
                locations = [part.copy() for part in parameters.locations]
                locations[facet][element] = value
                return Parameters(tuple(locations), parameters.thresholds)

            best = minimize_scalar(lambda value: -gradient(ratings, put(value)).log_likelihood, (-1, 1), tol=1e-10).x
            for off in (-0.01, 0.01):
                found = displacement(information(ratings, put(best + off)), facet)
                assert found.value[element] == pytest.approx(-off, rel=0.05)


def test_displacement_of_thresholds():
    """The same for thresholds, where a group's missing ones have none."""
    ratings, parameters = small(2)
    found = threshold_displacement(information(ratings, parameters))
    assert found.value.shape == found.se.shape == found.flagged.shape == (3, 3)
    assert np.isnan(found.value[0, 2]) and np.isnan(found.se[0, 2]) and not found.flagged[0, 2]
    own = [row for row in rows(ratings, parameters) if row.group == 1]
    for k in range(3):
        above = [sum(row.p[k + 1 :]) for row in own]
        score = sum(u - (row.y > k) for u, row in zip(above, own, strict=True))
        weight = sum(u * (1 - u) for u in above)
        assert found.value[1, k] == pytest.approx(score / weight) and found.se[1, k] == pytest.approx(weight**-0.5)
    moved = parameters.thresholds.copy()
    moved[1, 0] = (
        minimize_scalar(
            lambda value: -gradient(ratings, with_threshold(parameters, value)).log_likelihood, (-1, 1), tol=1e-10
        ).x
        - 0.01
    )
    found = threshold_displacement(information(ratings, replace(parameters, thresholds=moved)))
    assert found.value[1, 0] == pytest.approx(0.01, rel=0.05)


def with_threshold(parameters, value):
    thresholds = parameters.thresholds.copy()
    thresholds[1, 0] = value
    return replace(parameters, thresholds=thresholds)


def test_flags():
    """Far: more than .5 logit, however uncertain. Sure: more than 3 errors, however near."""
    known = information(*small())
    variance = np.array([0.01, 4.0, 400.0, 400.0, 0.0, 100.0])  # errors 10, .5, .05, .05, none, .1
    residual = np.array([0.0051, -0.49 * 4, 0.151 * 400, -0.149 * 400, 0.0, -0.301 * 100])
    made = replace(
        known,
        variances=(variance, *known.variances[1:]),
        gradient=replace(known.gradient, residuals=(residual, *known.gradient.residuals[1:])),
    )
    found = displacement(made, 0)
    assert found.value == pytest.approx([0.51, -0.49, 0.151, -0.149, NO, -0.301], nan_ok=True)
    assert found.flagged.tolist() == [True, False, True, False, False, True]
    assert np.isnan(found.se[4])
