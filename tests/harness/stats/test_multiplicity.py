"""Adjusted p values against numbers worked out by hand, definitions written out, and a simulation of the promise."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from equipoise.errors import InputError
from equipoise.harness.stats.multiplicity import benjamini_hochberg, holm

P_VALUES = arrays(float, st.integers(1, 12), elements=st.floats(0, 1))


def test_holm_by_hand():
    """.01 x 4, .013 x 3 (raised to the one before), .03 x 2, .5; in any order."""
    assert holm([0.03, 0.01, 0.5, 0.013]) == pytest.approx([0.06, 0.04, 0.5, 0.04])
    assert holm([0.9, 0.6]) == pytest.approx([1.0, 1.0])  # never above 1
    assert holm([]).shape == (0,)


def test_benjamini_hochberg_by_hand():
    """.01 x 4, .013 x 4 / 2, .03 x 4 / 3, .5: from the largest down, never above the one after."""
    assert benjamini_hochberg([0.03, 0.01, 0.5, 0.013]) == pytest.approx([0.04, 0.026, 0.5, 0.026])
    assert benjamini_hochberg([0.04, 0.039]) == pytest.approx([0.04, 0.04])
    assert benjamini_hochberg([]).shape == (0,)


@given(P_VALUES)
def test_both_equal_their_definitions(p):
    order, m = np.argsort(p, kind="stable"), len(p)
    stepped = [max((m - j) * p[order[j]] for j in range(i + 1)) for i in range(m)]
    assert holm(p)[order] == pytest.approx(np.minimum(stepped, 1))
    stepped = [min(p[order[j]] * m / (j + 1) for j in range(i, m)) for i in range(m)]
    assert benjamini_hochberg(p)[order] == pytest.approx(np.minimum(stepped, 1))


@pytest.mark.parametrize("adjust", [holm, benjamini_hochberg])
def test_a_missing_p_value_counts_for_nothing_and_the_input_is_left_alone(adjust):
    p = np.array([[0.02, np.nan], [0.01, 0.4]])
    found = adjust(p)
    assert found.shape == (2, 2) and np.isnan(found[0, 1]) and np.isnan(p[0, 1]) and p[0, 0] == 0.02
    assert found[~np.isnan(p)] == pytest.approx(adjust([0.02, 0.01, 0.4]))
    assert np.isnan(adjust([np.nan, np.nan])).all()


@pytest.mark.parametrize("adjust", [holm, benjamini_hochberg])
@pytest.mark.parametrize("wrong", [-0.01, 1.01, np.inf])
def test_what_is_no_p_value_is_an_error(adjust, wrong):
    with pytest.raises(InputError, match=r"field 'p': expected p values from 0 to 1, found"):
        adjust([0.5, wrong])


def test_holm_keeps_the_chance_of_any_false_rejection():
    """Twenty true hypotheses: any is rejected at .05 in 1 - (1 - .05 / 20)^20 = 4.88 % of samples."""
    p = np.random.default_rng(0).random((4000, 20))
    share = np.mean([holm(row).min() <= 0.05 for row in p])
    assert share == pytest.approx(0.0488, abs=4 * np.sqrt(0.0488 / 4000))
