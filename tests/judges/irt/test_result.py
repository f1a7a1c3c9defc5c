"""The tables of a fit: what their columns say, how calibrations are stacked, and what is refused."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm, t

from equipoise.errors import InputError
from equipoise.judges.irt import simulate

from .brute_force import Whole, fitted, ratings_of, table

EXTREME = pd.DataFrame({"m": [90, 90, 91, 91], "i": [0, 1, 0, 2], "j": [0, 1, 2, 3], "score": [3, 3, 0, 0]})


def frame(**options):
    return table((8, 5, 4), 4, seed=8, **options)


@pytest.fixture(scope="module")
def found():
    return fitted(pd.concat([frame(), EXTREME]), correct=True)


@pytest.fixture(scope="module")
def two():
    """Two dimensions; the second has one object fewer."""
    return fitted(
        pd.concat([frame().assign(dimension="a"), table((7, 5, 4), 4, seed=2).assign(dimension="b")]), correct=True
    )


# --- measures ----------------------------------------------------------------------------------------------------


def test_there_is_one_row_per_element_of_every_facet(found):
    own = found.measures
    assert own["facet"].tolist() == ["m"] * 10 + ["i"] * 5 + ["j"] * 4
    assert own["label"].tolist() == [*map(str, range(8)), "90", "91", *map(str, range(5)), *map(str, range(4))]
    assert own["status"].value_counts().to_dict() == {"": 17, "extreme high": 1, "extreme low": 1}


def test_counts_scores_and_averages_are_those_of_the_table(found):
    rows = pd.concat([frame(), EXTREME])
    for name in "mij":
        own = found.measures[found.measures["facet"] == name]
        groups = rows.groupby(name)["score"]
        assert own["count"].tolist() == groups.size().tolist()
        assert own["score"].tolist() == groups.sum().tolist()
        assert own["average"].to_numpy() == pytest.approx(groups.mean().to_numpy())


def test_weights_enter_counts_and_scores():
    rows = frame(weighted=True)
    own = fitted(rows).measures.query("facet == 'i'")
    assert own["count"].tolist() == rows.groupby("i")["w"].sum().tolist()
    assert own["score"].tolist() == (rows["w"] * rows["score"]).groupby(rows["i"]).sum().tolist()


def test_intervals_are_students_from_the_clustered_error_or_normal_from_the_models(found):
    own = found.measures
    usual = own["status"] == ""
    half = t.ppf(0.975, own["responses"] - 1) * own["se_clustered"]
    assert (own["high"] - own["measure"])[usual].to_numpy() == pytest.approx(half[usual].to_numpy())
    assert (own["measure"] - own["low"])[usual].to_numpy() == pytest.approx(half[usual].to_numpy())
    extreme = own[~usual]
    assert (extreme["high"] - extreme["measure"]).to_numpy() == pytest.approx(
        norm.ppf(0.975) * extreme["se"].to_numpy()
    )
    assert extreme["se_clustered"].isna().all() and (extreme["se_conditional"] == extreme["se"]).all()
    single = pd.DataFrame({"m": 60, "i": 0, "j": [0, 1, 2], "score": [1, 2, 1]})
    alone = fitted(pd.concat([frame(), single])).measures.set_index("label").loc["60"]
    assert alone["responses"] == 1 and np.isnan(alone["se_clustered"])
    assert alone["high"] - alone["low"] == pytest.approx(2 * norm.ppf(0.975) * alone["se"])


def test_responses_are_counted_for_every_facet(found):
    own = found.measures.set_index(["facet", "label"])["responses"]
    assert (own["m"][:8] == 5).all() and (own["i"] == 8).all() and (own["j"] == 40).all()


def test_real_errors_are_enlarged_by_misfit_alone(found):
    own = found.measures[found.measures["status"] == ""]
    assert own["se_real"].to_numpy() == pytest.approx((own["se"] * np.sqrt(own["infit"].clip(lower=1))).to_numpy())
    assert (own["infit"] < 1).any() and (own["infit"] > 1).any()


def test_errors_are_the_whole_models_times_the_correction(found):
    plain = fitted(frame(), correct=True)
    ratings = ratings_of(frame())
    whole = Whole.of(ratings)
    x = whole.maximum(whole.origin(0))
    factor = 1 - (8 + 4 + 3 + 2) / 160
    own = plain.measures
    assert own["measure"].to_numpy() == pytest.approx(factor * x[:17], abs=3e-8)
    assert own["se"].to_numpy() == pytest.approx(
        factor * np.sqrt(np.diag(whole.covariance(x, whole.origin(0))))[:17], abs=3e-8
    )
    assert own["se_clustered"].to_numpy() == pytest.approx(
        factor * np.sqrt(np.diag(whole.sandwich(x, whole.origin(0))))[:17], abs=3e-8
    )
    assert own["se_conditional"].to_numpy() == pytest.approx(
        factor / np.sqrt(np.diag(whole.information(x)))[:17], abs=3e-8
    )
    steps = plain.thresholds.dropna(subset=["threshold"])
    assert steps["threshold"].to_numpy() == pytest.approx(factor * x[17:], abs=3e-8)
    assert steps["se"].to_numpy() == pytest.approx(
        factor * np.sqrt(np.diag(whole.covariance(x, whole.origin(0))))[17:], abs=3e-8
    )


def test_an_element_left_without_ratings_is_not_estimable():
    # Item 7 met two objects alone, of which one always got the highest score and the other the lowest.
    added = pd.DataFrame({"m": [70, 70, 70, 71, 71, 71], "i": [0, 1, 7] * 2, "j": 0, "score": [3, 3, 3, 0, 0, 0]})
    own = fitted(pd.concat([frame(), added])).measures.set_index(["facet", "label"])
    assert own.loc["m", "status"][["70", "71"]].tolist() == ["extreme high", "extreme low"]
    gone = own.loc[("i", "7")]
    assert gone["status"] == "not estimable"
    unknown = ["measure", "low", "high", "se", "se_clustered", "se_conditional", "infit", "outfit", "fair_average"]
    assert gone[unknown].isna().all()
    assert gone[["count", "score", "average"]].tolist() == [2, 3, 1.5]


# --- stacking ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "get",
    [
        lambda found: found.measures,
        lambda found: found.thresholds,
        lambda found: found.facets,
        lambda found: found.summary,
        lambda found: found.bias("m", "j"),
        lambda found: found.agreement("j"),
        lambda found: found.unexpected(5),
        lambda found: found.contrast("0", "1"),
        lambda found: found.anchors(),
    ],
)
def test_every_table_has_the_by_column_first_and_the_rows_of_each_part(two, get):
    stacked = get(two)
    assert stacked.columns[0] == "dimension" and stacked["dimension"].unique().tolist() == ["a", "b"]
    assert stacked.index.tolist() == list(range(len(stacked)))
    alone = get(fitted(frame(), correct=True))
    own = stacked[stacked["dimension"] == "a"].drop(columns="dimension").reset_index(drop=True)
    assert alone.columns.tolist() == own.columns.tolist() and "dimension" not in alone.columns
    pd.testing.assert_frame_equal(own, alone.reset_index(drop=True), check_dtype=False, atol=1e-8)


def test_a_part_is_found_by_its_value(two, found):
    assert two.part("b").value == "b" and two.part("b") is two.parts[1]
    assert found.part() is found.parts[0]
    for wrong in ("c", ""):
        with pytest.raises(InputError, match="expected one of a, b, found") as caught:
            two.part(wrong)
        assert caught.value.field == "dimension"


def test_warnings_name_their_part(two):
    assert all(text.startswith(("a: ", "b: ")) for text in two.warnings)


# --- other tables ------------------------------------------------------------------------------------------------


def test_thresholds_have_a_row_per_category_with_what_was_counted(found):
    own = found.thresholds
    assert own["category"].tolist() == [0, 1, 2, 3] and own["scale"].eq("common").all()
    assert own["count"].tolist() == frame()["score"].value_counts().sort_index().tolist()
    assert own["share"].sum() == pytest.approx(1)
    assert own["threshold"].isna().tolist() == own["se"].isna().tolist() == [True, False, False, False]
    assert own["threshold"].sum() == pytest.approx(0, abs=1e-9)


def test_thresholds_of_scales_with_different_numbers_of_categories():
    rows = table((5, 8, 4), 4, 1, seed=8)
    own = fitted(rows, 1).thresholds
    used = rows.groupby("i")["score"].nunique()
    assert own.groupby("scale").size().tolist() == used.tolist()
    assert own.dropna(subset=["threshold"]).groupby("scale").size().tolist() == (used - 1).tolist()
    assert own.groupby("scale")["threshold"].sum().to_numpy() == pytest.approx(0, abs=1e-9)


def test_the_summary_counts_what_was_read_and_used(found):
    own = found.summary.iloc[0]
    assert own[["ratings", "used", "missing", "parameters"]].tolist() == [164, 160, 0, 17]
    assert own["estimator"] == "jml" and own["converged"] and own["subsets"] == 1
    assert own["factor"] == pytest.approx(1 - 17 / 160)
    assert own["log_likelihood"] == found.parts[0].estimate.log_likelihood


def test_facets_are_summarised_without_extreme_elements(found):
    own = found.facets.set_index(["facet", "errors"])
    assert own.index.tolist() == [(f, e) for f in "mij" for e in ("se_conditional", "se_clustered")]
    objects = found.measures.query("facet == 'm' and status == ''")
    for errors in ("se_conditional", "se_clustered"):
        row = own.loc[("m", errors)]
        assert row["elements"] == 8 and row["mean"] == pytest.approx(objects["measure"].mean())
        assert row["sd"] == pytest.approx(objects["measure"].std(ddof=0))
        assert row["rmse"] == pytest.approx(np.sqrt((objects[errors] ** 2).mean()))


def test_warnings_tell_extreme_elements(found):
    assert any("2 of 10 elements of m" in text for text in found.warnings)


# --- contrasts ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("floating", ["m", "i", "j"])
def test_contrasts_are_those_of_the_whole_model(floating):
    own = fitted(frame(), correct=True, floating=floating)
    whole = Whole.of(ratings_of(frame()))
    x = whole.maximum(whole.origin("mij".index(floating)))
    inverse, squares = (part(x, whole.origin("mij".index(floating))) for part in (whole.covariance, whole.sandwich))
    factor = 1 - 17 / 160
    for f, (name, size) in enumerate(zip("mij", (8, 5, 4), strict=True)):
        for a, b in ((0, 1), (size - 1, 2)):
            weights = np.zeros(len(x))
            weights[[whole.place(f, a), whole.place(f, b)]] = 1, -1
            row = own.contrast(str(a), str(b), facet=name).iloc[0]
            assert row["difference"] == pytest.approx(factor * weights @ x, abs=3e-8)
            assert row["se"] == pytest.approx(factor * np.sqrt(weights @ inverse @ weights), abs=3e-8)
            assert row["se_clustered"] == pytest.approx(factor * np.sqrt(weights @ squares @ weights), abs=3e-8)


def test_a_contrast_turned_round_changes_its_sign_alone(found):
    one, other = found.contrast("2", "5").iloc[0], found.contrast("5", "2").iloc[0]
    assert one["difference"] == -other["difference"]
    assert one["se"] == pytest.approx(other["se"]) and one["se_clustered"] == pytest.approx(other["se_clustered"])
    assert found.contrast("5", "5").iloc[0].tolist() == [0, 0, 0]


def test_a_contrast_with_an_extreme_element_adds_both_errors(found):
    own = found.measures.set_index("label")
    row = found.contrast("90", "0").iloc[0]
    assert row["difference"] == pytest.approx(own["measure"]["90"] - found.measures["measure"][0])
    wanted = np.hypot(own["se"]["90"], found.measures["se"][0])
    assert row["se"] == row["se_clustered"] == pytest.approx(wanted)


def test_a_contrast_with_an_anchored_element_has_the_others_errors():
    anchors = fitted(frame()).anchors(["m"]).query("facet == 'm' and label in ['2', '3']")
    own = fitted(frame(), anchors=anchors)
    row, free = own.contrast("0", "2").iloc[0], own.measures.iloc[0]
    assert row["se"] == pytest.approx(free["se"]) and row["se_clustered"] == pytest.approx(free["se_clustered"])
    assert row["se"] != pytest.approx(row["se_clustered"])
    assert own.contrast("2", "3")[["se", "se_clustered"]].iloc[0].tolist() == [0, 0]


def test_a_contrast_with_an_element_of_one_response_has_no_clustered_error():
    single = pd.DataFrame({"m": 60, "i": 0, "j": [0, 1, 2], "score": [1, 2, 1]})
    row = fitted(pd.concat([frame(), single])).contrast("60", "0").iloc[0]
    assert np.isfinite(row["se"]) and np.isnan(row["se_clustered"])


@pytest.mark.parametrize(
    ("arguments", "field"), [(("0", "77"), "m"), (("77", "0"), "m"), (("0", "1", "q"), "facet"), (("0", "7", "j"), "j")]
)
def test_a_contrast_of_what_is_not_there_is_refused(found, arguments, field):
    with pytest.raises(InputError) as caught:
        found.contrast(*arguments)
    assert caught.value.field == field


# --- anchors and correlations ------------------------------------------------------------------------------------


def test_anchors_are_measures_and_thresholds_without_extreme_elements(found):
    own = found.anchors()
    assert own.columns.tolist() == ["facet", "label", "category", "measure", "se"]
    assert own["facet"].tolist() == ["i"] * 5 + ["j"] * 4 + ["threshold"] * 4
    whole = found.anchors(["m", "j"])
    assert whole["facet"].value_counts().to_dict() == {"m": 8, "j": 4, "threshold": 4}
    told = whole.query("facet == 'm'").set_index("label")["measure"]
    assert told.equals(found.measures.query("facet == 'm' and status == ''").set_index("label")["measure"])
    steps = whole.query("facet == 'threshold'")
    assert steps["measure"].tolist()[1:] == found.thresholds["threshold"].tolist()[1:]
    assert steps["category"].tolist() == [0, 1, 2, 3]
    with pytest.raises(InputError, match="expected one of m, i, j, found 'q'"):
        found.anchors(["q"])


def test_correlations_have_measurement_error_taken_out():
    made = {name: simulate(30, 20, 4, 4, seed=seed).ratings for name, seed in (("a", 1), ("b", 2), ("c", 3))}
    made["b"] = made["a"].sample(frac=0.5, random_state=0)  # the same abilities, rated less often
    rows = pd.concat([part.assign(dimension=name) for name, part in made.items()])
    own = fitted(rows.rename(columns={"model": "m", "item": "i", "judge": "j"}))
    table = own.correlations()
    assert table.index.tolist() == table.columns.tolist() == ["a", "b", "c"]
    assert np.diag(table).tolist() == [1, 1, 1] and np.allclose(table, table.T)
    objects = own.measures.query("facet == 'm'")
    measures = objects.pivot(index="label", columns="dimension", values="measure")
    noise = (objects.pivot(index="label", columns="dimension", values="se_clustered") ** 2).mean()
    for one, other in (("a", "b"), ("a", "c"), ("b", "c")):
        true = np.sqrt((measures[one].var() - noise[one]) * (measures[other].var() - noise[other]))
        assert table.loc[one, other] == pytest.approx(measures[[one, other]].cov().iloc[0, 1] / true)
    assert table.loc["a", "b"] > measures["a"].corr(measures["b"])


def test_correlations_use_objects_measured_everywhere_and_three_at_least(two):
    assert two.correlations().loc["a", "b"] == two.correlations().loc["b", "a"]
    few = pd.concat([frame().query("m < 2").assign(dimension="a"), frame().assign(dimension="b")])
    assert fitted(few).correlations().isna().all(axis=None)


def test_a_variance_that_is_all_error_has_no_correlation():
    noise = np.random.default_rng(0)
    rows = frame().assign(score=lambda part: noise.integers(0, 2, len(part)))
    rows = pd.concat([rows.assign(dimension="a"), frame().assign(dimension="b")])
    own = fitted(rows)
    objects = own.measures.query("facet == 'm' and dimension == 'a'")
    if objects["measure"].var() < (objects["se_clustered"] ** 2).mean():
        assert np.isnan(own.correlations().loc["a", "b"])
    assert own.correlations().loc["a", "a"] == 1
