"""The arithmetic of batches: what is accumulated, and how many steps that makes."""

import math
import os
from typing import NamedTuple

from equipoise.errors import InputError
from equipoise.training.common.settings import Stage


class Batches(NamedTuple):
    """How a stage goes through its rows.

    Attributes:
        rows: Of the stage.
        processes: One per device.
        accumulation: Forward passes per optimiser step.
        per_epoch: Optimiser steps per pass over the rows.
        steps: Of the whole stage.
    """

    rows: int
    processes: int
    accumulation: int
    per_epoch: int
    steps: int


def processes() -> int:
    """How many processes train together, as `accelerate launch` and `torchrun` tell them."""
    return int(os.environ.get("WORLD_SIZE", "1"))


def is_first() -> bool:
    """Whether this is the one of several processes that writes and speaks."""
    return os.environ.get("RANK", "0") == "0"


def batches(stage: Stage, name: str, rows: int, processes: int = 1) -> Batches:
    """A stage's steps.

    Args:
        stage: Its settings.
        name: `sft` or `dpo`, for the message.
        rows: That fit.
        processes: That train together.

    Raises:
        InputError: The batch cannot be made of whole forward passes.
    """
    at_once = stage.device_batch * processes
    if stage.batch % at_once:
        raise InputError(
            f"batch {stage.batch} is no multiple of device_batch {stage.device_batch} x {processes} processes "
            f"(= {at_once}), so would not be the batch of the settings",
            field=f"{name}.batch",
        )
    per_epoch = math.ceil(rows / stage.batch)
    steps = stage.steps or math.ceil((stage.epochs or 0) * per_epoch)
    return Batches(rows, processes, stage.batch // at_once, per_epoch, steps)
