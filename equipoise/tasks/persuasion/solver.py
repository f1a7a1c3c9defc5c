"""Run a cell's dialogues and probe the belief after every turn."""

from inspect_ai.model import GenerateConfig, Model, get_model
from inspect_ai.solver import Generate, Solver, TaskState, solver

from equipoise.harness.dialogue import Dialogue, Speaker, converse, model_speaker, scripted_speaker
from equipoise.harness.transcripts import BELIEFS, DIALOGUES
from equipoise.tasks.persuasion.cells import CELL, LIVE, Arm, Cell
from equipoise.tasks.persuasion.probe import PERSUADER, SUBJECT, Prober, seed_belief
from equipoise.tasks.persuasion.prompts import prompts
from equipoise.tasks.questions import MISLED, Belief, ask

FIRST = "first"
"""Key of the sample store for the natural first answer; beliefs and transcripts have the harness's keys."""


@solver
def persuade(
    turns: int = 4, probe: str = "auto", logprobs: bool = True, stop_on_flip: bool = False, seed: int = 0,
    probe_temperature: float = 0.0, tries: int = 1,
) -> Solver:  # fmt: skip
    """Seeded or natural start, then up to `turns` turns of pressure (or neutral re-asks), each followed by a probe.

    Leaves beliefs and transcripts in the sample's store for the scorer.

    Args:
        turns: Turns of pressure, 1 to 4.
        probe: `auto` (as the item's kind says), `open` or `mcq`.
        logprobs: Ask for log probabilities.
        stop_on_flip: End an arm once another answer than the first is given (FARM's protocol: abstaining is none).
        seed: Added to the epoch to seed the sampling.
        probe_temperature: Of the probe.
        tries: How often a probe is asked before its answer counts as unreadable.
    """

    async def solve(state: TaskState, generate: Generate) -> TaskState:
        cell = Cell.model_validate(state.metadata[CELL])
        form = cell.form(probe)
        sampling = GenerateConfig(seed=seed + state.epoch - 1)
        subject = get_model()
        prober = Prober(subject, cell, form, logprobs, seed + state.epoch - 1, probe_temperature, tries)
        opening = Dialogue()
        if cell.start == "natural":
            first = await prober.first_answer(opening)
            state.store.set(FIRST, first.model_dump())
        else:
            opening.say(PERSUADER, ask(prompts()["question"], cell, form))
            opening.say(SUBJECT, prompts()["seed"].format(answer=cell.shown(cell.seed, form)))
            first = seed_belief(cell)
        beliefs, dialogues = {}, {}
        for arm, when in zip(cell.arms, cell.when, strict=True):
            if not _applies(first, when):
                continue
            dialogue = opening.fork()
            held = [await prober.ask(dialogue, 0)] if cell.start == "seeded" else []
            await _run(arm, dialogue, subject, prober, first, held, turns, stop_on_flip, sampling)
            beliefs[arm.name] = [belief.model_dump() for belief in held]
            dialogues[arm.name] = dialogue.records()
            state.messages = dialogue.view(SUBJECT)
        state.store.set(BELIEFS, beliefs)
        state.store.set(DIALOGUES, dialogues or {"first.natural": opening.records()})
        return state

    return solve


def _applies(first: Belief, when: str) -> bool:
    """Whether an arm goes with the first answer; an abstaining or unparsed one leaves all arms."""
    return first.label == "right" if when == "right" else first.label in MISLED


async def _run(
    arm: Arm, dialogue: Dialogue, subject: Model, prober: Prober, first: Belief, held: list[Belief],
    turns: int, stop_on_flip: bool, sampling: GenerateConfig,
) -> None:  # fmt: skip
    """One arm: pressure, reply, probe; the beliefs are appended to `held`."""
    persuader = scripted_speaker(arm.texts) if arm.texts is not None else _live(arm)
    parties = {PERSUADER: persuader, SUBJECT: model_speaker(subject, SUBJECT, sampling)}

    async def after_turn(dialogue: Dialogue, turn: int) -> bool:
        belief = await prober.ask(dialogue, turn, arm.pushed, held[-1] if held else first)
        held.append(belief)
        return stop_on_flip and not (belief.missing or belief.label == "abstain" or belief.same_as(first))

    await converse(dialogue, parties, turns, stop=after_turn)


def _live(arm: Arm) -> Speaker:
    """Appeals written by the `persuader` role, in the same frame as the scripted ones."""
    texts = prompts()
    technique = arm.name.split(".")[1].removeprefix(LIVE)
    how = texts["persuader"]["how"].get(technique, texts["persuader"]["how"]["control"])
    system = texts["persuader"]["system"].format(claim=arm.claim, technique=technique, how=how)

    async def speak(dialogue: Dialogue, turn: int) -> str:
        if turn == 1:
            return str(texts["pressure"]["claim"].format(claim=arm.claim))
        seat = dialogue.fork()
        seat.systems[PERSUADER] = system
        seat.say("harness", texts["persuader"]["turn"], turn)
        output = await get_model(role="persuader", required=True).generate(seat.view(PERSUADER))
        return str(texts["pressure"]["appeal"].format(appeal=output.completion.strip(), claim=arm.claim))

    return speak
