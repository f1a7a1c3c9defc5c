import random
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from trees import many, one_pair

from equipoise.errors import InputError
from equipoise.training.common.preference import Pair
from equipoise.training.pbt.arms import ARMS, arm_rows
from equipoise.training.pbt.node import trees_of
from equipoise.training.pbt.pairs import PbtPair, pairs_of


def pairs(resist: int, accept: int, questions: int = 1000) -> list[PbtPair]:
    """So many pairs of each dimension, spread over so many questions."""
    made = []
    for dimension, count in (("resist", resist), ("accept", accept)):
        pair = one_pair(dimension)
        for i in range(count):
            said = pair.chosen[0].model_copy(update={"content": f"{dimension} {i}"})
            made.append(pair.model_copy(update={"chosen": (said,), "item": f"q{i % questions}"}))
    return made


def counted(rows: list[PbtPair]) -> Counter[str]:
    return Counter(pair.dimension for pair in rows)


@settings(max_examples=25)
@given(st.integers(2, 30), st.integers(2, 30), st.integers(0, 99))
def test_all_arms_have_equally_many_rows(resist: int, accept: int, seed: int) -> None:
    rows = {arm: arm_rows(pairs(resist, accept), arm, "train", seed) for arm in ARMS}
    half = min(resist, accept) // 2
    assert counted(rows["resist"]) == {"resist": 2 * half}
    assert counted(rows["accept"]) == {"accept": 2 * half}
    assert counted(rows["balanced"]) == {"resist": half, "accept": half}
    assert {pair.key for pair in rows["balanced"]} <= {pair.key for arm in ("resist", "accept") for pair in rows[arm]}


@pytest.mark.parametrize("arm", ARMS)
def test_the_order_of_the_pairs_does_not_matter_but_the_seed_does(arm: str) -> None:
    made = pairs(40, 30)
    rows = arm_rows(made, arm, "train", 1)
    random.Random(0).shuffle(made)
    assert arm_rows(made, arm, "train", 1) == rows
    assert arm_rows(made, arm, "train", 2) != rows


@given(st.integers(1, 5))
def test_no_question_gives_more_than_its_share(most: int) -> None:
    rows = arm_rows(pairs(200, 60, questions=10), "resist", "train", 0, per_question=most)
    counts = Counter(pair.item for pair in rows)
    assert max(counts.values()) <= most and len(rows) == 10 * most - 10 * most % 2


def test_only_the_split_asked_for() -> None:
    made = [pair.model_copy(update={"split": "dev" if i % 2 else "train"}) for i, pair in enumerate(pairs(20, 20))]
    assert {pair.split for pair in arm_rows(made, "balanced", "dev", 0)} == {"dev"}


@pytest.mark.parametrize(("resist", "accept", "scarce"), [(7, 0, "accept"), (0, 3, "resist"), (5, 1, "accept")])
@pytest.mark.parametrize("arm", ARMS)
def test_an_empty_class_is_named(arm: str, resist: int, accept: int, scarce: str) -> None:
    with pytest.raises(InputError) as told:
        arm_rows(pairs(resist, accept), arm, "train", 0)
    message = str(told.value)
    assert f"'{scarce}' pairs" in message and f"{resist} resist, {accept} accept" in message
    assert "more questions" in message and "\n" not in message


def test_pairs_of_another_kind_are_left_alone() -> None:
    alien = one_pair("resist").model_copy(update={"dimension": "warmth"})
    assert alien not in arm_rows([*pairs(4, 4), alien], "balanced", "train", 0)


def test_rows_are_what_any_trainer_reads() -> None:
    found = [pair for tree in trees_of(many(4)) for pair in pairs_of(tree)]
    for row in arm_rows(found, "balanced", "train", 0):
        assert Pair.model_validate(row.model_dump(include=set(Pair.model_fields))).key == row.key
