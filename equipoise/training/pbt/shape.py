"""The shape of dialogue trees: who is prompted how in which turn, and when a branch ends."""

from itertools import accumulate
from operator import mul
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from equipoise.harness.inputs import fitted, read_yaml
from equipoise.training.pbt.prompts import STANDARD, roles

First = Literal["alternate", "both"]
"""Who speaks first: one agent in every other tree, or each agent in one of two trees a question.

Both agents must be first equally often: the first speaker later speaks under the acceptant and the resistant prompt,
the second under the three persuasive ones. With one agent always first, what the seat does could not be told from what
the model does.
"""

LEAST_TURNS = 3
"""An agent has a previous answer, and a partner it has heard, from its third turn on."""


class Shape(BaseModel):
    """How a tree grows.

    Attributes:
        turns: Role prompts of the agent that is about to speak, by turn; a reply gets one child per prompt of the next
            turn. The default is the tree of Stengel-Eskin et al. (arXiv 2410.14596), Figure 2: at most 10 replies.
        independent: Whether turn 1 sees the question alone, not the reply of turn 0.
        stop_on_agreement: Whether a branch ends where the latest two answers are the same.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    turns: tuple[tuple[str, ...], ...] = Field(
        default=((STANDARD,), (STANDARD,), ("acceptant", "resistant"), ("emotional", "credibility", "logical")),
        min_length=LEAST_TURNS,
    )
    independent: bool = True
    stop_on_agreement: bool = True

    @field_validator("turns")
    @classmethod
    def _prompts_are_known(cls, turns: tuple[tuple[str, ...], ...]) -> tuple[tuple[str, ...], ...]:
        for place, prompts in enumerate(turns):
            for prompt in prompts:
                if prompt not in roles():
                    raise ValueError(f"turn {place}: unknown prompt {prompt!r}; expected some of {', '.join(roles())}")
            if not prompts or len(set(prompts)) < len(prompts):
                raise ValueError(f"turn {place}: expected at least one prompt, each once; found {list(prompts)}")
        if len(turns[0]) > 1:
            raise ValueError(f"turn 0: expected one prompt, a tree has one root; found {len(turns[0])}")
        if all(len(prompts) == 1 for prompts in turns[LEAST_TURNS - 1 :]):
            raise ValueError(
                f"expected two prompts or more in some turn from {LEAST_TURNS - 1} on: no siblings, no pairs"
            )
        return turns

    @property
    def size(self) -> int:
        """Replies of a tree in which no branch ends early."""
        return sum(accumulate((len(prompts) for prompts in self.turns), mul))


def read_shape(path: Path) -> Shape:
    """The shape in a YAML file.

    Raises:
        InputError: The file cannot be read, or does not fit.
    """
    return fitted(Shape, read_yaml(path, "the shape of a dialogue tree") or {}, path)
