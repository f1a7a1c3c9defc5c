"""Write a file whole or not at all, and by one process at a time."""

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path

from equipoise.errors import InputError


def write_whole(path: Path, write: Callable[[Path], object]) -> None:
    """Let `write` fill a temporary name beside the target, then rename.

    Raises:
        InputError: The disk is full or the folder cannot be written; the target is as it was.
    """
    partial = path.with_name(f".{path.name}.partial")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write(partial)
        partial.replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):
            partial.unlink()
        raise InputError(f"cannot be written ({error.strerror or error})", path=path) from None


def write_text(path: Path, text: str) -> None:
    """Text in UTF-8, whole or not at all."""
    write_whole(path, lambda partial: partial.write_text(text, encoding="utf-8"))


@contextlib.contextmanager
def locked(lock: Path, wait: bool = True) -> Iterator[None]:
    """Only one process at a time is inside; the lock ends with the process that holds it.

    Args:
        lock: File of the lock; made if absent, and left there.
        wait: Whether to wait for another process, which may take hours where it makes data or trains.

    Raises:
        InputError: The file cannot be made, or not be locked on this file system; without `wait`, another process holds
            it.
    """
    from filelock import FileLock, Timeout

    held = FileLock(lock)
    try:
        lock.parent.mkdir(parents=True, exist_ok=True)
        held.acquire(blocking=wait)
    except Timeout:
        raise InputError("another process works in this folder", path=lock.parent) from None
    except NotImplementedError:
        raise InputError("cannot be locked on this file system", path=lock) from None
    except OSError as error:
        raise InputError(f"cannot be written ({error.strerror or error})", path=lock) from None
    try:
        yield
    finally:
        held.release()
