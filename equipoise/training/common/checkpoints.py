"""Folders that are whole or not there, and checkpoints that are used only once they are whole."""

import contextlib
import re
import shutil
from collections.abc import Callable
from pathlib import Path

from equipoise.errors import InputError

WHOLE = "whole"
"""A file that is written into a checkpoint last."""

WEIGHTS = ("adapter_config.json", "adapter_model*", "config.json", "generation_config.json", "model*.safetensors*")


def write_folder(folder: Path, write: Callable[[Path], object]) -> None:
    """Let `write` fill a folder under another name beside the target, then rename.

    Raises:
        InputError: The disk is full or the place cannot be written; nothing is left.
    """
    partial = folder.with_name(f".{folder.name}.partial")
    try:
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir(parents=True)
        write(partial)
        if folder.is_dir():
            shutil.rmtree(folder)
        partial.replace(folder)
    except OSError as error:
        shutil.rmtree(partial, ignore_errors=True)
        raise InputError(f"cannot be written ({error.strerror or error})", path=folder) from None
    except BaseException:
        shutil.rmtree(partial, ignore_errors=True)
        raise


def copy_weights(checkpoint: Path, folder: Path) -> None:
    """The adapter or model of a checkpoint, without optimiser, tokenizer and reference, whole or not at all.

    Raises:
        InputError: The disk is full or the place cannot be written.
    """
    write_folder(
        folder, lambda partial: [shutil.copy(path, partial) for name in WEIGHTS for path in checkpoint.glob(name)]
    )


def mark_whole(checkpoint: Path) -> None:
    """Everything of the checkpoint is on the disk."""
    (checkpoint / WHOLE).touch()


def last_whole(folder: Path) -> Path | None:
    """The newest checkpoint of a stage that was written to its end; None if there is none."""
    return max((path for path in _checkpoints(folder) if (path / WHOLE).is_file()), key=step_of, default=None)


def drop_after(folder: Path, step: int) -> None:
    """Remove half-written checkpoints and what belongs to steps that are done again."""
    for path in (*_checkpoints(folder), *folder.glob("best-*")):
        if step_of(path) > step or (path.name.startswith("checkpoint-") and not (path / WHOLE).is_file()):
            with contextlib.suppress(OSError):
                shutil.rmtree(path)


def step_of(path: Path) -> int:
    """The number at the end of the name."""
    return int(path.name.rsplit("-", 1)[1])


def _checkpoints(folder: Path) -> list[Path]:
    return [path for path in folder.glob("checkpoint-*") if re.fullmatch(r"checkpoint-\d+", path.name)]
