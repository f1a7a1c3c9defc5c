"""Add votes to the transcripts of finished logs, paying only for what is not there yet."""

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from inspect_ai.log import (
    EvalLog,
    EvalSample,
    read_eval_log,
    read_eval_log_sample_summaries,
    read_eval_log_samples_by_id,
)

from equipoise.errors import InputError
from equipoise.harness.roles import check_apart, check_role, logged_roles
from equipoise.harness.table import log_files, read_header
from equipoise.judges.asking import Judge
from equipoise.judges.calls import CONNECTIONS, Call, Tally, Watch, make_calls
from equipoise.judges.panel import ROLE, PanelOptions
from equipoise.judges.prompt import questions
from equipoise.judges.rubric import Rubric, rubric_named
from equipoise.judges.store import Place, Store, store_path
from equipoise.judges.vote import EXHIBITS, VOTES, Exhibit, Vote

HEAVY = {"messages", "events", "attachments", "output", "setup"}
"""Parts of a sample that judging does not need."""

BATCH = 256
"""Samples that are read at a time."""


@dataclass(frozen=True)
class Judgeable:
    """One exhibit of a finished sample, and where it is."""

    log: str
    sample: str
    epoch: int
    exhibit: Exhibit
    rubric: Rubric

    def place(self, key: str) -> Place:
        """Where a vote on it belongs."""
        return Place(self.log, self.sample, self.epoch, self.exhibit.arm, self.exhibit.turn, key)


def rejudge(
    logs: Path,
    judges: Sequence[Judge],
    options: PanelOptions,
    rubrics: Sequence[Rubric] = (),
    dimensions: Sequence[str] = (),
    connections: int = CONNECTIONS,
    retry_missing: bool = False,
    on_votes: Watch | None = None,
    take_logged: bool = True,
) -> Tally:
    """Every judge votes on every exhibit of the logs; votes that the store beside them has are not asked for again.

    Args:
        logs: Log, folder of logs, or run folder.
        judges: The panel.
        options: How the panel is asked.
        rubrics: Rubrics that stand in for shipped ones of their name, or are asked in addition, about every exhibit
            that has the texts they show. Empty = the ones that the tasks named.
        dimensions: Only these dimensions (or measures that start with `DIMENSION.`); empty = all.
        connections: Calls at the same time per judge.
        retry_missing: Ask again where a judge gave no readable vote.
        on_votes: Called whenever there are new votes.
        take_logged: Whether votes in the logs count as given; not where somebody else wrote them.

    Returns:
        What was done.

    Raises:
        InputError: No logs, nothing to judge in them, or a judge is a subject or of its family without leave.
    """
    files = log_files(logs)
    for file in files:
        _check_judges(read_header(file), [str(judge.model) for judge in judges], options.allow_same)
    with Store(store_path(logs)) as store:
        found: list[Judgeable] = []
        for file in files:
            for batch in finished_samples(file):
                if take_logged:
                    keep_votes(file, batch, store)
                found += judgeable(file, batch, rubrics, dimensions)
        if not found:
            raise InputError(f"holds nothing that these rubrics could judge; {_there_is(files)}", path=logs)
        work = _work(found, judges, options, store)
        if retry_missing:
            known = store.get([key for call in work for key in call.keys])
            store.forget([key for key, vote in known.items() if vote.missing])
        return make_calls(work, store, connections, on_votes)[0]


def _check_judges(log: EvalLog, judges: Sequence[str], allow_same: bool) -> None:
    """Refuse judges that are the subject, or play another role that the task keeps apart from judging."""
    check_role(ROLE, judges, log.eval.model, allow_same)
    for pair in (log.eval.metadata or {}).get("separate_roles", []):
        for other in (role for role in pair if ROLE in pair and role != ROLE):
            check_apart(ROLE, judges, other, logged_roles(log.eval).get(other, []), allow_same)


def judgeable(
    file: str, samples: Sequence[EvalSample], rubrics: Sequence[Rubric], dimensions: Sequence[str]
) -> Iterator[Judgeable]:
    """The exhibits of finished samples, each with the rubric that it is judged by."""
    instead = {rubric.name: rubric for rubric in rubrics}
    for sample in samples:
        for exhibit in exhibits_of(sample):
            for rubric in _rubrics_for(exhibit, instead):
                if not dimensions or {rubric.dimension, exhibit.measure} & set(dimensions):
                    chosen = exhibit if rubric.name == exhibit.rubric else _reread(exhibit, rubric)
                    yield Judgeable(Path(file).name, str(sample.id), sample.epoch, chosen, rubric)


def _there_is(files: Iterable[str]) -> str:
    """What logs hold to be judged, in words."""
    samples = (sample for file in files for batch in finished_samples(file) for sample in batch)
    shown = [exhibit for sample in samples for exhibit in exhibits_of(sample)]
    if not shown:
        return "its tasks kept nothing to be judged"
    dimensions = {each.measure or rubric_named(each.rubric).dimension for each in shown}
    fields = {name for each in shown for name in each.fields}
    return f"there are the dimensions {', '.join(sorted(dimensions))} and the fields {', '.join(sorted(fields))}"


def exhibits_of(sample: EvalSample) -> list[Exhibit]:
    """What a task left in a sample to be judged."""
    return [Exhibit.model_validate(record) for record in sample.store.get(EXHIBITS, [])]


def keep_votes(file: str, samples: Iterable[EvalSample], store: Store) -> None:
    """Take the votes that scorers left in a log into the store: they are paid."""
    placed = [(sample, place, vote) for sample in samples for place, vote in _votes_in(sample)]
    if placed:
        store.add(vote for _, _, vote in placed)
        store.place(
            [Place(Path(file).name, str(s.id), s.epoch, *place, vote.key) for s, place, vote in placed], since=0.0
        )


def _votes_in(sample: EvalSample) -> Iterator[tuple[tuple[str, int], Vote]]:
    for score in (sample.scores or {}).values():
        for record in (score.metadata or {}).get(VOTES, []):
            yield (record["arm"], record["turn"]), Vote.model_validate(record["vote"])


def finished_samples(file: str) -> Iterator[list[EvalSample]]:
    """The finished samples of a log, some at a time, without what judging does not need.

    A sample that ended with an error or at a limit has nothing to be judged.
    """
    if file.endswith(".json"):
        yield [sample for sample in read_eval_log(file).samples or [] if not (sample.error or sample.limit)]
        return
    summaries = read_eval_log_sample_summaries(file)
    wanted = [(each.id, each.epoch) for each in summaries if each.completed and not (each.error or each.limit)]
    for start in range(0, len(wanted), BATCH):
        yield list(read_eval_log_samples_by_id(file, wanted[start : start + BATCH], exclude_fields=HEAVY))


def _rubrics_for(exhibit: Exhibit, instead: Mapping[str, Rubric]) -> list[Rubric]:
    if not instead:
        return [rubric_named(exhibit.rubric)]
    if exhibit.rubric in instead:
        return [instead[exhibit.rubric]]
    return [rubric for rubric in instead.values() if set(rubric.fields) <= set(exhibit.fields)]


def _reread(exhibit: Exhibit, rubric: Rubric) -> Exhibit:
    """An exhibit as material of another rubric: all its criteria, its own dimension; a condition (`_swapped`) stays."""
    condition = exhibit.measure.removeprefix(rubric_named(exhibit.rubric).dimension)
    measure = f"{rubric.dimension}_{condition.strip('_')}" if condition else ""
    return exhibit.model_copy(update={"rubric": rubric.name, "criteria": (), "measure": measure})


def _work(found: Sequence[Judgeable], judges: Sequence[Judge], options: PanelOptions, store: Store) -> list[Call]:
    """The calls that the panel needs; the places of all votes are remembered."""
    calls, places = [], []
    for entry in found:
        for judge in judges:
            for question in questions(entry.exhibit, entry.rubric, judge.strictness, options.joint):
                calls.append(Call(judge, question, entry.epoch))
                places += [entry.place(key) for key in calls[-1].keys]
    store.place(places, time.time())
    return calls
