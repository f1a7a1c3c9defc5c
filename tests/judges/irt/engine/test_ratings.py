"""A table of ratings as arrays: every rating keeps its elements and its score, whatever the table looks like."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from equipoise.errors import InputError
from equipoise.judges.irt.engine import ratings as module
from equipoise.judges.irt.engine.ratings import Ratings, blocks, read_frame, recode

from ..brute_force import ratings_of, table

LABELS = st.lists(st.text(st.characters(codec="utf-8"), min_size=1), min_size=1, max_size=5, unique=True)


@st.composite
def tables(draw):
    """Any labels and scores, some scores missing."""
    labels = {name: draw(LABELS) for name in "mij"}
    number = draw(st.integers(1, 30))
    rows = {
        name: draw(st.lists(st.sampled_from(own), min_size=number, max_size=number)) for name, own in labels.items()
    }
    scores = draw(st.lists(st.none() | st.integers(0, 12), min_size=number, max_size=number))
    frame = pd.DataFrame({**rows, "score": pd.Series(scores, dtype=float)}, index=np.arange(number) + 100)
    return frame if frame["score"].notna().any() else frame.assign(score=1.0)


def told(ratings, n):
    """Labels and original score of one rating."""
    group = 0 if ratings.scale is None else ratings.codes[ratings.scale][n]
    labels = [facet.labels[codes[n]] for facet, codes in zip(ratings.facets, ratings.codes, strict=True)]
    return (*labels, ratings.scores[group, ratings.category[n]])


@given(tables(), st.sampled_from(["common", "m", "i", "j"]))
@settings(max_examples=80, deadline=None)
def test_every_rating_is_kept_with_its_labels_and_its_score(frame, scale):
    ratings, missing = read_frame(frame, "m", ("i", "j"), "score", scale)
    kept = frame[frame["score"].notna()]
    assert missing == len(frame) - len(kept) and len(ratings) == len(kept) == ratings.total_weight
    assert [told(ratings, n) for n in range(len(kept))] == list(kept.itertuples(index=False, name=None))
    rows = np.arange(len(frame)) if ratings.rows is None else ratings.rows
    assert rows.tolist() == np.flatnonzero(frame["score"].notna()).tolist()
    for facet, name in zip(ratings.facets, "mij", strict=True):
        assert facet.name == name and list(facet.labels) == sorted(set(kept[name]))
    assert ratings.groups == (1 if scale == "common" else kept[scale].nunique())


@given(tables(), st.sampled_from(["common", "m", "i", "j"]))
@settings(max_examples=40, deadline=None)
def test_categories_are_consecutive_within_a_group_and_every_one_is_used(frame, scale):
    ratings, _ = read_frame(frame, "m", ("i", "j"), "score", scale)
    for group, scores in enumerate(ratings.scores):
        own = np.ones(len(ratings), bool) if ratings.scale is None else ratings.codes[ratings.scale] == group
        used = np.unique(ratings.category[own])
        assert used.tolist() == list(range(len(used)))
        assert (np.diff(scores[: len(used)]) > 0).all() and np.isnan(scores[len(used) :]).all()
        assert ratings.has_threshold[group].sum() == len(used) - 1
    assert ratings.steps == max(np.isfinite(ratings.scores).sum(axis=1)) - 1


@given(tables())
@settings(max_examples=20, deadline=None)
def test_blocks_change_nothing(frame):
    whole, _ = read_frame(frame, "m", ("i", "j"), "score", "i", weights=None, response=["m", "j"])
    before = blocks.__defaults__
    blocks.__defaults__ = (7,)
    try:
        parts, _ = read_frame(frame, "m", ("i", "j"), "score", "i", weights=None, response=["m", "j"])
    finally:
        blocks.__defaults__ = before
    assert (parts.category == whole.category).all() and (parts.response == whole.response).all()
    assert np.array_equal(parts.scores, whole.scores, equal_nan=True)
    for f in range(3):
        assert (parts.codes[f] == whole.codes[f]).all() and (parts.counts(f) == whole.counts(f)).all()


@pytest.mark.parametrize(
    "kind",
    [
        lambda column: column.astype("category"),
        lambda column: pd.Categorical(column, categories=["zz", "b", "a", "10", "9"]),
        lambda column: pd.Categorical(column, categories=["b", "a", "9", "10"], ordered=True),
        lambda column: column.astype(object),
        lambda column: column.astype("string"),
    ],
)
def test_text_is_sorted_as_text_however_it_is_stored(kind):
    frame = pd.DataFrame({"m": ["b", "a", "10", "9", "a"], "i": list("xyxyx"), "score": [0, 1, 2, 1, 0]})
    ratings, _ = read_frame(frame.assign(m=kind(frame["m"])), "m", ("i",), "score")
    assert ratings.facets[0].labels == ("10", "9", "a", "b")
    assert ratings.codes[0].tolist() == [3, 2, 0, 1, 2]


def test_numbers_are_sorted_as_numbers():
    frame = pd.DataFrame({"m": [10, 9, 10, 2], "i": [1.5, -1, 0, 0], "score": [0, 1, 2, 1]})
    ratings, _ = read_frame(frame, "m", ("i",), "score")
    assert [facet.labels for facet in ratings.facets] == [("2", "9", "10"), ("-1.0", "0.0", "1.5")]
    assert ratings.codes[0].tolist() == [2, 1, 2, 0]


@pytest.mark.parametrize("dtype", ["int64", "int8", "uint8", "float32", "float64", "Int64", "Float64", "bool"])
def test_whole_numbers_of_any_type_are_scores(dtype):
    frame = table((6, 5, 4), 2, seed=3)
    wanted = ratings_of(frame)
    assert (ratings_of(frame.astype({"score": dtype})).category == wanted.category).all()


@pytest.mark.parametrize("empty", [np.nan, None, pd.NA])
def test_rows_without_a_score_are_left_out_and_counted(empty):
    frame = table((6, 5, 4), 4, seed=3)
    score = frame["score"].astype("Int64" if empty is pd.NA else float if empty is np.nan else object)
    score[[0, 7, 50]] = empty
    frame = frame.assign(score=pd.to_numeric(score), r=np.arange(len(frame)), w=np.arange(len(frame)) + 0.5)
    ratings, missing = read_frame(frame, "m", ("i", "j"), "score", weights="w", response="r")
    assert missing == 3 and len(ratings) == len(frame) - 3
    assert ratings.rows.tolist() == [row for row in range(len(frame)) if row not in (0, 7, 50)]
    assert ratings.weights.tolist() == [row + 0.5 for row in ratings.rows]
    assert ratings.response.max() == len(frame) - 4


def test_an_element_whose_scores_are_all_missing_is_no_element():
    frame = table((6, 5, 4), 4, seed=3)
    frame["score"] = frame["score"].where(frame["i"] != 2)
    assert ratings_of(frame).facets[1].labels == ("0", "1", "3", "4")


def test_weights_are_added_up():
    frame = table((6, 5, 4), 4, weighted=True, seed=3)
    ratings = ratings_of(frame)
    assert ratings.total_weight == frame["w"].sum()
    for f, name in enumerate("mij"):
        assert ratings.counts(f).tolist() == frame.groupby(name)["w"].sum().tolist()
        plain = replace(ratings, weights=None)
        assert plain.counts(f).tolist() == frame.groupby(name).size().tolist()


def test_a_response_is_an_object_and_an_item_unless_columns_name_it():
    frame = table((6, 5, 4), 4, seed=3)
    codes, most = ratings_of(frame).responses()
    assert most == 30 and (codes == frame["m"] * 5 + frame["i"]).all()
    rows = slice(10, 40)
    assert (ratings_of(frame).responses(rows)[0] == codes[rows]).all()
    for columns in ("j", ["j"], ["j", "m"], ["m", "j", "i"]):
        named, most = ratings_of(frame, response=columns).responses()
        groups = frame.groupby([columns] if isinstance(columns, str) else columns).ngroup()
        assert most == groups.nunique() == len(set(named)) and len(set(zip(named, groups, strict=True))) == most


def test_taken_ratings_keep_everything_but_the_others():
    frame = table((6, 5, 4), 4, 1, weighted=True, seed=3)
    ratings = ratings_of(frame, 1, response="j")
    kept = np.arange(len(ratings)) % 3 != 0
    once = ratings.take(kept)
    assert once.rows.tolist() == np.flatnonzero(kept).tolist() and once.sizes == ratings.sizes
    assert [told(once, n) for n in range(len(once))] == [told(ratings, n) for n in once.rows]
    assert (once.weights == ratings.weights[kept]).all() and (once.response == ratings.response[kept]).all()
    twice = once.take(np.arange(len(once)) < 5)
    assert twice.rows.tolist() == once.rows[:5].tolist()


def test_recoding_closes_what_taking_left_open_unless_the_scale_is_given():
    ratings = ratings_of(table((6, 5, 4), 4, seed=3))
    taken = ratings.take(ratings.category != 1)
    closed = recode(taken)
    assert closed.scores.tolist() == [[0, 2, 3]] and closed.steps == 2
    assert [told(closed, n) for n in range(len(closed))] == [told(taken, n) for n in range(len(taken))]
    given_scale = replace(taken, given_scale=True)
    assert recode(given_scale) is given_scale


def test_codes_are_as_small_as_they_can_be():
    many = 40_000
    frame = pd.DataFrame({"m": np.arange(many), "i": np.arange(many) % 7, "score": np.arange(many) % 200})
    ratings, _ = read_frame(frame, "m", ("i",), "score")
    assert [codes.dtype for codes in ratings.codes] == [np.int32, np.int16] and ratings.category.dtype == np.int16
    assert (ratings.codes[0] == np.arange(many)).all()
    assert ratings_of(table((6, 5, 4), 4)).category.dtype == np.int8


@pytest.mark.parametrize(("number", "fits"), [(255, True), (256, False)])
def test_a_scale_has_at_most_255_categories(number, fits):
    frame = pd.DataFrame({"m": np.arange(1024) % 16, "i": np.arange(1024) % 7, "score": np.arange(1024) % number * 3})
    if fits:
        ratings, _ = read_frame(frame, "m", ("i",), "score")
        assert ratings.steps == 254 and ratings.scores[0, -1] == 762
        return
    with pytest.raises(InputError, match="256 different values"):
        read_frame(frame, "m", ("i",), "score")


@pytest.mark.parametrize(("length", "size"), [(0, 5), (1, 5), (5, 5), (11, 5)])
def test_blocks_cover_every_row_once(length, size):
    covered = [row for rows in blocks(length, size) for row in range(rows.start, rows.stop)]
    assert covered == list(range(length))
    assert all(0 < rows.stop - rows.start <= size for rows in blocks(length, size))
    assert blocks(3).__next__() == slice(0, 3)
    assert module._BLOCK == 1 << 20


def test_arrays_without_a_first_facet_have_one_response_per_object():
    ratings = ratings_of(table((6, 5), 4, seed=3))
    alone = Ratings(ratings.facets[:1], ratings.codes[:1], ratings.category, ratings.scores)
    codes, most = alone.responses()
    assert most == 6 and (codes == ratings.codes[0]).all()
