"""Cells of crossed codes, and clustered sums, against dictionaries."""

import numpy as np
import pytest

from equipoise.judges.irt.diagnostics import crossing
from equipoise.judges.irt.diagnostics.crossing import Clusters, crossed

from ..by_hand import small


@pytest.mark.parametrize("dense", [1 << 20, 0])
@pytest.mark.parametrize("sizes", [(4, 7), (3, 5, 2), (6, 1), (1, 6), (1, 1), (400, 500)])
def test_cells_are_the_combinations_that_occur_in_order(sizes, dense, monkeypatch):
    monkeypatch.setattr(crossing, "_DENSE", dense)
    random = np.random.default_rng(1)
    parts = [random.integers(size, size=60).astype(np.int16) for size in sizes]
    cells = crossed(parts)
    expected = sorted(set(zip(*(part.tolist() for part in parts), strict=True)))
    assert len(cells) == len(expected) > 0
    assert list(zip(*(values.tolist() for values in cells.elements), strict=True)) == expected
    for part, values in zip(parts, cells.elements, strict=True):
        assert (values[cells.codes] == part).all()


def test_no_rating_makes_no_cell():
    nothing = np.zeros(0, dtype=np.int16)
    assert len(crossed([nothing, nothing])) == 0


def test_codes_whose_product_exceeds_their_type_are_kept_apart():
    parts = [np.array([30_000, 29_999], dtype=np.int16), np.array([32_000, 31_999], dtype=np.int16)]
    cells = crossed(parts)
    assert cells.codes.tolist() == [1, 0] and [part.tolist() for part in cells.elements] == [
        [29_999, 30_000],
        [31_999, 32_000],
    ]


def test_clusters_sum_within_responses_whatever_the_chunks():
    """sum_c g_c^2 x n / (n - 1) of each cell; NaN for one response."""
    ratings, _ = small(response=7, number=60)
    cell = np.minimum(ratings.codes[0], 4).astype(np.int64)
    cell[0], ratings.response[0] = 5, 3  # one rating, one response
    residual = np.random.default_rng(2).normal(size=60)
    clusters = Clusters(ratings, cell, 7)
    for rows in (slice(0, 13), slice(13, 60)):
        clusters.add(rows, residual[rows])
    sums = {}
    for key, value in zip(zip(cell.tolist(), ratings.response.tolist(), strict=True), residual, strict=True):
        sums[key] = sums.get(key, 0.0) + value
    for number in range(7):
        own = [value for (owner, _), value in sums.items() if owner == number]
        assert clusters.responses[number] == len(own)
        if len(own) < 2:
            assert np.isnan(clusters.squares()[number])
        else:
            assert clusters.squares()[number] == pytest.approx(np.square(own).sum() * len(own) / (len(own) - 1))
    assert clusters.responses[5] == 1 and clusters.responses[6] == 0


def test_without_response_codes_a_response_is_an_object_on_an_item():
    ratings, _ = small(number=80)
    clusters = Clusters(ratings, ratings.codes[2], 3)
    pairs = ratings.codes[0].astype(int) * 4 + ratings.codes[1]
    assert clusters.responses.tolist() == [len(set(pairs[ratings.codes[2] == judge])) for judge in range(3)]
