"""How a run was made: versions, hashes, seeds and what is missing, read from the log headers and the table."""

import json
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pandas as pd

from equipoise.harness.table import log_files, read_header


@dataclass(frozen=True)
class LogRecord:
    """One log: what ran on which model, how, and how far it came."""

    log: str
    task: str
    task_version: str
    model: str
    revision: str
    status: str
    samples: str
    started: str
    arguments: str
    generation: str
    inspect_version: str
    commit: str


def log_records(logs: Path) -> list[LogRecord]:
    """One record per log."""
    return [_record(Path(file).name, read_header(file)) for file in log_files(logs)]


def packages() -> str:
    """Versions of what computed the report."""
    return ", ".join(f"{name} {version(name)}" for name in ("equipoise", "inspect-ai", "numpy", "pandas", "scipy"))


def missing_by_reason(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows and missing rows of every model, by reason; only measures that everything else is computed from."""
    core = table[table["measure"].isin(["correct", "sample"])] if (table["measure"] == "correct").any() else table
    found = []
    for model, rows in core.groupby("model", observed=True, sort=False):
        reasons = rows.loc[rows["value"].isna(), "missing"].astype(str).value_counts()
        found.append(
            {
                "model": str(model),
                "probes": len(rows),
                "missing": int(rows["value"].isna().sum()),
                "reasons": ", ".join(f"{reason or 'no reason given'} {count}" for reason, count in reasons.items())
                or "none",
            }
        )
    return found


def _record(name: str, log: Any) -> LogRecord:
    spec = log.eval
    generation = {
        **log.plan.config.model_dump(exclude_none=True),
        **spec.model_generate_config.model_dump(exclude_none=True),
    }
    total = (spec.dataset.samples or 0) * (spec.config.epochs or 1)
    done = log.results.completed_samples if log.results else 0
    revision = spec.revision
    return LogRecord(
        log=name,
        task=spec.task,
        task_version=str((spec.metadata or {}).get("full_version", spec.task_version)),
        model=spec.model,
        revision=str((spec.metadata or {}).get("model_revisions", {}).get(spec.model, "")),
        status=log.status,
        samples=f"{done} of {log.results.total_samples if log.results else total}",
        started=str(spec.created)[:19],
        arguments=json.dumps(spec.task_args, ensure_ascii=False),
        generation=json.dumps(generation, ensure_ascii=False),
        inspect_version=str(spec.packages.get("inspect_ai", "")),
        commit=f"{revision.commit}{' (changed)' if revision.dirty else ''}" if revision else "",
    )
