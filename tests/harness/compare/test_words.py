"""What is said of a comparison: counts without a verdict, numbers that keep their sign."""

from dataclasses import replace

import pytest
from paired_tables import persuasion_rows, side

import equipoise.tasks  # noqa: F401  (registers metrics and margins)
from equipoise.harness.compare import Adjusted, compare, words


@pytest.mark.parametrize(
    ("value", "plain", "with_sign"),
    [(0.25, "0.250", "+0.250"), (-0.25, "−0.250", "−0.250"), (-0.0001, "0.000", "0.000"), (float("nan"), "–", "–")],
)
def test_numbers(value, plain, with_sign):
    assert (words.number(value), words.signed(value)) == (plain, with_sign)


def test_probabilities_shares_and_intervals():
    assert [words.probability(p) for p in (0.0, 0.00099, 0.0124, float("nan"))] == ["<0.001", "<0.001", "0.012", "–"]
    assert [words.percent(share) for share in (0, 0.004, 0.2, 1, float("nan"))] == [
        "0 %",
        "0.4 %",
        "20 %",
        "100 %",
        "–",
    ]
    assert (words.interval(-1, 0.5), words.interval(float("nan"), 1)) == ("−1.000…0.500", "")


def test_the_overview_counts_intervals_without_0():
    one, other = persuasion_rows([1] * 40, [1] * 40), persuasion_rows([1] * 40, [0] * 40)
    down, up = (words.overview(compare(side(*pair[:1]), side(*pair[1:]))) for pair in ((one, other), (other, one)))
    # accept, d' and c move; c the other way.
    assert "leaves out 0 for 3 of them (2 lower and 1 higher in the candidate)" in down
    assert "leaves out 0 for 3 of them (1 lower and 2 higher in the candidate)" in up
    assert "correction 3 differences can be told from chance" in down
    found = compare(side(one), side(other))
    found.comparisons[:] = [replace(each, p_adjusted=0.2) for each in found.comparisons]
    assert "correction none can be told from chance" in words.overview(found)
    assert "leaves out 0 for none of them; after" in words.overview(compare(side(one), side(one)))


def test_a_warning_is_told_once_with_all_its_dimensions():
    rows = [Adjusted("t", name, 0, 1, -2, 2, 1, 2, warnings=("few", name)) for name in ("a", "b")]
    assert words.warnings(rows) == {"few": ["a", "b"], "a": ["a"], "b": ["b"]}
