"""Anchored at its own free solution a fit returns it; anchors are checked, written and read without loss."""

from itertools import combinations

import numpy as np
import pandas as pd
import pytest

from equipoise.errors import InputError
from equipoise.judges.irt.scales.anchors import check_anchors, of_part, read_anchors, write_anchors

from ..brute_force import Whole, fitted, maximum, ratings_of, table
from ..engine.test_equations import anchored

UNITS = ("m", "i", "j", "threshold")
SUBSETS = [chosen for number in range(1, 5) for chosen in combinations(UNITS, number)]
EVERYTHING = ["m", "i", "j"]


def frame(scale=None):
    return table((8, 5, 4), 4, scale, seed=8)


@pytest.fixture(scope="module")
def free():
    """Free fits by scale."""
    return {scale: fitted(frame(scale), scale) for scale in (None, 1, 2)}


def moved(one, two):
    """Largest difference of measures and thresholds between two fits."""
    measures = one.measures.merge(two.measures, on=["facet", "label"])
    steps = one.thresholds.merge(two.thresholds, on=["scale", "category"])
    assert len(measures) == len(one.measures) == len(two.measures) and len(steps) == len(two.thresholds)
    differences = [
        (measures["measure_x"] - measures["measure_y"]).abs().max(),
        (steps["threshold_x"] - steps["threshold_y"]).abs().max(),
    ]
    return max(differences)


@pytest.mark.parametrize("scale", [None, 1, 2])
@pytest.mark.parametrize("chosen", SUBSETS)
def test_anchored_at_the_free_solution_it_is_returned(free, scale, chosen):
    anchors = free[scale].anchors(EVERYTHING)
    found = fitted(frame(scale), scale, anchors=anchors[anchors["facet"].isin(chosen)])
    assert moved(found, free[scale]) < 3e-8
    own = found.measures["facet"].isin(chosen)
    assert (found.measures.loc[own, "status"] == "anchored").all()
    assert (found.measures.loc[own, ["se", "se_clustered", "se_conditional"]] == 0).all(axis=None)
    assert found.measures.loc[own, "displacement"].abs().max() < 1e-6 or not own.any()
    assert (found.measures.loc[~own, "se"] > 0).all() and found.measures.loc[~own, "displacement"].isna().all()
    assert found.summary["log_likelihood"][0] == pytest.approx(free[scale].summary["log_likelihood"][0], rel=1e-11)
    assert found.parts[0].estimate.free_parameters == parameters_left(free[scale], chosen)


def parameters_left(free, chosen):
    """Free parameters: none of an anchored facet, all of the one that floats, one fewer of every other."""
    facets = [name for name in EVERYTHING if name not in chosen]
    sizes = free.measures["facet"].value_counts()
    steps = free.thresholds["threshold"].notna().groupby(free.thresholds["scale"]).sum()
    locations = sum(int(sizes[name]) for name in facets) - max(len(facets) - 1, 0)
    return locations + (0 if "threshold" in chosen else int((steps - 1).sum()))


@pytest.mark.parametrize("facets", [c for n in (1, 2) for c in combinations(EVERYTHING, n)])
def test_a_mean_of_the_free_solution_returns_it(free, facets):
    anchors = free[None].anchors(EVERYTHING)
    anchors = anchors[anchors["facet"].isin(facets)].assign(group=lambda part: part["facet"] + " together")
    found = fitted(frame(), anchors=anchors)
    assert moved(found, free[None]) < 3e-8
    assert (found.measures["status"] == "").all() and (found.measures["se"] > 0).all()
    assert found.summary["parameters"][0] == free[None].summary["parameters"][0]


def test_anchors_at_other_values_are_kept_and_the_rest_is_the_maximum_given_them(free):
    anchors = pd.DataFrame(
        {
            "facet": ["i", "i", "i", "i", "j"],
            "label": ["0", "1", "2", "3", "2"],
            "measure": [0.5, -0.25, 1.0, 0.0, 0.75],
            "group": [None, "x", "x", None, None],
        }
    )
    found = fitted(frame(), anchors=anchors)
    measures = found.measures.set_index(["facet", "label"])["measure"]
    assert measures["i", "0"] == 0.5 and measures["i", "3"] == 0 and measures["j", "2"] == 0.75
    assert (measures["i", "1"] + measures["i", "2"]) / 2 == pytest.approx(0.375, abs=1e-9)
    whole = Whole.of(ratings_of(frame()))
    held = [whole.place(1, 0), whole.place(1, 3), whole.place(2, 2)]
    origin = whole.origin(0, held, [[whole.place(1, 1), whole.place(1, 2)]])
    start = np.zeros(len(whole.real))
    start[[*held, whole.place(1, 1), whole.place(1, 2)]] = [0.5, 0, 0.75, 0.375, 0.375]
    x = whole.maximum(origin, start)
    assert found.measures["measure"].to_numpy() == pytest.approx(x[: len(measures)], abs=3e-8)
    # Displacement: about how far the anchor is from where its own ratings want it.
    own = found.measures[found.measures["status"] == "anchored"]
    score = whole.scores(x).sum(axis=0)[held] / np.diag(whole.information(x))[held]
    assert own["displacement"].to_numpy() == pytest.approx(score, abs=1e-6)


def test_the_members_of_a_group_that_turn_out_extreme_do_not_shift_the_others(free):
    anchors = free[None].anchors(["i"]).query("facet == 'i'").assign(group="g")
    extreme = pd.DataFrame({"m": range(8), "i": 9, "j": 0, "score": 3})
    added = pd.concat([anchors, pd.DataFrame({"facet": ["i"], "label": ["9"], "measure": [-6.0], "group": ["g"]})])
    found = fitted(pd.concat([frame(), extreme]), anchors=added)
    assert found.measures.set_index("label").loc["9", "status"] == "extreme high"
    kept = found.measures[found.measures["label"] != "9"]["measure"].to_numpy()
    assert kept == pytest.approx(free[None].measures["measure"].to_numpy(), abs=3e-8)


def test_a_group_of_one_is_held_like_an_anchor(free):
    anchors = free[None].anchors(["i"]).query("label == '2'")
    single, grouped = (fitted(frame(), anchors=part) for part in (anchors, anchors.assign(group="g")))
    assert moved(single, grouped) < 3e-8


def test_every_facet_by_its_mean_is_one_too_many(free):
    anchors = free[None].anchors(EVERYTHING).query("facet != 'threshold'")
    with pytest.raises(InputError, match="a facet without group anchors") as caught:
        fitted(frame(), anchors=anchors.assign(group=anchors["facet"]))
    assert caught.value.field == "group"


def test_everything_anchored_leaves_nothing_to_estimate(free):
    found = fitted(frame(), anchors=free[None].anchors(EVERYTHING))
    assert found.summary["parameters"][0] == 0 and found.summary["converged"][0]
    assert (found.measures["se"] == 0).all()


def test_anchored_fits_are_not_corrected(free):
    corrected = fitted(frame(), correct=True)
    assert corrected.summary["factor"][0] < 1
    anchors = corrected.anchors(EVERYTHING)
    for chosen in (["i"], ["threshold"]):
        own = anchors[anchors["facet"].isin(chosen)]
        found = fitted(frame(), anchors=own, correct=True)
        assert found.summary["factor"][0] == 1
        told = found.anchors(EVERYTHING).merge(own, on=["facet", "label", "category"]).dropna(subset=["measure_x"])
        assert len(told) >= 3 and (told["measure_x"] == told["measure_y"]).all()


# --- the scale ---------------------------------------------------------------------------------------------------


def test_a_category_nobody_uses_keeps_its_anchored_threshold(free):
    anchors = free[None].anchors(["i"])
    for unused in (0, 2, 3):
        found = fitted(frame().query(f"score != {unused}"), anchors=anchors)
        assert found.thresholds["threshold"].dropna().tolist() == pytest.approx(
            anchors["measure"][anchors["facet"] == "threshold"].dropna().tolist()
        )
        count = found.thresholds.set_index("category")["count"]
        assert count[unused] == 0 and count.sum() == len(frame().query(f"score != {unused}"))
        assert found.summary["converged"][0]
    by_item = free[1].anchors(["j"])
    rare = frame(1)[lambda table: ~((table["i"] == 3) & (table["score"] == 3))]
    found = fitted(rare, 1, anchors=by_item)
    assert found.thresholds.query("scale == '3' and category == 3")["count"].tolist() == [0]


def test_a_score_the_anchored_scale_does_not_have_is_refused(free):
    with pytest.raises(InputError, match="no category 4") as caught:
        fitted(frame().assign(score=lambda table: table["score"] + 1), anchors=free[None].anchors())
    assert caught.value.field == "threshold"


def test_a_scale_group_without_anchors_beside_others_that_have_some_is_refused(free):
    anchors = free[1].anchors(["j"])
    with pytest.raises(InputError, match="none for the scale group '4'"):
        fitted(frame(1), 1, anchors=anchors[anchors["label"] != "4"])
    # Groups that the ratings do not have are passed over.
    found = fitted(frame(1).query("i != 4"), 1, anchors=anchors)
    assert "4" not in found.thresholds["scale"].tolist()


def test_one_threshold_alone_can_be_free():
    ratings = ratings_of(frame())
    _, _, parameters = maximum(ratings)
    fixed = anchored(ratings, parameters, thresholds=[0])
    fixed.thresholds[0, 1] = np.nan
    _, found, again = maximum(ratings, fixed)
    assert found.converged and again.thresholds == pytest.approx(parameters.thresholds, abs=3e-8)


# --- what is in the table ----------------------------------------------------------------------------------------


def test_elements_that_do_not_occur_are_passed_over(free):
    anchors = free[None].anchors(["i", "j"])
    more = pd.DataFrame({"facet": ["i", "j"], "label": ["77", "never"], "measure": [3.0, -3.0]})
    assert moved(fitted(frame(), anchors=pd.concat([more, anchors])), free[None]) < 3e-8
    for alone in (more, more.assign(group="g")):
        with pytest.raises(InputError, match="none of the anchors"):
            fitted(frame(), anchors=alone)


def test_an_anchored_element_whose_scores_are_extreme_stays_and_keeps_its_anchor(free):
    extreme = pd.DataFrame({"m": range(8), "i": 9, "j": 0, "score": 3})
    anchors = pd.DataFrame({"facet": ["i"], "label": ["9"], "measure": [-1.5]})
    found = fitted(pd.concat([frame(), extreme]), anchors=anchors)
    row = found.measures.set_index("label").loc["9"]
    assert row["measure"] == -1.5 and row["status"] == "anchored" and row["displacement"] < -0.5
    assert found.summary["used"][0] == len(frame()) + 8


def test_labels_are_compared_as_text(free):
    anchors = free[None].anchors(["i"])
    numbers = anchors[anchors["facet"] == "i"].astype({"label": int})
    assert moved(fitted(frame(), anchors=numbers), free[None]) < 3e-8


def test_each_value_of_the_by_column_has_its_own_anchors():
    both = pd.concat([frame().assign(dimension="a"), table((8, 5, 4), 4, seed=3).assign(dimension="b")])
    apart = fitted(both)
    anchors = apart.anchors()
    assert anchors["dimension"].tolist() == ["a"] * 13 + ["b"] * 13
    found = fitted(both, anchors=anchors)
    assert (found.measures["measure"] - apart.measures["measure"]).abs().max() < 3e-8
    swapped = fitted(both, anchors=anchors.assign(dimension=anchors["dimension"].map({"a": "b", "b": "a"})))
    assert (swapped.measures["measure"] - apart.measures["measure"]).abs().max() > 0.1
    # One set of anchors without the column holds for every value; one value's anchors leave the other free.
    common = fitted(both, anchors=anchors.query("dimension == 'a'").drop(columns="dimension"))
    own = common.measures[common.measures["facet"] != "m"]
    assert own.query("dimension == 'a'")["measure"].tolist() == own.query("dimension == 'b'")["measure"].tolist()
    half = fitted(both, anchors=anchors.query("dimension == 'a'"))
    assert half.measures.query("dimension == 'b'")["status"].eq("").all()
    with pytest.raises(InputError, match="i 0 has more than one anchor"):
        fitted(both.query("dimension == 'a'").drop(columns="dimension"), anchors=anchors)


@pytest.mark.parametrize(
    ("change", "field", "message"),
    [
        (lambda a: a.drop(columns="facet"), "facet", "no such column"),
        (lambda a: a.drop(columns="label"), "label", "no such column"),
        (lambda a: a.drop(columns="measure"), "measure", "no such column"),
        (lambda a: a.drop(columns="category"), "category", "no such column"),
        (lambda a: a.assign(measure="high"), "measure", "expected numbers"),
        (lambda a: a.assign(measure=a["measure"].where(a["label"] != "3")), "measure", "number of logits for i 3"),
        (lambda a: a.assign(measure=a["measure"].where(a["label"] != "3", np.inf)), "measure", "for i 3"),
        (lambda a: pd.concat([a, a.iloc[[2]]]), "label", "i 2 is anchored twice"),
        (lambda a: pd.concat([a, a.iloc[[2]].assign(measure=9, group="g")]), "label", "i 2 is anchored twice"),
        (lambda a: a.assign(label=a["label"].where(a["label"] != "3")), "label", "no label"),
        (lambda a: a.assign(category=a["category"].where(a["category"] != 2)), "category", "does not name"),
        (lambda a: a.assign(facet=a["facet"].replace("i", "item")), "facet", "found 'item'"),
    ],
)
def test_what_cannot_serve_as_anchors_is_refused(free, change, field, message):
    with pytest.raises(InputError, match=message) as caught:
        fitted(frame(), anchors=change(free[None].anchors(["i"])))
    assert caught.value.field == field


def test_no_anchors_are_as_good_as_none(free):
    assert moved(fitted(frame(), anchors=free[None].anchors()[:0]), free[None]) == 0


# --- files -------------------------------------------------------------------------------------------------------


def test_written_anchors_are_read_back_without_loss(free, tmp_path):
    anchors = free[None].anchors(EVERYTHING).assign(dimension="01", group=["g", *[None] * 20])
    write_anchors(anchors, tmp_path / "anchors.csv")
    back = read_anchors(tmp_path / "anchors.csv")
    assert back.columns.tolist() == anchors.columns.tolist()
    for name in anchors.columns:
        one, two = anchors[name].reset_index(drop=True), back[name]
        assert (one.isna() == two.isna()).all()
        assert (one[one.notna()] == two[two.notna()]).all(), name
    assert of_part(back, "dimension", "01", EVERYTHING).shape == anchors.shape
    assert of_part(back, "dimension", "1", EVERYTHING).empty
    assert [path.name for path in tmp_path.iterdir()] == ["anchors.csv"]


def test_any_label_survives_a_file(tmp_path):
    labels = {0: "NA", 1: "None", 2: "01", 3: "1e3", 4: 'a "quoted", label'}
    table = frame().assign(i=lambda rows: rows["i"].map(labels), j=lambda rows: rows["j"].map(dict(enumerate("x ÿ√"))))
    before = fitted(table)
    write_anchors(before.anchors(), tmp_path / "a.csv")
    after = fitted(table, anchors=read_anchors(tmp_path / "a.csv"))
    assert moved(before, after) < 3e-8
    assert (after.measures["status"] == "anchored").sum() == 9


@pytest.mark.parametrize(
    ("text", "field", "message"),
    [
        ("facet,label,measure\ni,0,low\n", None, "could not convert string to float: 'low'"),
        ("facet,label,measure\ni,0,\n", "measure", "number of logits for i 0"),
        ("facet,label\ni,0\n", "measure", "no such column"),
        ("facet,label,measure\ni,0,1\ni,0,2\n", "label", "i 0 is anchored twice"),
        ("", None, "expected a CSV file of anchors"),
    ],
)
def test_what_is_wrong_in_a_file_is_told_with_its_path(tmp_path, text, field, message):
    path = tmp_path / "anchors.csv"
    path.write_text(text)
    with pytest.raises(InputError, match=message) as caught:
        read_anchors(path)
    assert caught.value.path == path and caught.value.field == field
    with pytest.raises(InputError, match="no such file"):
        read_anchors(tmp_path / "nowhere.csv")


def test_a_table_that_can_serve_passes(free):
    check_anchors(free[1].anchors(EVERYTHING))
    check_anchors(pd.DataFrame({"facet": ["i"], "label": ["0"], "measure": [0.0]}))
