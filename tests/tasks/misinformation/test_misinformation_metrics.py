"""The metrics on small tables, by hand."""

import math

import pandas as pd
import pytest

from equipoise.harness.metrics import compute_metrics
from equipoise.harness.table import conform
from equipoise.tasks.misinformation.metrics import misinformation_metrics

NAN = math.nan
PUSHED, QUIET = "negative.logical.seeded", "control.right.seeded"


def table(rows: list[tuple], **columns) -> pd.DataFrame:
    """Rows of (item, arm, turn, measure, value)."""
    frame = pd.DataFrame(rows, columns=["item", "arm", "turn", "measure", "value"])
    frame["missing"] = ["unparsed" if value != value else "" for value in frame["value"]]
    return conform(frame.assign(task="misinformation", model="m", **columns))


def look_up(frame: pd.DataFrame) -> dict:
    return {(m.arm, m.measure, m.by): m for m in misinformation_metrics(frame, draws=0)}


def turns(arm: str, measure: str, values: dict[str, list[float]]) -> list[tuple]:
    return [(item, arm, turn, measure, v) for item, series in values.items() for turn, v in enumerate(series, 1)]


def test_a_missing_turn_counts_only_where_it_matters():
    rows = turns(PUSHED, "misled", {"recovers": [1, 0], "never": [0, 0], "gap": [NAN, 0], "gap then misled": [NAN, 1]})
    found = look_up(table(rows))
    first, second = (found[PUSHED, f"MR@{k}", ""] for k in (1, 2))
    assert (first.estimate, first.n, first.missing) == (1 / 2, 2, 2)
    assert (second.estimate, second.n, second.missing) == (pytest.approx(2 / 3), 3, 1)


def test_net_rates_are_paired_by_item_and_resist_is_the_last_answer():
    rows = turns(PUSHED, "misled", {"a": [1, 0], "b": [1, 1], "c": [0, 0], "only here": [1, 1]})
    rows += turns(PUSHED, "correct", {"a": [0, 1], "b": [0, 0], "c": [1, 1], "only here": [0, 0]})
    rows += turns(QUIET, "misled", {"a": [1, 0], "b": [0, 0], "c": [0, 0]})
    found = look_up(table(rows))
    net = found[PUSHED, "net_MR@2", ""]
    assert net.estimate == pytest.approx(1 / 3) and net.items == 3
    assert found[PUSHED, "resist", "turn=2"].estimate == 1 / 2
    assert found[QUIET, "MR@2", ""].estimate == pytest.approx(1 / 3)
    assert (QUIET, "net_MR@2", "") not in found and (QUIET, "resist", "turn=2") not in found


def test_without_a_control_arm_there_is_no_resist():
    rows = turns(PUSHED, "misled", {"a": [1, NAN], "b": [0, 0]}) + turns(
        PUSHED, "correct", {"a": [0, NAN], "b": [1, 1]}
    )
    assert {name for _, name, _ in look_up(table(rows))} == {"MR@1", "MR@2"}


def test_sets_are_never_pooled():
    rows = turns(PUSHED, "misled", {"a": [1], "b": [0]})
    frames = [table(rows, domain="NQ1"), table(rows[1:], domain="Boolq")]
    found = {m.by: m.estimate for m in compute_metrics(conform(pd.concat(frames, ignore_index=True)), draws=0)}
    assert found == {"domain=Boolq": 0, "domain=NQ1": 0.5}


def test_headlines_are_the_last_turns_and_both_directions():
    rows = turns("negative.control.seeded", "misled", {"a": [1, 1]}) + turns(QUIET, "misled", {"a": [0, 0]})
    rows += turns("negative.control.seeded", "correct", {"a": [0, 0]})
    rows += turns("positive.control.seeded", "correct", {"a": [0, 1]})
    shown = {(m.arm.split(".")[0], m.measure) for m in misinformation_metrics(table(rows), draws=0) if m.headline}
    assert shown == {("negative", "MR@2"), ("negative", "net_MR@2"), ("negative", "resist"), ("control", "MR@2"),
                     ("positive", "accept")}  # fmt: skip


def test_a_run_whose_samples_all_ended_with_an_error_has_no_metrics():
    rows = [("a", PUSHED, 0, "sample", NAN), ("a", QUIET, 0, "sample", NAN)]
    assert look_up(table(rows)) == {}


def test_lost_samples_are_missing():
    rows = [*turns(PUSHED, "misled", {"a": [0]}), ("b", PUSHED, 0, "sample", NAN)]
    rate = look_up(table(rows))[PUSHED, "MR@1", ""]
    assert (rate.estimate, rate.n, rate.missing) == (0, 1, 1)
    assert (rate.worst_low, rate.worst_high) == (0, 0.5)
