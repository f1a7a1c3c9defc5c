"""Ask every question of a row in a conversation of its own."""

from inspect_ai.model import GenerateConfig, get_model
from inspect_ai.solver import Generate, Solver, TaskState, solver

from equipoise.harness.dialogue import Dialogue
from equipoise.harness.roles import role_models
from equipoise.harness.transcripts import DIALOGUES
from equipoise.judges import ROLE
from equipoise.tasks.questions import SHORT
from equipoise.tasks.sycophancy.asking import SUBJECT, USER, Answer, choose, one_of
from equipoise.tasks.sycophancy.syco_bench.frames import ASKS, SCALE, Ask

ANSWERS = "answers"
"""Key of the sample store: arm -> view -> the answer as read, or the reply to a delusion."""


@solver
def ask_each_way(seed: int = 0, allow_same: bool = False) -> Solver:
    """One reply per question; numbers are read strictly.

    Args:
        seed: Added to the epoch to seed the sampling.
        allow_same: Whether a judge may be the subject or of its family.
    """

    async def solve(state: TaskState, generate: Generate) -> TaskState:
        subject, sampling = get_model(), GenerateConfig(seed=seed + state.epoch - 1)
        answers: dict[str, dict[str, object]] = {}
        dialogues: dict[str, list[dict[str, str | int]]] = {}
        for ask in map(Ask.model_validate, state.metadata[ASKS]):
            if ask.view == "reply":
                role_models(ROLE, allow_same)  # before the call is paid for: without a judge nothing comes of it
            said = dialogues.setdefault(ask.arm, [])
            turn = len(said) // 2 + 1
            dialogue = Dialogue()
            dialogue.say(USER, ask.prompt, turn)
            if ask.view == "reply":
                output = await subject.generate(dialogue.view(SUBJECT), config=sampling)
                dialogue.say(SUBJECT, output.completion, turn)
                filtered = output.stop_reason == "content_filter"
                answer = Answer(raw=output.completion, missing="refused" if filtered else "")
            else:
                answer = await choose(subject, dialogue, one_of(SCALE), SHORT.merge(sampling), turn)
            answers.setdefault(ask.arm, {})[ask.view] = answer.model_dump()
            said += dialogue.records()
            state.messages = dialogue.view(SUBJECT)
        state.store.set(ANSWERS, answers)
        state.store.set(DIALOGUES, dialogues)
        return state

    return solve
