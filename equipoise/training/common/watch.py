"""What watches a stage: history, progress, dev check, whole checkpoints, and a loss that is no number."""

import contextlib
import math
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from transformers import TrainerCallback

from equipoise.errors import InputError
from equipoise.training.common.checkpoints import copy_weights, mark_whole, step_of
from equipoise.training.common.history import History, Line
from equipoise.training.common.progress import Progress

if TYPE_CHECKING:
    from transformers import TrainerControl, TrainerState, TrainingArguments

Check = Callable[[Any], dict[str, float | None]]
"""Measures a model on the dev rows."""

LOGGED = {
    "loss": "loss", "learning_rate": "lr", "grad_norm": "grad_norm", "rewards/margins": "margin",
    "rewards/chosen": "reward_chosen", "rewards/rejected": "reward_rejected", "rewards/accuracies": "accuracy",
}  # fmt: skip
"""Names in the Trainer's log and in the history."""


@dataclass
class Watched:
    """What a stage shares with its watcher.

    Attributes:
        stage: `sft` or `dpo`.
        folder: Of its checkpoints.
        history: Of the training.
        progress: Of the training.
        before: Steps of earlier stages.
        check: The dev check, if any.
        score: The dev check's number that chooses the best checkpoint; empty where the last one is taken.
    """

    stage: str
    folder: Path
    history: History
    progress: Progress
    before: int
    check: Check | None
    score: str


class Watch(TrainerCallback):  # type: ignore[misc]
    """The callback of a stage."""

    def __init__(self, watched: Watched) -> None:
        self.of = watched
        self._at = time.monotonic()

    def on_train_begin(
        self, args: "TrainingArguments", state: "TrainerState", control: "TrainerControl", **more: Any
    ) -> None:
        """The dev check of the model as it comes; an earlier stage's last one is that of the same model."""
        if state.global_step == 0 and self.of.check and not self.of.history.dev(self.of.stage, 0):
            if self.of.stage == "dpo" and (earlier := self.of.history.dev_lines("sft")):
                self.of.history.add(earlier[-1] | self._line(state, "dev"))
            else:
                self._check(state, more["model"], self.of.check)
        self.of.progress.doing(self.of.stage)
        self._at = time.monotonic()

    def on_log(self, args: "TrainingArguments", state: "TrainerState", control: "TrainerControl", **more: Any) -> None:
        """A step: into the history and the progress; stop where the loss is no number."""
        logs: dict[str, float] = more.get("logs") or {}
        if "loss" not in logs:
            return
        now = time.monotonic()
        seconds, self._at = now - self._at, now
        numbers = {name: float(logs[key]) for key, name in LOGGED.items() if key in logs}
        for name in ("loss", "grad_norm"):
            if not math.isfinite(numbers.get(name, 0.0)):
                stage = self.of.stage
                raise InputError(
                    f"{stage}: {name} is {numbers[name]} at step {state.global_step}, training cannot go on; lower "
                    f"{stage}.lr or lengthen {stage}.warmup, in another folder; what was done before is kept"
                )
        self.of.history.add(self._line(state, "train") | numbers | {"seconds": round(seconds, 4)})
        self.of.progress.at(self.of.stage, self.of.before + state.global_step, numbers["loss"], seconds)

    def on_save(self, args: "TrainingArguments", state: "TrainerState", control: "TrainerControl", **more: Any) -> None:
        """A checkpoint: check the model, keep it if it is the best, and only then call the checkpoint whole.

        Killed at any point before, the training goes on from the checkpoint before and does all of it again.
        """
        if self.of.check:
            self._check(state, more["model"], self.of.check)
        if args.should_save:
            checkpoint = self.of.folder / f"checkpoint-{state.global_step}"
            self._keep_best(checkpoint)
            mark_whole(checkpoint)
            self._drop_others()
        self._at = time.monotonic()

    def _check(self, state: "TrainerState", model: Any, check: Check) -> None:
        self.of.progress.doing("dev check")
        with _evaluating(model):
            found = check(model)
        self.of.progress.doing(self.of.stage)
        self.of.history.add(self._line(state, "dev") | found)

    def _keep_best(self, checkpoint: Path) -> None:
        best = self._best()
        if best and best["step"] == step_of(checkpoint):
            copy_weights(checkpoint, self.of.folder / f"best-{best['step']}")

    def _drop_others(self) -> None:
        best = self._best()
        for path in self.of.folder.glob("best-*"):
            if best and path.name != f"best-{best['step']}":
                with contextlib.suppress(OSError):
                    shutil.rmtree(path)

    def _best(self) -> Line | None:
        return self.of.history.best(self.of.stage, self.of.score) if self.of.score else None

    def _line(self, state: "TrainerState", kind: str) -> Line:
        return {
            "stage": self.of.stage, "step": state.global_step, "epoch": round(float(state.epoch or 0), 4), "kind": kind,
        }  # fmt: skip


@contextlib.contextmanager
def _evaluating(model: Any) -> Iterator[None]:
    """Without dropout, and without moving the random numbers that training goes on with."""
    import torch

    trains = model.training
    devices = list(range(torch.cuda.device_count())) if torch.cuda.is_available() else []
    model.eval()
    try:
        with torch.no_grad(), torch.random.fork_rng(devices):
            yield
    finally:
        model.train(trains)
