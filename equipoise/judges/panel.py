"""A panel: every judge votes on every exhibit, at the same time, and no vote is paid twice."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import anyio
from inspect_ai.model import Model
from inspect_ai.solver import TaskState
from inspect_ai.util import collect
from pydantic import BaseModel, ConfigDict, Field

from equipoise.errors import InputError
from equipoise.harness.roles import role_models
from equipoise.harness.table.rows import Rows
from equipoise.judges.asking import MOST_TOKENS, Judge, ask
from equipoise.judges.prompt import Question, questions, strictnesses
from equipoise.judges.rubric import rubric_named
from equipoise.judges.store import Store
from equipoise.judges.vote import EXHIBITS, VOTES, Exhibit, Vote

ROLE = "judge"
"""Name of the model role; it may be bound to a list."""

WAIT = 0.05
"""Seconds between two looks for a vote that somebody else is asking for."""


class PanelOptions(BaseModel):
    """How a panel is asked; a task's arguments.

    Attributes:
        strictness: Instructions that every judge votes under, one vote each: `neutral`, `lenient`, `strict`.
        joint: Ask for all criteria of a rubric in one call instead of one call per criterion. Cheaper, and the answers
            influence each other (halo): compare both before you trust it.
        logprobs: Ask for log probabilities, for probability-weighted values.
        tokens: Most tokens of a reply, reasoning included.
        allow_same: Whether a judge may be the subject or of its family.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    strictness: tuple[str, ...] = Field(default=("neutral",), min_length=1)
    joint: bool = False
    logprobs: bool = False
    tokens: int = Field(default=MOST_TOKENS, ge=1)
    allow_same: bool = False

    def judges(self, models: Iterable[Model]) -> list[Judge]:
        """The members: every model with every strictness.

        Raises:
            InputError: An unknown strictness.
        """
        for name in self.strictness:
            if name not in strictnesses():
                raise InputError(f"expected some of {', '.join(strictnesses())}, found {name!r}", field="strictness")
        return [
            Judge(model, name, self.logprobs, self.tokens)
            for model in models
            for name in dict.fromkeys(self.strictness)
        ]


@dataclass
class Tally:
    """What a panel has done so far.

    Attributes:
        votes: How many are wanted.
        cached: How many were there already.
        calls: Calls that were made.
        made: Votes that came from them.
        missing: How many of these have no value, by judge.
        failed: Calls that failed; they are made again by the next run.
        error: What the last of them said.
        cost: US dollars, where prices are known.
    """

    votes: int = 0
    cached: int = 0
    calls: int = 0
    made: int = 0
    missing: dict[str, int] = field(default_factory=dict)
    failed: int = 0
    error: str = ""
    cost: float = 0.0

    def add(self, votes: Sequence[Vote]) -> None:
        """Count the votes of a call."""
        self.made += len(votes)
        self.calls += votes[0].asked
        self.cost += sum(vote.cost or 0.0 for vote in votes)
        for vote in votes:
            if vote.missing:
                self.missing[vote.judge] = self.missing.get(vote.judge, 0) + 1
        if votes[0].missing == "error":
            self.failed += 1
            self.error = f"{votes[0].judge}: {votes[0].raw:.200}"

    def record(self) -> dict[str, Any]:
        """As a JSON object."""
        return asdict(self)


class _Memory:
    """The store of the run in progress; opened with its first vote, so that a refused run leaves no file."""

    path: Path | None = None
    store: Store | None = None

    def opened(self) -> Store | None:
        if self.store is None and self.path is not None:
            self.store = Store(self.path)
        return self.store


_memory = _Memory()


@contextmanager
def remembering(path: Path) -> Iterator[None]:
    """Keep the votes of the tasks that run meanwhile in a store, so that none is paid twice.

    Args:
        path: The store's file.
    """
    _memory.path = path
    try:
        yield
    finally:
        if _memory.store is not None:
            _memory.store.close()
        _memory.path = _memory.store = None


async def judge_sample(
    state: TaskState, exhibits: Sequence[Exhibit], options: PanelOptions
) -> list[tuple[Exhibit, Vote]]:
    """Every judge of the role `judge` votes on what a sample has to be judged: for scorers.

    The exhibits are kept in the sample, so that it can be judged again without running the model again.

    Args:
        state: The sample.
        exhibits: What is judged.
        options: How.

    Returns:
        Each vote with its exhibit; empty if the role is not bound.

    Raises:
        InputError: A judge is the subject or of its family, without leave; an unknown rubric.
    """
    kept = [exhibit.model_dump(mode="json", exclude_defaults=True) for exhibit in exhibits]
    state.store.set(EXHIBITS, [*state.store.get(EXHIBITS, []), *kept])
    judges = options.judges(role_models(ROLE, options.allow_same, required=False))
    store = _memory.opened() if judges else None
    wanted = []
    for exhibit in exhibits:
        rubric = rubric_named(exhibit.rubric)
        for judge in judges:
            wanted += [(exhibit, judge, each) for each in questions(exhibit, rubric, judge.strictness, options.joint)]
    answers = await collect(*(vote_once(judge, question, state.epoch, store) for _, judge, question in wanted))
    return [(exhibit, vote) for (exhibit, _, _), votes in zip(wanted, answers, strict=True) for vote in votes]


def score_metadata(rows: Rows, votes: Sequence[tuple[Exhibit, Vote]]) -> dict[str, Any]:
    """The metadata of a score: the votes as rows of the long table, after the given ones, and in full."""
    for exhibit, vote in votes:
        rows.add(exhibit.arm, exhibit.turn, vote.measure, vote.value, vote.missing, vote.judge, vote.prompt_hash)
    full = [
        {"arm": exhibit.arm, "turn": exhibit.turn, "vote": vote.model_dump(mode="json", exclude_defaults=True)}
        for exhibit, vote in votes
    ]
    return {**rows.metadata(), VOTES: full}


async def vote_once(judge: Judge, question: Question, epoch: int, store: Store | None = None) -> list[Vote]:
    """The judge's votes from the store, or else from the judge; of all processes only one asks.

    Args:
        judge: Who votes.
        question: On what.
        epoch: Repeat.
        store: Where votes are kept; None = nowhere.
    """
    if store is None:
        return await ask(judge, question, epoch)
    while (votes := await try_vote(judge, question, epoch, store)) is None:
        await anyio.sleep(WAIT)
    return votes


async def try_vote(
    judge: Judge, question: Question, epoch: int, store: Store, done: Callable[[list[Vote]], None] | None = None
) -> list[Vote] | None:
    """The same, but None if somebody else is asking at this moment.

    Args:
        judge: As above, like the next three.
        question: On what.
        epoch: Repeat.
        store: Where votes are kept.
        done: Called with votes that were paid for.
    """
    keys = judge.keys(question, epoch)
    claim = store.claim(keys)
    if claim == "theirs":
        return None
    if claim == "done":
        known = store.get(keys)
        return [known[key] for key in keys]
    try:
        votes = await ask(judge, question, epoch)
    except BaseException:
        store.release(keys)
        raise
    store.put(votes)
    if done:
        done(votes)
    return votes
