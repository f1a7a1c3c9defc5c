"""Pictures of a calibration: names that fit, labels that do not overlap, what is drawn and told."""

import base64
import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from equipoise.judges.irt import fit, simulate
from equipoise.judges.irt.report.pictures import cut, elements, number, short_names, spaced, told
from equipoise.judges.irt.report.pictures_bias import MOST_ROWS, heat_map
from equipoise.judges.irt.report.pictures_fit import fit_scatter, misfits
from equipoise.judges.irt.report.pictures_forest import forest, object_forest
from equipoise.judges.irt.report.pictures_map import NAMED, wright_map
from equipoise.judges.irt.report.pictures_scale import category_curves
from equipoise.judges.irt.report.writing import measures_of


def svg(uri: str) -> str:
    return base64.b64decode(uri.removeprefix("data:image/svg+xml;base64,")).decode()


def size(picture) -> tuple[float, float]:
    """Width and height in points."""
    found = re.search(r'<svg [^>]*height="([\d.]+)pt"[^>]*width="([\d.]+)pt"', svg(picture.light))
    found = found or re.search(r'width="([\d.]+)pt" height="([\d.]+)pt"', svg(picture.light))
    return float(found[1]), float(found[2])


@pytest.fixture(scope="module")
def small():
    return fit(simulate(6, 10, 3, seed=1).ratings).parts[0]


@pytest.fixture(scope="module")
def crowd():
    """300 models, a judge who deals out scores at random."""
    return fit(simulate(300, 20, 4, ratings=9000, adversary="random", bias=0.5, seed=1).ratings)


@given(
    st.lists(st.floats(-5, 5), min_size=1, max_size=30).map(sorted).map(np.array),
    st.floats(0.01, 0.3),
)
def test_spaced_labels_keep_their_order_and_distance_and_stay_inside(places, gap):
    found = spaced(places, gap, -6.0, 6.0)
    assert (np.diff(found) >= gap - 1e-9).all()
    assert found.min() >= -6 - 1e-9 and found.max() <= 6 + 1e-9


def test_labels_that_do_not_overlap_stay_where_they_are_and_others_move_as_little_as_can_be():
    assert spaced(np.array([0.0, 1.0, 2.0]), 0.5, -9, 9).tolist() == [0, 1, 2]
    assert spaced(np.array([0.0, 0.0, 3.0]), 1.0, -9, 9).tolist() == [-0.5, 0.5, 3.0]
    assert spaced(np.array([0.0] * 3), 10.0, -1, 1).tolist() == [-1, 0, 1], "no room: as far apart as there is"
    assert len(spaced(np.array([]), 1.0, 0, 1)) == 0


@pytest.mark.parametrize(
    ("labels", "shown"),
    [
        (["openai/gpt-5", "anthropic/claude"], ["gpt-5", "claude"]),
        (["a/x", "b/x"], ["a/x", "b/x"]),
        (["judge/<b>one</b>"], ["<b>one</b>"]),
        (["two\nlines", "\x1b[31mred"], ["two lines", "[31mred"]),
        ([""], ["(blank)"]),
        (["a" * 30], ["a" * 15 + "…" + "a" * 8]),
    ],
)
def test_names_fit_and_stay_apart(labels, shown):
    assert short_names(labels) == shown


def test_numbers_are_told_with_a_minus_sign_and_never_as_nan():
    assert [number(value) for value in (-1.234, -0.001, float("nan"), float("inf"))] == ["−1.23", "0.00", "–", "–"]
    words = told([f"e{i}" for i in range(100)], np.arange(100.0))
    assert words.startswith("e0 0.00") and words.endswith("e99 99.00") and "76 more" in words


def test_a_cut_keeps_both_ends():
    table = pd.DataFrame({"label": [f"m{i}" for i in range(50)]})
    shown = cut(table, 10)
    assert shown.left_out == 40 and shown.before == 5
    assert shown.table["label"].tolist() == [f"m{i}" for i in [0, 1, 2, 3, 4, 45, 46, 47, 48, 49]]
    assert cut(table, 50).left_out == 0


def test_elements_come_highest_first_and_without_those_that_have_no_measure(small):
    table = small.measures.copy()
    table.loc[table["label"] == "m3", "measure"] = np.nan
    found = elements(table, "model")
    assert found["measure"].is_monotonic_decreasing and len(found) == 5 and "m3" not in set(found["label"])


def test_every_picture_tells_its_numbers_in_words_and_has_both_styles(small):
    table = small.measures
    pictures = [
        wright_map(small),
        forest(small, "judge"),
        object_forest(elements(measures_of(fit(simulate(6, 10, 3, seed=1).ratings)), "model"), "model", "Because."),
        category_curves(small),
        fit_scatter(small),
        heat_map(small.bias(["model", "judge"]), "model", "judge"),
    ]
    for picture in pictures:
        assert svg(picture.light).startswith("<?xml") and picture.light != picture.dark
        assert "nan" not in picture.alt and picture.caption
    severity = table[(table["facet"] == "judge") & (table["label"] == "j1")].iloc[0]
    interval = f"j1 ({number(severity['low'])} to {number(severity['high'])}) {number(severity['measure'])}"
    assert interval in pictures[1].alt
    for label in ("m1", "i01", "j1", "to 4"):
        assert label in pictures[0].alt
    assert "threshold to 1 at" in pictures[3].alt
    assert pictures[2].caption.endswith("Because.") and "Raw means: m" in pictures[2].alt


def test_a_thousand_elements_stay_readable(crowd):
    part = crowd.parts[0]
    assert len(elements(part.measures, "model")) > NAMED
    for picture in (wright_map(part), forest(part, "item"), object_forest(
        elements(measures_of(crowd), "model"), "model", "")):  # fmt: skip
        assert max(size(picture)) < 700, "no taller than a page"
        assert len(picture.alt) < 4000
    assert "270 more" not in forest(part, "item").caption and "15 highest and lowest" in object_forest(
        elements(measures_of(crowd), "model"), "model", ""
    ).caption  # fmt: skip


def test_the_heat_map_shows_the_most_biased_and_tells_the_significant(crowd):
    table = crowd.bias("model", "judge")
    picture = heat_map(table, "model", "judge")
    assert f"{MOST_ROWS} most biased of 300" in picture.caption
    flagged = table[table["q"] < 0.05]
    assert f"{len(flagged)} of {len(table)} cells have q below 0.05" in picture.alt
    top = flagged.loc[flagged["t"].abs().idxmax()]
    assert f"{top['model']} with {top['judge']} {number(top['bias'])}" in picture.alt
    assert heat_map(table.assign(bias=np.nan), "model", "judge") is None


def test_the_scatter_names_the_judge_who_does_not_fit(crowd):
    part = crowd.parts[0]
    worst = misfits(part)
    assert ("judge", "j4") in set(zip(worst["facet"], worst["label"], strict=True))
    away = np.log(worst[["infit", "outfit"]]).abs().max(axis=1)
    assert away.is_monotonic_decreasing
    outside = part.measures[["infit", "outfit"]]
    assert len(worst) == ((outside < 0.5) | (outside > 1.5)).any(axis=1).sum() > 0
    alt = fit_scatter(part).alt
    assert f"{len(worst)} of {len(part.measures)} elements" in alt
    assert f"farthest: {worst.iloc[0]['facet']} {worst.iloc[0]['label']} infit" in alt


def test_of_many_scales_those_with_flags_are_drawn():
    part = fit(simulate(30, 9, 3, seed=2).ratings, scale="item").parts[0]
    flagged = part.thresholds.assign(bad=part.thresholds["flags"] != "").groupby("scale")["bad"].sum()
    picture = category_curves(part)
    assert "6 of 9 scales are drawn" in picture.caption
    assert flagged.max() > 0, "else the test shows nothing"
    assert f"{flagged.idxmax()}: threshold" in picture.alt


def test_two_facets_two_categories_and_an_extreme_object_are_drawn():
    ratings = simulate(8, 12, 1, categories=2, seed=3).ratings.drop(columns="judge")
    ratings.loc[ratings["model"] == "m1", "score"] = 1
    part = fit(ratings, facets=["item"]).parts[0]
    assert (part.measures["status"] == "extreme high").any()
    assert "m1" in wright_map(part).alt
    assert "Hollow" in object_forest(elements(measures_of(fit(ratings, facets=["item"])), "model"), "model", "").caption


def test_an_object_alone_on_anchored_facets_is_drawn():
    """Nothing has a spread: no error, no warning."""
    ratings = simulate(6, 10, 3, seed=1).ratings
    found = fit(ratings)
    part = fit(ratings[ratings["model"] == "m2"], anchors=found.anchors()).parts[0]
    assert "m2" in wright_map(part).alt and fit_scatter(part).alt
    assert replace(part).names == part.names
