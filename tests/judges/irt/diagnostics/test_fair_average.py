"""Fair averages against expected scores written out."""

import math

import numpy as np
import pytest

from equipoise.judges.irt.diagnostics.fair_average import fair_averages
from equipoise.judges.irt.engine.model import Parameters

from ..by_hand import small

NO = float("nan")


def expected(logit, thresholds, scores):
    odds = [1.0]
    for tau in thresholds:
        odds.append(odds[-1] * (math.exp(logit - tau) if math.isfinite(tau) else 0.0))
    return sum(o * (0 if math.isnan(s) else s) for o, s in zip(odds, scores, strict=True)) / sum(odds)


@pytest.mark.parametrize("reference", ["mean", "zero"])
@pytest.mark.parametrize("scale", [None, 0, 1, 2])
def test_other_facets_are_at_their_reference(scale, reference):
    ratings, parameters = small(scale)
    means = [values.mean() if reference == "mean" else 0.0 for values in parameters.locations]
    found = fair_averages(ratings, parameters, reference)
    for f, values in enumerate(parameters.locations):
        for element, value in enumerate(values):
            at = [value if g == f else mean for g, mean in enumerate(means)]
            logit = at[0] - at[1] - at[2]
            groups = [element] if f == scale else range(ratings.groups)
            each = [expected(logit, parameters.thresholds[g], ratings.scores[g]) for g in groups]
            assert found[f][element] == pytest.approx(sum(each) / len(each))


def test_the_mean_is_the_default():
    ratings, parameters = small()
    for one, other in zip(fair_averages(ratings, parameters), fair_averages(ratings, parameters, "mean"), strict=True):
        assert one.tolist() == other.tolist()


def test_elements_without_ratings_move_nobody_and_are_read_where_they_are_put():
    ratings, parameters = small(2)
    kept = ratings.take((ratings.codes[2] != 1) & (ratings.codes[0] != 4))
    before = fair_averages(kept, parameters)
    locations = [values.copy() for values in parameters.locations]
    locations[0][4], locations[2][1] = 9.0, NO
    after = fair_averages(kept, Parameters(tuple(locations), parameters.thresholds))
    assert after[0][:4] == pytest.approx(before[0][:4]) and after[1] == pytest.approx(before[1])
    assert after[0][4] > before[0].max() and math.isnan(after[2][1])


def test_an_element_with_one_rating_counts_in_the_mean():
    ratings, parameters = small()
    kept = ratings.codes[2] != 1
    before = fair_averages(ratings.take(kept), parameters)
    kept[np.flatnonzero(~kept)[0]] = True
    with_one, with_all = (fair_averages(each, parameters) for each in (ratings.take(kept), ratings))
    assert with_one[0].tolist() == with_all[0].tolist() != before[0].tolist()


def test_a_fair_average_is_what_the_raw_average_would_be_if_all_were_rated_alike():
    """A lenient and a severe judge who saw different models: raw averages differ, fair ones tell who is better."""
    ratings, parameters = small()
    better, worse = np.argmax(parameters.locations[0]), np.argmin(parameters.locations[0])
    fair = fair_averages(ratings, parameters)
    assert fair[0][better] > fair[0][worse]
    assert np.argsort(fair[2]).tolist() == np.argsort(-parameters.locations[2]).tolist()
