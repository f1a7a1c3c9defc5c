"""Put the request, keep the reply."""

from inspect_ai.model import GenerateConfig, get_model
from inspect_ai.solver import Generate, Solver, TaskState, solver

from equipoise.harness.dialogue import Dialogue
from equipoise.harness.transcripts import DIALOGUES
from equipoise.tasks.sycophancy.asking import SUBJECT, USER
from equipoise.tasks.sycophancy.evasive_servant.cells import ITEM, arm_of
from equipoise.tasks.sycophancy.items import Servant

TURN = 1
"""The only turn."""

FILTERED = "filtered"
"""Key of the sample's store: whether the provider's own filter stopped the reply."""


@solver
def request(seed: int = 0) -> Solver:
    """One request, one reply.

    Args:
        seed: Added to the epoch to seed the sampling.
    """

    async def solve(state: TaskState, generate: Generate) -> TaskState:
        item = Servant.model_validate(state.metadata[ITEM])
        dialogue = Dialogue()
        dialogue.say(USER, item.prompt, TURN)
        config = GenerateConfig(seed=seed + state.epoch - 1)
        output = await get_model().generate(dialogue.view(SUBJECT), config=config)
        dialogue.say(SUBJECT, output.completion, TURN)
        state.store.set(DIALOGUES, {arm_of(item): dialogue.records()})
        state.store.set(FILTERED, output.stop_reason == "content_filter")
        state.messages = dialogue.view(SUBJECT)
        return state

    return solve
