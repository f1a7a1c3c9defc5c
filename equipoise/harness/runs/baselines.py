"""Names for runs and tables that others are compared with, in one file that people can read and keep in git.

A baseline is found by its path and known by its content: a gate must not be passed because the folder that it
compares with was filled anew.
"""

import hashlib
import json
import os
import re
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd
from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from equipoise.errors import InputError
from equipoise.harness.files import locked, write_text
from equipoise.harness.inputs import fault
from equipoise.harness.table import read_table

BASELINES_FILE = "baselines.json"
LOCK_FILE = ".baselines.lock"
NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]*")
"""Neither a path nor an option of the command line."""


class Baseline(BaseModel):
    """What a name stands for.

    Attributes:
        source: Run folder or table file, relative to the root where it is below the folder that holds the root.
        fingerprint: Hash of the rows.
        tasks, models: In those rows.
        rows: How many there are.
        set_at: When the name was given.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    source: str
    fingerprint: str
    tasks: tuple[str, ...]
    models: tuple[str, ...]
    rows: int
    set_at: datetime

    def path(self, root: Path) -> Path:
        """Where the source is, seen from the working directory."""
        return root / self.source


Baselines = TypeAdapter(dict[str, Baseline])


def baselines(root: Path) -> dict[str, Baseline]:
    """All names, in the order of the alphabet; empty if there is no file.

    Raises:
        InputError: The file cannot be read or does not fit.
    """
    file = root / BASELINES_FILE
    try:
        found = Baselines.validate_json(file.read_bytes())
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise InputError(f"cannot be read ({error.strerror})", path=file) from None
    except ValidationError as error:
        field, message = fault(error)
        raise InputError(f"is not a list of baselines ({message})", path=file, field=field) from None
    return dict(sorted(found.items()))


def set_baseline(name: str, source: Path, root: Path) -> Baseline:
    """Let a name stand for a run or table; a name that is there already stands for the new one from now on.

    Args:
        name: Letters, digits, `.`, `_` and `-`; no file or run may have it.
        source: Run folder, folder of logs, or table file.
        root: Folder of the runs; the names are kept in its `baselines.json`.

    Raises:
        InputError: A name that does not fit, a source that is no table, a file that cannot be read or written.
    """
    _check_name(name, root)
    table = read_table(source)
    baseline = Baseline(
        source=_relative(source, root),
        fingerprint=fingerprint(table),
        tasks=tuple(sorted(table["task"].astype(str).unique())),
        models=tuple(sorted(table["model"].astype(str).unique())),
        rows=len(table),
        set_at=datetime.now(UTC).replace(microsecond=0),
    )
    with locked(root / LOCK_FILE):
        _write({**baselines(root), name: baseline}, root)
    return baseline


def remove_baseline(name: str, root: Path) -> None:
    """Forget a name; what it stood for is left alone.

    Raises:
        InputError: There is no such name.
    """
    if name not in baselines(root):
        raise InputError(f"no baseline {name!r}; {_known(root)}", path=root / BASELINES_FILE)
    with locked(root / LOCK_FILE):
        _write({known: kept for known, kept in baselines(root).items() if known != name}, root)


def checked(name: str, root: Path) -> Path:
    """Where the baseline of that name is, if it is there and holds the rows that it held when it was set.

    Raises:
        InputError: Unknown name, nothing there, not readable, or other rows.
    """
    found = baselines(root)
    if name not in found:
        raise InputError(f"no baseline {name!r}; {_known(root)}", path=root / BASELINES_FILE)
    baseline = found[name]
    path, day = baseline.path(root), f"{baseline.set_at:%Y-%m-%d}"
    again = f"if that is meant: equipoise baseline set {name} RUN"
    if not path.exists():
        raise InputError(f"baseline {name!r}, set on {day}, is not there any more; {again}", path=path)
    try:
        now = fingerprint(read_table(path))
    except InputError as error:
        raise InputError(f"baseline {name!r}, set on {day}, cannot be read: {error}") from None
    if now != baseline.fingerprint:
        raise InputError(f"baseline {name!r} has other rows than when it was set on {day}; {again}", path=path)
    return path


def fingerprint(table: pd.DataFrame) -> str:
    """A hash of a long table's rows, whatever their order and the format of the file."""
    value = table["value"].to_numpy()
    value = np.where(np.isnan(value), np.nan, value + 0.0)  # one NaN and one zero, with any pandas
    rows = pd.util.hash_pandas_object(table.assign(value=value), index=False)
    return "sha256:" + hashlib.sha256(np.sort(rows.to_numpy()).tobytes()).hexdigest()[:32]


def _check_name(name: str, root: Path) -> None:
    if not NAME.fullmatch(name):
        raise InputError(f"expected letters, digits, '.', '_' and '-', found {name!r}", field="baseline name")
    for taken in (Path(name), root / name):
        if taken.exists():
            raise InputError("a file or folder has this name; give another", path=taken, field="baseline name")


def _relative(source: Path, root: Path) -> str:
    """Relative to the root where both are in one project, so that the project can be moved or cloned."""
    full, base = source.resolve(), root.resolve()
    return Path(os.path.relpath(full, base)).as_posix() if full.is_relative_to(base.parent) else str(full)


def _known(root: Path) -> str:
    names = ", ".join(baselines(root))
    return f"there are {names}" if names else "none is set (equipoise baseline set NAME RUN)"


def _write(found: dict[str, Baseline], root: Path) -> None:
    records = {name: found[name].model_dump(mode="json") for name in sorted(found)}
    write_text(root / BASELINES_FILE, json.dumps(records, indent=1) + "\n")
