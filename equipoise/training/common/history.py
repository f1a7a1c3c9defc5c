"""`history.jsonl`: what happened at every step, written while it happens, cut back where a resumed training repeats."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from equipoise.errors import InputError
from equipoise.harness.files import write_text

HISTORY = "history.jsonl"

Line = dict[str, Any]


class History:
    """The history of a training folder.

    Args:
        folder: Where it is, or will be.
        writes: Only the first of several processes writes.
    """

    def __init__(self, folder: Path, writes: bool = True) -> None:
        self.path, self.writes = folder / HISTORY, writes
        self.lines: list[Line] = list(_read(self.path))

    def add(self, line: Line) -> None:
        """Append a line.

        Raises:
            InputError: The disk is full or the folder cannot be written.
        """
        self.lines.append(line)
        if not self.writes:
            return
        try:
            with self.path.open("a", encoding="utf-8") as file:
                file.write(json.dumps(line) + "\n")
        except OSError as error:
            raise InputError(f"cannot be written ({error.strerror})", path=self.path) from None

    def cut(self, stage: str, step: int) -> None:
        """Forget what comes after a step of a stage, which is about to be done again."""
        self.lines = [line for line in self.lines if line["stage"] != stage or line["step"] <= step]
        if self.writes:
            write_text(self.path, "".join(json.dumps(line) + "\n" for line in self.lines))

    def dev(self, stage: str, step: int) -> Line | None:
        """The dev check at a step."""
        return next((line for line in reversed(self.dev_lines(stage)) if line["step"] == step), None)

    def dev_lines(self, stage: str) -> list[Line]:
        """All dev checks of a stage."""
        return [line for line in self.lines if line["kind"] == "dev" and line["stage"] == stage]

    def last_step(self, stage: str) -> int:
        """The last step that was done; 0 if none."""
        return max((line["step"] for line in self.lines if line["stage"] == stage), default=0)

    def best(self, stage: str, score: str) -> Line | None:
        """The dev check after an epoch with the highest score, the earliest of equals; None without any score."""
        checked = [line for line in self.dev_lines(stage) if line["step"] and line.get(score) is not None]
        return max(checked, key=lambda line: line[score], default=None)


def _read(path: Path) -> Iterable[Line]:
    """Lines as far as they can be read: a killed process leaves half a line at the end."""
    if not path.is_file():
        return
    for text in path.read_text(encoding="utf-8").splitlines():
        try:
            line = json.loads(text)
        except ValueError:
            return
        yield line
