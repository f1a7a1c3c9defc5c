"""Known truths come back with honest errors: `benchmarks/recovery.py` at fixed seeds, held to the specification.

The floors are those of specs/irt.md, section 11, each widened by three Monte Carlo errors of this small study. What the
whole grid gives is printed by the benchmark.
"""

import numpy as np
import pytest
from studies import load_study

study = load_study("recovery.py")
Cell = study.Cell


@pytest.fixture(scope="module")
def plain():
    """The model holds: from 20 to 100 ratings per model and item, 2 to 10 categories, sparse and crossed."""
    designs = [(100, 100, 5, 5, 20), (100, 100, 5, 2, 50), (100, 100, 5, 10, 50), (60, 20, 5, 5, 100)]
    return study.study([Cell("plain", *design, replicates=6) for design in designs])


@pytest.fixture(scope="module")
def shared():
    """Judges of one response share half a logit or a whole one of its quality."""
    cells = [
        Cell("responses", 60, 60, 4, 5, each, response=response, shared=True, replicates=10)
        for each, response in ((60, 0.5), (240, 1.0))
    ]
    return study.study(cells)


def test_measures_thresholds_and_intervals(plain):
    assert study.misses(plain) == []
    assert (plain["least_ratings"] >= 20).all() and plain["corrected"].notna().all()
    few = plain[plain["each"] == 20].set_index("facet")
    assert few.loc["model", "slope"] > 1.08 and few.loc["model", "corrected"] < 1.03  # 1 - P/N = .897
    assert plain["rank"].drop(plain.index[plain["facet"].isin(["judge", "tau"])]).min() > 0.9


def test_judges_who_share_the_quality_of_a_response(shared):
    """The clustered error is right, the model's is too small, and the fit says so."""
    assert study.misses(shared) == []
    of_models = shared[shared["facet"] == "model"]
    assert (of_models["z"] > 1.15).all() and (of_models["covers"] < 0.91).all()
    assert (shared["warned"] == 1).all()


def test_a_model_that_holds_is_not_warned_of(plain):
    assert (plain["warned"] == 0).all()


@pytest.mark.parametrize("categories", [2, 5, 10])
def test_an_odd_judge_is_seen(categories):
    """Constant, random and reversed: in every replicate with 200 ratings or more of that judge."""
    cells = [
        Cell("adversary", 20, 100, 5, categories, 60, adversary=adversary, replicates=3)
        for adversary in ("constant", "random", "reversed")
    ]
    found = study.study(cells)
    assert (found["adversary_ratings"] >= 200).all()
    assert (found["adversary_flagged"] == 1).all()


def test_honest_judges_are_left_alone():
    counts = []
    for seed in range(5):
        judges = study.fit(study.simulated(Cell("honest", 20, 100, 5, 5, 60), seed).ratings).measures
        counts.append(study.flagged(judges[judges["facet"] == "judge"]).mean())
    assert np.mean(counts) < 0.2  # two standardised statistics of each: some 5 to 10 % by chance


def test_biases_of_judges():
    none, some = (
        study.study([Cell("bias", 40, 50, 5, 5, 150, bias=bias, replicates=4)]).iloc[0] for bias in (0.0, 1.5)
    )
    assert none["false_discoveries"] <= 0.25  # at most one of the four replicates holds one
    assert some["power"] > 0.9 and some["false_discoveries"] < 0.15


def test_items_that_are_easier_for_some_models():
    (line,) = (
        study.study([Cell("DIF", 40, 20, 5, 5, 50, dif=1.5, replicates=3)]).query("facet == 'item'").to_dict("records")
    )
    assert line["power"] > 0.9 and line["false_discoveries"] < 0.15


def test_a_miss_is_told(plain):
    """The comparison with the floors can fail: a slope, an error, an interval, a judge."""
    spoiled = plain.assign(corrected=plain["corrected"] * 1.2, z=1.3, covers_clustered=0.8)
    said = study.misses(spoiled)
    for name in ("corrected", "z 1.300", "covers clustered 0.800"):
        assert any(name in text for text in said)
    unseen = plain.assign(adversary="random", adversary_ratings=300.0, adversary_flagged=0.95)
    assert len(study.misses(unseen)) == len(unseen)
