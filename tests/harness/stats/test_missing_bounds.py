"""Bounds under missing outcomes against every way of filling them in."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from equipoise.errors import InputError
from equipoise.harness.stats.missing_bounds import missing_bounds


@given(st.lists(st.sampled_from([0.0, 0.5, 1.0]), max_size=4), st.integers(0, 4))
def test_bounds_are_the_extremes_of_all_ways_to_fill_in(known, absent):
    low, high = missing_bounds(sum(known), len(known), absent, 0, 1)
    if not known and not absent:
        assert np.isnan([low, high]).all()
        return
    means = [np.mean([*known, *filled]) for filled in product((0.0, 0.5, 1.0), repeat=absent)]
    assert (low, high) == (pytest.approx(min(means)), pytest.approx(max(means)))


def test_items_at_once_on_another_scale():
    low, high = missing_bounds([8.0, 3.0, 0.0, 0.0], [2, 1, 0, 0], [0, 1, 3, 0], 1, 5)
    assert low == pytest.approx([4, 2, 1, np.nan], nan_ok=True)
    assert high == pytest.approx([4, 4, 5, np.nan], nan_ok=True)


@pytest.mark.parametrize(("total", "least", "most"), [(3.0, 0, 1), (-1.0, 0, 1)])
def test_outcomes_outside_the_range_are_refused(total, least, most):
    with pytest.raises(InputError, match="field 'sums': expected outcomes from 0 to 1, found an item whose sum is"):
        missing_bounds([1.0, total], [2, 2], [0, 0], least, most)


def test_an_empty_range_is_refused():
    with pytest.raises(InputError, match="field 'least': expected least < most, found 1 and 1"):
        missing_bounds(1, 1, 0, 1, 1)
