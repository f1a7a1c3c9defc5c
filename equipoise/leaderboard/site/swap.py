"""The built site takes the place of the former one in a single step."""

import contextlib
import ctypes
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from equipoise.errors import InputError

MARKER = "equipoise-site.json"
"""In the root of every site that was built here: nothing else is ever replaced."""

EXPECTED = "expected a new or empty folder, or a site that was built before"

AT_FDCWD, RENAME_EXCHANGE = -100, 2


@contextmanager
def staged(target: Path) -> Iterator[Path]:
    """A folder to fill; it becomes the target when the block ends well, and is gone when it does not.

    Raises:
        InputError: The target is something that was not built here, or cannot be written.
    """
    target = target if target.is_symlink() else target.resolve()
    check_target(target)
    stage = target.with_name(f".{target.name}.building-{os.getpid()}")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        _clear_killed(target)
        shutil.rmtree(stage, ignore_errors=True)
        stage.mkdir()
        (stage / MARKER).write_text(json.dumps({"made by": "equipoise board build"}) + "\n", encoding="utf-8")
        yield stage
        check_target(target)
        _exchange(stage, target)
    except OSError as error:
        raise InputError(f"cannot be written ({error.strerror or error})", path=error.filename or target) from None
    finally:
        shutil.rmtree(stage, ignore_errors=True)


def check_target(target: Path) -> None:
    """Refuse what is not absent, empty, or a site of ours.

    Raises:
        InputError: It is something else.
    """
    if target.is_symlink() or (target.exists() and not target.is_dir()):
        raise InputError(f"is no folder; {EXPECTED}", path=target)
    if target.is_dir() and not (target / MARKER).is_file() and any(target.iterdir()):
        raise InputError(f"holds other files; {EXPECTED}", path=target)


def _exchange(stage: Path, target: Path) -> None:
    if not target.exists():
        stage.rename(target)
    elif not _exchange_at_once(stage, target):  # not on this system: there is no site for a moment
        former = target.with_name(f"{stage.name}-former")
        target.rename(former)
        stage.rename(target)
        shutil.rmtree(former, ignore_errors=True)


def _exchange_at_once(one: Path, other: Path) -> bool:
    """Linux swaps two folders in one step, so that there is always a whole site."""
    with contextlib.suppress(OSError, AttributeError):
        rename = ctypes.CDLL(None, use_errno=True).renameat2
        return bool(rename(AT_FDCWD, os.fsencode(one), AT_FDCWD, os.fsencode(other), RENAME_EXCHANGE) == 0)
    return False


def _clear_killed(target: Path) -> None:
    """Take away what builds left that were killed; those that still run are left alone."""
    for left in target.parent.glob(f".{target.name}.building-*"):
        process = left.name.rpartition("building-")[2].split("-")[0]
        if process.isdigit() and (left / MARKER).is_file() and not left.is_symlink() and not _runs(int(process)):
            shutil.rmtree(left, ignore_errors=True)


def _runs(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True
