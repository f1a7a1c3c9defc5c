"""Find run folders under a root."""

import os
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from equipoise.errors import InputError
from equipoise.harness.run import PLAN_FILE
from equipoise.harness.runs.baselines import baselines
from equipoise.harness.runs.record import RunRecord, read_run
from equipoise.harness.table import TABLE_FILE

RUNS = Path("runs")
"""Where `equipoise run` puts its folders."""

DEEPEST = 4
"""Levels below the root that are searched."""

LOG_NAME = re.compile(r".*\.eval|\d{4}-\d\d-\d\dT\d\d[:-]\d\d[:-]\d\d.*\.json")
"""Names of Inspect's logs."""


def find_runs(root: Path = RUNS) -> list[RunRecord]:
    """The runs under a folder, newest first; plans and log headers are read, no sample is.

    A run is a folder with a plan or a table, or with logs. What is wrong with a run is told in its record. If the file
    of baselines cannot be read, no run has any.
    """
    names = _baseline_names(root)
    runs = [read_run(folder, name, names.get(_real(folder), ())) for name, folder in run_folders(root).items()]
    return sorted(runs, key=_newest, reverse=True)


def find_run(folder: Path, root: Path = RUNS) -> RunRecord:
    """One run, with its name below `root` and the names of the baselines that are kept there."""
    name = folder.relative_to(root).as_posix() if folder != root and folder.is_relative_to(root) else ""
    return read_run(folder, name, _baseline_names(root).get(_real(folder), ()))


def run_folders(root: Path = RUNS) -> dict[str, Path]:
    """Run folders by name: the path below the root, with slashes. Nothing is opened."""
    if is_run(root):
        return {root.absolute().name: root}
    return {folder.relative_to(root).as_posix(): folder for folder in _walk(root, DEEPEST, set())}


def is_run(folder: Path) -> bool:
    """Whether a folder is a run: it holds a plan or a table, or logs."""
    try:
        return _holds_run(folder)
    except OSError:
        return False


def _holds_run(folder: Path) -> bool:
    files = {entry.name for entry in os.scandir(folder) if entry.is_file()}
    return bool(files & {PLAN_FILE, TABLE_FILE}) or any(LOG_NAME.fullmatch(name) for name in files)


def _walk(folder: Path, levels: int, seen: set[tuple[int, int]]) -> Iterator[Path]:
    """Run folders at any depth, and folders that may not be opened.

    Links are followed, each folder is visited once, and nothing inside a run is.
    """
    try:
        below = sorted(
            (entry for entry in os.scandir(folder) if entry.is_dir() and not entry.name.startswith(".")),
            key=lambda entry: (entry.is_symlink(), entry.name),
        )
    except OSError:
        return
    for entry in below:
        status = entry.stat()
        if (status.st_dev, status.st_ino) in seen:
            continue
        seen.add((status.st_dev, status.st_ino))
        path = Path(entry.path)
        try:
            run = _holds_run(path)
        except OSError:
            run = True  # its record will say why
        if run:
            yield path
        elif levels > 1:
            yield from _walk(path, levels - 1, seen)


def _baseline_names(root: Path) -> dict[Path, tuple[str, ...]]:
    """Names by the folder they point at; none if they cannot be read."""
    found: dict[Path, tuple[str, ...]] = {}
    try:
        known = baselines(root)
    except InputError:
        return {}
    for name, baseline in known.items():
        path = _real(baseline.path(root))
        folder = path.parent if path.name == TABLE_FILE else path
        found[folder] = (*found.get(folder, ()), name)
    return found


def _real(path: Path) -> Path:
    return Path(os.path.realpath(path))


def _newest(run: RunRecord) -> datetime:
    """When it started; a run without a log that tells, when its folder was changed."""
    try:
        return run.started or datetime.fromtimestamp(run.folder.stat().st_mtime, UTC)
    except OSError:
        return datetime.min.replace(tzinfo=UTC)
