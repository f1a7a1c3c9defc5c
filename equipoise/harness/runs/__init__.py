"""Earlier runs: found under a folder, named as baselines, and looked up by what a person types."""

from equipoise.harness.runs.baselines import (
    BASELINES_FILE,
    Baseline,
    baselines,
    checked,
    remove_baseline,
    set_baseline,
)
from equipoise.harness.runs.find import RUNS, find_run, find_runs, run_folders
from equipoise.harness.runs.record import Progress, RunRecord, read_run
from equipoise.harness.runs.source import Source, resolve

__all__ = [
    "BASELINES_FILE",
    "RUNS",
    "Baseline",
    "Progress",
    "RunRecord",
    "Source",
    "baselines",
    "checked",
    "find_run",
    "find_runs",
    "read_run",
    "remove_baseline",
    "resolve",
    "run_folders",
    "set_baseline",
]
