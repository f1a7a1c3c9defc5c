"""The simulated user: a model that plays a persona and speaks first."""

import re
from dataclasses import dataclass

from inspect_ai.model import GenerateConfig, Model
from inspect_ai.util import LimitExceededError

from equipoise.errors import InputError
from equipoise.harness.dialogue import Dialogue
from equipoise.harness.roles import bound_models, check_apart, role_models

USER, SUBJECT, JUDGE = "user", "subject", "judge"
"""Parties of a dialogue, the first also a model role; the role that rates."""

TRIES = 3
"""How often a message is asked for. Source: specification, section 2."""

APART = 1_000_003
"""Distance of sampling seeds: a second try, and a subject that is the user's model, must not draw the same numbers."""

_GESTURE = re.compile(r"\*[^*\n]*\*")


@dataclass(frozen=True)
class SimulatedUser:
    """A model in the part of a persona.

    Attributes:
        model: Who plays.
        system: Its system prompt, with the persona.
        opening: What it is told in place of a first message of its partner; many models need a message to answer.
        tokens: Most tokens of a message.
        seed: Of the sampling.
    """

    model: Model
    system: str
    opening: str
    tokens: int
    seed: int

    async def speak(self, dialogue: Dialogue, turn: int) -> str:
        """Its next message, cleaned.

        Raises:
            RuntimeError: Every try failed or gave nothing: a dialogue is never continued with a gap.
        """
        seat = Dialogue(systems={USER: self.system})
        seat.say("harness", self.opening)
        seat.utterances += dialogue.utterances
        problem = "it said nothing"
        for attempt in range(1, TRIES + 1):
            config = GenerateConfig(max_tokens=self.tokens, seed=self.seed + attempt * APART)
            try:
                output = await self.model.generate(seat.view(USER), config=config)
            except LimitExceededError:
                raise  # a budget ends the sample; it is no fault of the user
            except Exception as error:
                problem = f"{type(error).__name__}: {error}"
                continue
            if said := cleaned(output.completion):
                return said
        raise RuntimeError(
            f"no message of the simulated user ({self.model}) at turn {turn} in {TRIES} tries: {problem}"
        )


def cleaned(message: str) -> str:
    """A message without gestures (`*smiles*`), white space collapsed. Source: ALOE's released code."""
    return " ".join(_GESTURE.sub("", message).split())


def user_model(allow_same: bool) -> Model:
    """The model of the role `user`, once it is certain that users and judges are bound and different.

    Args:
        allow_same: Whether the user may be of one family with a judge, and a judge with the subject.

    Raises:
        InputError: A role is not bound, several users are, or models are related without leave.
    """
    judges = role_models(JUDGE, allow_same)
    users = bound_models(USER)
    if len(users) != 1:
        raise InputError(f"expected one model, found {len(users)}: --model-role {USER}=MODEL", field=f"role {USER}")
    check_apart(USER, map(str, users), JUDGE, list(map(str, judges)), allow_same)
    return users[0]
