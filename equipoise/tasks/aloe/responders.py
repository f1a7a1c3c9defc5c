"""The responders: the tested model as it is, and three references that say what its ratings are worth.

| responder | system prompt | sees |
| --- | --- | --- |
| `model` | none | the dialogue |
| `persona_known` | the persona | the dialogue |
| `no_history` | none | the current message |
| `style` | be friendly and concise | the dialogue |

The references are ours (specification, section 9); ALOE measures the first one alone.
"""

from inspect_ai.model import GenerateConfig, Model

from equipoise.harness.dialogue import Dialogue, Speaker
from equipoise.tasks.aloe.metrics import BLIND, KNOWN, MODEL, STYLE
from equipoise.tasks.aloe.personas import Persona
from equipoise.tasks.aloe.prompts import Prompts
from equipoise.tasks.aloe.user import SUBJECT

RESPONDERS = (MODEL, KNOWN, BLIND, STYLE)
"""Names of the arms."""


def system_of(responder: str, persona: Persona, prompts: Prompts) -> str:
    """A responder's system prompt, "" for none."""
    return {KNOWN: prompts.persona_known_of(persona), STYLE: prompts.style}.get(responder, "")


def speaker(responder: str, model: Model, system: str, config: GenerateConfig) -> Speaker:
    """The tested model as a responder.

    Args:
        responder: One of `RESPONDERS`.
        model: The tested model.
        system: From `system_of`.
        config: On top of the run's generation settings.
    """

    async def speak(dialogue: Dialogue, turn: int) -> str:
        heard = dialogue.utterances[-1:] if responder == BLIND else dialogue.utterances
        seat = Dialogue(list(heard), {SUBJECT: system} if system else {})
        return (await model.generate(seat.view(SUBJECT), config=config)).completion

    return speak
