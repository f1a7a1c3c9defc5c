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
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from inspect_ai import Task
from inspect_ai.dataset import Sample
from inspect_ai.event import ModelEvent
from inspect_ai.log import EvalSample, EvalSpec, Transcript
from inspect_ai.model import (
    ChatMessage,
    ChatMessageUser,
    GenerateConfig,
    Model,
    ModelAPI,
    ModelName,
    ModelOutput,
)
from inspect_ai.scorer import Target
from inspect_ai.solver import TaskState

from equipoise.errors import InputError
from equipoise.harness.roles import logged_roles
from equipoise.harness.table.rows import Row, rows_of
from equipoise.judges import EXHIBITS, ROLE, Exhibit

Key = tuple[str | None, str]
"""Role (None = the subject) and what was said to it."""

Answers = dict[Key, deque[ModelEvent]]
"""Calls by who was told what, in the order in which they were made."""

SAMPLING = ("temperature", "top_p", "top_k", "max_tokens", "seed", "frequency_penalty", "presence_penalty")
"""Settings of a call that the protocol may fix."""

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
    """

    def __init__(self, name: str, role: str | None, answers: Answers) -> None:
        super().__init__(_Recorded(name), AS_IT_IS)
        self._named, self._plays, self._answers = name, role, answers

    def __str__(self) -> str:
        return self._named

    async def generate(
        self, input: str | list[ChatMessage], tools: Any = (), tool_choice: Any = None,
        config: GenerateConfig = AS_IT_IS, cache: Any = False, on_stream: Any = None,
    ) -> ModelOutput:  # fmt: skip
        """The recorded output; an error where there was one."""
        said: list[ChatMessage] = [ChatMessageUser(content=input)] if isinstance(input, str) else input
        waiting = self._answers.get((self._plays, _heard(said)))
        if not waiting:
            who = f"role {self._plays!r}" if self._plays else "the model"
            raise NotRecordedError(f"the protocol says to {who} what the log does not have: {_start(said)!r}")
        event = waiting.popleft()
        if different := _different(event.config, config):
            raise NotRecordedError(f"a call was made with {different}")
        if event.error is not None:
            raise RuntimeError(event.error)
        return event.output


def replay(task: Task, spec: EvalSpec, samples: Iterable[EvalSample]) -> Iterator[Replayed]:
    """Samples of a log, run again one after the other.

    Args:
        task: Built from the edition.
        spec: Of the log: who played which role.
        samples: Whole, with their events, attachments resolved. They must be samples of the task.
    """
    asked = {str(sample.id): sample for sample in task.dataset}
    with asyncio.Runner() as runner:
        for sample in samples:
            again = _replay(task, spec, sample, asked[str(sample.id)])
            yield runner.run(again, context=contextvars.copy_context())


async def _replay(task: Task, spec: EvalSpec, logged: EvalSample, asked: Sample) -> Replayed:
    answers = _answers(logged)
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
    _enter(spec, answers, state)
    found = Replayed()
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
        more = sum(len(left) for (role, _), left in answers.items() if role != ROLE)
        found.problem = f"{more} recorded calls are no part of the protocol" if more else ""
    kept: list[Any] = state.store.get(EXHIBITS, [])
    found.exhibits = [Exhibit.model_validate(record) for record in kept]
    found.store = {key: state.store.get(key) for key in state.store.keys()}  # noqa: SIM118
    return found


def _enter(spec: EvalSpec, answers: Answers, state: TaskState) -> None:
    """What Inspect sets up around a sample; it has no public way to do so (0.3.285)."""
    from inspect_ai.log._transcript import init_transcript
    from inspect_ai.model._model import init_active_model, init_model_roles
    from inspect_ai.util._store import init_subtask_store

    subject, roles = Recording(spec.model, None, answers), {}
    for role, names in logged_roles(spec).items():
        given = {} if role == ROLE else answers  # judges get nothing: their votes are read apart
        models: list[Model] = [Recording(name, role, given) for name in names]
        roles[role] = models if len(models) > 1 else models[0]
    init_active_model(subject, AS_IT_IS)
    init_model_roles(roles)
    init_subtask_store(state.store)
    init_transcript(Transcript())


async def _no_generate(*_: Any, **__: Any) -> TaskState:
    raise InputError("replaying tasks that use Inspect's own generate() is not supported")


def _answers(sample: EvalSample) -> Answers:
    """What was answered, by who was told what; in the order in which it was asked."""
    found: Answers = defaultdict(deque)
    for event in sample.events:
        if isinstance(event, ModelEvent) and not event.pending:
            found[event.role, _heard(event.input)].append(event)
    return found


def _heard(messages: Iterable[ChatMessage]) -> str:
    """Roles and texts; neighbouring messages of one role are joined, as some providers want them."""
    parts: list[list[str]] = []
    for message in messages:
        if parts and parts[-1][0] == message.role:
            parts[-1][1] += f"\n\n{message.text}"
        else:
            parts.append([message.role, message.text])
    return json.dumps(parts)


def _different(made: GenerateConfig, asked: GenerateConfig) -> str:
    """A sampling setting that the protocol fixes for a call and the log has otherwise; empty if there is none."""
    for name in SAMPLING:
        wanted, had = getattr(asked, name), getattr(made, name)
        if wanted is not None and wanted != had:
            return f"{name}={had}, the protocol says {wanted}"
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
