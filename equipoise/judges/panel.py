"""A panel: every judge votes on every exhibit, at the same time, and no vote is paid twice."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from inspect_ai.model import Model
from inspect_ai.solver import TaskState
from inspect_ai.util import collect
from pydantic import BaseModel, ConfigDict, Field

from equipoise.errors import InputError
from equipoise.harness.roles import role_models
from equipoise.harness.table.rows import Rows
from equipoise.judges.asking import MOST_TOKENS, Judge
from equipoise.judges.calls import vote_once
from equipoise.judges.prompt import questions, strictnesses
from equipoise.judges.rubric import rubric_named
from equipoise.judges.store import Store
from equipoise.judges.vote import EXHIBITS, VOTES, Exhibit, Vote

ROLE = "judge"
"""Name of the model role; it may be bound to a list."""


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
