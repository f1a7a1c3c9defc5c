"""Ask judges many questions at the same time; what the store has is not asked for again."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from equipoise.judges.agreement.resample import Estimate, Record
from equipoise.judges.asking import Judge
from equipoise.judges.calls import CONNECTIONS, Call, Watch, make_calls
from equipoise.judges.probes.estimates import share
from equipoise.judges.prompt import Question, questions
from equipoise.judges.rubric import rubric_named
from equipoise.judges.store import Store
from equipoise.judges.vote import Exhibit, Vote


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
        on_votes: Called whenever there are new votes.

    Returns:
        The votes of each question, in the order of `work`.
    """
    calls = [Call(judge, question) for judge, question in work]
    _, found = make_calls(calls, store, connections, on_votes)
    return [found[call.keys] for call in calls]


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
