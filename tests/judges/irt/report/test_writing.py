"""A fit as files: complete, strict, read back without loss, whole or not at all."""

import json

import numpy as np
import pandas as pd
import pytest

from equipoise.errors import InputError
from equipoise.harness.report import theme
from equipoise.judges.irt import fit, read_anchors, simulate
from equipoise.judges.irt.diagnostics.misfit import misfit
from equipoise.judges.irt.report import page
from equipoise.judges.irt.report.writing import bias_table, findings, measures_of, records, write

FILES = {
    "measures.csv", "thresholds.csv", "bias.csv", "agreement.csv", "unexpected.csv", "anchors.csv", "anchors_all.csv",
    "fit.json", "report.html",
}  # fmt: skip


@pytest.fixture(scope="module")
def ratings():
    parts = [
        simulate(6, 12, 3, bias=0.8, seed=seed).ratings.assign(dimension=name)
        for seed, name in enumerate(("empathy", "tact"))
    ]
    return pd.concat(parts, ignore_index=True)


@pytest.fixture(scope="module")
def found(ratings):
    return fit(ratings)


@pytest.fixture
def undrawn(monkeypatch):
    """No pictures, which take seconds."""
    monkeypatch.setattr(page, "write_page", lambda found, target: target.write_text(""))


@pytest.fixture(scope="module")
def folder(found, tmp_path_factory):
    place = tmp_path_factory.mktemp("fit") / "new"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(theme, "_uri", lambda draw, style: "data:,")
        write(found, place, settings={"file": "ratings.csv"})
    return place


def test_all_files_are_there_and_nothing_else(folder):
    assert {path.name for path in folder.iterdir()} == FILES


def test_the_tables_are_those_of_the_fit(folder, found):
    measures = pd.read_csv(folder / "measures.csv", keep_default_na=False, na_values=[""])
    expected = found.measures
    assert measures["label"].tolist() == expected["label"].tolist()
    assert list(measures.columns[:4]) == ["dimension", "facet", "label", "measure"]
    for column in ("measure", "se", "se_clustered", "infit", "outfit", "count"):
        np.testing.assert_allclose(measures[column], expected[column].astype(float), rtol=1e-12)
    thresholds = pd.read_csv(folder / "thresholds.csv")
    np.testing.assert_allclose(thresholds["threshold"], found.thresholds["threshold"], rtol=1e-12)


def test_the_adjusted_mean_is_the_raw_one_where_all_met_the_same(found):
    table = measures_of(found)
    objects = table["facet"] == "model"
    np.testing.assert_allclose(table.loc[objects, "adjusted_average"], table.loc[objects, "average"], atol=0.02)
    assert table.loc[~objects, "adjusted_average"].isna().all()


def test_anchors_hold_a_later_fit_where_this_one_was(folder, found, ratings):
    anchors = read_anchors(folder / "anchors.csv")
    assert set(anchors["facet"]) == {"item", "judge", "threshold"}
    again = fit(ratings, anchors=anchors).measures
    held = again["status"] == "anchored"
    assert set(again.loc[held, "facet"]) == {"item", "judge"}
    np.testing.assert_allclose(again.loc[held, "measure"], found.measures.loc[held, "measure"], atol=1e-12)
    everything = read_anchors(folder / "anchors_all.csv")
    assert set(everything["facet"]) == {"model", "item", "judge", "threshold"}


def test_bias_comes_with_the_significant_first_then_by_size(found, folder):
    table = pd.read_csv(folder / "bias.csv")
    assert list(table.columns[:5]) == ["dimension", "facet_1", "label_1", "facet_2", "label_2"]
    assert set(zip(table["facet_1"], table["facet_2"], strict=True)) == {("model", "judge"), ("item", "judge")}
    assert len(table) == len(found.bias("model", "judge")) + len(found.bias("item", "judge"))
    significant = (table["q"] <= 0.05).to_numpy()
    number = significant.sum()
    assert 0 < number < len(table) and significant[:number].all()
    sizes = table["t"].abs()
    assert sizes[:number].is_monotonic_decreasing and sizes[number:].is_monotonic_decreasing


def test_other_interactions_can_be_asked_for(found):
    table = bias_table(findings(found, [("model", "item")]))
    assert set(table["facet_2"]) == {"item"}
    assert bias_table(findings(found, [])).empty
    with pytest.raises(InputError, match="colour"):
        findings(found, [("model", "colour")])


def test_the_json_is_strict_and_says_what_was_done(folder, found):
    text = (folder / "fit.json").read_text(encoding="utf-8")
    told = json.loads(text, parse_constant=lambda name: pytest.fail(name))
    assert told["settings"]["object"] == "model" and told["settings"]["facets"] == ["item", "judge"]
    assert told["settings"]["by"] == "dimension" and told["settings"]["file"] == "ratings.csv"
    assert [row["dimension"] for row in told["summary"]] == ["empathy", "tact"]
    assert told["summary"][0]["log_likelihood"] == found.parts[0].estimate.log_likelihood
    assert told["summary"][0]["object_sd"] is None, "NaN is null"
    assert {"equipoise", "numpy", "python"} <= set(told["versions"])
    assert {row["facet"] for row in told["facets"]} == {"model", "item", "judge"}


def test_records_hold_plain_values_only():
    table = pd.DataFrame({"a": [np.float64("nan"), 1.5], "b": [np.int8(1), np.int8(2)], "c": ["x", None]})
    assert records(table.assign(d=[np.inf, -np.inf], e=[True, False])) == [
        {"a": None, "b": 1, "c": "x", "d": None, "e": True},
        {"a": 1.5, "b": 2, "c": None, "d": None, "e": False},
    ]
    assert json.dumps(records(table))


def test_labels_are_written_as_they_are(undrawn, tmp_path):
    ratings = simulate(4, 8, 2, seed=1).ratings.astype({"model": str})
    ratings["model"] = ratings["model"].map({"m1": "=1+1", "m2": "a,b", "m3": 'say "x"', "m4": "<b>"})
    write(fit(ratings), tmp_path)
    measures = pd.read_csv(tmp_path / "measures.csv")
    assert set(measures.loc[measures["facet"] == "model", "label"]) == {"=1+1", "a,b", 'say "x"', "<b>"}
    assert set(read_anchors(tmp_path / "anchors_all.csv")["label"]) >= {"=1+1", "a,b", 'say "x"', "<b>"}


def test_a_folder_that_cannot_be_written_is_named(found, undrawn, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="cannot be written"):
        write(found, tmp_path / "file" / "inside")


def test_a_table_is_written_whole_or_not_at_all(found, undrawn, tmp_path, monkeypatch):
    write(found, tmp_path)
    before = (tmp_path / "measures.csv").read_bytes()

    def full(self, path, **_):
        path.write_text("half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(pd.DataFrame, "to_csv", full)
    with pytest.raises(InputError, match="No space left"):
        write(found, tmp_path)
    assert (tmp_path / "measures.csv").read_bytes() == before
    assert {path.name for path in tmp_path.iterdir()} == FILES


@pytest.mark.parametrize(
    ("adversary", "words"),
    [
        ("random", "hardly tells good from bad"),
        ("reversed", "rates against all others"),
        ("constant", "the same score"),
    ],
)
def test_a_judge_who_does_not_judge_is_named_first(adversary, words):
    ratings = simulate(30, 20, 4, adversary=adversary, seed=2, sd_ability=1.5).ratings
    found = fit(ratings)
    said = [text for text in found.warnings if text.startswith("judge j4 ")]
    assert len(said) == 1 and words in said[0]
    assert not any(text.startswith(("judge j1", "judge j2", "judge j3")) for text in found.warnings)


def test_honest_judges_get_no_warning_and_those_of_a_dimension_are_told_with_it(ratings):
    assert fit(simulate(30, 20, 4, seed=2).ratings).warnings == ()
    bad = simulate(30, 20, 4, adversary="random", seed=2).ratings.assign(dimension="tact")
    assert any(text.startswith("tact: judge j4 hardly") for text in fit(bad).warnings)


@pytest.mark.parametrize(
    ("numbers", "words"),
    [
        ((1.6, 1.0, 0.5, 0.5), "more erratic"),
        ((1.0, 1.6, 0.5, 0.5), "more erratic"),
        ((0.4, 1.0, 0.5, 0.5), "too regular"),
        ((1.0, 1.0, 0.24, 0.5), "hardly"),
        ((1.0, 1.0, 0.26, 0.5), ""),
        ((1.0, 1.0, 0.05, 0.15), ""),
        ((1.0, 1.0, -0.1, 0.15), "against"),
        ((1.0, 1.0, float("nan"), 0.5), "same score"),
        ((1.5, 0.5, 0.5, 0.5), ""),
    ],
)
def test_what_is_wrong_with_a_judge(numbers, words):
    said = misfit(*numbers)
    assert words in said and bool(said) == bool(words)
