"""From Inspect logs to the long table. The only place that reads logs for numbers."""

import hashlib
import json
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from inspect_ai.log import (
    EvalLog,
    EvalSample,
    list_eval_logs,
    read_eval_log,
    read_eval_log_sample_summaries,
    read_eval_log_samples_by_id,
)

from equipoise.errors import InputError
from equipoise.harness.table.rows import Rows, rows_of
from equipoise.harness.table.schema import COLUMNS, conform

HEAVY = {"messages", "events", "store", "attachments", "output", "setup"}
"""Parts of a sample that the table does not need."""

BATCH = 256
"""Samples read at a time: memory stays bounded by this, not by the log."""


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
    seen: dict[str, set[tuple[int | str, int]]] = defaultdict(set)
    headers = [(file, read_header(file)) for file in log_files(logs)]
    for file, header in sorted(headers, key=lambda entry: entry[1].eval.created, reverse=True):
        if on_log:
            on_log(Path(file).name)
        frames.append(log_frame(file, header, seen[header.eval.task_id]))
    kept = [frame for frame in frames if len(frame)]
    if not kept:
        raise InputError("the logs hold no scored sample", path=logs)
    return conform(concat(kept), logs)


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
    except Exception as error:  # zip, JSON and pydantic errors alike: the file is not a log that we can read
        first = (str(error).splitlines() or [type(error).__name__])[0]
        raise InputError(f"is not a readable Inspect log ({type(error).__name__}: {first:.120})", path=file) from None


def log_frame(file: str, header: EvalLog, seen: set[tuple[int | str, int]]) -> pd.DataFrame:
    """The rows of one log's samples that are not in `seen` yet; they are added to it."""
    common = _common(header, file)
    pieces: dict[str, list[Any]] = {
        name: [] for name in (*Rows.COLUMNS, "item", "item_hash", "family", "domain", "epoch")
    }
    lengths: list[int] = []
    for sample in _samples(file):
        if (sample.id, sample.epoch) in seen:
            continue
        seen.add((sample.id, sample.epoch))
        for columns in _sample_rows(sample):
            about = sample.metadata
            lengths.append(len(columns["value"]))
            for name in Rows.COLUMNS:
                pieces[name].extend(columns[name])
            item = str(about.get("item", sample.id))
            pieces["item"].append(item)
            pieces["item_hash"].append(str(about.get("item_hash", "")))
            pieces["family"].append(str(about.get("family", item)))
            pieces["domain"].append(str(about.get("domain", "")))
            pieces["epoch"].append(sample.epoch)
    return _frame(common, pieces, lengths)


def _frame(common: dict[str, str], pieces: dict[str, list[Any]], lengths: list[int]) -> pd.DataFrame:
    total = sum(lengths)
    repeat = np.repeat(np.arange(len(lengths)), lengths)
    columns: dict[str, Any] = {
        name: pd.Categorical.from_codes(np.zeros(total, dtype=np.int8), categories=pd.Index([text]))
        for name, text in common.items()
    }
    for name, values in pieces.items():
        if name == "value":
            columns[name] = np.array([np.nan if v is None else v for v in values], dtype=float)
        elif name in ("turn", "epoch"):
            columns[name] = np.array(values, dtype=np.int32)[repeat if name == "epoch" else slice(None)]
        else:
            codes, categories = pd.factorize(np.array(values, dtype=object))
            codes = codes[repeat] if name in ("item", "item_hash", "family", "domain") else codes
            columns[name] = pd.Categorical.from_codes(codes, categories=pd.Index(categories.astype(str)))
    return pd.DataFrame({name: columns[name] for name in COLUMNS})


def concat(frames: list[pd.DataFrame]) -> pd.DataFrame:
    """Frames one under the other; text columns stay categories."""
    union = pd.api.types.union_categoricals
    columns: dict[str, Any] = {}
    for name in COLUMNS:
        parts = [frame[name] for frame in frames]
        categorical = isinstance(parts[0].dtype, pd.CategoricalDtype)
        columns[name] = union(parts) if categorical else np.concatenate([part.to_numpy() for part in parts])
    return pd.DataFrame(columns)


def _common(log: EvalLog, file: str) -> dict[str, str]:
    spec = log.eval
    generation = {
        "config": spec.model_generate_config.model_dump(exclude_none=True),
        "plan": log.plan.config.model_dump(exclude_none=True),
        "model_args": spec.model_args,
        "task_args": spec.task_args,
    }
    digest = hashlib.sha256(json.dumps(generation, sort_keys=True, default=str).encode()).hexdigest()[:16]
    revisions = (spec.metadata or {}).get("model_revisions", {})
    return {
        "run_id": spec.run_id,
        "eval_id": spec.eval_id,
        "log": Path(file).name,
        "task": spec.task,
        "task_version": str((spec.metadata or {}).get("full_version", spec.task_version)),
        "model": spec.model,
        "model_revision": str(revisions.get(spec.model) or spec.model_args.get("revision") or ""),
        "config_hash": digest,
    }


def _samples(file: str) -> Iterator[EvalSample]:
    """The samples without their heavy parts, a batch at a time."""
    if file.endswith(".json"):
        yield from read_eval_log(file).samples or []
        return
    done = [(s.id, s.epoch) for s in read_eval_log_sample_summaries(file)]
    for start in range(0, len(done), BATCH):
        yield from read_eval_log_samples_by_id(file, done[start : start + BATCH], exclude_fields=HEAVY)


def _sample_rows(sample: EvalSample) -> Iterator[dict[str, list[Any]]]:
    """Columns of each of a sample's scores."""
    reason = "limit" if sample.limit else "error" if sample.error else ""
    if reason:
        lost = Rows()
        for arm in sample.metadata.get("arm_names", [""]):
            lost.add(arm, 0, "sample", None, reason)
        yield rows_of(lost.metadata()) or {}
        return
    for name, score in (sample.scores or {}).items():
        columns = rows_of(score.metadata)
        if columns is None:
            plain = Rows()
            for measure, value in _plain_values(name, score.value):
                plain.add("", 0, measure, value, "" if value is not None else "unparsed")
            columns = rows_of(plain.metadata())
        if columns:
            yield columns


def _plain_values(name: str, value: Any) -> Iterator[tuple[str, float | None]]:
    """Numbers in the score of a task that is not ours; C and I are 1 and 0, other words are missing."""
    letters = {"C": 1.0, "I": 0.0, "P": 0.5}
    for key, part in value.items() if isinstance(value, dict) else [(name, value)]:
        number = letters.get(part) if isinstance(part, str) else float(part) if isinstance(part, int | float) else None
        yield key, None if number is None or np.isnan(number) else number
