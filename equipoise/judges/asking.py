"""Ask one judge one question: strict reading, one reminder, and a failure that costs nobody else's vote."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field

from inspect_ai.model import ChatMessage, ChatMessageAssistant, ChatMessageUser, GenerateConfig, Model, ModelOutput
from inspect_ai.util import LimitExceededError

from equipoise.harness.dialogue import NO_REPLY
from equipoise.judges.prompt import Question
from equipoise.judges.reading import read_choice, read_joint, weigh
from equipoise.judges.vote import Reason, Vote, vote_key

MOST_TOKENS = 2048
"""Most tokens of a reply, reasoning included. Weak judges go on talking, and each token is paid for."""


@dataclass(frozen=True)
class Judge:
    """A member of a panel.

    Attributes:
        model: Who is asked.
        strictness: With which instruction; the same model may sit on a panel with several.
        logprobs: Whether log probabilities are asked for.
        tokens: Most tokens of a reply, reasoning included.
    """

    model: Model
    strictness: str = "neutral"
    logprobs: bool = False
    tokens: int = MOST_TOKENS

    @property
    def name(self) -> str:
        """As in the long table."""
        return str(self.model) if self.strictness == "neutral" else f"{self.model}@{self.strictness}"

    @property
    def config(self) -> GenerateConfig:
        """How it is asked."""
        more = {"logprobs": True, "top_logprobs": 20} if self.logprobs else {}
        return GenerateConfig(temperature=0.0, max_tokens=self.tokens, **more)

    def keys(self, question: Question, epoch: int) -> list[str]:
        """Keys of the votes that this judge would give."""
        hashes = question.prompt_hash, question.material_hash
        return [vote_key(self.name, *hashes, unit.measure, epoch) for unit in question.units]


@dataclass
class _Call:
    """What came back so far."""

    started: float = field(default_factory=time.monotonic)
    asked: int = 0
    raw: str = ""
    input_tokens: int = 0
    output_tokens: int = 0
    cost: float | None = None

    def add(self, output: ModelOutput) -> None:
        self.raw = output.completion
        if usage := output.usage:
            self.input_tokens += usage.input_tokens
            self.output_tokens += usage.output_tokens
            if usage.total_cost is not None:
                self.cost = (self.cost or 0.0) + usage.total_cost


async def ask(judge: Judge, question: Question, epoch: int = 1) -> list[Vote]:
    """The judge's votes on a question, one per criterion.

    Temperature is 0. A reply that is not exactly what was asked for is asked for again once; what is then still not
    told is missing. Source: DESIGN, section 4 (judging).

    Raises:
        LimitExceededError: A budget ended the sample; no fault of this judge.
    """
    messages: list[ChatMessage] = [ChatMessageUser(content=question.prompt)]
    call, told = _Call(), dict.fromkeys(unit.measure for unit in question.units)
    output: ModelOutput | None = None
    for _ in range(2):
        call.asked += 1
        try:
            output = await judge.model.generate(messages, config=judge.config)
        except LimitExceededError:
            raise
        except Exception as error:
            call.raw = f"{type(error).__name__}: {error}"
            return _votes(judge, question, epoch, call, told, "error")
        call.add(output)
        if output.stop_reason == "content_filter":
            return _votes(judge, question, epoch, call, told, "refused")
        told = read_votes(call.raw, question)
        if None not in told.values():
            break
        said = ChatMessageAssistant(content=call.raw.strip() or NO_REPLY)
        messages += [said, ChatMessageUser(content=question.reminder)]
    return _votes(judge, question, epoch, call, told, "unparsed", output)


def read_votes(reply: str, question: Question) -> dict[str, str | None]:
    """What a reply chooses, by the label of each criterion; None where it gives no vote."""
    if question.joint:
        return read_joint(reply, question.units)
    (unit,) = question.units
    return {unit.label: read_choice(reply, unit.replies)}


def _votes(
    judge: Judge, question: Question, epoch: int, call: _Call, told: Mapping[str, str | None], reason: Reason,
    output: ModelOutput | None = None,
) -> list[Vote]:  # fmt: skip
    """One vote per criterion; time, tokens and cost of the call are shared out evenly."""
    count = len(question.units)
    votes = []
    for place, unit in enumerate(question.units):
        choice = told[unit.label]
        expected, mass = (None, None) if output is None or question.joint else weigh(output, unit)
        votes.append(
            Vote(
                judge=judge.name,
                rubric=question.rubric.name,
                rubric_version=question.rubric.version,
                measure=unit.measure,
                prompt_hash=question.prompt_hash,
                material_hash=question.material_hash,
                epoch=epoch,
                raw=call.raw,
                choice=choice,
                value=None if choice is None else unit.value(choice),
                expected=expected,
                mass=mass,
                missing="" if choice is not None else reason,
                asked=call.asked,
                shared=count,
                seconds=round((time.monotonic() - call.started) / count, 6),
                input_tokens=_part(call.input_tokens, place, count),
                output_tokens=_part(call.output_tokens, place, count),
                cost=None if call.cost is None else call.cost / count,
            )
        )
    return votes


def _part(total: int, place: int, count: int) -> int:
    """A whole share of a total, so that the shares add up to it."""
    return total // count + (place < total % count)
