"""From Inspect logs to the long table. The only place that reads logs for numbers."""

import hashlib
import json
import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from inspect_ai.log import (
    EvalLog,
    EvalSample,
    EvalSampleSummary,
    list_eval_logs,
    read_eval_log,
    read_eval_log_sample_summaries,
    read_eval_log_samples_by_id,
)

from equipoise.errors import InputError
from equipoise.harness.metadata import model_revision
from equipoise.harness.table.rows import Row, has_rows, is_cut, rows_of
from equipoise.harness.table.schema import COLUMNS, conform

HEAVY = {"messages", "events", "store", "attachments", "output", "setup"}
"""Parts of a sample that the table does not need."""

BATCH = 256
"""Full samples read at a time: memory stays bounded by this, not by the log."""

Sample = EvalSample | EvalSampleSummary
Seen = set[tuple[int | str, int]]

VoteSource = Callable[[str], dict[tuple[str, int], list[Row]]]
"""(log file) -> the judges' rows of its samples, by sample id and epoch."""

_vote_sources: list[VoteSource] = []


def register_votes(source: VoteSource) -> None:
    """Votes that were added to finished logs; they take the place of the votes in the log, sample by sample."""
    _vote_sources.append(source)


def build_table(logs: Path, on_log: Callable[[str], None] | None = None) -> pd.DataFrame:
    """The long table of a log file or of every log under a folder.

    Rows come from the scores whose metadata carry them (`equipoise.harness.table.rows`); scores of other tasks give
    one row each, measured by the scorer's name. A sample that ended with an error, or at a limit, has missing rows.
    Where several logs are attempts at the same task (a resumed run), each sample counts once, from the newest.

    Args:
        logs: A `.eval` or `.json` log, or a folder with logs at any depth.
        on_log: Called with each log's name before it is read.

    Raises:
        InputError: No logs there, or one that cannot be read.
    """
    frames = []
    seen: dict[str, Seen] = defaultdict(set)
    headers = [(file, read_header(file)) for file in log_files(logs)]
    for file, header in sorted(headers, key=lambda entry: entry[1].eval.created, reverse=True):
        if on_log:
            on_log(Path(file).name)
        frames.append(_log_frame(file, header, seen[header.eval.task_id]))
    kept = [frame for frame in frames if len(frame)]
    if not kept:
        raise InputError("the logs hold no scored sample", path=logs)
    return conform(_concat(kept), logs)


def log_files(logs: Path) -> list[str]:
    """Names of the logs at a path, sorted."""
    if logs.is_file():
        return [str(logs)]
    files = sorted(info.name for info in list_eval_logs(str(logs))) if logs.is_dir() else []
    if not files:
        raise InputError("no .eval or .json logs found", path=logs)
    return [file.removeprefix("file://") for file in files]


def read_header(file: str) -> EvalLog:
    """A log's header; a log that cannot be read is an `InputError`."""
    try:
        return read_eval_log(file, header_only=True)
    except Exception as error:
        raise _unreadable(error, file) from None


def _unreadable(error: Exception, file: str) -> InputError:
    """Zip, JSON and pydantic errors alike: the file is not a log that we can read."""
    first = (str(error).splitlines() or [type(error).__name__])[0]
    return InputError(f"is not a readable Inspect log ({type(error).__name__}: {first:.120})", path=file)


def _log_frame(file: str, header: EvalLog, seen: Seen) -> pd.DataFrame:
    """The rows of one log's samples that are not in `seen` yet; they are added to it."""
    found: list[tuple[Sample, tuple[Row, ...]]] = []
    votes = {place: rows for source in _vote_sources for place, rows in source(file).items()}
    for sample in _samples(file):
        if (sample.id, sample.epoch) in seen:
            continue
        seen.add((sample.id, sample.epoch))
        rows = tuple(sample_rows(sample))
        if added := votes.get((str(sample.id), sample.epoch)):
            rows = (*(row for row in rows if not row.judge), *added)
        found.append((sample, rows))
    return frame_of([(header, file, found)])


def frame_of(logs: Sequence[tuple[EvalLog, str, Sequence[tuple[Sample, Sequence[Row]]]]]) -> pd.DataFrame:
    """The long table of logs, each a header, a file name, and samples with their rows; text columns are categories."""
    found = [rows for _, _, samples in logs for _, rows in samples]
    about = [_about(sample) for _, _, samples in logs for sample, _ in samples]
    log = np.repeat(np.arange(len(logs)), [len(samples) for _, _, samples in logs])
    return _frame([_common(header, file) for header, file, _ in logs], log, found, about)


def _samples(file: str) -> Iterator[Sample]:
    """The finished samples: from the log's summaries, or read in full where a summary dropped rows for their size."""
    try:
        if file.endswith(".json"):
            yield from read_eval_log(file).samples or []
            return
        cut = []
        for summary in read_eval_log_sample_summaries(file):
            if any(is_cut(score.metadata) for score in (summary.scores or {}).values()):
                cut.append((summary.id, summary.epoch))
            else:
                yield summary
        for start in range(0, len(cut), BATCH):
            yield from read_eval_log_samples_by_id(file, cut[start : start + BATCH], exclude_fields=HEAVY)
    except Exception as error:
        raise _unreadable(error, file) from None


def _about(sample: Sample) -> tuple[str, str, str, str, int]:
    """Item, its content hash, family, domain and epoch."""
    said = sample.metadata
    item = str(said.get("item", sample.id))
    hashed, family, domain = said.get("item_hash", ""), said.get("family", item), said.get("domain", "")
    return item, str(hashed), str(family), str(domain), sample.epoch


def sample_rows(sample: Sample) -> Iterator[Row]:
    """The rows of all of a sample's scores."""
    reason = "limit" if sample.limit else "error" if sample.error else ""
    if reason:
        for arm in sample.metadata.get("arm_names", [""]):
            yield Row(arm, 0, "sample", math.nan, reason)
        return
    for name, score in (sample.scores or {}).items():
        if has_rows(score.metadata):
            yield from rows_of(score.metadata)
        else:
            yield from _plain_rows(name, score.value)


def _plain_rows(name: str, value: Any) -> Iterator[Row]:
    """Numbers in the score of a task that is not ours; C and I are 1 and 0, other words are missing."""
    letters = {"C": 1.0, "I": 0.0, "P": 0.5}
    for measure, part in value.items() if isinstance(value, dict) else [(name, value)]:
        number = letters.get(part, math.nan) if isinstance(part, str) else part
        number = float(number) if isinstance(number, int | float) else math.nan
        yield Row("", 0, str(measure), number, "unparsed" if math.isnan(number) else "")


def _frame(
    common: Sequence[dict[str, str]], log: np.ndarray[Any, Any], found: Sequence[Sequence[Row]],
    about: Sequence[tuple[str, str, str, str, int]],
) -> pd.DataFrame:  # fmt: skip
    """Rows as a frame, given what the rows of a log have in common, and the log of every sample."""
    lengths = [len(rows) for rows in found]
    owner = np.repeat(np.arange(len(found)), lengths)
    cells = list(zip(*(row for rows in found for row in rows), strict=True)) or [()] * len(Row._fields)
    columns: dict[str, Any] = {
        name: _categories([each[name] for each in common], log[owner]) for name in (common[0] if common else ())
    }
    for name, values in zip(Row._fields, cells, strict=True):
        columns[name] = np.array(values, dtype={"turn": np.int32, "value": float}.get(name, object))
    for name, texts in zip(("item", "item_hash", "family", "domain"), zip(*about, strict=True), strict=False):
        columns[name] = _categories(texts, owner)
    columns["epoch"] = np.array([entry[-1] for entry in about], dtype=np.int32)[owner]
    for name in ("arm", "measure", "judge", "judge_prompt_hash", "missing"):
        codes, names = pd.factorize(columns[name])
        columns[name] = pd.Categorical.from_codes(codes, categories=pd.Index(names.astype(str)))
    return pd.DataFrame({name: columns[name] for name in COLUMNS}) if about else pd.DataFrame()


def _categories(texts: Iterable[str], owner: np.ndarray[Any, Any]) -> pd.Categorical:
    codes, names = pd.factorize(np.array(list(texts), dtype=object))
    return pd.Categorical.from_codes(codes[owner], categories=pd.Index(names.astype(str)))


def _concat(frames: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Frames one under the other; text columns stay categories."""
    columns: dict[str, Any] = {}
    for name in COLUMNS:
        parts: list[Any] = [frame[name] for frame in frames]
        if isinstance(parts[0].dtype, pd.CategoricalDtype):
            columns[name] = pd.api.types.union_categoricals(parts)
        else:
            columns[name] = np.concatenate([part.to_numpy() for part in parts])
    return pd.DataFrame(columns)


def _common(log: EvalLog, file: str) -> dict[str, str]:
    """The columns that are the same for every row of a log."""
    spec = log.eval
    generation: dict[str, Any] = {
        "config": spec.model_generate_config.model_dump(exclude_none=True),
        "plan": log.plan.config.model_dump(exclude_none=True),
        "model_args": spec.model_args,
        "task_args": spec.task_args,
    }
    if spec.model_roles:
        generation["roles"] = {role: str(bound) for role, bound in spec.model_roles.items()}
    digest = hashlib.sha256(json.dumps(generation, sort_keys=True, default=str).encode()).hexdigest()[:16]
    return {
        "run_id": spec.run_id,
        "eval_id": spec.eval_id,
        "log": Path(file).name,
        "task": spec.task,
        "task_version": str((spec.metadata or {}).get("full_version", spec.task_version)),
        "model": spec.model,
        "model_revision": model_revision(spec),
        "config_hash": digest,
    }
