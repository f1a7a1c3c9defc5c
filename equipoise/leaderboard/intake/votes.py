"""Votes of a submission, read again: each must be the panel's, on what was really said, and mean what its text says."""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from inspect_ai.event import ModelEvent
from inspect_ai.log import EvalSample
from pydantic import BaseModel, ConfigDict, ValidationError

from equipoise.errors import InputError
from equipoise.harness.table.rows import Row
from equipoise.judges import ROLE, VOTES, Exhibit, Question, Vote, questions, rubric_named
from equipoise.judges.asking import read_votes
from equipoise.judges.names import model_of, split_name
from equipoise.leaderboard.edition import Edition

MOST_LINE = 1_000_000
"""Bytes of a line of `votes.jsonl`."""

MOST_VOTES = 500_000
"""In `votes.jsonl`."""

Said = dict[tuple[str, str], set[str]]
"""What judges replied in a log's own calls, by model and prompt."""

Place = tuple[str, int]
"""Sample id and epoch."""


class PlacedVote(BaseModel):
    """A line of `votes.jsonl`: a vote, and what it is on.

    Attributes:
        log: Name of the log's file.
        sample, epoch, arm, turn: Where in the log.
        vote: The vote with the judge's own words.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    log: str
    sample: str
    epoch: int
    arm: str
    turn: int
    vote: Vote


@dataclass
class Ballot:
    """The votes on one log.

    Attributes:
        votes: By sample and epoch; the latest last.
        final: Whether they are the board's own, beside which those in the log do not count.
    """

    votes: dict[Place, list[tuple[str, int, Vote]]] = field(default_factory=lambda: defaultdict(list))
    final: bool = False

    def add(self, sample: str, epoch: int, arm: str, turn: int, vote: Vote) -> None:
        """One more."""
        self.votes[sample, epoch].append((arm, turn, vote))

    def take(self, sample: EvalSample) -> str:
        """Those that a log's own scorer asked for; they came before any others.

        Returns:
            Why they cannot be read; empty if they can.
        """
        if self.final:
            return ""
        try:
            found = [
                (str(record["arm"]), int(record["turn"]), Vote.model_validate(record["vote"]))
                for score in (sample.scores or {}).values()
                for record in (score.metadata or {}).get(VOTES, [])
            ]
        except (KeyError, TypeError, ValueError, OverflowError) as error:
            return f"its votes cannot be read ({type(error).__name__})"
        place = str(sample.id), sample.epoch
        self.votes[place] = [*found, *self.votes[place]]
        return ""


def read_votes_file(path: Path) -> dict[str, Ballot]:
    """`votes.jsonl` by log.

    Raises:
        InputError: A line that is no vote.
    """
    found: dict[str, Ballot] = defaultdict(Ballot)
    with path.open("rb") as file:
        for number, line in enumerate(iter(lambda: file.readline(MOST_LINE + 1), b""), 1):
            if len(line) > MOST_LINE:
                raise InputError(f"the line has more than {MOST_LINE:,} bytes", path=path, line=number)
            try:
                placed = PlacedVote.model_validate_json(line)
            except ValidationError as error:
                first = error.errors(include_url=False)[0]
                where = ".".join(map(str, first["loc"])) or None
                raise InputError(first["msg"][:160], path=path, line=number, field=where) from None
            if number > MOST_VOTES:
                raise InputError(f"holds more than {MOST_VOTES:,} votes", path=path, line=number)
            found[placed.log].add(placed.sample, placed.epoch, placed.arm, placed.turn, placed.vote)
    return found


def said_by_judges(sample: EvalSample) -> Said:
    """What judges replied in the recorded calls of a sample."""
    found: Said = defaultdict(set)
    for event in sample.events:
        if isinstance(event, ModelEvent) and event.role == ROLE and event.input and not event.error:
            found[event.model, event.input[0].text].add(event.output.completion)
    return found


def verified(
    exhibits: Sequence[Exhibit], votes: Iterable[tuple[str, int, Vote]], edition: Edition, epoch: int, said: Said
) -> tuple[list[Row], list[str]]:
    """The panel's votes on a sample as rows, and what is wrong with them.

    Args:
        exhibits: What there is to be judged, from the replay.
        votes: Arm, turn and vote; of several on one thing the last counts, and may not overrule a vote on the same.
        edition: Whose panel and prompts.
        epoch: Of the sample.
        said: What judges replied in the log's own calls.
    """
    wanted = {key: question for exhibit in exhibits for key, question in _wanted(exhibit, edition)}
    latest: dict[tuple[str, int, str, str], Vote] = {}
    problems = []
    for arm, turn, vote in votes:
        if vote.judge not in edition.spec.panel.judges:
            problems.append(f"a vote by {vote.judge!a}, which is not on the panel of this edition")
        elif (key := (arm, turn, vote.judge, vote.measure)) not in wanted:
            problems.append(f"a vote on {vote.measure!a} of arm {arm!a}, where there is nothing to be judged")
        elif _overrules(vote, latest.get(key)):
            problems.append(f"two votes by {vote.judge!a} on one text, and they differ (arm {arm!a}, turn {turn})")
        else:
            latest[key] = vote
    rows = []
    for key, question in wanted.items():
        arm, turn, judge, measure = key
        given = latest.get(key)
        problem = f"no vote by {judge!a} on {measure}" if given is None else _fault(given, question, epoch, said)
        if problem or given is None:
            problems.append(f"{problem} (arm {arm!a}, turn {turn})")
        else:
            value = float("nan") if given.value is None else given.value
            rows.append(Row(arm, turn, measure, value, given.missing, judge, given.prompt_hash))
    return rows, problems


def _overrules(vote: Vote, before: Vote | None) -> bool:
    """Whether a judge is asked again until it pleases: only a call that failed gives way to another."""
    same = before is not None and before.key == vote.key and before.missing != "error"
    return same and before is not None and (before.value, before.missing) != (vote.value, vote.missing)


def _wanted(exhibit: Exhibit, edition: Edition) -> Iterator[tuple[tuple[str, int, str, str], Question]]:
    """Every vote that the panel owes on an exhibit, with its question."""
    rubric = rubric_named(exhibit.rubric)
    for judge in edition.spec.panel.judges:
        for question in questions(exhibit, rubric, split_name(judge)[1], edition.spec.panel.joint):
            for unit in question.units:
                yield (exhibit.arm, exhibit.turn, judge, unit.measure), question


def _fault(vote: Vote, question: Question, epoch: int, said: Said) -> str:
    """Why a vote is not what its judge says there; empty if it is."""
    if vote.prompt_hash != question.prompt_hash:
        return f"a vote by {vote.judge!a} on another prompt than this edition's"
    if vote.material_hash != question.material_hash:
        return f"a vote by {vote.judge!a} on another text than the transcript's"
    if vote.epoch != epoch:
        return f"a vote by {vote.judge!a} of epoch {vote.epoch}"
    if vote.missing == "error":
        return f"the call to {vote.judge!a} failed; ask again (equipoise judge)"
    unit = next(unit for unit in question.units if unit.measure == vote.measure)
    choice = read_votes(vote.raw, question)[unit.label]
    value = None if choice is None else unit.value(choice)
    if value != vote.value:
        return f"{vote.judge!a} is said to vote {vote.value}, its text says {value}"
    if (value is None) != (vote.missing in ("unparsed", "refused")):
        return f"{vote.judge!a} is said to vote {vote.value}, with {vote.missing!r} as the reason why it is missing"
    replies = said.get((model_of(vote.judge), question.prompt))
    if replies and vote.raw not in replies:
        return f"a vote by {vote.judge!a} whose text is not what the log's call to it gave"
    return ""


def vote_line(log: str, sample: str, epoch: int, arm: str, turn: int, vote: Vote) -> str:
    """A line of `votes.jsonl`."""
    placed: dict[str, Any] = {"log": log, "sample": sample, "epoch": epoch, "arm": arm, "turn": turn}
    placed["vote"] = vote.model_dump(mode="json", exclude_defaults=True)
    return json.dumps(placed, ensure_ascii=False, sort_keys=True)
