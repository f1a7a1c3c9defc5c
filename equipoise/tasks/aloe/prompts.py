"""The task's texts: from `prompts.yaml`, or with some of them replaced by a file of the user's."""

from pathlib import Path
from typing import Any

from pydantic import Field, field_validator

from equipoise.errors import InputError
from equipoise.harness.inputs import fitted, read_yaml
from equipoise.harness.texts import texts_of
from equipoise.tasks.aloe.personas import Persona
from equipoise.tasks.questions.schema import Strict


class Prompts(Strict):
    """All texts.

    Attributes:
        version: Stands in the log; a changed text needs a new one.
        canary: String that a training set must not contain.
        user: System prompt of the simulated user, with {profile} and {personality}.
        opening: What the simulated user is told in place of a first message of its partner.
        persona_known: System prompt of the responder that is told the persona, with {profile} and {personality}.
        style: System prompt of the responder that is told to be friendly and concise.
    """

    version: str = Field(min_length=1)
    canary: str = ""
    user: str
    opening: str = Field(min_length=1)
    persona_known: str
    style: str = Field(min_length=1)

    @field_validator("user", "persona_known")
    @classmethod
    def _has_the_persona(cls, text: str) -> str:
        if "{profile}" not in text or "{personality}" not in text:
            raise ValueError("expected a text with {profile} and {personality}")
        return text

    def user_of(self, persona: Persona) -> str:
        """The system prompt of the user who has this persona."""
        return _filled(self.user, persona)

    def persona_known_of(self, persona: Persona) -> str:
        """The system prompt of the responder that is told this persona."""
        return _filled(self.persona_known, persona)


def read_prompts(source: str = "") -> Prompts:
    """The shipped texts, or those with some replaced.

    Args:
        source: YAML file with a `version` and the texts to replace; "" = the shipped ones.

    Raises:
        InputError: No such file, broken YAML, an unknown key, a text that lacks the persona.
    """
    shipped = texts_of(__package__ or "")
    if not source:
        return Prompts.model_validate(shipped)
    path = Path(source)
    own = _mapping(path)
    if "version" not in own:
        raise InputError("expected a version of its own, such as 'mine-1'", path=path, field="version")
    return fitted(Prompts, {**shipped, **own}, path)


def _mapping(path: Path) -> dict[str, Any]:
    loaded = read_yaml(path, "prompts")
    if not isinstance(loaded, dict):
        raise InputError("expected a mapping of names to texts", path=path)
    return loaded


def _filled(text: str, persona: Persona) -> str:
    """A template with the persona; persona texts may hold braces of their own."""
    before, _, after = text.partition("{personality}")
    parts = (part.replace("{profile}", persona.profile) for part in (before, after))
    return persona.personality.join(parts)
