"""Which cases a shorter run takes: profiles and personalities stay crossed."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from equipoise.tasks.aloe.cases import Case, in_growing_squares, samples
from equipoise.tasks.aloe.personas import Persona, evaluation_cases


def made(profiles: int, personalities: int) -> list[Persona]:
    return [
        Persona(
            profile=f"She is {i}.", personality=f"Trait {j}.", profile_id=f"p{i}", personality_id=f"q{j}", pronoun="she"
        )
        for i in range(profiles) for j in range(personalities)
    ]  # fmt: skip


def sides(cases: list[Persona]) -> tuple[int, int]:
    return len({case.profile_id for case in cases}), len({case.personality_id for case in cases})


@given(st.integers(1, 9), st.integers(1, 7), st.data())
def test_the_first_n_cases_are_a_crossing_with_at_most_one_side_unfinished(profiles, personalities, data):
    cases = made(profiles, personalities)
    ordered = in_growing_squares(cases)
    assert sorted(case.id for case in ordered) == sorted(case.id for case in cases)
    n = data.draw(st.integers(1, len(cases)))
    rows, columns = sides(ordered[:n])
    assert (rows - 1) * columns < n <= rows * columns or rows * (columns - 1) < n <= rows * columns
    assert rows == profiles or columns == personalities or abs(rows - columns) <= 1


@pytest.mark.parametrize(
    ("n", "shape"),
    [(1, (1, 1)), (4, (2, 2)), (6, (3, 2)), (12, (4, 3)), (20, (5, 4)), (25, (5, 5)), (30, (6, 5)), (100, (20, 5))],
)
def test_complete_crossings_of_the_shipped_cases(n, shape):
    chosen = in_growing_squares(evaluation_cases())[:n]
    assert sides(chosen) == shape and shape[0] * shape[1] == n


def test_the_order_hangs_on_hashes_of_ids_alone():
    cases = evaluation_cases()
    ordered = [case.profile_id for case in in_growing_squares(cases)]
    hashes = [hashlib.sha256(name.encode()).hexdigest() for name in dict.fromkeys(ordered)]
    assert len(hashes) == 20 and hashes == sorted(hashes)
    assert in_growing_squares(cases) == in_growing_squares(cases[::-1])
    assert [case.profile_id for case in in_growing_squares(cases)[:5]] != [case.profile_id for case in cases[:5]]


def test_samples_carry_what_the_long_table_needs():
    first, other = made(2, 2)[0], made(2, 2)[3]
    (sample,) = samples([Case(persona=first, other=other)], "own", ["model", "style"])
    assert sample.id == sample.metadata["item"] == "p0.q0"
    assert sample.metadata["family"] == "p0" and sample.metadata["domain"] == "own"
    assert sample.metadata["arm_names"] == ["model", "style"]
    hashes = {
        sample.metadata["item_hash"] for case in made(2, 2) for sample in samples([Case(persona=case)], "own", ["m"])
    }
    assert len(hashes) == 4 and all(len(hashed) == 16 for hashed in hashes)
