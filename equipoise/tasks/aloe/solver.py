"""Let the simulated user talk with every responder."""

from collections.abc import Sequence

from inspect_ai.model import GenerateConfig, get_model
from inspect_ai.solver import Generate, Solver, TaskState, solver
from inspect_ai.util import collect

from equipoise.harness.dialogue import Dialogue, Speaker, converse
from equipoise.harness.transcripts import DIALOGUES
from equipoise.tasks.aloe.cases import CASE, Case
from equipoise.tasks.aloe.metrics import MODEL
from equipoise.tasks.aloe.prompts import read_prompts
from equipoise.tasks.aloe.responders import speaker, system_of
from equipoise.tasks.aloe.user import SUBJECT, USER, SimulatedUser, user_model


@solver
def chat(
    turns: int = 10, responders: Sequence[str] = (MODEL,), user_tokens: int = 300, prompts: str = "",
    allow_same: bool = False, seed: int = 0,
) -> Solver:  # fmt: skip
    """One dialogue per responder; all of them begin with the same message of the user.

    Leaves the transcripts in the sample's store. A sample whose user falls silent ends with an error, so that it is
    missing in all turns and arms.

    Args:
        turns: Of each dialogue; in each the user speaks, then the responder.
        responders: Some of `RESPONDERS`.
        user_tokens: Most tokens of a message of the user.
        prompts: YAML file that replaces some texts; "" = the shipped ones.
        allow_same: Whether the user may be of one family with a judge, and a judge with the subject.
        seed: Added to the epoch to seed the sampling.
    """
    texts = read_prompts(prompts)

    async def solve(state: TaskState, generate: Generate) -> TaskState:
        persona = Case.model_validate(state.metadata[CASE]).persona
        start = seed + state.epoch - 1
        subject, played_by = get_model(), user_model(allow_same)
        user = SimulatedUser(played_by, texts.user_of(persona), texts.opening, user_tokens, start)
        opening = await user.speak(Dialogue(), 1)

        async def speak(dialogue: Dialogue, turn: int) -> str:
            return opening if turn == 1 else await user.speak(dialogue, turn)

        async def talk(responder: str) -> Dialogue:
            system = system_of(responder, persona, texts)
            dialogue = Dialogue(systems={SUBJECT: system} if system else {})
            replies: Speaker = speaker(responder, subject, system, GenerateConfig(seed=start))
            await converse(dialogue, {USER: speak, SUBJECT: replies}, turns)
            return dialogue

        found = dict(zip(responders, await collect(*map(talk, responders)), strict=True))
        state.store.set(DIALOGUES, {responder: dialogue.records() for responder, dialogue in found.items()})
        state.messages = found[responders[0]].view(SUBJECT)
        return state

    return solve
