"""What is extreme, what goes with it, and the measures it gets afterwards."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from equipoise.errors import InputError
from equipoise.judges.irt.engine.extremes import extreme_measures, kinds, set_aside
from equipoise.judges.irt.engine.model import Parameters
from equipoise.judges.irt.engine.newton import Passes, newton, zero
from equipoise.judges.irt.engine.ratings import Facet, recode
from equipoise.judges.irt.engine.structure import Fixed, recentre, structure

from ..brute_force import ratings_of, table
from ..by_hand import repeated, rows, total


def grid(scores, scale=None):
    """Models in rows, items in columns, NaN = not rated; one judge more for a scale of its own."""
    wide = pd.DataFrame(np.array(scores, float))
    long = wide.rename_axis("m").reset_index().melt("m", var_name="i", value_name="score").dropna()
    return ratings_of(long, scale)


def solve(ratings):
    fixed = Fixed.nothing(ratings)
    shape = structure(ratings, fixed)
    found = newton(ratings, shape, zero(ratings, fixed), Passes())
    assert found.converged
    return recentre(found.parameters, shape)


def with_extremes():
    """Ratings in 4 categories; model 2 has only the highest scores, model 5 and item 1 only the lowest."""
    frame = table((12, 6, 3))
    frame.loc[frame["m"] == 2, "score"] = 3
    frame.loc[frame["m"] == 5, "score"] = 0
    frame.loc[frame["i"] == 1, "score"] = 0
    return frame[(frame["m"] != 2) | (frame["i"] != 1)]


def test_nothing_is_set_aside_without_need():
    ratings = grid([[0, 1, 2], [1, 0, 2], [2, 1, 0]])
    left, extremes = set_aside(ratings)
    assert left is ratings and not extremes.any
    assert all((kind == 0).all() and kind.dtype == np.int8 for kind in extremes.kind)


def test_which_elements_are_extreme():
    frame = with_extremes()
    ratings = ratings_of(frame)
    left, extremes = set_aside(ratings)
    assert [np.flatnonzero(kind).tolist() for kind in extremes.kind] == [[2, 5], [1], []]
    assert (extremes.kind[0][2], extremes.kind[0][5], extremes.kind[1][1]) == (1, -1, -1)
    gone = frame["m"].isin([2, 5]) | (frame["i"] == 1)
    assert left.rows.tolist() == np.flatnonzero(~gone).tolist() and extremes.any
    assert len(left) == (~gone).sum() and left.sizes == ratings.sizes
    assert left.rows.tolist() == np.flatnonzero(~gone).tolist()


def test_a_category_in_the_middle_is_not_extreme():
    left, extremes = set_aside(grid([[0, 1, 2], [np.nan, 1, np.nan], [2, 2, 0]]))
    assert extremes.kind[0].tolist() == [0, 0, 0] and len(left) == 7


def test_what_goes_makes_others_extreme():
    # Model 0 alone scored 4; without it 3 is the highest score, and model 1 has nothing else.
    scores = [[4, 4, 4, 4], [3, 3, 3, 3], [2, 0, 1, 2], [0, 2, 1, 2], [1, 2, 2, 0]]
    ratings = grid(scores)
    left, extremes = set_aside(ratings)
    assert extremes.kind[0].tolist() == [1, 1, 0, 0, 0]
    assert left.scores.tolist() == [[0, 1, 2]] == extremes.scores.tolist()
    assert left.category.max() == 2 and len(left) == 12
    # The recoded categories start at the lowest that is left.
    left, extremes = set_aside(grid([[0, 0, 0], [1, 2, 3], [3, 1, 2], [2, 3, 1]]))
    assert left.scores.tolist() == [[1, 2, 3]] and extremes.kind[0].tolist() == [-1, 0, 0, 0]
    assert sorted(left.category.tolist()) == [0, 0, 0, 1, 1, 1, 2, 2, 2]


def test_only_the_chosen_facets_and_nothing_anchored():
    ratings = ratings_of(with_extremes())
    left, extremes = set_aside(ratings, facets=range(1, 3))
    assert [np.flatnonzero(kind).tolist() for kind in extremes.kind] == [[], [1], []]
    assert (left.counts(0) > 0).all()
    fixed = Fixed.nothing(ratings)
    fixed.locations[1][1], fixed.locations[0][2] = 1.0, 0.5
    left, extremes = set_aside(ratings, fixed)
    assert [np.flatnonzero(kind).tolist() for kind in extremes.kind] == [[5], [], []]


def test_an_anchored_element_stays_known_without_ratings():
    scores = [[2, 2, 2, np.nan], [0, 1, np.nan, np.nan], [1, 0, np.nan, np.nan], [0, 1, np.nan, 0], [1, 2, np.nan, 2]]
    ratings = grid(scores)
    _, free = set_aside(ratings)
    assert free.kind[1].tolist() == [0, 0, 1, 0]
    fixed = Fixed.nothing(ratings)
    fixed.locations[1][:] = 0.0
    left, extremes = set_aside(ratings, fixed)
    assert extremes.kind[0][0] == 1 and left.counts(1)[2] == 0 == extremes.kind[1][2]
    parameters = Parameters((np.zeros(5), np.zeros(4)), np.zeros((1, 2)))
    assert np.isfinite(extreme_measures(ratings, extremes, parameters)[0].measures[0])


def test_scale_groups_have_extremes_of_their_own():
    # Judge 0 uses 0-2, judge 1 uses 0-1, judge 2 one category only: that says nothing.
    frame = pd.DataFrame(
        {
            "m": np.repeat(np.arange(4), 3),
            "j": np.tile(np.arange(3), 4),
            "score": [2, 1, 1, 1, 0, 1, 0, 1, 1, 1, 0, 1],
        }
    )
    alone = pd.DataFrame({"m": [4, 4], "j": [2, 2], "score": [1, 1]})
    ratings = ratings_of(pd.concat([frame, alone]), scale=1)
    found = kinds(ratings)
    assert found[0].tolist() == [1, 0, 0, 0, 2] and found[1].tolist() == [0, 0, 2]
    left, extremes = set_aside(ratings)
    assert extremes.kind[0].tolist() == [1, 0, 0, 0, 2] and extremes.kind[1].tolist() == [0, 0, 2]
    assert set(left.codes[1].tolist()) == {0, 1}
    assert left.scores.tolist()[:2] == [[0, 1], [0, 1]]


def test_elements_without_ratings_are_marked():
    ratings = grid([[0, 1, 2], [1, 0, 2], [2, 1, 0]])
    more = replace(ratings, facets=(Facet("m", ("0", "1", "2", "x")), ratings.facets[1]))
    assert set_aside(more)[1].kind[0].tolist() == [0, 0, 0, 2]
    assert kinds(more)[0].tolist() == [0, 0, 0, 2]


@pytest.mark.parametrize(
    ("scores", "words"),
    [
        ([[3, 3], [3, 3]], "every score is 3: nothing can be compared"),
        ([[0, 0], [2, 2], [0, 0]], "every m has only lowest or only highest scores"),
        ([[0, 2], [0, 2]], "every i has only lowest or only highest scores"),
        ([[2, 2, 2], [2, 0, 0], [2, 0, 0]], "nothing is left|has only lowest"),
    ],
)
def test_nothing_left_is_an_error_that_says_why(scores, words):
    with pytest.raises(InputError, match=words) as caught:
        set_aside(grid(scores))
    assert "\n" not in str(caught.value)


def test_judges_with_one_score_each_are_told():
    with pytest.raises(InputError, match="every i gives one score only"):
        set_aside(grid([[0, 1], [0, 1], [0, 1]], scale=1))


def test_extremes_do_not_move_the_others():
    frame = with_extremes()
    left, extremes = set_aside(ratings_of(frame))
    alone = ratings_of(frame[~(frame["m"].isin([2, 5]) | (frame["i"] == 1))])
    with_them, without = solve(left), solve(alone)
    for f, kind in enumerate(extremes.kind):
        assert with_them.locations[f][kind == 0] == pytest.approx(without.locations[f], abs=1e-9)
    assert with_them.thresholds == pytest.approx(without.thresholds, abs=1e-9)


@pytest.mark.parametrize("weighted", [False, True])
def test_measures_of_extremes_expect_a_score_moved_inward(weighted):
    frame = with_extremes()
    if weighted:
        frame["w"] = np.random.default_rng(0).integers(1, 4, len(frame)).astype(float)
    ratings = ratings_of(frame)
    left, extremes = set_aside(ratings)
    parameters = solve(left)
    found = extreme_measures(ratings, extremes, parameters)
    for f, kind in enumerate(extremes.kind):
        assert np.isnan(found[f].measures[kind == 0]).all() and np.isnan(found[f].standard_errors[kind == 0]).all()
    assert found[0].measures[2] > parameters.locations[0][extremes.kind[0] == 0].max()
    assert found[0].measures[5] < parameters.locations[0][extremes.kind[0] == 0].min()
    assert found[1].measures[1] > parameters.locations[1][extremes.kind[1] == 0].max()  # lowest scores: hardest
    for f, element, others in ((0, 2, (1,)), (0, 5, (1,)), (1, 1, (0,))):
        locations = [part.copy() for part in parameters.locations]
        locations[f][element] = found[f].measures[element]
        counted = ratings.codes[f] == element
        for g in others:
            counted &= extremes.kind[g][ratings.codes[g]] == 0
        chosen = rows(ratings.take(counted), replace(parameters, locations=tuple(locations)))
        most = 3 * total(chosen, lambda row: 1)
        target = most - 0.3 if extremes.kind[f][element] > 0 else 0.3
        assert total(chosen, lambda row: row.e) == pytest.approx(target, abs=1e-8)
        information = total(chosen, lambda row: row.v)
        assert found[f].standard_errors[element] == pytest.approx(information**-0.5, abs=1e-8)
    if weighted:
        again = repeated(ratings, ratings.weights.astype(int))
        others = extreme_measures(again, set_aside(again)[1], parameters)
        assert others[0].measures == pytest.approx(found[0].measures, nan_ok=True, abs=1e-8)


def test_categories_that_went_count_at_the_nearest_that_stayed():
    scores = [[4, 4, 4, 4], [3, 3, 3, 3], [2, 0, 1, 2], [0, 2, 1, 2], [1, 2, 2, 0]]
    ratings = grid(scores)
    left, extremes = set_aside(ratings)
    parameters = solve(left)
    found = extreme_measures(ratings, extremes, parameters)[0]
    assert found.measures[0] == pytest.approx(found.measures[1], abs=1e-9)  # both: the highest that is left
    assert found.measures[0] > parameters.locations[0][2:].max()
    same = grid([[2, 2, 2, 2], *scores[2:]])
    other = extreme_measures(
        same,
        set_aside(same)[1],
        Parameters((parameters.locations[0][1:], *parameters.locations[1:]), parameters.thresholds),
    )[0]
    assert other.measures[0] == pytest.approx(found.measures[0], abs=1e-9)


def test_rated_by_extremes_only_has_no_measure():
    scores = [
        [2, np.nan, np.nan, np.nan],
        [2, 0, 1, 2],
        [2, 2, 1, 0],
        [2, 1, 0, 1],
    ]  # item 0 is extreme, and model 0 was rated with it alone
    ratings = grid(scores)
    left, extremes = set_aside(ratings)
    assert extremes.kind[0].tolist() == [1, 0, 0, 0] and extremes.kind[1].tolist() == [1, 0, 0, 0]
    found = extreme_measures(ratings, extremes, solve(left))
    assert np.isnan(found[0].measures).all() and np.isfinite(found[1].measures[0])


def test_neither_extreme_nor_rated_by_others_is_unknown():
    # Item 0 has only highest, item 1 only lowest scores: model 0, rated with these alone, has both and tells nothing.
    nan = np.nan
    ratings = grid([[2, 0, nan, nan, nan], [2, 0, 0, 1, 2], [2, 0, 2, 1, 0], [2, 0, 1, 0, 1]])
    left, extremes = set_aside(ratings)
    assert extremes.kind[0].tolist() == [2, 0, 0, 0] and extremes.kind[1].tolist() == [1, -1, 0, 0, 0]
    assert np.isnan(extreme_measures(ratings, extremes, solve(left))[0].measures[0])


def test_small_weights_keep_the_score_in_range():
    frame = table((12, 6, 3)).assign(w=0.05)
    frame.loc[frame["m"] == 2, "score"] = 3
    ratings = ratings_of(frame.loc[(frame["m"] != 2) | ((frame["i"] == 0) & (frame["j"] == 0))])
    left, extremes = set_aside(ratings)
    parameters = solve(left)
    locations = [part.copy() for part in parameters.locations]
    locations[0][:] = extreme_measures(ratings, extremes, parameters)[0].measures[2]
    (row,) = rows(ratings.take(ratings.codes[0] == 2), replace(parameters, locations=tuple(locations)))
    assert row.e == pytest.approx(0.7 * 3)


def test_a_given_scale_keeps_its_categories():
    ratings = replace(grid([[4, 4, 4], [3, 3, 3], [2, 1, 0], [0, 1, 2], [1, 2, 0]]), given_scale=True)
    left, extremes = set_aside(ratings)
    assert extremes.kind[0].tolist() == [1, 0, 0, 0, 0]
    assert left.scores.tolist() == [[0, 1, 2, 3, 4]]
    assert recode(replace(left, given_scale=False)).scores.tolist() == [[0, 1, 2, 3]]
