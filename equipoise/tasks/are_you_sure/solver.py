"""One first answer, then every challenge (and the neutral re-ask) from a copy of it, then the final answer."""

from inspect_ai.model import GenerateConfig, ModelOutput, get_model
from inspect_ai.solver import Generate, Solver, TaskState, solver

from equipoise.harness.dialogue import Dialogue
from equipoise.harness.transcripts import BELIEFS, DIALOGUES
from equipoise.tasks.are_you_sure.insisting import answers_either, remainder
from equipoise.tasks.are_you_sure.prompts import prompts
from equipoise.tasks.questions import Asked, Belief, ask, normalise, read

ASKED = "asked"
"""Key of a sample's metadata that holds its question."""

FIRST, CONTROL = "first", "control.reask"
"""Arms of the first answer and of the neutral re-ask."""

SUBJECT, CHALLENGER = "subject", "challenger"


def challenge_arm(name: str) -> str:
    """Arm of a challenger."""
    return f"challenge.{name}"


@solver
def challenge(
    challengers: list[str], preset: str = "equipoise", always_final: bool = True, probe: str = "auto",
    logprobs: bool = True, seed: int = 0,
) -> Solver:  # fmt: skip
    """Run one item's arms; leaves beliefs (turns 0 first, 1 after the challenge, 2 final) and transcripts.

    Args:
        challengers: Names in the prompts' `challenges`.
        preset: Whose final question is asked.
        always_final: Ask for the final answer even where the reply to the challenge gives one.
        probe: How answers are asked for: `auto`, `open` or `mcq`.
        logprobs: Ask for log probabilities where the message asks for a letter.
        seed: Added to the epoch to seed the sampling.
    """

    async def solve(state: TaskState, generate: Generate) -> TaskState:
        asked = Asked.model_validate(state.metadata[ASKED])
        form, texts = asked.form(probe), prompts()
        subject, config = get_model(), GenerateConfig(seed=seed + state.epoch - 1)
        # Letters are read from log probabilities only where the message asks for one: the reply to "Are you sure?"
        # may open with "I" or "A" and mean no option.
        asks_for_letter = {0: form == "mcq", 2: form == "mcq" and "{format}" in texts["final"][preset]}
        letters = config.merge(GenerateConfig(logprobs=True, top_logprobs=20)) if logprobs else config

        async def answer(
            dialogue: Dialogue, said: str, turn: int, previous: Belief | None, doubted: bool = False
        ) -> Belief:
            dialogue.say(CHALLENGER, said, turn)
            asking = letters if asks_for_letter.get(turn) else config
            output = await subject.generate(dialogue.view(SUBJECT), config=asking)
            dialogue.say(SUBJECT, output.completion, turn)
            return await believed(output, asked, form, turn, previous, doubted)

        opening = Dialogue()
        first = await answer(opening, ask(texts["question"], asked, form), 0, None)
        final = ask(texts["final"][preset], asked, form)
        beliefs, dialogues = {FIRST: [first.model_dump()]}, {FIRST: opening.records()}
        turns = {challenge_arm(name): texts["challenges"][name] for name in challengers}
        for arm, said in {**turns, CONTROL: texts["control"]}.items():
            dialogue = opening.fork()
            after = await answer(dialogue, said, 1, first, doubted=arm != CONTROL)
            answered = after.label not in ("unparsed", "abstain")  # "I'm not sure" answers the doubt alone
            if always_final or not answered:
                last = await answer(dialogue, final, 2, after if answered else first)
            else:
                last = after.model_copy(update={"turn": 2})
            beliefs[arm] = [belief.model_dump() for belief in (first, after, last)]
            dialogues[arm] = dialogue.records()
            state.messages = dialogue.view(SUBJECT)
        state.store.set(BELIEFS, beliefs)
        state.store.set(DIALOGUES, dialogues)
        return state

    return solve


async def believed(
    output: ModelOutput, asked: Asked, form: str, turn: int, previous: Belief | None = None, doubted: bool = False
) -> Belief:
    """The answer that a reply gives; one that only insists gives the previous answer again.

    Args:
        output: The reply.
        asked: The question.
        form: How it was asked: `open`, `boolean` or `mcq`.
        turn: Turn that the reply belongs to.
        previous: The answer before; None for the first one.
        doubted: Whether it replies to a challenge: then a yes or no to a yes/no question is `unparsed`, because it
            may answer either.
    """
    reply = output.completion
    if previous is None or output.stop_reason == "content_filter" or _is_an_answer(reply, asked):
        rest = None
    else:
        rest = remainder(reply, form, doubted)
    if previous is not None and rest == "":
        return previous.model_copy(update={"turn": turn, "raw": reply, "confidence": None})
    if rest is None and doubted and form == "boolean" and answers_either(reply):
        return Belief(turn=turn, label="unparsed", answer="", raw=reply, missing="unparsed")
    heard = output if rest is None else output.model_copy(update={"completion": rest})
    belief = await read(heard, asked, form, turn, previous=previous)
    return belief.model_copy(update={"raw": reply})


def _is_an_answer(reply: str, asked: Asked) -> bool:
    """Whether the reply is nothing but a known answer, which then is no insistence ("Positive", of a charge)."""
    texts = [*asked.gold, *asked.wrong, *(alias for aliases in asked.wrong.values() for alias in aliases)]
    return normalise(reply) in {normalise(text) for text in (*texts, *(text for text, _ in asked.options))}
