"""What judges are shown, and what they said about it."""

import hashlib
import json
from datetime import UTC, datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

EXHIBITS, VOTES = "exhibits", "votes"
"""Keys of a sample's store (what was there to be judged) and of a score's metadata (the votes on it)."""

Reason = Literal["", "unparsed", "refused", "error"]


class Exhibit(BaseModel):
    """One thing to be judged: the texts that a rubric asks for, and where in the sample they come from.

    A task keeps its exhibits in the sample, so that they can be judged again without running the model again.

    Attributes:
        rubric: Name of the rubric.
        arm, turn: As in the long table.
        fields: The untrusted texts, by the names that the rubric's body uses.
        criteria: Names of the criteria to be judged; empty = all.
        measure: Stands in for the rubric's dimension, where one rubric measures several things (`al_swapped`).
    """

    model_config = ConfigDict(frozen=True)

    rubric: str
    arm: str
    turn: int
    fields: dict[str, str]
    criteria: tuple[str, ...] = ()
    measure: str = ""


class Vote(BaseModel):
    """What one judge said about one criterion of one exhibit.

    Attributes:
        judge: The judge's model name, `MODEL@STRICTNESS` where a strictness was set.
        rubric, rubric_version: What it was asked.
        measure: What the vote is about: a dimension, or `DIMENSION.CRITERION`.
        prompt_hash: First 16 hex digits of the SHA-256 of everything it was told apart from the fields.
        material_hash: The same of the fields.
        epoch: Repeat; equal texts of two epochs get a vote each.
        raw: Its last reply; if the call failed, the error.
        choice, value: The reply as the rubric spells it, and its number; None if there is none.
        expected: Mean of the values, weighted with the probabilities of their replies; None without log probabilities.
        mass: Probability that the allowed replies hold together, 0 to 1; low = the judge wanted to say something else.
        missing: Why there is no value: `unparsed`, `refused` or `error`.
        asked: Calls that were made, 1 or 2.
        shared: Votes that came from the same calls; 1 unless several criteria were asked in one call.
        seconds: Time from first call to last reply.
        input_tokens, output_tokens: Over all calls.
        cost: US dollars, where Inspect knows the prices.
        made: When, UTC, ISO 8601.
    """

    model_config = ConfigDict(frozen=True)

    judge: str
    rubric: str
    rubric_version: str
    measure: str
    prompt_hash: str
    material_hash: str
    epoch: int = 1
    raw: str = ""
    choice: str | None = None
    value: float | None = None
    expected: float | None = None
    mass: float | None = None
    missing: Reason = ""
    asked: int = 1
    shared: int = 1
    seconds: float = 0.0
    input_tokens: int = 0
    output_tokens: int = 0
    cost: float | None = None
    made: str = Field(default_factory=lambda: datetime.now(UTC).isoformat(timespec="milliseconds"))

    @property
    def key(self) -> str:
        """Identity of the vote in the store."""
        return vote_key(self.judge, self.prompt_hash, self.material_hash, self.measure, self.epoch)


def vote_key(judge: str, prompt_hash: str, material_hash: str, measure: str, epoch: int) -> str:
    """What a vote depends on: who was asked what about which text, and the repeat."""
    return digest([judge, prompt_hash, material_hash, measure, epoch], 32)


def digest(value: object, length: int = 16) -> str:
    """First hex digits of the SHA-256 of a JSON value."""
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()[:length]
