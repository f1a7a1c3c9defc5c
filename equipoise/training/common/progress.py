"""One line of progress for all stages; plain lines where nobody watches a terminal."""

import time
from types import TracebackType
from typing import Any, Self

TOLD_EVERY = 30.0
"""Seconds between plain lines."""


class Progress:
    """Steps done, loss, speed and time left.

    Args:
        total: Steps of all stages.
        shown: Only the first of several processes shows anything.
    """

    def __init__(self, total: int, shown: bool = True) -> None:
        from rich.console import Console

        self.console = Console(stderr=True, quiet=not shown)
        self.total = total
        self._bar: Any = None
        self._started = self._told = time.monotonic()
        self._steps = 0

    def __enter__(self) -> Self:
        from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn
        from rich.progress import Progress as Bar

        if self.console.is_terminal:
            self._bar = Bar(
                TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[more]}"),
                TimeElapsedColumn(), TextColumn("left"), TimeRemainingColumn(), console=self.console,
            )  # fmt: skip
            self._task = self._bar.add_task("loading", total=self.total, more="")
            self._bar.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._bar:
            self._bar.stop()

    def tell(self, text: str) -> None:
        """A line that stays."""
        self.console.print(text, markup=False, highlight=False, soft_wrap=True)

    def doing(self, what: str) -> None:
        """What is being done now."""
        if self._bar:
            self._bar.update(self._task, description=what)
        else:
            self.tell(what)

    def at(self, stage: str, done: int, loss: float, seconds: float) -> None:
        """A step of a stage is done.

        Args:
            stage: Its name.
            done: Steps of all stages, those of an earlier start included.
            loss: Of the step.
            seconds: Of the step.
        """
        self._steps += 1
        speed = f"loss {loss:.4f}  {1 / max(seconds, 1e-9):.2f} step/s"
        if self._bar:
            self._bar.update(self._task, completed=done, description=stage, more=speed)
            return
        now = time.monotonic()
        if now - self._told >= TOLD_EVERY or done == self.total:
            self._told = now
            left = (self.total - done) * (now - self._started) / self._steps
            self.tell(f"{stage}  step {done}/{self.total} of both stages  {speed}  about {left / 60:.0f} min left")
