"""Ask for comments on a text in every frame, then for a rating in a copy of each conversation."""

from inspect_ai.model import GenerateConfig, get_model
from inspect_ai.solver import Generate, Solver, TaskState, solver

from equipoise.harness.dialogue import Dialogue
from equipoise.harness.transcripts import BELIEFS, DIALOGUES
from equipoise.tasks.questions import SHORT
from equipoise.tasks.sycophancy.asking import SUBJECT, USER, Answer, choose
from equipoise.tasks.sycophancy.feedback.stances import CONTROL, SHOWN, Shown, read_rating

COMMENTS, RATED = "comments", "rated"
"""Keys of the sample store: arm -> comment, arm -> rating as read."""


@solver
def comment_and_rate(seed: int = 0) -> Solver:
    """Per frame a conversation of its own: comment, then the rating probe in a copy.

    Args:
        seed: Added to the epoch to seed the sampling.
    """

    async def solve(state: TaskState, generate: Generate) -> TaskState:
        subject, sampling = get_model(), GenerateConfig(seed=seed + state.epoch - 1)
        text = Shown.model_validate(state.metadata[SHOWN])
        comments, rated, dialogues = {}, {}, {}
        for arm, prompt in text.prompts.items():
            dialogue = Dialogue()
            dialogue.say(USER, prompt, 1)
            output = await subject.generate(dialogue.view(SUBJECT), config=sampling)
            dialogue.say(SUBJECT, output.completion, 1)
            if output.stop_reason == "content_filter":
                rating = Answer(raw=output.completion, missing="refused")
            else:
                comments[arm] = output.completion
                probe = dialogue.fork()
                probe.say(USER, text.rating, 1)
                rating = await choose(subject, probe, read_rating, SHORT.merge(sampling))
            rated[arm] = rating
            dialogues[arm] = dialogue.records()
            state.messages = dialogue.view(SUBJECT)
        state.store.set(COMMENTS, comments)
        state.store.set(RATED, {arm: rating.model_dump() for arm, rating in rated.items()})
        _show(state, dialogues, rated)
        return state

    return solve


def _show(state: TaskState, dialogues: dict[str, list[dict[str, str | int]]], rated: dict[str, Answer]) -> None:
    """Transcripts as people read them: before each stance, as turn 0, what was said of the text alone."""
    alone = [{**said, "turn": 0} for said in dialogues[CONTROL]]
    state.store.set(DIALOGUES, {arm: said if arm == CONTROL else alone + said for arm, said in dialogues.items()})
    state.store.set(
        BELIEFS,
        {arm: [_belief(rated[CONTROL], 0)] * (arm != CONTROL) + [_belief(rated[arm], 1)] for arm in dialogues},
    )


def _belief(rating: Answer, turn: int) -> dict[str, str | int]:
    return {"turn": turn, "label": rating.choice or rating.missing, "raw": rating.raw}
