"""The most unexpected ratings against a list of all of them, sorted."""

import numpy as np
import pytest

from equipoise.errors import InputError
from equipoise.judges.irt.diagnostics.unexpected import unexpected
from equipoise.judges.irt.engine import model
from equipoise.judges.irt.engine.model import Parameters
from equipoise.judges.irt.engine.ratings import Facet, Ratings

from ..by_hand import rows, small


@pytest.mark.parametrize("scale", [None, 2])
@pytest.mark.parametrize("number", [1, 8, 60, 90, 200])
@pytest.mark.parametrize("chunk", [7, 1 << 15])
def test_they_are_the_largest_of_all(scale, number, chunk, monkeypatch):
    monkeypatch.setattr(model, "CHUNK", chunk)
    ratings, parameters = small(scale, weighted=True)
    every = list(enumerate(rows(ratings, parameters)))
    every.sort(key=lambda pair: -abs(pair[1].z))
    found = unexpected(ratings, parameters, number)
    assert len(found) == min(number, 90)
    assert found.rows.tolist() == [n for n, _ in every[:number]]
    assert list(zip(*(part.tolist() for part in found.codes), strict=True)) == [row.codes for _, row in every[:number]]
    for name, value in (
        ("observed", lambda row: row.score),
        ("expected", lambda row: row.expected_score),
        ("z", lambda row: row.z),
        ("probability", lambda row: row.p[row.y]),
    ):
        assert getattr(found, name) == pytest.approx([value(row) for _, row in every[:number]], abs=1e-12)
    assert found.z.min() < 0 < found.z.max() or number < 90


def test_rows_are_those_of_the_table():
    ratings, parameters = small()
    kept = np.arange(90) % 3 > 0
    found = unexpected(ratings.take(kept), parameters, 5)
    assert (found.rows % 3 > 0).all()
    assert found.z == pytest.approx([rows(ratings, parameters)[n].z for n in found.rows])


@pytest.mark.parametrize("chunk", [3, 1 << 15])
def test_of_equal_ones_the_earlier_rows_are_told(chunk, monkeypatch):
    """Twelve ratings of one kind and its mirror image: |z| = 1 in all."""
    monkeypatch.setattr(model, "CHUNK", chunk)
    zero = np.zeros(12, dtype=np.int16)
    category = np.array([1, 0] * 6, dtype=np.int8)
    ratings = Ratings((Facet("m", ("a",)), Facet("i", ("b",))), (zero, zero), category, np.array([[0.0, 1.0]]))
    found = unexpected(ratings, Parameters((np.zeros(1), np.zeros(1)), np.zeros((1, 1))), 5)
    assert found.rows.tolist() == [0, 1, 2, 3, 4]
    assert found.z == pytest.approx([1, -1, 1, -1, 1]) and found.probability == pytest.approx([0.5] * 5)


def test_a_rating_that_could_be_nothing_else_is_never_listed():
    """The first item has one category only."""
    codes = np.array([0, 0, 1, 1], dtype=np.int16)
    category = np.array([0, 0, 1, 0], dtype=np.int8)
    scores = np.array([[3.0, np.nan], [2.0, 7.0]])
    facets = (Facet("m", ("a",)), Facet("i", ("b", "c")))
    ratings = Ratings(facets, (np.zeros(4, dtype=np.int16), codes), category, scores, scale=1)
    found = unexpected(ratings, Parameters((np.zeros(1), np.zeros(2)), np.array([[np.inf], [1.0]])), 10)
    assert found.rows.tolist() == [2, 3] and found.observed.tolist() == [7.0, 2.0]
    chance = 1 / (1 + np.e)
    assert found.expected == pytest.approx(2 + 5 * np.full(2, chance))
    assert found.probability == pytest.approx([chance, 1 - chance])


def test_none_is_no_list():
    with pytest.raises(InputError, match=r"field 'number': expected 1 or more, found 0"):
        unexpected(*small(), 0)
