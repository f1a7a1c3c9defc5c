"""Ask judges many questions at the same time; what the store has is not asked for again."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import anyio

from equipoise.judges.agreement.resample import Estimate, Record
from equipoise.judges.asking import Judge
from equipoise.judges.panel import WAIT, Tally, try_vote
from equipoise.judges.probes.estimates import share
from equipoise.judges.prompt import Question, questions
from equipoise.judges.rubric import rubric_named
from equipoise.judges.store import Store
from equipoise.judges.vote import Exhibit, Vote

CONNECTIONS = 10
"""Calls at the same time per judge, if nothing else is said; Inspect's own default."""

Watch = Callable[[Tally], None]
"""Called whenever there are new votes."""


@dataclass(frozen=True)
class Missing(Record):
    """How often a judge gave no readable vote in a probe.

    Attributes:
        judge: Its name.
        asked: Votes that it was asked for, equal questions counted once.
        reasons: How many of them are missing, by reason (`unparsed`, `refused`, `error`).
        rate: Share of missing ones, Wilson interval.
    """

    judge: str
    asked: int
    reasons: dict[str, int]
    rate: Estimate


def ask_all(
    work: Iterable[tuple[Judge, Question]], store: Store, connections: int = CONNECTIONS, on_votes: Watch | None = None
) -> list[list[Vote]]:
    """The judges' votes on the questions; equal questions are asked once.

    Args:
        work: Who is asked what.
        store: Where votes are kept; an interrupted probe goes on from there.
        connections: Calls at the same time per judge.
        on_votes: As in `rejudge`.

    Returns:
        The votes of each question, in the order of `work`.
    """
    pairs = list(work)
    keys = [tuple(judge.keys(question, epoch=1)) for judge, question in pairs]
    found: dict[tuple[str, ...], list[Vote]] = {}
    anyio.run(_ask_all, dict(zip(keys, pairs, strict=True)), found, store, connections, on_votes)
    return [found[key] for key in keys]


async def _ask_all(
    wanted: dict[tuple[str, ...], tuple[Judge, Question]], found: dict[tuple[str, ...], list[Vote]], store: Store,
    connections: int, on_votes: Watch | None,
) -> None:  # fmt: skip
    votes = [key for keys in wanted for key in keys]
    tally = Tally(votes=len(votes), cached=len(store.get(votes)))
    limits = {judge.name: anyio.CapacityLimiter(connections) for judge, _ in wanted.values()}

    def done(votes: list[Vote]) -> None:
        tally.add(votes)
        if on_votes:
            on_votes(tally)

    async def ask_one(keys: tuple[str, ...], judge: Judge, question: Question) -> None:
        async with limits[judge.name]:
            while (votes := await try_vote(judge, question, 1, store, done)) is None:
                await anyio.sleep(WAIT)  # another process is asking
        found[keys] = votes

    if on_votes:
        on_votes(tally)
    async with anyio.create_task_group() as group:
        for keys, (judge, question) in wanted.items():
            group.start_soon(ask_one, keys, judge, question)


def missing_votes(votes: Iterable[Vote]) -> list[Missing]:
    """The missing rate of each judge over the votes of a probe, equal votes counted once."""
    by_judge: dict[str, dict[str, Vote]] = {}
    for vote in votes:
        by_judge.setdefault(vote.judge, {})[vote.key] = vote
    return [_missing(judge, list(own.values())) for judge, own in by_judge.items()]


def _missing(judge: str, votes: Sequence[Vote]) -> Missing:
    reasons = Counter(str(vote.missing) for vote in votes if vote.missing)
    return Missing(judge, len(votes), dict(sorted(reasons.items())), share(bool(vote.missing) for vote in votes))


def question_on(
    judge: Judge, rubric: str, fields: dict[str, str], criteria: Sequence[str] = (), fenced: bool = True
) -> Question:
    """A question with one vote, on texts that belong to no sample."""
    exhibit = Exhibit(rubric=rubric, arm="probe", turn=0, fields=fields, criteria=tuple(criteria))
    (question,) = questions(exhibit, rubric_named(rubric), judge.strictness, fenced=fenced)
    return question
