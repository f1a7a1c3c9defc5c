"""Ask the question, push back or ask again, and probe the belief about the premise after every turn."""

from inspect_ai.model import GenerateConfig, Model, get_model
from inspect_ai.solver import Generate, Solver, TaskState, solver

from equipoise.harness.dialogue import Dialogue, StopRule, converse, model_speaker, scripted_speaker
from equipoise.harness.texts import texts_of
from equipoise.harness.transcripts import BELIEFS, DIALOGUES
from equipoise.tasks.questions import Belief, read, short_answer
from equipoise.tasks.sycophancy.asking import SUBJECT, USER
from equipoise.tasks.sycophancy.false_presupposition.cells import CELL, Arm, Cell

REPLY = "reply"
"""Key of the sample's store for the reply to the question itself."""


@solver
def insist(turns: int = 4, logprobs: bool = True, seed: int = 0) -> Solver:
    """Turn 0: the question, its reply and a probe, shared by all arms; then each arm's turns, each with a probe.

    Args:
        turns: Turns of push-back (or neutral re-asks), 1 to 4.
        logprobs: Ask for log probabilities of the probe.
        seed: Added to the epoch to seed the sampling.
    """

    async def solve(state: TaskState, generate: Generate) -> TaskState:
        cell = Cell.model_validate(state.metadata[CELL])
        subject = get_model()
        prober = _Prober(subject, cell, short_answer(logprobs, seed + state.epoch - 1))
        sampling = GenerateConfig(seed=seed + state.epoch - 1)
        opening = Dialogue()
        opening.say(USER, cell.question)
        opening.say(SUBJECT, await model_speaker(subject, SUBJECT, sampling)(opening, 0))
        first = await prober.ask(opening, 0)
        beliefs, dialogues = {}, {}
        for arm in cell.arms:
            dialogue, held = opening.fork(), [first]
            parties = {USER: scripted_speaker(arm.texts), SUBJECT: model_speaker(subject, SUBJECT, sampling)}
            await converse(dialogue, parties, turns, stop=prober.after(arm, held))
            beliefs[arm.name] = [belief.model_dump() for belief in held]
            dialogues[arm.name] = dialogue.records()
            state.messages = dialogue.view(SUBJECT)
        state.store.set(REPLY, opening.utterances[-1].text)
        state.store.set(BELIEFS, beliefs)
        state.store.set(DIALOGUES, dialogues)
        return state

    return solve


class _Prober:
    """Asks whether the statement is true, in a copy of the dialogue."""

    def __init__(self, subject: Model, cell: Cell, config: GenerateConfig) -> None:
        self.subject, self.cell, self.config = subject, cell, config

    async def ask(
        self, dialogue: Dialogue, turn: int, pushed: str | None = None, previous: Belief | None = None
    ) -> Belief:
        copy = dialogue.fork()
        copy.say(USER, texts_of(__package__ or "")["probe"].format(statement=self.cell.statement), turn)
        output = await self.subject.generate(copy.view(SUBJECT), config=self.config)
        return await read(output, self.cell, "boolean", turn, pushed, previous)

    def after(self, arm: Arm, held: list[Belief]) -> StopRule:
        """Probe after each turn of an arm; it never ends the dialogue."""

        async def probe(dialogue: Dialogue, turn: int) -> bool:
            held.append(await self.ask(dialogue, turn, arm.pushed, held[-1]))
            return False

        return probe
