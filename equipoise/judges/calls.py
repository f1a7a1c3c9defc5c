"""Calls to judges: each is made once, whoever asks; many are made at the same time."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, field
from functools import cached_property
from typing import Any

import anyio

from equipoise.judges.asking import Judge, ask
from equipoise.judges.prompt import Question
from equipoise.judges.store import Store
from equipoise.judges.vote import Vote

CONNECTIONS = 10
"""Calls at the same time per judge, if nothing else is said; Inspect's own default."""

WAIT = 0.05
"""Seconds between two looks for a vote that somebody else is asking for."""


@dataclass(frozen=True)
class Call:
    """One question to one judge.

    Attributes:
        judge: Who is asked.
        question: What.
        epoch: Repeat.
    """

    judge: Judge
    question: Question
    epoch: int = 1

    @cached_property
    def keys(self) -> tuple[str, ...]:
        """Keys of its votes."""
        return tuple(self.judge.keys(self.question, self.epoch))


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


Watch = Callable[[Tally], None]
"""Called whenever there are new votes."""


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


def make_calls(
    calls: Iterable[Call], store: Store, connections: int = CONNECTIONS, on_votes: Watch | None = None
) -> tuple[Tally, dict[tuple[str, ...], list[Vote]]]:
    """Make many calls at the same time; votes that the store has are not asked for again, equal calls are one.

    Args:
        calls: Who is asked what.
        store: Where votes are kept; what was interrupted goes on from there.
        connections: Calls at the same time per judge.
        on_votes: Called whenever there are new votes.

    Returns:
        What was done, and the votes by the keys of their calls, failed ones included.
    """
    return anyio.run(_make_calls, {call.keys: call for call in calls}, store, connections, on_votes)


async def _make_calls(
    calls: dict[tuple[str, ...], Call], store: Store, connections: int, on_votes: Watch | None
) -> tuple[Tally, dict[tuple[str, ...], list[Vote]]]:
    """Workers per judge take the open calls; a claim is made only when a worker is free for it."""
    keys = [key for call in calls for key in call]
    known = store.get(keys)
    tally = Tally(votes=len(keys), cached=len(known))
    found = {call: [known[key] for key in call] for call in calls if known.keys() >= set(call)}
    queues: dict[str, list[Call]] = {}
    for call in calls.values():
        if call.keys not in found:
            queues.setdefault(call.judge.name, []).append(call)
    if on_votes:
        on_votes(tally)

    def done(votes: list[Vote]) -> None:
        tally.add(votes)
        if on_votes:
            on_votes(tally)

    async def worker(queue: list[Call]) -> None:
        while queue:
            call = queue.pop()
            votes = await try_vote(call.judge, call.question, call.epoch, store, done)
            if votes is not None:
                found[call.keys] = votes
                continue
            queue.insert(0, call)  # another process is asking: come back when the rest is done
            await anyio.sleep(WAIT)

    async with anyio.create_task_group() as group:
        for queue in queues.values():
            queue.reverse()
            for _ in range(min(connections, len(queue))):
                group.start_soon(worker, queue)
    tally.cached = tally.votes - tally.made  # also what other processes paid for meanwhile
    return tally, found
