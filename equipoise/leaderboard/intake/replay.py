"""Run an edition's own protocol again, with every reply taken from the log.

The task is built from the edition, not from the log. Its solver asks what the protocol asks, and gets what the log says
that was answered; its scorer scores what comes out. So a prompt that was changed, a turn that was left out, a question
that was put to another item, a reply that was read differently, or a reply that was drawn again until it pleased, all
show: the log has no answer to what is asked, or has answers that nobody asked for.

What this cannot show is whether the recorded replies are the model's. Only measuring it again can.
"""

import asyncio
import contextvars
import copy
import json
from collections import defaultdict, deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from inspect_ai import Task
from inspect_ai.dataset import Sample
from inspect_ai.event import ModelEvent
from inspect_ai.log import EvalSample, EvalSpec, Transcript
from inspect_ai.model import (
    ChatMessage,
    ChatMessageUser,
    ContentReasoning,
    ContentText,
    GenerateConfig,
    Model,
    ModelAPI,
    ModelConfig,
    ModelName,
    ModelOutput,
)
from inspect_ai.scorer import Target
from inspect_ai.solver import TaskState

from equipoise.errors import InputError
from equipoise.harness.roles import logged_roles
from equipoise.harness.table.rows import Row, rows_of
from equipoise.judges import EXHIBITS, ROLE, Exhibit

Key = tuple[str | None, str, str]
"""Role (None = the subject), its model, and what was said to it."""

Answers = dict[Key, deque[ModelEvent]]
"""Calls by who was told what, in the order in which they were made."""

SAMPLING = (
    "temperature", "top_p", "top_k", "seed", "frequency_penalty", "presence_penalty", "logit_bias", "stop_seqs",
    "num_choices", "best_of", "system_message", "response_schema", "extra_body", "fallback_models", "reasoning_effort",
    "reasoning_tokens", "max_tokens",
)  # fmt: skip
"""Settings of a call that change what is replied."""

FILLED_IN = {"max_tokens"}
"""Of them, those that a provider's adapter sets where nobody else does."""

MOST_TEXT = 50_000_000
"""Characters that all calls of a sample were told, each counted as often as it was told."""

AS_IT_IS = GenerateConfig()


@dataclass
class Replayed:
    """What came out of a sample that was run again.

    Attributes:
        rows: Of the long table, judges' votes left out.
        exhibits: What there is to be judged.
        problem: Why it could not be run again; empty if it could.
        store: What the solver kept (dialogues and beliefs among it).
    """

    rows: list[Row] = field(default_factory=list)
    exhibits: list[Exhibit] = field(default_factory=list)
    problem: str = ""
    store: dict[str, Any] = field(default_factory=dict)


class NotRecordedError(Exception):
    """The protocol asks something that the log holds no answer to."""


class _Recorded(ModelAPI):
    """An API that is never called."""

    async def generate(self, *_: Any, **__: Any) -> ModelOutput:
        raise NotRecordedError("no model is asked here")


class Recording(Model):
    """A model that answers as it did when the log was made.

    Args:
        name: Its name in the log.
        role: Role that it plays; None = the subject.
        answers: What was answered; used up one by one.
        settings: What was set for all of its calls.
    """

    def __init__(self, name: str, role: str | None, answers: Answers, settings: GenerateConfig = AS_IT_IS) -> None:
        super().__init__(_Recorded(name), AS_IT_IS)
        self._named, self._plays, self._answers, self._settings = name, role, answers, settings

    def __str__(self) -> str:
        return self._named

    async def generate(
        self, input: str | list[ChatMessage], tools: Any = (), tool_choice: Any = None,
        config: GenerateConfig = AS_IT_IS, cache: Any = False, on_stream: Any = None,
    ) -> ModelOutput:  # fmt: skip
        """The recorded output; an error where there was one."""
        said: list[ChatMessage] = [ChatMessageUser(content=input)] if isinstance(input, str) else input
        waiting = self._answers.get((self._plays, self._named, _heard(said)))
        if not waiting:
            who = f"role {self._plays!r}" if self._plays else "the model"
            raise NotRecordedError(f"the protocol says to {who} what the log does not have: {_start(said)!r}")
        event = waiting.popleft()
        if different := _different(event.config, config, self._settings):
            raise NotRecordedError(f"a call was made with {different}")
        if event.tools and not tools:
            raise NotRecordedError("a call was made with tools, the protocol gives none")
        if event.error is not None:
            raise RuntimeError(event.error)
        return event.output


def replay(
    task: Task, spec: EvalSpec, samples: Iterable[EvalSample], settings: GenerateConfig = AS_IT_IS
) -> list[Replayed]:
    """Samples of a log, run again one after the other.

    Args:
        task: Built from the edition.
        spec: Of the log: who played which role.
        samples: Whole, with their events, attachments resolved. They must be samples of the task.
        settings: What the log says was set for all calls of the subject.
    """
    return asyncio.run(_replay_all(task, spec, samples, settings))


async def _replay_all(
    task: Task, spec: EvalSpec, samples: Iterable[EvalSample], settings: GenerateConfig
) -> list[Replayed]:
    """One after the other, each in a context of its own: what is set up for one must not reach the next."""
    asked = {str(sample.id): sample for sample in task.dataset}
    return [
        await asyncio.create_task(
            _replay(task, spec, sample, asked[str(sample.id)], settings), context=contextvars.copy_context()
        )
        for sample in samples
    ]


async def _replay(task: Task, spec: EvalSpec, logged: EvalSample, asked: Sample, settings: GenerateConfig) -> Replayed:
    found = Replayed()
    try:
        answers = _answers(logged, spec)
    except NotRecordedError as error:
        found.problem = str(error)
        return found
    state = TaskState(
        model=ModelName(spec.model),
        sample_id=logged.id,
        epoch=logged.epoch,
        input=asked.input,
        target=Target(asked.target),
        choices=asked.choices,
        messages=[ChatMessageUser(content=asked.input)] if isinstance(asked.input, str) else list(asked.input),
        metadata=copy.deepcopy(asked.metadata) or {},
    )
    _enter(spec, answers, state, settings)
    try:
        state = await task.solver(state, _no_generate)
        for scorer in task.scorer or []:
            score = await scorer(state, state.target)
            found.rows += [row for row in rows_of(score.metadata if score else None) if not row.judge]
    except NotRecordedError as error:
        found.problem = str(error)
    except Exception as error:  # the recorded replies are untrusted: whatever they bring about is told, not raised
        found.problem = f"the protocol fails on the recorded replies ({type(error).__name__}: {error})"
    else:
        more = sum(len(left) for (role, _, _), left in answers.items() if role != ROLE)
        found.problem = f"{more} recorded calls are no part of the protocol" if more else ""
    kept: list[Any] = state.store.get(EXHIBITS, [])
    found.exhibits = [Exhibit.model_validate(record) for record in kept]
    found.store = {key: state.store.get(key) for key in state.store.keys()}  # noqa: SIM118
    return found


def _enter(spec: EvalSpec, answers: Answers, state: TaskState, settings: GenerateConfig) -> None:
    """What Inspect sets up around a sample; it has no public way to do so (0.3.285)."""
    from inspect_ai.log._transcript import init_transcript
    from inspect_ai.model._model import init_active_model, init_model_roles
    from inspect_ai.util._store import init_subtask_store

    subject, roles = Recording(spec.model, None, answers, settings), {}
    for role, bound in role_configs(spec).items():
        given = {} if role == ROLE else answers  # judges get nothing: their votes are read apart
        models: list[Model] = [Recording(one.model, role, given, one.config) for one in bound]
        roles[role] = models if len(models) > 1 else models[0]
    init_active_model(subject, AS_IT_IS)
    init_model_roles(roles)
    init_subtask_store(state.store)
    init_transcript(Transcript())


def role_configs(spec: EvalSpec) -> dict[str, list[ModelConfig]]:
    """The models of each role with their settings, in a log."""
    return {role: one if isinstance(one, list) else [one] for role, one in (spec.model_roles or {}).items()}


async def _no_generate(*_: Any, **__: Any) -> TaskState:
    raise InputError("replaying tasks that use Inspect's own generate() is not supported")


def _answers(sample: EvalSample, spec: EvalSpec) -> Answers:
    """What was answered, by who was told what; in the order in which it was asked.

    Raises:
        NotRecordedError: A call to a model that plays no part here, or that was told something else than text.
    """
    found: Answers = defaultdict(deque)
    played = logged_roles(spec)
    left = MOST_TEXT
    for event in sample.events:
        if not isinstance(event, ModelEvent) or event.pending:
            continue
        if event.model not in (played.get(event.role, []) if event.role else [spec.model]):
            raise NotRecordedError(f"a call of role {event.role!r} went to {event.model!r}, which does not play it")
        if event.output.choices and event.output.completion != event.output.choices[0].message.text:
            raise NotRecordedError("an output's completion is not the text of its message")
        left -= sum(map(_length, event.input))
        if left < 0:
            raise NotRecordedError(f"its calls were told more than {MOST_TEXT:,} characters")
        found[event.role, event.model, _heard(event.input)].append(event)
    return found


def _length(message: ChatMessage) -> int:
    """Characters of a message, without joining them: many parts may be one long attachment.

    Raises:
        NotRecordedError: It holds an image or anything else that is no text: nobody would see it in a transcript.
    """
    if isinstance(message.content, str):
        return len(message.content)
    length = 0
    for part in message.content:
        if isinstance(part, ContentText):
            length += len(part.text)
        elif message.role != "assistant" or not isinstance(part, ContentReasoning):
            raise NotRecordedError(f"a call was told {part.type}, expected text")
    return length


def _heard(messages: Iterable[ChatMessage]) -> str:
    """Roles and texts; neighbouring messages of one role are joined, as some providers want them."""
    parts: list[list[str]] = []
    for message in messages:
        if parts and parts[-1][0] == message.role:
            parts[-1][1] += f"\n\n{message.text}"
        else:
            parts.append([message.role, message.text])
    return json.dumps(parts)


def _different(made: GenerateConfig, asked: GenerateConfig, settings: GenerateConfig) -> str:
    """A setting of a call that is neither the protocol's nor the run's; empty if there is none."""
    for name in SAMPLING:
        own, had = getattr(asked, name), getattr(made, name)
        wanted, whose = (own, "protocol") if own is not None else (getattr(settings, name), "log's header")
        if wanted != had and not (wanted is None and name in FILLED_IN):
            return f"{name}={had}, the {whose} says {wanted}"
    return ""


def _start(messages: list[ChatMessage]) -> str:
    return " ".join(messages[-1].text.split())[:80] if messages else ""


def first_difference(logged: Iterable[Row], replayed: Iterable[Row]) -> str:
    """The first row in which two readings of a sample differ, in words; empty if they do not."""
    one, other = _by_place(logged), _by_place(replayed)
    for place in sorted({*one, *other}):
        if one.get(place) != other.get(place):
            arm, turn, measure = place
            return f"{measure} of arm {arm!r} after turn {turn}: {_told(one.get(place))}, recomputed " + _told(
                other.get(place)
            )
    return ""


def _by_place(rows: Iterable[Row]) -> dict[tuple[str, int, str], list[tuple[str, str]]]:
    found: dict[tuple[str, int, str], list[tuple[str, str]]] = defaultdict(list)
    for row in rows:
        found[row.arm, row.turn, row.measure].append((f"{row.value:.6g}", row.missing))
    return found


def _told(values: list[tuple[str, str]] | None) -> str:
    return ", ".join(missing or value for value, missing in values) if values else "no row"
