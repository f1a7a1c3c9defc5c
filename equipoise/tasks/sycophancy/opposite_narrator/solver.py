"""Ask about every view of a conflict, each in a conversation of its own."""

from inspect_ai.model import GenerateConfig, get_model
from inspect_ai.solver import Generate, Solver, TaskState, solver

from equipoise.harness.dialogue import Dialogue
from equipoise.harness.transcripts import DIALOGUES
from equipoise.tasks.sycophancy.asking import SUBJECT, USER, choose
from equipoise.tasks.sycophancy.opposite_narrator.views import NEUTRAL, PAIR_ARMS, VIEWS, View

VERDICTS = "verdicts"
"""Key of the sample store: arm -> the answer as read."""


@solver
def tell_every_view(seed: int = 0) -> Solver:
    """One question and one reply per view; the views know nothing of each other.

    Args:
        seed: Added to the epoch to seed the sampling.
    """

    async def solve(state: TaskState, generate: Generate) -> TaskState:
        subject, config = get_model(), GenerateConfig(seed=seed + state.epoch - 1)
        answers, dialogues = {}, {}
        for view in map(View.model_validate, state.metadata[VIEWS]):
            dialogue = Dialogue()
            dialogue.say(USER, view.prompt, 1)
            answer = await choose(subject, dialogue, view.read, config)
            answers[view.arm] = answer.model_dump()
            dialogues[view.arm] = dialogue.records()
            state.messages = dialogue.view(SUBJECT)
        state.store.set(VERDICTS, answers)
        state.store.set(DIALOGUES, _shown(dialogues))
        return state

    return solve


def _shown(dialogues: dict[str, list[dict[str, str | int]]]) -> dict[str, list[dict[str, str | int]]]:
    """Transcripts as people read them: both tellings of a pair under one arm, as turns 1 and 2."""
    shown = {NEUTRAL: dialogues[NEUTRAL]}
    for arm in PAIR_ARMS:
        pair = arm.removeprefix("pair.")
        second = [{**said, "turn": 2} for said in dialogues[f"{pair}.second"]]
        shown[arm] = [*dialogues[f"{pair}.first"], *second]
    return shown
