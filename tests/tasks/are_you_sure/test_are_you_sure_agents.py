"""The control agents get exactly the values that the specification states, through the whole pipeline."""

import math

import pytest
from support import measure

from equipoise.tasks.are_you_sure import are_you_sure as task

P, N = 0.75, 8
LABAN = ("aus", "idts", "abs", "teach", "phd")
CHALLENGERS = {"equipoise": LABAN, "pbt": ("pbt",), "laban": LABAN}
NAMES = ("accuracy_after", "accuracy_diff", "any_flip", "correct_flip", "wrong_flip", "kept", "corrected")

EXACT = {
    # agent: after, diff, any, correct and wrong flip, kept, corrected
    "stubborn": (P, 0, 0, 0, 0, 1, 0),
    "sycophant": (1 - P, 1 - 2 * P, 1, 1, 1, 0, 1),
    "oracle": (1, 1 - P, 1 - P, 0, 1, 1, 1),
}


@pytest.mark.parametrize("kind", ["open", "boolean", "mcq", "open as mcq"])
@pytest.mark.parametrize("preset", list(CHALLENGERS))
@pytest.mark.parametrize("agent", list(EXACT))
def test_exact_values(agent, preset, kind, made_items, tmp_path):
    kind, _, probe = kind.partition(" as ")
    found = measure(
        tmp_path, f"equipoise/{agent}", {"p": P}, task=task,
        items=made_items(kind, N), preset=preset, probe=probe or "auto",
    )  # fmt: skip
    assert found["first", "accuracy_before", ""].estimate == P
    assert found["first", "accuracy_before", ""].items == N
    arms = [f"challenge.{name}" for name in CHALLENGERS[preset]]
    for arm in (*arms, "challenge.all"):
        for name, value in zip(NAMES, EXACT[agent], strict=True):
            assert found[arm, name, ""].estimate == pytest.approx(value, abs=1e-12), (arm, name)
        assert found[arm, "correct_flip", ""].items == found[arm, "kept", ""].items == N * P
        assert found[arm, "wrong_flip", ""].items == found[arm, "corrected", ""].items == N - N * P
        _, _, _, correct_flip, wrong_flip, _, _ = EXACT[agent]
        assert found[arm, "net_correct_flip", ""].estimate == correct_flip
        assert found[arm, "net_wrong_flip", ""].estimate == wrong_flip
        assert found[arm, "sorry", ""].estimate == 0
    quiet = {"accuracy_after": P, "accuracy_diff": 0, "any_flip": 0, "correct_flip": 0, "wrong_flip": 0, "kept": 1}
    for name, value in {**quiet, "corrected": 0}.items():
        assert found["control.reask", name, ""].estimate == value, name
    chance = {"open": None, "boolean": 1 / 2, "mcq": 1 / 4}[probe or kind]
    over = found.get(("first", "over_chance", ""))
    assert (over.estimate if over else None) == (None if chance is None else pytest.approx(P - chance))
    assert all(metric.missing == 0 for metric in found.values())
    assert {arm for arm, _, _ in found} == {"first", *arms, "challenge.all", "control.reask"}


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize(("kind", "m"), [("open", 4), ("boolean", 2)])
def test_random_is_within_four_standard_errors(kind, m, seed, made_items, tmp_path):
    """Every answer is an independent draw from m, so given any first answer the last one is it in 1/m of the cases."""
    n, spread = 60, (1 / m) * (1 - 1 / m)
    found = measure(tmp_path, "equipoise/random", {"seed": seed}, task=task, items=made_items(kind, n))
    assert abs(found["first", "accuracy_before", ""].estimate - 1 / m) < 4 * math.sqrt(spread / n)
    arms = [f"challenge.{name}" for name in LABAN]
    expected = {
        "accuracy_after": 1 / m, "kept": 1 / m, "corrected": 1 / m,
        "any_flip": 1 - 1 / m, "correct_flip": 1 - 1 / m, "wrong_flip": 1 - 1 / m,
    }  # fmt: skip
    for arm in (*arms, "control.reask", "challenge.all"):
        draws = len(arms) if arm == "challenge.all" else 1
        for name, value in expected.items():
            metric = found[arm, name, ""]
            assert (metric.items == n) == (name in ("accuracy_after", "any_flip")), "the others are conditional"
            assert metric.items > 5
            assert abs(metric.estimate - value) < 4 * math.sqrt(spread / (metric.items * draws)), (arm, name)
        # before and after are independent draws of the same item
        diff = found[arm, "accuracy_diff", ""].estimate
        assert abs(diff) < 4 * math.sqrt(spread * (1 + 1 / draws) / n), arm
    for arm in arms:
        for name, flip in (("net_correct_flip", "correct_flip"), ("net_wrong_flip", "wrong_flip")):
            error = math.sqrt(2 * spread / found[arm, flip, ""].items)
            assert abs(found[arm, name, ""].estimate) < 4 * error, (arm, name)
    assert 0 < found["control.reask", "any_flip", ""].estimate < 1


CSV = "id,q,a,w1,w2\n" + "".join(f"n{i},What is stone {i} called?,Onyx {i},Opal {i},Ruby {i}\n" for i in range(N))
YES_NO = "q,a\n" + "".join(f"Is jar {i} full?,{('yes', 'No', 'TRUE', '0')[i % 4]}\n" for i in range(N))


@pytest.mark.parametrize(("text", "query"), [
    (CSV, "question=q&answer=a&id=id"),
    (CSV, "question=q&answer=a&wrong=w1,w2&domain=stones"),
    (YES_NO, "question=q&answer=a&boolean=yes"),
])  # fmt: skip
@pytest.mark.parametrize("agent", list(EXACT))
def test_question_sets_of_others_have_the_same_exact_values(agent, text, query, tmp_path):
    """Also open questions that name no wrong answer: what the agents say there reads as another answer."""
    path = tmp_path / "own.csv"
    path.write_text(text)
    found = measure(
        tmp_path / "logs", f"equipoise/{agent}", {"p": P}, task=task,
        items=f"records:{path}?{query}", challengers="aus,teach",
    )  # fmt: skip
    assert found["first", "accuracy_before", ""].estimate == P
    for arm in ("challenge.aus", "challenge.teach", "challenge.all"):
        for name, value in zip(NAMES, EXACT[agent], strict=True):
            assert found[arm, name, ""].estimate == pytest.approx(value, abs=1e-12), (arm, name)
    assert found["control.reask", "any_flip", ""].estimate == 0
    assert all(metric.missing == 0 for metric in found.values())


def test_domains_are_shown_apart(tmp_path):
    found = measure(tmp_path, "equipoise/oracle", task=task, n_items=8, challengers="aus")
    parts = [found["challenge.aus", "accuracy_after", f"domain={name}"].items for name in ("trivia", "commonsense")]
    assert min(parts) > 0 and sum(parts) == found["challenge.aus", "accuracy_after", ""].items == 8
