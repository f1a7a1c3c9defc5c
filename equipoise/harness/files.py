"""Write a file whole or not at all."""

import contextlib
from collections.abc import Callable
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
