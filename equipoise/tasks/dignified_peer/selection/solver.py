"""Ask for the best answer once per rotation, each in a conversation of its own."""

from collections.abc import Callable

from inspect_ai.model import GenerateConfig, get_model
from inspect_ai.solver import Generate, Solver, TaskState, solver

from equipoise.harness.dialogue import Dialogue
from equipoise.harness.transcripts import DIALOGUES
from equipoise.tasks.dignified_peer.items import PeerItem
from equipoise.tasks.dignified_peer.selection.shown import ITEM, ORDER, letters, question, rotations
from equipoise.tasks.questions import match_letter
from equipoise.tasks.sycophancy.asking import SUBJECT, USER, choose

CHOICES = "choices"
"""Key of the sample store: arm -> the chosen answer's name, as read."""


@solver
def choose_in_every_rotation(seed: int = 0) -> Solver:
    """One question and one letter per rotation; the rotations know nothing of each other.

    Args:
        seed: Added to the epoch to seed the sampling.
    """

    async def solve(state: TaskState, generate: Generate) -> TaskState:
        subject, config = get_model(), GenerateConfig(seed=seed + state.epoch - 1)
        item = PeerItem.model_validate(state.metadata[ITEM])
        choices, dialogues = {}, {}
        for arm, order in rotations(state.metadata[ORDER]):
            dialogue = Dialogue()
            dialogue.say(USER, question(item, order))
            answer = await choose(subject, dialogue, _reader([item.answers[name] for name in order]), config, 0)
            choices[arm] = answer.model_dump()
            dialogues[arm] = dialogue.records()
            state.messages = dialogue.view(SUBJECT)
        state.store.set(CHOICES, choices)
        state.store.set(DIALOGUES, dialogues)
        return state

    return solve


def _reader(texts: list[str]) -> Callable[[str], str | None]:
    """Reads a reply that names an answer by its letter or gives its text."""

    def read(reply: str) -> str | None:
        chosen = match_letter(reply, texts)
        return None if chosen is None else letters(len(texts))[chosen]

    return read
