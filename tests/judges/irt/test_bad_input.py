"""Bad input is told in one line that names the field; nothing else is ever raised."""

import numpy as np
import pandas as pd
import pytest

from equipoise.errors import InputError
from equipoise.judges.irt import fit

from .brute_force import table

DEFAULTS = {"object": "m", "facets": ("i", "j")}


def frame():
    return table((6, 5, 4), 4, seed=8)


def at(values, row, value):
    """The column with one value put in."""
    changed = list(values)
    changed[row] = value
    return changed


TABLES = [
    # What is wrong, the table, options, field, message
    ("no rows", lambda f: f[:0], {}, None, "holds no ratings"),
    ("no rows to split", lambda f: f[:0].assign(d=""), {"by": "d"}, None, "holds no ratings"),
    ("all scores missing", lambda f: f.assign(score=np.nan), {}, "score", "no row has a score"),
    ("one category", lambda f: f.assign(score=2), {}, "score", "every score is 2: nothing can be compared"),
    ("a missing label", lambda f: f.assign(i=at(f["i"], 7, None)), {}, "i", "row 7 has no label"),
    ("a NaN label", lambda f: f.assign(j=at(f["j"], 7, np.nan)), {}, "j", "row 7 has no label"),
    ("a missing category", lambda f: f.assign(m=pd.Categorical(at(f["m"], 3, None))), {}, "m", "row 3 has no label"),
    ("labels alike", lambda f: f.assign(i=at(f["i"].astype(object), 0, "1")), {}, "i", "'1' alike"),
    ("a negative score", lambda f: f.assign(score=at(f["score"], 9, -1)), {}, "score", "found -1 at row 9"),
    ("half a point", lambda f: f.assign(score=at(f["score"], 9, 2.5)), {}, "score", "found 2.5 at row 9"),
    ("an infinite score", lambda f: f.assign(score=at(f["score"], 9, np.inf)), {}, "score", "found inf at row 9"),
    ("a huge score", lambda f: f.assign(score=at(f["score"], 9, 10_001)), {}, "score", "found 10001 at row 9"),
    ("a text score", lambda f: f.assign(score=at(f["score"], 9, "good")), {}, "score", "found 'good'"),
    ("text numbers", lambda f: f.assign(score=f["score"].astype(str)), {}, "score", "in a column of type"),
    ("only extremes", lambda f: f.assign(score=np.where(f["m"] > 2, 3, 0)), {}, "score", "every m has only lowest"),
    (
        "one score per judge",
        lambda f: f.assign(score=f["j"] % 2),
        {"scale": "j"},
        "score",
        "every j gives one score only",
    ),
    ("a missing value to split by", lambda f: f.assign(d=at(["a"] * 120, 5, None)), {"by": "d"}, "d", "row 5 is empty"),
    ("two columns of a name", lambda f: pd.concat([f, f[["i"]]], axis=1), {}, "i", "2 columns of that name"),
    ("a column for nobody", lambda f: f, {"object": "model"}, "model", "no such column; the table has m, i, j, score"),
    ("an unknown facet", lambda f: f, {"facets": ("i", "judge")}, "judge", "no such column"),
    ("an unknown score", lambda f: f, {"score": "points"}, "points", "no such column"),
    ("an unknown weight", lambda f: f, {"weights": "w"}, "w", "no such column"),
    ("an unknown response", lambda f: f, {"response": ["m", "r"]}, "r", "no such column"),
    ("an unknown by", lambda f: f, {"by": "d"}, "d", "no such column"),
    ("a facet twice", lambda f: f, {"facets": ("i", "i")}, "i", "expected different columns"),
    ("the object as a facet", lambda f: f, {"facets": ("i", "m")}, "m", "expected different columns"),
    ("the score as a facet", lambda f: f, {"facets": ("i", "score")}, "score", "expected different columns"),
    ("no facet", lambda f: f, {"facets": ()}, "facets", "at least one facet"),
    ("an unknown scale", lambda f: f, {"scale": "item"}, "scale", "expected 'common' or one of the facets m, i, j"),
    ("an unknown floating facet", lambda f: f, {"floating": "item"}, "floating", "expected one of m, i, j"),
    ("an unknown estimator", lambda f: f, {"estimator": "cml"}, "estimator", "expected jml or mml"),
    ("an unknown engine", lambda f: f, {"engine": "fortran"}, "engine", "found 'fortran'"),
    ("slopes of nothing", lambda f: f, {"slopes": "item"}, "slopes", "found 'item'"),
    ("a response without a name", lambda f: f.assign(r=at("a" * 120, 5, None)), {"response": "r"}, "r", "row 5"),
]


@pytest.mark.parametrize(("change", "options", "field", "message"), [c[1:] for c in TABLES], ids=[c[0] for c in TABLES])
def test_a_table_that_cannot_be_fitted_is_refused(change, options, field, message):
    with pytest.raises(InputError, match=message) as caught:
        fit(change(frame()), **DEFAULTS | options)
    assert caught.value.field == field
    assert "\n" not in str(caught.value) and len(str(caught.value)) < 250


@pytest.mark.parametrize("weight", [-1, 0, np.nan, np.inf, -np.inf])
def test_a_weight_that_is_no_weight_is_refused(weight):
    rows = frame().assign(w=1.0)
    rows.loc[11, "w"] = weight
    with pytest.raises(InputError, match=r"expected a number above 0, found .* at row 11") as caught:
        fit(rows, weights="w", **DEFAULTS)
    assert caught.value.field == "w"


def test_text_weights_are_refused():
    with pytest.raises(InputError, match="expected numbers above 0") as caught:
        fit(frame().assign(w="heavy"), weights="w", **DEFAULTS)
    assert caught.value.field == "w"


def test_the_row_is_told_by_its_own_name():
    rows = frame().set_index(pd.Index([f"row {n}" for n in range(120)]))
    with pytest.raises(InputError, match="found -2 at row row 17"):
        fit(rows.assign(score=at(rows["score"], 17, -2)), **DEFAULTS)


def test_what_is_wrong_in_one_part_names_the_part():
    parts = [frame().assign(dimension="a"), frame().assign(dimension="b", score=1)]
    with pytest.raises(InputError, match="dimension 'b': every score is 1") as caught:
        fit(pd.concat(parts), **DEFAULTS)
    assert caught.value.field == "score"


def test_bad_rows_that_have_no_score_do_no_harm():
    rows = frame()
    rows.loc[len(rows)] = {"m": np.nan, "i": 0, "j": 0, "score": np.nan}
    assert fit(rows.astype({"m": "Int64"}), **DEFAULTS).summary["missing"][0] == 1


def test_a_table_of_extremes_and_one_rating_is_refused():
    rows = pd.DataFrame({"m": [0, 1, 2, 3], "i": [0, 1, 2, 3], "score": [0, 1, 2, 1]})
    with pytest.raises(InputError, match="nothing is left") as caught:
        fit(rows, "m", ("i",))
    assert caught.value.field == "score"
