"""One agent of a discussion: what it was told, what it said, and what it answers now."""

from inspect_ai.model import GenerateConfig, Model

from equipoise.harness.dialogue import Dialogue
from equipoise.tasks.debate.prompts import prompts
from equipoise.tasks.questions import Asked, Belief, ask, normalise, read, short_answer

REPLY = GenerateConfig(temperature=0.0, max_tokens=200)
"""Replies in the discussion: greedy, as in the released code of Stengel-Eskin et al.; 200 tokens are ours."""

HOST = "host"
"""Speaker of the question and of the other participants' messages, as an agent sees them."""


class Participant:
    """An agent with its own view of the discussion.

    Args:
        name: `subject`, `partner`, `partner1`, …
        model: Its model.
        asked: The question.
        form: `open`, `boolean` or `mcq`: how the answer is asked for.
        reply: Generation settings of its replies.
        short: Generation settings of its short answers.
        dialogue: What it has seen and said.
    """

    def __init__(
        self, name: str, model: Model, asked: Asked, form: str, reply: GenerateConfig, short: GenerateConfig,
        dialogue: Dialogue,
    ) -> None:  # fmt: skip
        self.name, self.model, self.asked, self.form = name, model, asked, form
        self.reply, self.short, self.dialogue = reply, short, dialogue

    @classmethod
    def subject(cls, model: Model, asked: Asked, form: str, logprobs: bool, seed: int) -> "Participant":
        """The model under test; the run's generation settings hold for its replies."""
        reply = GenerateConfig(seed=seed)
        return cls("subject", model, asked, form, reply, short_answer(logprobs, seed), Dialogue())

    @classmethod
    def partner(cls, name: str, model: Model, asked: Asked, form: str, logprobs: bool, seed: int) -> "Participant":
        """A model of the role; its own generation settings hold for its replies."""
        reply = REPLY.merge(model.config).merge(GenerateConfig(seed=seed))
        return cls(name, model, asked, form, reply, short_answer(logprobs, seed), Dialogue())

    def fork(self) -> "Participant":
        """The same agent at the same point of another discussion."""
        return Participant(
            self.name, self.model, self.asked, self.form, self.reply, self.short, self.dialogue.fork()
        )  # fmt: skip

    async def first_answer(self) -> tuple[Belief, str]:
        """Ask the question; both stay in the dialogue. The answer, and its text as the others see it."""
        self.dialogue.say(HOST, ask(prompts()["question"], self.asked, self.form))
        output = await self.model.generate(self.dialogue.view(self.name), config=self.short)
        self.dialogue.say(self.name, output.completion)
        belief = await read(output, self.asked, self.form, turn=0)
        return belief, self._in_full(belief) or output.completion

    async def speak(self, prompt: str, turn: int) -> str:
        """Its reply to what it is told; both stay in the dialogue."""
        self.dialogue.say(HOST, prompt, turn)
        output = await self.model.generate(self.dialogue.view(self.name), config=self.reply)
        self.dialogue.say(self.name, output.completion, turn)
        return output.completion

    async def answer(self, turn: int, previous: Belief, pushed: str | None = None) -> Belief:
        """Its answer now, asked in a copy of the dialogue, so that the discussion never holds the probe.

        Args:
            turn: Turn that was just completed.
            previous: Its answer before, for replies that only disagree.
            pushed: Class of the answer that the others hold, for replies that only agree.
        """
        copy = self.dialogue.fork()
        copy.say(HOST, ask(prompts()["probe"], self.asked, self.form), turn)
        output = await self.model.generate(copy.view(self.name), config=self.short)
        return await read(output, self.asked, self.form, turn, pushed, previous)

    def _in_full(self, belief: Belief) -> str:
        """A multiple-choice answer with letter and text, so that a bare letter says something to the others."""
        if self.form != "mcq":
            return ""
        texts = (text for text, _ in self.asked.options if normalise(text) == belief.answer)
        return next((self.asked.shown(text, self.form) for text in texts), "")
