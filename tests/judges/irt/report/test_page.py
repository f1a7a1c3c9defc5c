"""The report of a fit: warnings first, nothing from outside, labels escaped, readable on a phone."""

import html
import re

import numpy as np
import pandas as pd
import pytest
from browser import sound_page

from equipoise.harness.report import theme
from equipoise.judges.irt import fit, simulate
from equipoise.judges.irt.report.page import conditions, shift_sentence
from equipoise.judges.irt.report.page_tables import numeric, probability
from equipoise.judges.irt.report.pictures import elements, number
from equipoise.judges.irt.report.writing import measures_of, write

ATTACK = "<script>document.title='owned'</script>{{ 7*7 }}"
LONG = "provider/a-model-with-a-name-that-goes-on-and-on-until-somebody-cuts-it-2026-11-22-instruct"


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    """Two dimensions, one judge in reverse, labels that attack."""
    parts = [
        simulate(9, 30, 4, adversary="reversed", seed=seed).ratings.astype({"model": str}).assign(dimension=name)
        for seed, name in enumerate(("<i>tone</i>", "tact"))
    ]
    ratings = pd.concat(parts, ignore_index=True)
    ratings["model"] = ratings["model"].replace({"m1": ATTACK, "m2": LONG, "m3": "\x1b[31mred", "m4": "模型"})
    folder = tmp_path_factory.mktemp("page")
    write(fit(ratings), folder)
    return folder / "report.html"


@pytest.fixture
def undrawn(monkeypatch):
    """No pictures, which take seconds."""
    monkeypatch.setattr(theme, "_uri", lambda draw, style: "data:,")


def test_nothing_comes_from_outside(report):
    page = report.read_text(encoding="utf-8")
    assert "<script" not in page
    assert not re.search(r'(?:src|srcset)="(?!data:)', page) and not re.search(r'href="(?!#)', page)
    assert "default-src 'none'" in page


def test_labels_are_escaped_and_not_evaluated(report):
    page = report.read_text(encoding="utf-8")
    assert html.escape(ATTACK, quote=False).replace("'", "&#39;") in page
    assert "{{ 7*7 }}" in page and "<i>tone" not in page and "&lt;i&gt;tone" in page


def test_warnings_come_before_the_numbers(report):
    page = report.read_text(encoding="utf-8")
    assert page.index("Before using these numbers") < page.index("<h2>")
    assert "tact: judge j4 rates against all others" in page


def test_every_dimension_has_every_part(report):
    page = report.read_text(encoding="utf-8")
    for title in (
        "Everything on one ruler", "model: measures", "judge: severity", "item: difficulty", "Rating scale", "Fit",
        "Bias",
    ):  # fmt: skip
        assert page.count(f"<h3>{title}</h3>") == 2, title
    alts = re.findall(r'<img [^>]*alt="([^"]*)"', page)
    assert len(alts) == 2 * 8 and all(len(alt) > 40 for alt in alts)
    for words in (
        "Correlations between dimensions",
        "Exact agreement",
        "hardest to believe",
        "reliability",
        "χ², all equal",
    ):
        assert words in page
    assert "nan" not in re.sub(r"base64,[^\"]*", "", page).lower()


def test_the_shift_is_explained_by_what_was_met():
    """m1 met only the strict half of the judges, and nobody else did."""
    made = simulate(10, 40, 4, sd_severity=1.5, seed=5)
    strict = made.severities.nlargest(2).index
    ratings = made.ratings[(made.ratings["model"] != "m01") | made.ratings["judge"].isin(strict)]
    found = fit(ratings)
    part, table = found.parts[0], measures_of(found)
    met = conditions(part)
    severity = found.measures[found.measures["facet"] == "judge"].set_index("label")["measure"]
    assert met[0] == pytest.approx(severity[strict].mean() - severity.mean(), abs=1e-9)
    assert np.abs(met[1:]).max() < 1e-9
    floating = conditions(fit(ratings, floating="judge").parts[0])
    assert np.abs(floating[1:]).max() < 1e-9, "also where the judges' mean is not 0"
    sentence = shift_sentence(part, elements(table, "model"))
    row = table[table["label"] == "m01"].iloc[0]
    moved = f"from {number(row['average'])} to {number(row['adjusted_average'])}"
    assert f"m01 moves most, {moved}: its conditions were {number(met[0])} logits harder than average" in sentence
    assert row["adjusted_average"] > row["average"]


def test_where_all_met_the_same_no_mean_moves():
    found = fit(simulate(5, 10, 3, seed=1).ratings)
    assert "no mean moves" in shift_sentence(found.parts[0], elements(measures_of(found), "model"))


def test_columns_of_numbers_are_set_right_and_names_never():
    from equipoise.harness.report.sections import Table

    table = Table("", ["item", "x", "note"], [["007", "−1.20", ""], ["8", "0.1 (−2)", "p < 0.001, words"]])
    assert numeric(table) == [False, True, False]
    assert numeric(Table("", ["a", "b"], [["x", "3.2 (4), p < 0.001"]])) == [False, True]


def test_small_probabilities_are_told_as_bounds():
    assert [probability(value) for value in (0.0, 0.00099, 0.012, float("nan"))] == ["< 0.001", "< 0.001", "0.012", "–"]


def test_one_calibration_has_no_overview(undrawn, tmp_path):
    write(fit(simulate(5, 16, 2, seed=1).ratings), tmp_path)
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "All dimensions" not in page and "<nav" not in page and "Before using" not in page


def test_a_design_in_parts_says_so_first_and_has_a_column_for_it(undrawn, tmp_path):
    halves = [simulate(4, 8, 2, seed=seed).ratings.astype(str) for seed in (1, 2)]
    halves[1][["model", "item", "judge"]] += "b"
    ratings = pd.concat(halves, ignore_index=True).astype({"score": int})
    write(fit(ratings), tmp_path)
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "never compared" in page[: page.index("<h3>")]
    assert ">subset</th>" in page


def test_marginal_estimation_has_a_report_too(undrawn, tmp_path):
    write(fit(simulate(12, 8, 2, seed=1).ratings, estimator="mml"), tmp_path)
    assert "Marginal maximum likelihood" in (tmp_path / "report.html").read_text(encoding="utf-8")


@pytest.mark.browser
@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (1280, "dark"), (390, "light")])
def test_page_in_a_browser(report, width, scheme):
    with sound_page(report, "Severity-free measures", width, scheme):
        pass
