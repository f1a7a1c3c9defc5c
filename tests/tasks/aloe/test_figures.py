"""The report's section: which figures there are, what they say in words, and what it warns of."""

import base64
import xml.etree.ElementTree as ET

import numpy as np
import pandas as pd
import pytest

from equipoise.harness.metrics import compute_metrics
from equipoise.harness.table.schema import conform
from equipoise.tasks.aloe import aloe_section
from equipoise.tasks.aloe.metrics import CHECKS

from .long_tables import crossed, lost, table, votes

RISE = np.linspace(2, 4, 5)


def run(model="openai/subject", arms=("model", "persona_known", "no_history", "style"), up=0.0, **more):
    """A run with everything: arms, swapped ratings and checks."""
    cases = crossed(np.tile(RISE, (3, 2, 1)) + up)
    cases["p00.t0"], cases["p01.t1"] = np.append(RISE[:-1], 5.0), np.append(RISE[:-1], 1.0)
    parts = [votes(cases, arm=arm, model=model, **more) for arm in arms]
    parts.append(votes(cases, measure="al_swapped", model=model, **more))
    parts += [votes({"p00.t0": [0, 0, 0, 0, 1]}, measure=check, judge="", model=model, **more) for check in CHECKS]
    return table(*parts)


def section(frame):
    return aloe_section(frame, compute_metrics(frame, draws=20))


def titles(found):
    return [picture.alt.split(".")[0] for picture in found.pictures]


def test_figures_of_one_model():
    found = section(run())
    assert titles(found) == [
        "Own and another persona, subject, rating by turn",
        "Beside its references, subject, rating by turn",
        "Rate of improvement (IR)",
        "Failures of the simulated user",
    ]
    words = found.pictures[0].alt
    assert "own persona: 2.00, 2.50, 3.00, 3.50, 3.67; another persona: 2.00" in words
    for name in ("as it is", "told the persona", "current message only", "told to be friendly"):
        assert f"{name}: 2.00" in found.pictures[1].alt
    assert "personal part: subject 0.00" in found.pictures[2].alt
    for picture in found.pictures:
        for page in (picture.light, picture.dark):
            assert ET.fromstring(base64.b64decode(page.partition(",")[2])).tag.endswith("svg")


def test_several_models_are_first_shown_together_and_controls_have_no_figures_of_their_own():
    frame = conform(pd.concat([run(), run("equipoise/stubborn", up=0.5)]))
    found = titles(section(frame))
    assert found[0] == "Alignment by turn, rating by turn"
    assert "Own and another persona, subject, rating by turn" in found
    assert not any("stubborn" in title for title in found)


def test_a_run_without_references_or_swapped_ratings():
    frame = table(votes({"p0.t0": RISE, "p1.t1": RISE}))
    assert titles(section(frame)) == ["Beside its references, model, rating by turn", "Rate of improvement (IR)"]


def test_a_run_that_was_not_judged_or_was_lost_has_no_curves():
    words = table(votes({"p0.t0": [10, 20]}, measure="words", judge=""))
    assert section(words).pictures == []
    assert section(table(lost(["p0.t0"]))).pictures == []


def test_pools_of_personas_have_figures_of_their_own():
    frame = conform(pd.concat([run().assign(domain="own"), run().assign(domain="own2")]))
    found = titles(section(frame))
    assert found.count("Beside its references, own, subject, rating by turn") == 1
    assert found.count("Beside its references, own2, subject, rating by turn") == 1
    one = section(run().assign(domain="own"))
    assert titles(one) == titles(section(run())), "a single pool needs no name"


def test_figures_show_the_longest_run():
    frame = table(votes({"p0.t0": [1, 1]}, log="x"), votes({"p0.t0": RISE}, log="y"))
    assert "as it is: 2.00, 2.50, 3.00, 3.50, 4.00" in section(frame).pictures[0].alt


def test_cases_follow_the_rule():
    found = {case.title: (case.item, case.arm) for case in section(run()).cases}
    assert found == {
        "Rated 5 by a judge": ("p00.t0", "model"),
        "Rated 1 by a judge": ("p01.t1", "model"),
        "The simulated user answers like an assistant": ("p00.t0", "model"),
    }


@pytest.mark.parametrize(("gone", "warned"), [(0, False), (1, True)])
def test_an_invalid_run_is_said_to_be_one(gone, warned):
    frame = table(votes({f"p{i}.t0": RISE for i in range(9)}), *([lost(["p9.t0"])] if gone else []))
    lead = section(frame).lead
    assert ("Not valid for publication" in lead) is warned
    assert ("model (up to 10.0 %)" in lead) is warned


def test_a_judge_that_completed_nothing_is_named():
    frame = table(votes({"p0.t0": RISE}), votes({"p0.t0": [np.nan] * 5}, judge="google/quiet@strict"))
    lead = section(frame).lead
    assert "not in its panel: google/quiet@strict (model)." in lead
    assert "Not valid" not in lead
