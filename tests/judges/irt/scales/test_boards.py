"""Two fits on one scale, and judges who moved, from their measures files."""

import numpy as np
import pandas as pd
import pytest

from equipoise.errors import InputError
from equipoise.judges.irt import fit, simulate
from equipoise.judges.irt.scales.boards import drift_table, link_boards, one_frame, parts_of, read_measures

ITEMS = np.linspace(-1.5, 1.5, 7)
JUDGES = np.array([-0.6, -0.2, 0.1, 0.2, 0.5])


def measures(models: dict[str, float], items=ITEMS, judges=JUDGES, se=0.1) -> pd.DataFrame:
    rows = [("model", label, value) for label, value in models.items()]
    rows += [("item", f"i{place}", value) for place, value in enumerate(items)]
    rows += [("judge", f"j{place}", value) for place, value in enumerate(judges)]
    table = pd.DataFrame(rows, columns=["facet", "label", "measure"])
    return table.assign(se=se, se_clustered=se, infit=1.0, status="")


def first_of(board):
    return board.measures[board.measures["fit"] == "first"].set_index("label")


def test_shifts_of_items_and_judges_add_up_in_the_objects():
    """The second fit counts its items .3 higher and its judges .2 lower: the same model stands .1 higher there."""
    one = measures({"a": 1.0, "b": 0.0})
    two = measures({"c": 0.5}, ITEMS + 0.3, JUDGES - 0.2)
    board = link_boards(one, two)
    assert board.links["item"].shift == pytest.approx(0.3) and board.links["judge"].shift == pytest.approx(-0.2)
    found = first_of(board)
    assert found.loc["a", "measure"] == pytest.approx(1.1) and found.loc["b", "measure"] == pytest.approx(0.1)
    # Each shift: 1 / sqrt(n / (.1^2 + .1^2)), of 7 and 5 elements; both are in the link.
    error = np.sqrt(0.02 / 7 + 0.02 / 5)
    assert found.loc["a", "se_link"] == pytest.approx(error) and found.loc["a", "se"] == 0.1
    assert found.loc["a", "se_total"] == pytest.approx(np.hypot(0.1, error))
    assert found.loc["a", "high"] == pytest.approx(1.1 + 1.959964 * np.hypot(0.1, error))
    other = board.measures.set_index("label").loc["c"]
    assert (other["fit"], other["measure"], other["se_link"]) == ("second", 0.5, 0.0)
    assert board.measures["measure"].is_monotonic_decreasing and board.not_linked == () and board.warnings == ()


def test_a_facet_that_is_left_out_is_named():
    board = link_boards(measures({"a": 1.0}), measures({"c": 0.5}, ITEMS + 0.3, JUDGES - 0.2), ["item"])
    assert first_of(board).loc["a", "measure"] == pytest.approx(1.3)
    assert board.not_linked == ("judge",)
    assert board.warnings == ("judge is not linked: its elements are taken to be alike on average in both fits",)


def test_a_judge_who_moved_is_dropped_from_the_link():
    drifted = JUDGES.copy()
    drifted[2] += 3
    small = np.array([0.0, 0.01, 0.0, -0.01, 0.0])
    board = link_boards(measures({"a": 1.0}), measures({"c": 0.0}, ITEMS, drifted + small), ["judge"])
    assert board.links["judge"].dropped == ("j2",)
    assert first_of(board).loc["a", "measure"] == pytest.approx(1.0, abs=0.01)
    assert any(text.startswith("judge: the link rests on 4") for text in board.warnings)


def test_a_linear_link_stretches_measures_and_errors_through_one_facet():
    board = link_boards(measures({"a": 1.0}), measures({"c": 0.5}, 2 * ITEMS + 0.3), ["item"], linear=True)
    found = first_of(board)
    assert found.loc["a", "measure"] == pytest.approx(2.3) and found.loc["a", "se"] == pytest.approx(0.2)
    link = board.links["item"]
    assert found.loc["a", "se_link"] == pytest.approx(np.hypot(link.se, (1 - link.centre) * link.slope_se))
    with pytest.raises(InputError, match="one facet"):
        link_boards(measures({"a": 1.0}), measures({"c": 0.5}), ["item", "judge"], linear=True)
    with pytest.raises(InputError, match="'item'"):
        link_boards(measures({"a": 1.0}), measures({"c": 0.5}, 2 * ITEMS, se=0.01), ["item"])


def test_common_objects_are_a_link_of_their_own():
    models = {f"m{place}": value for place, value in enumerate(JUDGES)}
    one, two = measures(models), measures({name: value + 0.7 for name, value in models.items()})
    two.loc[two["facet"] != "model", "label"] += "x"
    board = link_boards(one, two)
    assert list(board.links) == ["model"] and first_of(board).loc["m0", "measure"] == pytest.approx(0.1)
    with pytest.raises(InputError, match="no other facet"):
        link_boards(one, two, ["model", "item"])


def test_boards_that_share_nothing_or_measure_other_things_are_refused():
    one, two = measures({"a": 1.0}), measures({"c": 0.5})
    two["label"] += "x"
    with pytest.raises(InputError, match="share too little"):
        link_boards(one, two)
    with pytest.raises(InputError, match="measures model, the second person"):
        link_boards(one, one.replace({"facet": {"model": "person"}}))


def test_linked_fits_agree_with_one_fit_of_all():
    """Half of the models in each fit, common items and judges: the linked board is that of all ratings together."""
    ratings = simulate(20, 60, 5, seed=11).ratings
    half = ratings["model"].astype(str) <= "m10"
    both = fit(ratings).measures.query("facet == 'model'").set_index("label")["measure"]
    board = link_boards(fit(ratings[half]).measures, fit(ratings[~half]).measures)
    linked = board.measures.set_index("label")["measure"]
    apart = (linked - linked.mean()) - (both - both.mean())
    assert apart.abs().max() < 3 * first_of(board)["se_link"].max() < 0.3


def test_the_plain_error_stands_in_where_there_is_no_clustered_one():
    one, two = measures({"a": 1.0}), measures({"c": 0.5}, ITEMS + 0.3)
    one.loc[0, "se_clustered"], two["se_clustered"] = np.nan, 0.2
    assert first_of(link_boards(one, two, ["item"])).loc["a", "se"] == 0.1
    assert link_boards(one, two, ["item"]).links["item"].se == pytest.approx(np.sqrt((0.01 + 0.04) / 7))
    plain = link_boards(one.drop(columns="se_clustered"), two, ["item"])
    assert plain.links["item"].se == pytest.approx(np.sqrt((0.01 + 0.04) / 7))


def test_common_objects_do_not_count_where_other_facets_are_shared():
    """They may have changed; items and judges have not."""
    models = {"m1": 1.0, "m2": 0.0, "m3": -1.0}
    board = link_boards(measures(models), measures({name: value + 1 for name, value in models.items()}))
    assert set(board.links) == {"item", "judge"} and first_of(board).loc["m1", "measure"] == pytest.approx(1.0)


def test_drift_is_tested_for_each_judge_and_one_who_is_absent_has_none():
    old, new = measures({"a": 1.0}), measures({"a": 1.0}, judges=JUDGES + np.array([0, 0, 1, 0, 0]))
    new = new[new["label"] != "j4"]
    found = drift_table(old, new).set_index("label")
    assert found.loc["j2", "difference"] == pytest.approx(1.0) and found.loc["j2", "se"] == pytest.approx(np.sqrt(0.02))
    assert found.loc["j2", "adjusted"] < 0.001 and found.loc["j0", "adjusted"] == 1
    assert found.loc["j4", ["new", "p", "adjusted"]].isna().all()
    assert drift_table(old, new, "item")["difference"].abs().max() == 0
    with pytest.raises(InputError, match="colour"):
        drift_table(old, new, "colour")


def test_the_frame_is_one_if_every_other_facet_is_held():
    new = measures({"a": 1.0})
    assert not one_frame(new, "judge")
    new.loc[new["facet"] == "item", "status"] = "anchored"
    assert not one_frame(new, "judge")
    new.loc[new["facet"] == "model", "status"] = "anchored"
    assert one_frame(new, "judge") and not one_frame(new, "item")
    assert not one_frame(new.drop(columns="status"), "judge")


def test_a_file_is_read_with_labels_as_they_are(tmp_path):
    table = measures({"NA": 1.0, "None": 0.5, "007": 0.0})
    table.loc[0, "infit"] = np.nan
    table.insert(0, "dimension", "null")
    table.to_csv(tmp_path / "measures.csv", index=False)
    found = read_measures(tmp_path / "measures.csv")
    assert found["label"].tolist()[:3] == ["NA", "None", "007"] and set(found["dimension"]) == {"null"}
    assert np.isnan(found.loc[0, "infit"]) and found["measure"].dtype == float
    assert list(parts_of(found)) == ["null"] and list(parts_of(found.drop(columns="dimension"))) == [""]


@pytest.mark.parametrize(
    ("text", "named"),
    [
        (None, "no such file"),
        ("", "expected a measures.csv"),
        ("a,b\n1,2\n", "field 'facet'"),
        ("facet,label,measure\nj,a,1\n", "field 'se'"),
        ("facet,label,measure,se\nj,a,x,1\n", "field 'measure'"),
        ("facet,label,measure,se\n", "has no rows"),
        ("facet,label,measure,se\nj,a,1,1\nj,a,2,1\n", ":3: field 'label': j 'a' stands twice"),
    ],
)
def test_other_files_are_refused(text, named, tmp_path):
    path = tmp_path / "m.csv"
    if text is not None:
        path.write_text(text)
    with pytest.raises(InputError, match=r"m\.csv") as error:
        read_measures(path)
    assert named in str(error.value)
