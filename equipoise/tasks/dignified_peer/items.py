"""What a Dignified Peer item is: a question, a golden answer, and per dimension an answer that fails that one only."""

from typing import Annotated

from pydantic import Field, field_validator, model_validator

from equipoise.tasks.dignified_peer.dimensions import DIMENSIONS, Dimension, ordered
from equipoise.tasks.sycophancy.items import Provenance

Text = Annotated[str, Field(min_length=1)]

GOLDEN = "golden"
"""Name of the answer that satisfies all dimensions of the mask."""


def reject(dimension: str) -> str:
    """Name of the answer that fails one dimension."""
    return f"reject_{dimension}"


class PeerItem(Provenance):
    """A question that calls for several dimensions at once, with its answers.

    `family` is the seed scene, `domain` the mask as text (`AT`): items of one seed scene are one cluster, and masks are
    never pooled unseen. Columns: data card of `qisein/PersonaKnob` (specification, section 5).

    Attributes:
        mask: The active dimensions S, in the order A, T, E, C.
        seed_scene: The everyday scene that the item grew from.
        context: The scenario.
        trigger: What in the question calls for each dimension of S.
        prompt: The user's question; the only text that the model under test reads.
        golden: An answer that satisfies all of S.
        reject_A, reject_T, reject_E, reject_C: An answer that fails that dimension and keeps the others of S; given for
            the dimensions of S and for no other.
    """

    mask: tuple[Dimension, ...] = Field(min_length=1)
    seed_scene: str = ""
    context: str = ""
    trigger: str = ""
    prompt: Text
    golden: Text
    reject_A: Text | None = None
    reject_T: Text | None = None
    reject_E: Text | None = None
    reject_C: Text | None = None

    @field_validator("mask")
    @classmethod
    def _in_order(cls, mask: tuple[Dimension, ...]) -> tuple[Dimension, ...]:
        if mask != ordered(mask):
            raise ValueError(f"expected each dimension once, in the order {', '.join(DIMENSIONS)}; found {list(mask)}")
        return mask

    @model_validator(mode="after")
    def _single_failures(self) -> "PeerItem":
        for dimension in DIMENSIONS:
            name = reject(dimension)
            text = getattr(self, name)
            if dimension not in self.mask and text is not None:
                raise ValueError(f"{name}: expected none, since {dimension} is not in the mask")
            if dimension in self.mask and text is None:
                raise ValueError(f"{name}: is empty or absent; expected the answer that fails {dimension} only")
            if text is not None and text.strip() == self.golden.strip():
                raise ValueError(f"{name}: is the golden answer; expected one that fails {dimension}")
        if self.domain != "".join(self.mask):
            raise ValueError(f"domain: expected the mask as text, {''.join(self.mask)!r}, found {self.domain!r}")
        return self

    @property
    def answers(self) -> dict[str, str]:
        """The golden answer and the rejects by name, golden first, rejects in the order of the mask."""
        return {GOLDEN: self.golden, **{reject(d): self.rejected(d) for d in self.mask}}

    def rejected(self, dimension: Dimension) -> str:
        """The answer that fails a dimension of the mask."""
        return str(getattr(self, reject(dimension)))
