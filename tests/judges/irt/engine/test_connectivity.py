"""What ratings cannot compare is found and told: separate designs, nesting, and what reconnects them."""

import numpy as np
import pandas as pd
import pytest

from equipoise.errors import InputError
from equipoise.judges.irt.engine.connectivity import subsets
from equipoise.judges.irt.fit import fit
from equipoise.judges.irt.simulate import simulate

from ..brute_force import apart, fitted, maximum, ratings_of, table


def subset_of(found):
    """Subset of every element, by facet and label."""
    return found.measures.set_index(["facet", "label"])["subset"]


def groups(found, facet):
    """Sets of labels of one facet that are in one subset."""
    own = subset_of(found)[facet]
    return {frozenset(own.index[own == number]) for number in own.unique()}


def nested():
    """Judge 3 has items of its own (10 to 14) and shares the objects with the others."""
    frame = table((6, 5, 4), 4, seed=8)
    return frame.assign(i=frame["i"] + 10 * (frame["j"] == 3))


def test_a_connected_design_is_one_subset():
    found = fitted(table((6, 5, 4), 4, seed=8))
    assert (found.measures["subset"] == 1).all() and found.summary["subsets"][0] == 1
    assert not [text for text in found.warnings if "subset" in text]


def test_separate_designs_are_found_in_every_facet_and_told():
    found = fitted(apart(8, 9, 10))
    for facet, size in (("m", 6), ("i", 5), ("j", 4)):
        assert groups(found, facet) == {frozenset(str(10 * n + k) for k in range(size)) for n in range(3)}
    assert sorted(subset_of(found)["m"].unique()) == [1, 2, 3]
    assert found.summary["subsets"][0] == 3
    assert sum("subset" in text for text in found.warnings) == 1
    assert found.summary["converged"][0]


def test_the_elements_of_a_subset_compare_as_if_the_other_did_not_exist():
    both, first = fitted(apart(8, 9)), fitted(table((6, 5, 4), 4, seed=8))
    anchors = first.anchors([])  # one scale for both, or the other design would move its thresholds
    both, first = fitted(apart(8, 9), anchors=anchors), fitted(table((6, 5, 4), 4, seed=8), anchors=anchors)
    for facet, pair in (("m", ("0", "5")), ("i", ("1", "2")), ("j", ("3", "0"))):
        one, two = (part.contrast(*pair, facet=facet).iloc[0] for part in (both, first))
        assert one["difference"] == pytest.approx(two["difference"], abs=1e-7)
        assert one["se"] == pytest.approx(two["se"], abs=1e-7)
        assert one["se_clustered"] == pytest.approx(two["se_clustered"], abs=1e-7)


def test_nesting_is_found_where_the_graph_of_elements_is_connected():
    found = fitted(nested())
    assert groups(found, "m") == {frozenset(map(str, range(6)))}
    assert groups(found, "i") == {frozenset("01234"), frozenset(map(str, range(10, 15)))}
    assert groups(found, "j") == {frozenset("012"), frozenset("3")}
    assert found.summary["subsets"][0] == 2 and found.summary["parameters"][0] == 6 + 9 + 3 + 2 - 1


def test_a_contrast_across_subsets_is_refused():
    found = fitted(nested())
    assert np.isfinite(found.contrast("0", "5")["se"][0])
    assert np.isfinite(found.contrast("10", "14", "i")["se"][0])
    with pytest.raises(InputError, match="'1' and '11' are in different subsets") as caught:
        found.contrast("1", "11", "i")
    assert caught.value.field == "i"
    with pytest.raises(InputError, match="different subsets"):
        found.contrast("2", "3", "j")


@pytest.mark.parametrize("facets", [["i", "j"], ["m", "j"], ["m", "i"], ["m", "i", "j"]])
def test_anchors_in_two_facets_reconnect_separate_designs(facets):
    free = fitted(apart(8, 9))
    anchors = free.anchors(["m", "i", "j"])
    found = fitted(apart(8, 9), anchors=anchors[anchors["facet"].isin(facets)])
    assert found.summary["subsets"][0] == 1 and not [text for text in found.warnings if "subset" in text]
    assert np.isfinite(found.contrast("0", "10")["se"][0])


def test_anchors_in_one_facet_do_not_reconnect_designs_that_share_no_other():
    free = fitted(apart(8, 9))
    found = fitted(apart(8, 9), anchors=free.anchors(["j"]))
    assert groups(found, "m") == groups(free, "m")
    with pytest.raises(InputError, match="different subsets"):
        found.contrast("0", "10")


def test_common_judges_need_anchored_items():
    frame = apart(8, 9)
    frame["j"] %= 10
    free = fitted(frame)
    assert len(groups(free, "m")) == len(groups(free, "i")) == 2 and len(groups(free, "j")) == 1
    anchors = free.anchors(["i"]).query("label in ['0', '13']")
    assert len(groups(fitted(frame, anchors=anchors), "m")) == 1
    assert len(groups(fitted(frame, anchors=anchors.query("label == '0'")), "m")) == 2


def test_an_extreme_element_is_in_no_subset_of_several():
    extreme = pd.DataFrame({"m": 99, "i": [0, 1, 2], "j": [0, 1, 2], "score": 3})
    found = fitted(pd.concat([apart(8, 9), extreme]))
    assert subset_of(found)["m", "99"] == 0 and found.summary["subsets"][0] == 2
    with pytest.raises(InputError, match="different subsets"):
        found.contrast("0", "99")
    alone = fitted(pd.concat([table((6, 5, 4), 4, seed=8), extreme]))
    assert subset_of(alone)["m", "99"] == 1 and np.isfinite(alone.contrast("0", "99")["difference"][0])


@pytest.mark.parametrize("order", [None, 1])
def test_numbers_do_not_depend_on_the_order_of_the_rows(order):
    frame = apart(8, 9)
    ratings = ratings_of(frame if order is None else frame.sample(frac=1, random_state=order))
    _, found, _ = maximum(ratings)
    told = subsets(ratings, found)
    assert [part.tolist() for part in told] == [[1] * 6 + [2] * 6, [1] * 5 + [2] * 5, [1] * 4 + [2] * 4]


@pytest.mark.parametrize("judges", [1, 2])
@pytest.mark.parametrize("sizes", [((4, 20), (5, 20)), ((4, 30), (5, 30)), ((3, 8), (3, 9))])
def test_two_halves_with_their_own_judges_are_not_compared(sizes, judges):
    """A judge who alone met their items leaves nothing of their own in the equations but rounding."""
    halves = []
    for name, (models, items), seed in zip("AB", sizes, (1, 2), strict=True):
        half = simulate(models, items, judges, seed=seed).ratings
        halves.append(half.assign(**{c: name + half[c].astype(str) for c in ("model", "item", "judge")}))
    found = fit(pd.concat(halves, ignore_index=True))
    for _, facet in found.measures[found.measures["status"] == ""].groupby("facet"):
        assert facet.groupby(facet["label"].str[0])["subset"].agg(["min", "max"]).to_numpy().tolist() in (
            [[1, 1], [2, 2]],
            [[2, 2], [1, 1]],
        )
    with pytest.raises(InputError, match="different subsets"):
        found.contrast("Am1", "Bm1")
