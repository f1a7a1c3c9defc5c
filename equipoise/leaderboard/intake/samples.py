"""The samples of a log against the edition: all of them, none changed, and what the protocol makes of their replies."""

import hashlib
import json
import math
import zipfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from inspect_ai import Task
from inspect_ai.dataset import Sample
from inspect_ai.event import ModelEvent
from inspect_ai.log import (
    EvalLog,
    EvalSample,
    read_eval_log,
    read_eval_log_sample_summaries,
    read_eval_log_samples_by_id,
)
from inspect_ai.model import GenerateConfig

from equipoise.errors import InputError
from equipoise.harness.table import MISSING, sample_rows
from equipoise.harness.table.rows import Row
from equipoise.harness.transcripts import lines_by_arm
from equipoise.judges import Exhibit, exhibits_of
from equipoise.leaderboard.edition import Edition, FrozenTask
from equipoise.leaderboard.freezing import sample_hash
from equipoise.leaderboard.intake.replay import Replayed, first_difference, replay
from equipoise.leaderboard.intake.votes import Ballot, said_by_judges, verified

BATCH = 128
"""Samples that are in memory at a time, at most."""

BATCH_BYTES = 32_000_000
"""Of them, as JSON; a larger one is read alone."""

MOST_REPLY = 400_000
"""Characters of a recorded reply."""

Place = tuple[str, int]


@dataclass
class Read:
    """What a log's samples gave.

    Attributes:
        found: Every sample, without its events, with its rows.
        dialogues: Item, arm, epoch and JSON lines of every dialogue.
        problems: Field and message.
        lost: Samples that ended with an error or at a limit.
        marks: Hashes of what was recorded, to tell a log that was submitted before.
    """

    found: list[tuple[EvalSample, list[Row]]] = field(default_factory=list)
    dialogues: list[tuple[str, str, int, str]] = field(default_factory=list)
    problems: list[tuple[str, str]] = field(default_factory=list)
    lost: int = 0
    marks: list[str] = field(default_factory=list)


def read_log(path: Path) -> EvalLog:
    """A log that was checked as an archive: whole if it is small, which is faster, else its header.

    Raises:
        InputError: It cannot be read.
    """
    small = sum(_sizes(path).values()) <= BATCH_BYTES
    try:
        return read_eval_log(str(path), header_only=not small, resolve_attachments="core")
    except Exception as error:
        raise unreadable(error, path) from None


def read_samples(
    path: Path, header: EvalLog, frozen: FrozenTask, task: Task | None, edition: Edition, ballot: Ballot
) -> Read:
    """Read, compare and replay all samples of a log.

    Args:
        path: The log.
        header: From `read_log`, checked.
        frozen: The edition's task.
        task: Built from the edition, to be replayed; None = take the rows as they were scored.
        edition: For its panel.
        ballot: Votes that were added to the log.

    Raises:
        InputError: A sample cannot be read.
    """
    read = Read()
    wanted = {(id, epoch) for id in frozen.samples for epoch in range(1, frozen.epochs + 1)}
    sizes = _sizes(path)
    whole = header.samples
    there = [(sample.id, sample.epoch) for sample in whole] if whole is not None else _listed(path)
    counts = Counter((str(id), epoch) for id, epoch in there)
    read.problems += [(_at(place), "is there twice") for place, count in counts.items() if count > 1]
    read.problems += [(_at(place), "is no sample of this edition") for place in sorted(counts.keys() - wanted)]
    read.problems += [(_at(place), "is missing") for place in sorted(wanted - counts.keys())]
    strange = sizes.keys() - {_member(id, epoch) for id, epoch in there}
    read.problems += [(name, "holds a sample of another name") for name in sorted(strange)]
    if read.problems:
        return read
    for samples in [whole] if whole is not None else _batches(path, there, sizes):
        _read_batch(samples, header, frozen, task, edition, ballot, read)
    nowhere = ballot.votes.keys() - wanted
    read.problems += [(_at(place), "there are votes on it, and no such sample") for place in sorted(nowhere)]
    return read


def _sizes(path: Path) -> dict[str, int]:
    """Unpacked bytes of each sample, by the name of its file in the log; the archive was checked before."""
    with zipfile.ZipFile(path) as archive:
        members = archive.infolist()
    return {member.filename: member.file_size for member in members if member.filename.startswith("samples/")}


def _member(id: str | int, epoch: int) -> str:
    return f"samples/{id}_epoch_{epoch}.json"


def _listed(path: Path) -> list[tuple[str | int, int]]:
    """Ids and epochs of the samples that a log says it has."""
    try:
        return [(summary.id, summary.epoch) for summary in read_eval_log_sample_summaries(str(path))]
    except Exception as error:
        raise unreadable(error, path) from None


def _batches(
    path: Path, there: Sequence[tuple[str | int, int]], sizes: Mapping[str, int]
) -> Iterator[list[EvalSample]]:
    """The samples of a large log, some at a time.

    Raises:
        InputError: A sample cannot be read, or is not the one that was listed.
    """
    for batch in _divided(there, sizes):
        try:
            samples = read_eval_log_samples_by_id(str(path), batch, resolve_attachments="core")
        except Exception as error:
            raise unreadable(error, path) from None
        if [(sample.id, sample.epoch) for sample in samples] != batch:
            raise InputError("the log's summaries and samples do not name the same samples", path=path)
        yield samples


def _divided(there: Sequence[tuple[str | int, int]], sizes: Mapping[str, int]) -> Iterator[list[tuple[str | int, int]]]:
    """Samples to be read together."""
    batch: list[tuple[str | int, int]] = []
    total = 0
    for id, epoch in there:
        size = sizes.get(_member(id, epoch), 0)
        if batch and (len(batch) == BATCH or total + size > BATCH_BYTES):
            yield batch
            batch, total = [], 0
        batch.append((id, epoch))
        total += size
    if batch:
        yield batch


def unreadable(error: Exception, path: Path) -> InputError:
    """Zip, JSON and pydantic errors alike: a log that we cannot read."""
    first = (str(error).splitlines() or [""])[0]
    return InputError(f"is not a readable Inspect log ({type(error).__name__}: {first[:120]!a})", path=path)


def _read_batch(
    samples: Sequence[EvalSample], header: EvalLog, frozen: FrozenTask, task: Task | None, edition: Edition,
    ballot: Ballot, read: Read,
) -> None:  # fmt: skip
    whole: list[EvalSample] = []
    for sample in samples:
        if problem := _altered(sample, frozen):
            read.problems.append((_at((str(sample.id), sample.epoch)), problem))
        elif sample.error or sample.limit:
            read.lost += 1
            read.found.append((light(sample), list(sample_rows(sample))))
        else:
            whole.append(sample)
    again = replay(task, header.eval, whole, set_for(header)) if task else map(_as_it_stands, whole)
    for sample, replayed in zip(whole, again, strict=True):
        at = _at((str(sample.id), sample.epoch))
        problem = replayed.problem or _scored_otherwise(sample, replayed) or ballot.take(sample)
        if problem:
            read.problems.append((at, problem))
            continue
        votes, problems = _votes(sample, replayed.exhibits, edition, ballot)
        read.problems += [(at, problem) for problem in problems]
        read.found.append((light(sample), [*replayed.rows, *votes]))
        read.dialogues += _dialogues(sample, replayed)
        read.marks.append(_mark(sample))


def set_for(header: EvalLog) -> GenerateConfig:
    """What a log says was set for all calls of the subject."""
    return header.eval.model_generate_config.merge(header.plan.config)


def _scored_otherwise(sample: EvalSample, replayed: Replayed) -> str:
    """The first score that the replay does not give; empty if there is none."""
    try:
        logged = [row for row in sample_rows(sample) if not row.judge]
        return first_difference(logged, replayed.rows)
    except Exception as error:  # whatever stands where scores should be
        return f"its scores cannot be read ({type(error).__name__})"


def _votes(
    sample: EvalSample, exhibits: Sequence[Exhibit], edition: Edition, ballot: Ballot
) -> tuple[list[Row], list[str]]:
    if not edition.spec.panel.judges:
        return [], []  # votes of other panels are no part of this edition
    given = ballot.votes.get((str(sample.id), sample.epoch), [])
    said = {} if ballot.final else said_by_judges(sample)
    return verified(exhibits, given, edition, sample.epoch, said)


def _altered(sample: EvalSample, frozen: FrozenTask) -> str:
    """What of a sample is not the edition's; empty if nothing is."""
    asked = Sample(
        input=sample.input, choices=sample.choices, target=sample.target, id=sample.id, metadata=sample.metadata
    )
    try:
        asks = sample_hash(asked)
    except (RecursionError, ValueError, TypeError) as error:
        return f"its question, answer or notes cannot be read ({type(error).__name__})"
    if asks != frozen.samples[str(sample.id)]:
        return "its question, answer or notes are not the edition's"
    if any(len(event.output.completion) > MOST_REPLY for event in sample.events if isinstance(event, ModelEvent)):
        return f"a recorded reply has more than {MOST_REPLY:,} characters"
    return ""


def _as_it_stands(sample: EvalSample) -> Replayed:
    """A sample that is not run again: whatever stands in its scores must still be rows."""
    try:
        found = Replayed(exhibits=exhibits_of(sample), store=dict(sample.store))
        for row in sample_rows(sample):
            if not row.judge:
                found.rows.append(_plain_row(row))
        lines_by_arm(found.store)
    except Exception as error:
        return Replayed(problem=f"its scores or notes cannot be read ({type(error).__name__}: {error})")
    return found


def _plain_row(row: Row) -> Row:
    """A row of the types that the long table has.

    Raises:
        ValueError: It is none.
    """
    texts = (row.arm, row.measure)
    whole = isinstance(row.turn, int) and not isinstance(row.turn, bool) and 0 <= row.turn < 1_000_000
    number = isinstance(row.value, int | float) and (math.isfinite(row.value) != bool(row.missing))
    if not whole or not number or row.missing not in MISSING or any(not isinstance(text, str) for text in texts):
        raise ValueError("expected rows of the long table")
    return row._replace(value=float(row.value))


def light(sample: EvalSample) -> EvalSample:
    """A sample without what the long table does not need."""
    return sample.model_copy(update={"events": [], "messages": [], "store": {}, "attachments": {}, "scores": {}})


def _dialogues(sample: EvalSample, replayed: Replayed) -> Iterator[tuple[str, str, int, str]]:
    item = str(sample.metadata.get("item", sample.id))
    for arm, lines in lines_by_arm(replayed.store).items():
        shown = [{"speaker": li.speaker, "turn": li.turn, "text": li.text, "label": li.label} for li in lines]
        yield item, arm, sample.epoch, json.dumps(shown, ensure_ascii=False)


def _mark(sample: EvalSample) -> str:
    """A hash of the sample's recorded calls with their times: another run never has the same."""
    calls = [(e.uuid or "", str(e.timestamp), e.output.completion) for e in sample.events if isinstance(e, ModelEvent)]
    return hashlib.sha256(json.dumps([str(sample.id), sample.epoch, calls]).encode()).hexdigest()[:16]


def _at(place: Place) -> str:
    return f"sample {place[0]}, epoch {place[1]}"
