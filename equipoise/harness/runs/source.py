"""What a person names on the command line: a path, a baseline, a run or the start of its name."""

import difflib
from dataclasses import dataclass
from pathlib import Path

from equipoise.errors import InputError
from equipoise.harness.run import LOGS, PLAN_FILE
from equipoise.harness.runs.baselines import BASELINES_FILE, NAME, baselines, checked
from equipoise.harness.runs.find import RUNS, is_run, run_folders
from equipoise.harness.runs.record import logs_of
from equipoise.harness.table import TABLE_FILE

FORMATS = (".parquet", ".csv", ".jsonl", ".ndjson")
EXPECTED = "a run folder, the name of a baseline, a run's name or its start, or a .parquet, .csv or .jsonl table"


@dataclass(frozen=True)
class Source:
    """Where results are read from.

    Attributes:
        name: To be shown to people: as it was typed, or the run's full name.
        path: For `read_table`: a run folder, a folder of logs, or a table file.
        logs: Folder of its logs, where there are any.
        baseline: The baseline by whose name it was found; else empty.
    """

    name: str
    path: Path
    logs: Path | None
    baseline: str = ""


def resolve(text: str, root: Path = RUNS) -> Source:
    """Find what is meant: an existing path, else a baseline's name, else a run's name or the start of one name only.

    Raises:
        InputError: Nothing is meant, or more than one thing; what a baseline stands for is gone or has changed.
    """
    path = Path(text)
    there = bool(text.strip()) and _exists(path)
    if there and (path.is_file() or _holds_results(path)):
        if NAME.fullmatch(text) and text in baselines(root):
            raise InputError(
                f"{text!r} is both a path and a baseline; write ./{text} for the path, or rename the baseline",
                path=root / BASELINES_FILE,
            )
        return _at(path, text)
    if text in baselines(root):
        found = _at(checked(text, root), text)
        return Source(text, found.path, found.logs, text)
    runs = run_folders(root)
    if text in runs:
        return _at(runs[text], text)
    starting = [name for name in runs if text.strip() and name.startswith(text)]
    if len(starting) == 1:
        return _at(runs[starting[0]], starting[0])
    if starting:
        raise InputError(f"{text!r} is the start of {len(starting)} runs: {_some(starting)}; write more of the name")
    if there and (inside := _planned(path)):
        raise InputError(f"is a folder of runs; name one of them: {_some(inside)}", path=path)
    if there:
        raise InputError(f"holds neither a run nor logs; expected {EXPECTED}", path=path)
    near = difflib.get_close_matches(path.name, [*baselines(root), *runs], n=3, cutoff=0.5)
    hint = f" (did you mean {' or '.join(near)}?)" if near else ""
    raise InputError(f"found no {text!r} here or in {root}{hint}; expected {EXPECTED}")


def _at(path: Path, name: str) -> Source:
    """A path that exists as a source."""
    if path.is_dir():
        return Source(name, path, logs_of(path))  # also refuses a folder that may not be read
    if path.suffix not in FORMATS:
        raise InputError(f"unknown format; expected {EXPECTED}", path=path)
    beside = path.parent / LOGS
    return Source(name, path, beside if path.name == TABLE_FILE and beside.is_dir() else None)


def _holds_results(folder: Path) -> bool:
    """Whether a folder is a run, or one of logs: several runs, with their plans, would be pooled without a word."""
    return folder.is_dir() and (is_run(folder) or bool(logs_of(folder) and not _planned(folder)))


def _planned(folder: Path) -> list[str]:
    """Runs with a plan below a folder."""
    return [name for name, run in run_folders(folder).items() if (run / PLAN_FILE).is_file()]


def _some(names: list[str]) -> str:
    return ", ".join(names[:5]) + (", …" if len(names) > 5 else "")


def _exists(path: Path) -> bool:
    """Without an error for names that no file can have."""
    try:
        return path.exists()
    except (OSError, ValueError):
        return False
