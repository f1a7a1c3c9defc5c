"""The control agents get exactly the values that the specification states, through the whole pipeline."""

import math

import pytest
from inspect_ai import eval as inspect_eval
from support import measure

from equipoise.harness.run import build_model
from equipoise.tasks.misinformation import misinformation

from .farm_rows import SETS

P = 0.75
ALL = ("control", "logical", "credibility", "emotional")
EXPECTED = {
    # agent: MR@1..4, net MR@4, resist, accept
    "stubborn": (0, 0, 1, 0),
    "sycophant": (1, 1, 0, 1),
    "oracle": (0, 0, 1, 1),
}


def check(found, agent: str, domain: str, techniques, starts=("seeded", "natural")) -> None:
    """All metrics of one item set against the expected ones; none may be absent."""
    misled, net, resist, accept = EXPECTED[agent]
    for start in starts:
        for k in (1, 2, 3, 4):
            assert found[f"control.right.{start}", f"MR@{k}", f"domain={domain}"].estimate == 0
            for technique in techniques:
                assert found[f"negative.{technique}.{start}", f"MR@{k}", f"domain={domain}"].estimate == misled
        for technique in techniques:
            arm = f"negative.{technique}.{start}"
            assert found[arm, "net_MR@4", f"domain={domain}"].estimate == net
            assert found[arm, "resist", f"domain={domain},turn=4"].estimate == resist
        assert found[f"positive.control.{start}", "accept", f"domain={domain},turn=4"].estimate == accept
    assert all(metric.missing == 0 for metric in found.values())


@pytest.mark.parametrize("agent", list(EXPECTED))
def test_exact_values_on_our_own_items(agent, tmp_path):
    n = 4
    found = measure(tmp_path, f"equipoise/{agent}", {"p": P}, task=misinformation, items="trivia", n_items=n)
    check(found, agent, "trivia", ALL)
    assert found["first.natural", "accuracy_before", "domain=trivia,turn=0"].estimate == P
    for arm in ("control.right", "control.wrong", "positive.control", *(f"negative.{t}" for t in ALL)):
        assert found[f"{arm}.seeded", "disown", "domain=trivia,turn=0"].estimate == 0
    assert found["negative.logical.seeded", "MR@4", "domain=trivia"].n == n
    assert found["negative.logical.natural", "MR@4", "domain=trivia"].n == P * n
    assert found["positive.control.natural", "accept", "domain=trivia,turn=4"].n == (1 - P) * n


@pytest.mark.parametrize("agent", list(EXPECTED))
def test_exact_values_on_farm_rows(agent, farm, tmp_path):
    """All four sets, untargeted NQ1 included; the share p is exact over all items, not within each set."""
    source = farm(3)
    found = measure(
        tmp_path, f"equipoise/{agent}", {"p": 0.5}, task=misinformation, items=source, techniques="control,logical"
    )
    for domain in SETS:
        check(found, agent, domain, ("control", "logical"), starts=("seeded",))
    before = [found["first.natural", "accuracy_before", f"domain={domain},turn=0"] for domain in SETS]
    assert sum(metric.estimate * metric.n for metric in before) / sum(metric.n for metric in before) == 0.5
    natural = [m for (arm, name, _), m in found.items() if arm == "negative.logical.natural" and name == "MR@4"]
    assert sum(metric.n for metric in natural) == 6
    assert {metric.estimate for metric in natural} == {EXPECTED[agent][0]}


@pytest.mark.parametrize("name", SETS)
def test_p_is_exact_within_a_single_set(name, farm, tmp_path):
    found = measure(
        tmp_path, "equipoise/stubborn", {"p": P}, task=misinformation, items=farm(8, name), techniques="control",
        start="natural",
    )  # fmt: skip
    assert found["first.natural", "accuracy_before", f"domain={name},turn=0"].estimate == P


@pytest.mark.parametrize(("seed", "name", "m"), [(1, "NQ2", 4), (2, "NQ1", 4), (3, "Boolq", 2)])
def test_random_is_within_four_standard_errors(seed, name, m, farm, tmp_path):
    n = 24
    found = measure(
        tmp_path, "equipoise/random", {"seed": seed}, task=misinformation, items=farm(n, name), techniques="control",
        start="seeded",
    )  # fmt: skip
    by, last, first = f"domain={name}", f"domain={name},turn=4", f"domain={name},turn=0"
    expected = {
        ("negative.control.seeded", "resist", last): 1 / m,
        ("positive.control.seeded", "accept", last): 1 / m,
        ("control.right.seeded", "disown", first): (m - 1) / m,
    }
    for arm in ("negative.control.seeded", "control.right.seeded"):
        expected |= {(arm, f"MR@{k}", by): 1 - m**-k for k in (1, 2, 3, 4)}
    for key, value in expected.items():
        assert found[key].n == n
        assert abs(found[key].estimate - value) <= 4 * math.sqrt(value * (1 - value) / n), key
    ever = 1 - m**-4
    net = found["negative.control.seeded", "net_MR@4", by].estimate
    assert abs(net) <= 4 * math.sqrt(2 * ever * (1 - ever) / n)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_random_in_the_natural_start(seed, farm, tmp_path):
    n, m = 40, 4
    found = measure(
        tmp_path, "equipoise/random", {"seed": seed}, task=misinformation, items=farm(n, "NQ2"), techniques="control",
        start="natural", turns=1,
    )  # fmt: skip
    before = found["first.natural", "accuracy_before", "domain=NQ2,turn=0"]
    assert before.n == n and abs(before.estimate - 1 / m) <= 4 * math.sqrt(1 / m * (1 - 1 / m) / n)
    misled = found["negative.control.natural", "MR@1", "domain=NQ2"]
    assert misled.n == before.estimate * n
    assert abs(misled.estimate - (1 - 1 / m)) <= 4 * math.sqrt(1 / m * (1 - 1 / m) / misled.n)


def test_inspect_prints_the_headline_of_every_set_with_both_directions(farm, tmp_path):
    task = misinformation(items=farm(1, "NQ2", "Boolq"), techniques="control", start="seeded")
    log = inspect_eval(task, model="equipoise/oracle", log_dir=str(tmp_path), display="none")[0]
    printed = {name: metric.value for name, metric in log.results.scores[0].metrics.items()}
    for domain in ("NQ2", "Boolq"):
        assert printed[f"MR@4 (negative.control.seeded, domain={domain})"] == 0
        assert printed[f"MR@4 (control.right.seeded, domain={domain})"] == 0
        assert printed[f"resist (negative.control.seeded, domain={domain},turn=4)"] == 1
        assert printed[f"accept (positive.control.seeded, domain={domain},turn=4)"] == 1
    assert not any("domain" not in name for name in printed), "sets are never pooled"


def test_calls_per_item_are_those_of_the_readme(farm, tmp_path):
    def calls(start: str, p: float) -> int:
        task = misinformation(items=farm(1, "NQ2"), start=start)
        model = build_model("equipoise/stubborn", {"p": p})
        log = inspect_eval(task, model=model, log_dir=str(tmp_path), display="none")[0]
        return sum(event.event == "model" for sample in log.samples for event in sample.events)

    assert calls("seeded", 1.0) == 63
    assert calls("natural", 1.0) == 41
    assert calls("natural", 0.0) == 17
