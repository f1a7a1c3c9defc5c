"""Which cases are run, in which order, and what a sample carries."""

import hashlib
from collections.abc import Sequence

from inspect_ai.dataset import Sample
from pydantic import BaseModel

from equipoise.tasks.aloe.personas import Persona
from equipoise.tasks.questions.schema import content_hash

CASE = "case"
"""Key of a sample's metadata that holds its case."""


class Case(BaseModel):
    """What one sample needs.

    Attributes:
        persona: The simulated user's.
        other: Another persona, for the swapped rating; None if that is not asked for.
    """

    persona: Persona
    other: Persona | None = None


def in_growing_squares(cases: Sequence[Persona]) -> list[Persona]:
    """Cases in an order in which the first n of them cross profiles and personalities as fully as n allows.

    Profiles and personalities are each put into the order of their ids' hashes. Then squares grow: after 2 x 2 cases
    come those of a third profile with the first two personalities, then the third personality with all three profiles.
    The first p (p - 1) and p x p cases are complete crossings; once all personalities are in, profile follows profile.
    The first n cases of the order are among the first m > n, so a longer run contains a shorter one.
    """
    profiles, personalities = (
        {name: rank for rank, name in enumerate(sorted({getattr(case, field) for case in cases}, key=_hash))}
        for field in ("profile_id", "personality_id")
    )

    def place(case: Persona) -> tuple[int, bool, int]:
        row, column = profiles[case.profile_id], personalities[case.personality_id]
        return max(row, column), column >= row, min(row, column)

    return sorted(cases, key=place)


def samples(cases: Sequence[Case], domain: str, arms: Sequence[str]) -> list[Sample]:
    """One sample per case, with all its arms: `--limit` cuts cases and never an arm.

    Args:
        cases: In the order in which they are run.
        domain: Where the personas come from.
        arms: Responders.
    """
    return [
        Sample(
            id=case.persona.id,
            input=f"{case.persona.profile}\n\n{case.persona.personality}",
            metadata={
                "item": case.persona.id,
                "family": case.persona.profile_id,
                "domain": domain,
                "item_hash": content_hash(case.persona),
                "arm_names": list(arms),
                CASE: case.model_dump(mode="json"),
            },
        )
        for case in cases
    ]


def _hash(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()
