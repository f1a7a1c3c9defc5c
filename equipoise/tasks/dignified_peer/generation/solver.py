"""Put the user's question, alone or behind a reference system prompt; lay the item's own answers beside the replies."""

from inspect_ai.model import GenerateConfig, get_model
from inspect_ai.solver import Generate, Solver, TaskState, solver

from equipoise.harness.dialogue import Dialogue
from equipoise.harness.roles import role_models
from equipoise.harness.transcripts import DIALOGUES
from equipoise.judges import ROLE
from equipoise.tasks.dignified_peer.generation.arms import ITEM, systems
from equipoise.tasks.dignified_peer.items import PeerItem
from equipoise.tasks.sycophancy.asking import SUBJECT, USER

TURN = 1
"""The only turn."""

RESPONSES, FILTERED = "responses", "filtered"
"""Keys of the sample store: arm -> response, and the arms whose reply the provider's own filter stopped."""


@solver
def respond(bounds: bool = False, allow_same: bool = False, seed: int = 0) -> Solver:
    """One call per arm of the model, none for the item's own answers.

    Args:
        bounds: Whether there are reference arms: `told`, `servant`, and the item's answers.
        allow_same: Whether a judge may be the subject or of its family; looked at before the first call is paid.
        seed: Added to the epoch to seed the sampling.
    """

    async def solve(state: TaskState, generate: Generate) -> TaskState:
        role_models(ROLE, allow_same)
        item = PeerItem.model_validate(state.metadata[ITEM])
        config = GenerateConfig(seed=seed + state.epoch - 1)
        responses: dict[str, str] = {}
        filtered, dialogues = [], {}
        for arm, system in systems(item, bounds).items():
            dialogue = Dialogue(systems={SUBJECT: system} if system else {})
            dialogue.say(USER, item.prompt, TURN)
            output = await get_model().generate(dialogue.view(SUBJECT), config=config)
            dialogue.say(SUBJECT, output.completion, TURN)
            responses[arm] = output.completion
            dialogues[arm] = dialogue.records()
            if output.stop_reason == "content_filter":
                filtered.append(arm)
            if not system:
                state.messages = dialogue.view(SUBJECT)
        state.store.set(RESPONSES, responses | (item.answers if bounds else {}))
        state.store.set(FILTERED, filtered)
        state.store.set(DIALOGUES, dialogues)
        return state

    return solve
