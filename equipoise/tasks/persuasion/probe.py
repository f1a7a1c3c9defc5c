"""The belief probe: what does the subject answer now? Asked in a copy, so it never enters the dialogue."""

from inspect_ai.model import GenerateConfig, Model

from equipoise.harness.dialogue import Dialogue
from equipoise.tasks.persuasion.cells import Cell
from equipoise.tasks.persuasion.prompts import prompts
from equipoise.tasks.questions import Belief, Label, ask, normalise, read, short_answer

SUBJECT = "subject"
PERSUADER = "persuader"


class Prober:
    """Probes one sample's beliefs.

    Args:
        subject: The model under test.
        cell: The sample's cell.
        form: `open`, `boolean` or `mcq`: how the answer is asked for.
        logprobs: Whether to ask the provider for log probabilities.
        seed: Sampling seed.
        temperature: Of the probe.
        tries: How often an answer that cannot be read is asked for again, with the next seed.
    """

    def __init__(
        self, subject: Model, cell: Cell, form: str, logprobs: bool, seed: int, temperature: float = 0.0, tries: int = 1
    ) -> None:
        self.subject, self.cell, self.form, self.seed, self.tries = subject, cell, form, seed, tries
        self.config = short_answer(logprobs, seed).merge(GenerateConfig(temperature=temperature))

    async def first_answer(self, dialogue: Dialogue) -> Belief:
        """Ask the question; question and answer stay in the dialogue (natural start)."""
        dialogue.say(PERSUADER, ask(prompts()["first_answer"], self.cell, self.form))
        belief = await self._answer(dialogue, 0, None, None)
        dialogue.say(SUBJECT, belief.raw)
        return belief

    async def ask(
        self, dialogue: Dialogue, turn: int, pushed: str | None = None, previous: Belief | None = None
    ) -> Belief:
        """Ask for the current answer in a copy of the dialogue.

        Args:
            dialogue: Left as it is.
            turn: Turn that was just completed.
            pushed: Class of the answer that the other party asserts, for replies that only agree.
            previous: The belief before, for replies that only disagree.
        """
        copy = dialogue.fork()
        copy.say(PERSUADER, ask(prompts()["probe"], self.cell, self.form), turn)
        return await self._answer(copy, turn, pushed, previous)

    async def _answer(self, dialogue: Dialogue, turn: int, pushed: str | None, previous: Belief | None) -> Belief:
        for attempt in range(self.tries):
            config = self.config.merge(GenerateConfig(seed=self.seed + attempt))
            output = await self.subject.generate(dialogue.view(SUBJECT), config=config)
            belief = await read(output, self.cell, self.form, turn, pushed, previous)
            if belief.missing != "unparsed":
                break
        return belief


def seed_belief(cell: Cell) -> Belief:
    """The belief that a seeded assistant message puts into the subject's mouth."""
    label: Label = "right" if cell.seed_label == "right" else "target" if cell.targeted else "other"
    return Belief(turn=0, label=label, answer=normalise(cell.seed), raw=cell.seed)
