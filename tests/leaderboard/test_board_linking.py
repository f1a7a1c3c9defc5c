"""Editions on one scale: the truth is known, so is what an unlinked edition gets wrong."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from leaderboard.boards import World, rows_of

from equipoise.errors import InputError
from equipoise.judges.anchoring import hold
from equipoise.judges.irt.scales.anchors import THRESHOLD
from equipoise.leaderboard.linking import (
    LinkCheck,
    check_links,
    edition_anchors,
    links_table,
    read_edition_anchors,
    write_anchors,
)
from equipoise.leaderboard.standings import judged

TASK = "equipoise/made_up_0"


def truth() -> World:
    """40 submissions, items of which the later ones are 1.5 logits harder, judges from mild to strict."""
    rng = np.random.default_rng(5)
    stands = pd.DataFrame({TASK: rng.normal(0, 1, 40)}, [f"model-{i:04d}" for i in range(40)])
    difficulty = pd.Series(rng.normal(0, 1, 36), [f"item-{i:03d}" for i in range(36)])
    difficulty.iloc[20:] += 1.5
    severity = pd.Series([-0.8, -0.3, 0.2, 0.9, 1.2, 1.4], list("abcdef"))
    return World(stands, -stands, difficulty, severity)


TRUE = truth()
EARLIER = slice(0, 20), slice(0, 24), slice(0, 4)
"""Models, items and judges of the first edition."""


def votes_of(models: slice, items: slice, judges: slice, seed: int, true: World = TRUE) -> pd.DataFrame:
    own = replace(
        true, stands=true.stands.iloc[models], bends=true.bends.iloc[models], difficulty=true.difficulty.iloc[items],
        severity=true.severity.iloc[judges],
    )  # fmt: skip
    table = pd.concat([rows_of(own, name, seed).assign(model=name) for name in own.stands.index], ignore_index=True)
    return table[table["judge"].astype(str) != ""]


@pytest.fixture(scope="module")
def earlier():
    return judged(votes_of(*EARLIER, seed=1))


@pytest.fixture(scope="module")
def anchors(earlier):
    return edition_anchors(earlier.fits)


def errors_of(found, earlier, models: slice) -> tuple[float, float]:
    """Mean error of the new submissions on the earlier scale, and the share whose interval holds the truth."""
    theta = TRUE.stands[TASK]
    first = earlier.capability.set_index("submission")["measure"]
    origin = float((first - theta.reindex(first.index)).mean())
    new = found.capability.set_index("submission").loc[TRUE.stands.index[models]]
    on_scale = theta.reindex(new.index) + origin
    inside = (new["low"] <= on_scale) & (on_scale <= new["high"])
    return float((new["measure"] - on_scale).mean()), float(inside.mean())


def test_shared_items_and_judges_put_a_new_panel_on_the_earlier_scale(earlier, anchors):
    votes = votes_of(slice(20, 40), slice(8, 36), slice(2, 6), seed=2)
    shift, inside = errors_of(judged(votes), earlier, slice(20, 40))
    assert shift < -1 and inside < 0.2
    linked = judged(votes, anchors)
    shift, inside = errors_of(linked, earlier, slice(20, 40))
    assert abs(shift) < 0.2 and inside >= 0.85
    (check,) = check_links(linked.fits, judged(votes).fits, anchors)
    assert check.good and check.common == {"place": 16, "judge": 2}
    assert "Linked through 16 of place and 2 of judge." in check.text and "Few are 2 of judge" in check.text
    severity = linked.severity.set_index("judge")["severity"]
    known = earlier.severity.set_index("judge")["severity"]
    assert severity[["c", "d"]].tolist() == pytest.approx(known[["c", "d"]].tolist())


def test_an_entirely_new_panel_is_linked_through_carried_submissions(earlier, anchors):
    votes = votes_of(slice(12, 40), slice(8, 36), slice(4, 6), seed=3)
    assert errors_of(judged(votes), earlier, slice(20, 40))[0] < -1
    linked = judged(votes, anchors)
    shift, inside = errors_of(linked, earlier, slice(20, 40))
    assert abs(shift) < 0.25 and inside >= 0.85
    assert check_links(linked.fits, judged(votes).fits, anchors)[0].common == {"place": 16, "model": 8}
    carried = TRUE.stands.index[12:20]
    now, before = (each.capability.set_index("submission")["measure"][carried] for each in (linked, earlier))
    assert now.mean() == pytest.approx(before.mean(), abs=1e-3) and not np.allclose(now, before, atol=0.02)


def test_without_a_common_judge_or_submission_nothing_is_held(anchors):
    votes = votes_of(slice(20, 40), slice(8, 36), slice(4, 6), seed=4)
    linked, free = judged(votes, anchors), judged(votes)
    pd.testing.assert_frame_equal(linked.capability, free.capability)
    (check,) = check_links(linked.fits, judged(votes).fits, anchors)
    assert not check.good and check.text == "Not linked: no judge of the earlier scale is here."
    assert links_table([check])[["facet", "common", "good"]].to_numpy().tolist() == [["", 0, False]]


def test_items_that_changed_are_named_and_too_many_break_the_scale(anchors):
    assert _checked(TRUE.difficulty, anchors).displaced == {"place": (), "judge": ()}
    difficulty = TRUE.difficulty.copy()
    difficulty.iloc[8:10] += 2  # two of the sixteen that are common
    some = _checked(difficulty, anchors)
    assert {"item-008|wrong.push", "item-009|wrong.push"} <= set(some.displaced["place"])
    assert len(some.displaced["place"]) <= 3 and some.good  # at three standard errors one more may be chance
    assert "of place moved by more than 0.5 logits: item-008|wrong.push" in some.text
    difficulty.iloc[8:16] = difficulty.iloc[8:16].to_numpy()[::-1] + 2
    most = _checked(difficulty, anchors)
    assert not most.good and "more than a fifth of place" in most.text


def _checked(difficulty: "pd.Series[float]", anchors: pd.DataFrame) -> LinkCheck:
    votes = votes_of(slice(20, 40), slice(8, 36), slice(0, 4), seed=5, true=replace(TRUE, difficulty=difficulty))
    return check_links(judged(votes, anchors).fits, judged(votes).fits, anchors)[0]


def test_a_file_brings_the_anchors_back_and_a_changed_one_is_refused(earlier, anchors, tmp_path):
    import hashlib

    path = tmp_path / "2026.1.anchors.csv"
    write_anchors(earlier.fits, path)
    frozen = hashlib.sha256(path.read_bytes()).hexdigest()
    pd.testing.assert_frame_equal(read_edition_anchors(path, frozen), anchors, check_dtype=False)
    path.write_text(path.read_text().replace("item-003|", "item-004|", 1))
    with pytest.raises(InputError, match=r"frozen with|anchored twice"):
        read_edition_anchors(path, frozen)


@pytest.mark.parametrize(
    ("column", "value", "told"),
    [("step", "0", "step above 0"), ("origin", "much", "expected numbers"), ("task", None, "no such column")],
)
def test_a_malformed_file_is_refused_with_its_field(anchors, tmp_path, column, value, told):
    table = anchors.drop(columns=column) if value is None else anchors.assign(**{column: value})
    table.to_csv(tmp_path / "x.csv", index=False)
    with pytest.raises(InputError, match=told) as caught:
        read_edition_anchors(tmp_path / "x.csv")
    assert caught.value.field == column


def test_an_edition_without_a_fit_has_no_anchors_to_write(tmp_path):
    with pytest.raises(InputError, match="no judged dimension"):
        write_anchors(judged(votes_of(slice(0, 4), slice(0, 5), slice(0, 1), seed=1)).fits, tmp_path / "x.csv")
    assert not list(tmp_path.iterdir())


def coded(judges="cd", items="xyz", scores=(0, 1, 2, 3)) -> pd.DataFrame:
    cells = [
        (m, i, j, scores[(k + n) % len(scores)])
        for n, m in enumerate("mn")
        for k, i in enumerate(items)
        for j in judges
    ]
    return pd.DataFrame(cells, columns=["model", "place", "judge", "score"])


def small_anchors(origin=1.0, step=1.0, categories=(0, 1, 2, 3)) -> pd.DataFrame:
    elements = [("place", label, np.nan, 0.1) for label in "xy"] + [
        ("judge", "c", np.nan, 0.2),
        ("model", "n", np.nan, 1),
    ]
    steps = [(THRESHOLD, "common", float(k), np.nan if k == 0 else 0.0) for k in categories]
    table = pd.DataFrame(elements + steps, columns=["facet", "label", "category", "measure"])
    return table.assign(origin=origin, step=step)


def test_thresholds_are_held_on_the_scores_of_the_later_votes():
    held = hold(small_anchors(), ["place", "judge"], coded(scores=(0, 1)), origin=2.0, step=1.0)
    steps = held.anchors[held.anchors["facet"] == THRESHOLD]
    assert steps["category"].tolist() == [-1, 0, 1, 2] and not held.notes and held.floating == "model"
    outside = hold(small_anchors(), ["place", "judge"], coded(), origin=2.0, step=1.0)
    assert THRESHOLD not in set(outside.anchors["facet"]) and "no category of the earlier scale" in outside.notes[0]


@pytest.mark.parametrize(
    ("facets", "ratings", "told"),
    [
        (["place", "turn", "judge"], coded(), "the earlier scale has the facets judge, place, these votes have"),
        (["place", "judge"], coded(judges="pq").replace({"model": {"n": "o"}}), "no judge of the earlier scale"),
        (["place", "judge"], coded(judges="pq", items="uvw"), "no place and no judge of the earlier scale"),
    ],
)
def test_a_link_that_would_leave_the_origin_open_is_refused(facets, ratings, told):
    held = hold(small_anchors(), facets, ratings.assign(turn=1), 1.0, 1.0)
    assert held.anchors is None and told in held.reason
