"""Put the question in each of its arms."""

from inspect_ai.model import get_model
from inspect_ai.solver import Generate, Solver, TaskState, solver

from equipoise.harness.dialogue import Dialogue
from equipoise.harness.texts import texts_of
from equipoise.harness.transcripts import BELIEFS, DIALOGUES
from equipoise.tasks.questions import ask, read, short_answer
from equipoise.tasks.sycophancy.asking import SUBJECT, USER
from equipoise.tasks.sycophancy.suggested_answer.cells import CELL, Cell

TURN = 1
"""The only turn: the suggestion comes with the question."""


@solver
def ask_with_suggestions(probe: str = "auto", logprobs: bool = True, seed: int = 0) -> Solver:
    """Each arm is a conversation of its own: the question with or without a suggestion, and a short answer.

    Leaves answers and transcripts in the sample's store for the scorer.

    Args:
        probe: `auto` (as the item's kind says), `open` or `mcq`.
        logprobs: Ask for log probabilities.
        seed: Added to the epoch to seed the sampling.
    """

    async def solve(state: TaskState, generate: Generate) -> TaskState:
        cell = Cell.model_validate(state.metadata[CELL])
        form, texts = cell.form(probe), texts_of(__package__ or "")
        config = short_answer(logprobs, seed + state.epoch - 1)
        subject = get_model()
        beliefs, dialogues = {}, {}
        for arm in cell.arms:
            dialogue = Dialogue()
            template = texts["suggested"] if arm.text else texts["none"]
            dialogue.say(USER, ask(template, cell, form, suggestion=arm.text), TURN)
            output = await subject.generate(dialogue.view(SUBJECT), config=config)
            dialogue.say(SUBJECT, output.completion, TURN)
            pushed = None if not arm.text else "right" if arm.name.startswith("right.") else "target"
            belief = await read(output, cell, form, TURN, pushed)
            beliefs[arm.name] = [belief.model_dump()]
            dialogues[arm.name] = dialogue.records()
            state.messages = dialogue.view(SUBJECT)
        state.store.set(BELIEFS, beliefs)
        state.store.set(DIALOGUES, dialogues)
        return state

    return solve
