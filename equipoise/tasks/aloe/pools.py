"""Profiles and personalities that personas are made of, and our own ones in `data/`.

The split and the rule that a profile holds daily facts and a personality holds traits follow ALOE (Wu et al., arXiv
2410.03642). The texts are our own: the released ones carry no licence. Our personalities have no pronoun, so that
any of them goes with any profile.
"""

from importlib.resources import files
from pathlib import Path
from typing import Literal, NamedTuple

from pydantic import Field

from equipoise.tasks.questions.parse import read_items
from equipoise.tasks.questions.schema import Identified, Strict

Pronoun = Literal["she", "he", "they"]
Split = Literal["eval", "pool"]


class Profile(Identified):
    """Daily facts of one person: age, job, family, place, hobbies.

    Attributes:
        text: The facts, as sentences about that person.
        pronoun: What the sentences call the person.
    """

    text: str = Field(min_length=1)
    pronoun: Pronoun


class Personality(Identified):
    """Character traits, and nothing else.

    Attributes:
        text: The traits, each with an example of how it shows.
    """

    text: str = Field(min_length=1)


class Pool(NamedTuple):
    """Profiles and personalities to combine, each in file order."""

    profiles: list[Profile]
    personalities: list[Personality]


class Provenance(Strict):
    """What every shipped line carries, repeated on purpose: lines travel alone.

    Attributes:
        split: `eval` (the cases of the task) or `pool` (for training data); no text is in both.
        source, licence, version, canary: Where it comes from and how it may be used.
        hash: First 16 hex digits of the SHA-256 of the line without this field.
    """

    split: Split
    source: str = Field(min_length=1)
    licence: str = Field(min_length=1)
    version: str = Field(min_length=1)
    canary: str = Field(min_length=1)
    hash: str = Field(min_length=1)


class OwnProfile(Profile, Provenance):
    """A shipped profile.

    Attributes:
        age: In years, as the text says.
        country: Where the person lives, for counts of how varied the pool is.
    """

    kind: Literal["profile"]
    age: int = Field(ge=16, le=99)
    country: str = Field(min_length=1)


class OwnPersonality(Personality, Provenance):
    """A shipped personality: `Trait: how it shows.` several times over, without pronouns."""

    kind: Literal["personality"]


def own_profiles() -> list[OwnProfile]:
    """All shipped profiles of both splits, in file order."""
    return read_items(_shipped("profiles"), OwnProfile)


def own_personalities() -> list[OwnPersonality]:
    """All shipped personalities of both splits, in file order."""
    return read_items(_shipped("personalities"), OwnPersonality)


def own_pool(split: Split) -> Pool:
    """One split of the shipped texts: 20 profiles and 7 personalities (`eval`), or 64 and 33 (`pool`)."""
    return Pool(
        [profile for profile in own_profiles() if profile.split == split],
        [personality for personality in own_personalities() if personality.split == split],
    )


def _shipped(name: str) -> Path:
    return Path(str(files(__package__) / "data" / f"{name}.jsonl"))
