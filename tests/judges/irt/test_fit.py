"""`fit` as a whole: what must not matter does not, edge designs work, and drawn truths are found again."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from equipoise.judges.irt import fit, simulate
from equipoise.judges.irt.engine import model
from equipoise.judges.irt.engine import newton as steps
from equipoise.judges.irt.engine import start as begin

from .brute_force import DESIGNS, fitted, table

SCALES = [None, 0, 1, 2]
STATISTICS = ["measure", "se", "se_clustered", "se_conditional", "infit", "outfit", "count", "score", "fair_average"]


def frame(scale=None, weighted=False):
    return table((8, 5, 4), 4, scale, weighted, seed=8)


def by_label(found):
    return found.measures.set_index(["facet", "label"])[STATISTICS].sort_index()


def same(one, two, abs=1e-7):
    """Tables of numbers agree, and are labelled alike."""
    assert one.index.equals(two.index) and one.columns.equals(two.columns)
    assert one.to_numpy(float) == pytest.approx(two.to_numpy(float), abs=abs, nan_ok=True)


# --- what must not matter ----------------------------------------------------------------------------------------


@given(st.sampled_from(SCALES), st.booleans(), st.integers(0, 10_000))
@settings(max_examples=10, deadline=None)
def test_the_order_of_the_rows_does_not_matter(scale, weighted, seed):
    rows = frame(scale, weighted)
    one, two = fitted(rows, scale), fitted(rows.sample(frac=1, random_state=seed), scale)
    same(by_label(one), by_label(two), 1e-9)
    numbers = ["threshold", "se", "se_clustered", "count", "average_measure", "outfit"]
    same(one.thresholds[numbers], two.thresholds[numbers], 1e-9)


@given(st.sampled_from(SCALES), st.permutations(range(8)))
@settings(max_examples=10, deadline=None)
def test_the_names_of_the_elements_do_not_matter(scale, order):
    rows = frame(scale)
    names = {"m": order, "i": [n for n in order if n < 5], "j": [n for n in order if n < 4]}
    renamed = rows.assign(**{name: rows[name].map(lambda n, own=own: f"<{own[n]}>") for name, own in names.items()})
    one, two = by_label(fitted(rows, scale)), by_label(fitted(renamed, scale))
    two.index = pd.MultiIndex.from_tuples(
        [(name, str(names[name].index(int(label.strip("<>"))))) for name, label in two.index], names=two.index.names
    )
    same(one, two.sort_index(), 1e-7)


@pytest.mark.parametrize("scale", SCALES)
def test_how_the_columns_are_stored_does_not_matter(scale):
    rows = frame(scale)
    stored = rows.assign(m=rows["m"].astype("category"), i=rows["i"].astype(object), j=rows["j"].astype("int8"))
    stored["score"] = stored["score"].astype("Float64")
    same(by_label(fitted(rows, scale)), by_label(fitted(stored, scale)), 1e-12)


@pytest.mark.parametrize("scale", SCALES)
def test_a_weight_counts_as_so_many_rows_in_every_table(scale):
    weighted = frame(scale, weighted=True)
    repeated = weighted.loc[weighted.index.repeat(weighted["w"].astype(int))].drop(columns="w")
    one, two = fitted(weighted, scale), fitted(repeated, scale)
    rest = [name for name in one.measures.columns if name not in ("facet", "label", "status")]
    same(one.measures[rest], two.measures[rest])
    assert one.measures["status"].equals(two.measures["status"])
    same(one.thresholds.drop(columns=["scale", "flags"]), two.thresholds.drop(columns=["scale", "flags"]))
    same(one.facets.drop(columns=["facet", "errors"]), two.facets.drop(columns=["facet", "errors"]), 1e-5)
    for facets in (("m", "i"), ("i", "j")):
        numbers = ["bias", "se", "t", "df", "p_facets", "z", "count", "observed", "expected", "infit", "outfit"]
        same(one.bias(*facets)[numbers], two.bias(*facets)[numbers], 1e-6)
    same(*(found.agreement("j")[["opportunities", "observed", "expected", "kappa"]] for found in (one, two)))
    same(*(found.agreement("j")[["opportunities", "observed", "expected", "kappa"]] for found in (one, two)))
    numbers = ["parameters", "log_likelihood", "converged", "factor", "response_chi2_df", "subsets"]
    same(one.summary[numbers], two.summary[numbers])
    same(one.contrast("0", "3"), two.contrast("0", "3"))
    assert fitted(weighted, scale, correct=True).summary["factor"][0] == pytest.approx(
        fitted(repeated, scale, correct=True).summary["factor"][0]
    )


@pytest.mark.parametrize("scores", [(1, 2, 3, 4), (0, 2, 5, 9), (3, 30, 300, 3000)])
@pytest.mark.parametrize("scale", SCALES)
def test_what_the_categories_are_called_does_not_matter_to_measures(scale, scores):
    rows = frame(scale)
    one, two = fitted(rows, scale), fitted(rows.assign(score=rows["score"].map(dict(enumerate(scores)))), scale)
    names = [name for name in STATISTICS if name not in ("score", "fair_average")]
    same(by_label(one)[names], by_label(two)[names], 1e-12)
    assert two.thresholds["category"].tolist() == [scores[int(k)] for k in one.thresholds["category"]]


def test_scores_turned_round_turn_the_measures_round():
    rows = frame(weighted=True)
    one, two = fitted(rows), fitted(rows.assign(score=3 - rows["score"]))
    assert one.measures["measure"].to_numpy() == pytest.approx(-two.measures["measure"].to_numpy(), abs=3e-8)
    assert one.measures["se_clustered"].to_numpy() == pytest.approx(two.measures["se_clustered"].to_numpy(), abs=1e-7)
    thresholds = [found.thresholds["threshold"].dropna().to_numpy() for found in (one, two)]
    assert thresholds[0] == pytest.approx(-thresholds[1][::-1], abs=3e-8)


@pytest.mark.parametrize("floating", ["m", "i", "j"])
@pytest.mark.parametrize("scale", SCALES)
def test_the_floating_facet_takes_the_means_of_the_others(scale, floating):
    base, found = (by_label(fitted(frame(scale), scale, floating=name))["measure"] for name in ("m", floating))
    mean = base["m"].mean()
    assert abs(mean) > 0.1
    for name in "mij":
        shift = {"m": -mean, floating: -mean} if floating != "m" else {}
        assert found[name].to_numpy() == pytest.approx(base[name].to_numpy() + shift.get(name, 0), abs=3e-8)


def test_values_of_the_by_column_are_fitted_as_if_alone():
    parts = {value: table((8, 5, 4), 4, seed=seed) for value, seed in (("b", 3), ("a", 8))}
    both = pd.concat([part.assign(dimension=value) for value, part in parts.items()])
    both = both.sample(frac=1, random_state=0)
    found = fitted(both)
    assert [part.value for part in found.parts] == ["a", "b"] and found.by == "dimension"
    for value, part in parts.items():
        own = found.measures[found.measures["dimension"] == value].reset_index(drop=True).drop(columns="dimension")
        alone = fitted(part).measures
        assert own["label"].equals(alone["label"])
        same(own[STATISTICS], alone[STATISTICS], 1e-9)
    assert fitted(both, by=None).summary["ratings"].tolist() == [320]
    other = fitted(both.rename(columns={"dimension": "what"}), by="what")
    same(other.measures[STATISTICS], found.measures[STATISTICS], 1e-9)


def test_a_whole_number_in_the_by_column_is_told_as_text():
    found = fitted(pd.concat([frame().assign(dimension=n) for n in (10, 9)]))
    assert [part.value for part in found.parts] == ["9", "10"]


@pytest.mark.parametrize("number", [2, 6, 8, 11])
def test_work_saved_on_large_data_changes_nothing(number, monkeypatch):
    sizes, categories, scale, weighted, seed = DESIGNS[number]
    rows = table(sizes, categories, scale, weighted, seed=seed)
    small = fitted(rows, scale)
    monkeypatch.setattr(steps, "_CHEAP", 0)
    monkeypatch.setattr(begin, "ENOUGH", 60)
    large = fitted(rows, scale)
    assert large.summary["converged"][0]
    assert by_label(large)["measure"].to_numpy() == pytest.approx(by_label(small)["measure"].to_numpy(), abs=3e-8)
    for name in ("se", "se_clustered"):
        assert by_label(large)[name].to_numpy() == pytest.approx(by_label(small)[name].to_numpy(), rel=2e-3)


# --- extreme scores, unused categories, small designs ------------------------------------------------------------


@pytest.mark.parametrize("scale", [None, 1, 2])
def test_rows_of_extreme_elements_do_not_move_the_others(scale):
    rows = frame(scale)
    top = rows.groupby({None: "m", 1: "i", 2: "j"}[scale])["score"].transform("max") if scale is not None else 3
    added = rows[rows["m"] < 2].assign(m=lambda part: part["m"] + 50)
    added["score"] = np.where(added["m"] == 50, (top if scale is None else top[added.index]), 0)
    one, two = fitted(rows, scale), fitted(pd.concat([rows, added]), scale)
    kept = two.measures[~two.measures["label"].isin(["50", "51"])]
    for name in ("measure", "se", "se_clustered", "infit"):
        assert kept[name].to_numpy() == pytest.approx(one.measures[name].to_numpy(), abs=1e-9, nan_ok=True)
    told = two.measures.set_index("label").loc[["50", "51"]]
    assert told["status"].tolist() == ["extreme high", "extreme low"]
    objects = one.measures.query("facet == 'm'")["measure"]
    assert told["measure"]["50"] > objects.max() and told["measure"]["51"] < objects.min()
    assert told["se_clustered"].isna().all() and (told["se"] > 0).all()
    assert two.summary[["ratings", "used"]].iloc[0].tolist() == [len(rows) + len(added), len(rows)]


def test_categories_nobody_uses_are_closed_up():
    rows = table((8, 6, 5), 5, seed=3)
    wide = rows.assign(score=rows["score"].map({0: 0, 1: 1, 2: 4, 3: 8, 4: 9}))
    one, two = fitted(rows), fitted(wide)
    same(by_label(one)[["measure", "se"]], by_label(two)[["measure", "se"]], 1e-12)
    assert two.thresholds["category"].tolist() == [0, 1, 4, 8, 9]
    assert len(two.thresholds["threshold"].dropna()) == 4


@pytest.mark.parametrize("scale", SCALES)
def test_two_categories_need_no_threshold(scale):
    rows = table((8, 6, 5), 2, seed=3)
    found = fitted(rows, scale)
    assert found.summary["converged"][0] and (found.thresholds["threshold"].dropna() == 0).all()
    assert (found.thresholds[["se", "se_clustered"]].dropna() == 0).all(axis=None)
    same(by_label(found)[["measure", "se", "se_clustered"]], by_label(fitted(rows))[["measure", "se", "se_clustered"]])


def test_a_rating_per_cell_and_no_third_facet():
    found = fitted(table((12, 7), 4, seed=3))
    assert found.summary["converged"][0] and found.measures["responses"].tolist() == [7] * 12 + [12] * 7


@pytest.mark.parametrize("scale", SCALES)
@pytest.mark.parametrize("facet", ["m", "i", "j"])
def test_a_facet_with_one_element_says_nothing(facet, scale):
    rows = table((8, 7, 6), 3, seed=3)
    rows = rows[rows[facet] == 1]
    found = fitted(rows, scale)
    assert found.summary["converged"][0]
    own = found.measures[found.measures["facet"] == facet]
    assert len(own) == 1 and np.isfinite(own["measure"]).all()
    if facet != "m":
        assert own[["measure", "se", "se_clustered"]].to_numpy().tolist() == [[0, 0, 0]]
        others = [name for name in "mij" if name != facet]
        if scale is None:
            without = fit(rows, others[0], others[1:], correct=False).measures
            rest = found.measures[found.measures["facet"] != facet]
            assert rest["measure"].to_numpy() == pytest.approx(without["measure"].to_numpy(), abs=3e-8)
            assert rest["se"].to_numpy() == pytest.approx(without["se"].to_numpy(), abs=1e-8)
    else:
        assert (own["se"] > 0).all()


def test_a_hundred_repeats_of_one_cell_are_as_good_as_other_ratings():
    found = fitted(pd.concat([frame(), *[frame().query("m == 0 and i == 0 and j == 0")] * 100]))
    assert found.summary["converged"][0] and found.summary["ratings"][0] == 260


def test_fifty_categories_in_logs_and_as_products(monkeypatch):
    rows = table((12, 10, 8), 4, seed=3)
    rows["score"] = np.random.default_rng(0).permutation(np.arange(len(rows)) % 50)
    calls = []
    logs = model.Expectation._logs
    monkeypatch.setattr(model.Expectation, "_logs", lambda *given: calls.append(1) or logs(*given))
    products = fitted(rows)
    assert not calls and len(products.thresholds) == 50
    monkeypatch.setattr(model, "_SAFE", -1.0)
    in_logs = fitted(rows)
    assert calls
    same(by_label(products), by_label(in_logs), 1e-7)
    assert products.thresholds["threshold"].to_numpy() == pytest.approx(
        in_logs.thresholds["threshold"].to_numpy(), abs=1e-7, nan_ok=True
    )


def test_missing_scores_are_left_out_and_counted():
    rows = frame()
    gaps = rows.assign(score=rows["score"].where(rows.index % 7 != 3))
    one, two = fitted(gaps), fitted(rows[rows.index % 7 != 3])
    same(by_label(one), by_label(two), 1e-12)
    assert one.summary["missing"][0] == (rows.index % 7 == 3).sum() and two.summary["missing"][0] == 0


# --- correction, progress, truths --------------------------------------------------------------------------------


def test_the_correction_is_one_minus_parameters_per_rating():
    plain, corrected = fitted(frame()), fitted(frame(), correct=True)
    factor = 1 - (8 + 4 + 3 + 2) / 160
    assert corrected.summary["factor"][0] == pytest.approx(factor) and plain.summary["factor"][0] == 1
    names = ["measure", "se", "se_clustered", "se_conditional"]
    same(by_label(plain)[names] * factor, by_label(corrected)[names], 1e-12)
    names = ["infit", "outfit", "count", "score"]
    same(by_label(plain)[names], by_label(corrected)[names], 1e-12)
    names = ["threshold", "se", "se_clustered", "average_measure", "thurstone", "category_measure"]
    same(plain.thresholds[names] * factor, corrected.thresholds[names], 1e-9)
    contrasts = [found.contrast("0", "1").to_numpy() for found in (plain, corrected)]
    assert contrasts[0] * factor == pytest.approx(contrasts[1])


def test_many_ratings_need_no_correction_and_uneven_ones_get_none():
    many = simulate(30, 30, 30, 3, seed=1).ratings
    assert fit(many).summary["factor"][0] == 1
    few = many[many["judge"].isin(["j01", "j02"])]
    assert fit(few).summary["factor"][0] < 1
    uneven = few[(few["model"] == "m01") | few["item"].isin(["i01", "i02", "i03", "i04"])]
    found = fit(uneven)
    assert found.summary["factor"][0] == 1
    assert any("the number of ratings differs much between elements of item" in text for text in found.warnings)


def test_too_many_parameters_are_told():
    found = fit(table((5, 4), 4, seed=3), "m", ("i",))
    assert found.summary["factor"][0] == 1 and any("too few to correct" in text for text in found.warnings)


def test_progress_is_told_for_every_calibration():
    told = []
    both = pd.concat([frame().assign(dimension=value) for value in "ab"])
    found = fitted(both, progress=lambda *step: told.append(step))
    assert [value for value, *_ in told] == sorted(value for value, *_ in told)
    for part in found.parts:
        own = [step[1:] for step in told if step[0] == part.value]
        assert len(own) == part.estimate.iterations and own[-1][2] == part.estimate.largest_step
        assert own[-1][1] == part.estimate.log_likelihood


def test_what_does_not_converge_says_so():
    found = fitted(frame(), tolerance=1e-300)
    assert not found.summary["converged"][0] and found.warnings[0].startswith("not converged: the last step was")


@pytest.fixture(scope="module")
def drawn():
    """Three data sets with their truths, and their fits."""
    made = [simulate(60, 60, 5, 5, seed=seed) for seed in range(3)]
    return [(each, fit(each.ratings)) for each in made]


@pytest.mark.parametrize(
    ("facet", "truth"), [("model", "abilities"), ("item", "difficulties"), ("judge", "severities")]
)
def test_truths_are_found_again(drawn, facet, truth):
    parts = []
    for made, found in drawn:
        own = found.measures[found.measures["facet"] == facet].set_index("label")
        parts.append(own.assign(true=getattr(made, truth)[own.index]))
    own = pd.concat(parts)
    error = own["measure"] - own["true"]
    assert np.polyfit(own["true"], own["measure"], 1)[0] == pytest.approx(1, abs=0.03)
    assert 0.87 < ((own["low"] < own["true"]) & (own["true"] < own["high"])).mean() <= 1
    if facet != "judge":  # 15 judges say little of a standard deviation
        assert 0.85 < np.std(error / own["se"]) < 1.15
        assert 0.85 < np.std(error / own["se_clustered"]) < 1.15


def test_thresholds_are_found_again(drawn):
    for made, found in drawn:
        own = found.thresholds.dropna(subset=["threshold"])
        true = made.thresholds.to_numpy()
        assert np.polyfit(true, own["threshold"], 1)[0] == pytest.approx(1, abs=0.03)
        assert (np.abs(own["threshold"] - true) < 4 * own["se"]).all()


def test_where_judges_share_the_quality_of_a_response_the_clustered_errors_tell_the_spread():
    errors = {"se": [], "se_clustered": []}
    for seed in range(3):
        made = simulate(60, 60, 5, 5, response_sd=1.0, seed=seed)
        found = fit(made.ratings)
        assert any("share more than the model knows" in text for text in found.warnings)
        own = found.measures.query("facet == 'model'").set_index("label")
        true = made.abilities[own.index]
        slope, intercept = np.polyfit(true, own["measure"], 1)  # the shared part shrinks the scale
        assert 0.5 < slope < 0.75
        for name, values in errors.items():
            values += list((own["measure"] - intercept - slope * true) / own[name])
    assert 0.85 < np.std(errors["se_clustered"]) < 1.15
    assert np.std(errors["se"]) > 1.3
