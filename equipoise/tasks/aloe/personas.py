"""Personas: a profile crossed with a personality, and the exchange of personas for the swapped-persona control."""

import random
from collections.abc import Sequence

from pydantic import Field

from equipoise.errors import InputError
from equipoise.tasks.aloe.pools import Personality, Pool, Profile, Pronoun, own_pool
from equipoise.tasks.arguments import one_of
from equipoise.tasks.questions.schema import Strict

FIRST = 5
"""Evaluation personalities that the released code crosses with every profile; its files hold 7."""


class Persona(Strict):
    """Who the simulated user is; the tested model is never told.

    Attributes:
        profile: Daily facts, as sentences.
        personality: Traits, as sentences. In released data its pronouns may differ from the profile's.
        profile_id, personality_id: Without dots, since the case id joins them with one.
        pronoun: The profile's, which the user follows.
    """

    profile: str = Field(min_length=1)
    personality: str = Field(min_length=1)
    profile_id: str = Field(pattern=r"^[^.]+$")
    personality_id: str = Field(pattern=r"^[^.]+$")
    pronoun: Pronoun

    @property
    def id(self) -> str:
        """Id of the case, `PROFILE.PERSONALITY`."""
        return f"{self.profile_id}.{self.personality_id}"


def evaluation_cases(personalities: str = "five") -> list[Persona]:
    """The shipped evaluation cases, profile by profile.

    Args:
        personalities: `five` (20 x 5 = 100 cases, the shape of ALOE's own evaluation) or `all` (20 x 7 = 140).

    Raises:
        InputError: Another value of `personalities`.
    """
    return crossed(own_pool("eval"), personalities)


def crossed(pool: Pool, personalities: str) -> list[Persona]:
    """Every profile with the first five or with all personalities; the profile changes slowest.

    Raises:
        InputError: `personalities` is not `five` or `all`, or there are fewer than five.
    """
    one_of("personalities", personalities, ("five", "all"))
    if personalities == "five" and len(pool.personalities) < FIRST:
        message = f"five needs at least {FIRST} personalities, found {len(pool.personalities)}; expected all"
        raise InputError(message, field="personalities")
    chosen = pool.personalities[:FIRST] if personalities == "five" else pool.personalities
    return [paired(profile, personality) for profile in pool.profiles for personality in chosen]


def paired(profile: Profile, personality: Personality) -> Persona:
    """The persona of a profile and a personality."""
    return Persona(
        profile=profile.text,
        personality=personality.text,
        profile_id=profile.id,
        personality_id=personality.id,
        pronoun=profile.pronoun,
    )


def swapped(cases: Sequence[Persona], seed: int) -> list[Persona]:
    """For each case, in order, the persona of another profile and another personality.

    Both lists are permuted once, so a profile is always replaced by the same other one. Give all cases of a run, not
    a part: the replacements depend on the list.

    Args:
        cases: Cases with at least two profiles and two personalities.
        seed: Of the two permutations.

    Raises:
        InputError: Only one profile or only one personality.
    """
    profiles = _exchanged(cases, "profile_id", seed)
    personalities = _exchanged(cases, "personality_id", seed)
    return [_mixed(profiles[case.profile_id], personalities[case.personality_id]) for case in cases]


def derangement(n: int, seed: int) -> list[int]:
    """A permutation of 0..n-1 that leaves no index in its place, each such permutation equally likely.

    Shuffles until none is in its place, which takes between 2 and 3 shuffles on average.

    Args:
        n: Length, at least 2.
        seed: The same seed gives the same permutation.

    Raises:
        InputError: n is below 2, where there is no such permutation.
    """
    if n < 2:
        raise InputError(f"expected at least two entries to permute, found {n}")
    generator = random.Random(seed)
    order = list(range(n))
    while any(i == place for place, i in enumerate(order)):
        generator.shuffle(order)
    return order


def _exchanged(cases: Sequence[Persona], field: str, seed: int) -> dict[str, Persona]:
    """For each id that stands in `field`, a persona with another one."""
    by_id = {str(getattr(case, field)): case for case in cases}
    if len(by_id) < 2:
        raise InputError("swapped personas need cases with at least two", field=field)
    others = list(by_id.values())
    return {name: others[i] for name, i in zip(by_id, derangement(len(others), seed), strict=True)}


def _mixed(profile: Persona, personality: Persona) -> Persona:
    """The profile of one persona with the personality of another."""
    return profile.model_copy(
        update={"personality": personality.personality, "personality_id": personality.personality_id}
    )
