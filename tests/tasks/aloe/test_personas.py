"""Crossing profiles with personalities, and swapping personas."""

import re
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from equipoise.errors import InputError
from equipoise.tasks.aloe.load import load_cases, load_pool
from equipoise.tasks.aloe.personas import Persona, crossed, derangement, evaluation_cases, paired, swapped
from equipoise.tasks.aloe.pools import Personality, Pool, Profile, own_pool

OTHERS = {
    "she": r"he|him|his|himself|they|them|theirs?|themselves",
    "he": r"she|hers?|herself|they|them|theirs?|themselves",
    "they": r"she|hers?|herself|he|him|his|himself",
}


def made(profiles: int, personalities: int) -> Pool:
    return Pool(
        [Profile(id=f"p{i}", text=f"She is {i}.", pronoun="she") for i in range(profiles)],
        [Personality(id=f"q{i}", text=f"Trait {i}.") for i in range(personalities)],
    )


def test_the_100_cases_run_profile_by_profile():
    cases, pool = evaluation_cases(), own_pool("eval")
    assert len(cases) == len({case.id for case in cases}) == 100
    assert [case.id for case in cases] == [f"{p.id}.{q.id}" for p in pool.profiles for q in pool.personalities[:5]]
    assert [case.profile for case in cases[:6]] == [pool.profiles[0].text] * 5 + [pool.profiles[1].text]
    assert [case.personality for case in cases[5:7]] == [personality.text for personality in pool.personalities[:2]]
    assert all(case.id.count(".") == 1 for case in cases)


def test_all_personalities_give_140_cases_that_hold_the_100():
    cases = evaluation_cases("all")
    assert len(cases) == len(set(cases)) == 140 and set(evaluation_cases()) < set(cases)
    assert len({case.personality_id for case in cases}) == 7


def test_no_case_uses_a_text_of_the_pool():
    pool = load_pool("own")
    texts = {entry.text for entry in (*pool.profiles, *pool.personalities)}
    assert len(texts) == 97
    assert not texts & {text for case in evaluation_cases("all") for text in (case.profile, case.personality)}


def test_each_case_has_one_pronoun():
    cases = evaluation_cases()
    assert Counter(case.pronoun for case in cases) == {"she": 40, "he": 40, "they": 20}
    for case in cases:
        text = f"{case.profile} {case.personality}".lower()
        assert re.search(rf"\b{case.pronoun}\b", text), case.id
        assert not re.search(rf"\b({OTHERS[case.pronoun]})\b", text), case.id


@pytest.mark.parametrize("personalities", ["six", "", 5])
def test_an_unknown_number_of_personalities(personalities):
    with pytest.raises(InputError, match="field 'personalities': expected one of five, all") as caught:
        load_cases("own", personalities)
    assert "\n" not in str(caught.value)


def test_five_of_fewer_than_five_is_refused():
    assert len(crossed(made(2, 4), "all")) == 8 and len(crossed(made(2, 5), "five")) == 10
    with pytest.raises(InputError, match="needs at least 5 personalities, found 4"):
        crossed(made(2, 4), "five")


def test_a_persona_is_frozen_and_checked():
    persona = paired(*(entries[0] for entries in made(1, 1)))
    assert (persona.id, persona.pronoun, persona.profile) == ("p0.q0", "she", "She is 0.")
    with pytest.raises(ValidationError, match="frozen"):
        persona.profile = "He is 3."  # type: ignore[misc]
    for change in ({"profile_id": "p.0"}, {"personality_id": ""}, {"pronoun": "it"}, {"profile": ""}):
        with pytest.raises(ValidationError, match=next(iter(change))):
            Persona.model_validate({**persona.model_dump(), **change})


# --- swapped personas -------------------------------------------------------------------------------------------


@given(n=st.integers(2, 60), seed=st.integers())
def test_a_derangement_moves_every_index(n, seed):
    order = derangement(n, seed)
    assert sorted(order) == list(range(n))
    assert all(i != place for place, i in enumerate(order))
    assert derangement(n, seed) == order


def test_every_derangement_comes_up_about_equally_often():
    counts = Counter(tuple(derangement(4, seed)) for seed in range(9000))
    assert len(counts) == 9  # of four entries
    assert all(abs(count - 1000) < 5 * (1000 * 8 / 9) ** 0.5 for count in counts.values())


@pytest.mark.parametrize("n", [1, 0, -3])
def test_too_short_for_a_derangement(n):
    with pytest.raises(InputError, match=f"at least two entries to permute, found {n}"):
        derangement(n, 1)


@given(profiles=st.integers(2, 8), personalities=st.integers(2, 8), seed=st.integers(0, 1000))
def test_swapped_personas_share_neither_part(profiles, personalities, seed):
    pool = made(profiles, personalities)
    cases = crossed(pool, "all")
    others = swapped(cases, seed)
    texts = {p.id: p.text for p in pool.profiles} | {q.id: q.text for q in pool.personalities}
    for case, other in zip(cases, others, strict=True):
        assert other.profile_id != case.profile_id and other.personality_id != case.personality_id
        assert (other.profile, other.personality) == (texts[other.profile_id], texts[other.personality_id])
    assert Counter(others) == Counter(cases)  # of a full crossing: each persona stands in once
    assert len({(case.profile_id, other.profile_id) for case, other in zip(cases, others, strict=True)}) == profiles
    assert swapped(cases, seed) == others


def test_swapped_evaluation_cases():
    cases = evaluation_cases()
    assert swapped(cases, 1) != swapped(cases, 2)
    profiles = {case.profile_id: case for case in cases}
    for other in swapped(cases, 1):
        assert other.pronoun == profiles[other.profile_id].pronoun
        assert other.profile == profiles[other.profile_id].profile


@pytest.mark.parametrize(
    ("sizes", "field"), [((1, 3), "profile_id"), ((3, 1), "personality_id"), ((0, 0), "profile_id")]
)
def test_nothing_to_swap_with(sizes, field):
    with pytest.raises(InputError, match=f"field '{field}': swapped personas need cases with at least two"):
        swapped(crossed(made(*sizes), "all"), 1)
