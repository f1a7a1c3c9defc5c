"""What is trained on what, and whether it can be: everything that is known before a weight is loaded."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from equipoise.errors import InputError
from equipoise.training.common.batches import Batches, batches, processes
from equipoise.training.common.preference import Pair
from equipoise.training.common.rows import dpo_rows, sft_rows
from equipoise.training.common.settings import Settings
from equipoise.training.common.weights import Base, read_base, require_extra, require_quantisation


@dataclass(frozen=True)
class Job:
    """What is trained on what.

    Attributes:
        model: Folder or hub name of the base.
        arm: What the rows are called.
        seed: Of everything that is drawn in training.
        settings: Of the training.
        rows: Train rows.
        data: Told in the plan: path, sha256, counts; `rows_sha256`, of the rows that train and check, tells whether a
            folder holds this training.
        out: Folder of the training.
        check: Makes the dev check from the tokenizer; None for no check.
        score: The number of the dev check that chooses among DPO's checkpoints.
        measure: Task or suite that tells what the training did.
    """

    model: str
    arm: str
    seed: int
    settings: Settings
    rows: Sequence[Pair]
    data: dict[str, Any]
    out: Path
    check: Callable[[Any], Callable[[Any], dict[str, float | None]]] | None = None
    score: str = ""
    measure: str = "standard"


@dataclass(frozen=True)
class Prepared:
    """A job whose model and rows are known to fit each other.

    Attributes:
        job: As given.
        base: Its model, without weights.
        steps: Of each stage.
        too_long: Rows left out of each stage.
    """

    job: Job
    base: Base
    steps: dict[str, Batches]
    too_long: dict[str, int]

    @property
    def warnings(self) -> list[str]:
        """What can be trained and is perhaps not meant, a line each."""
        settings, found = self.job.settings, []
        for name, stage in (("sft", settings.sft), ("dpo", settings.dpo)):
            steps, left_out = self.steps[name].steps, self.too_long[name]
            if left_out:
                rows = len(self.job.rows)
                found.append(f"{name} leaves out {left_out} of {rows} rows, longer than {name}.max_length")
            if stage.warmup >= steps:
                warmup = f"{name}.warmup={stage.warmup}"
                found.append(f"{name} never reaches its learning rate: {warmup} is not below its {steps} steps")
        return found


def prepare(job: Job) -> Prepared:
    """Everything that can be wrong, before anything is written or a weight is loaded.

    Raises:
        InputError: The model, its tokenizer, the rows or the settings cannot be used.
    """
    require_extra()
    from equipoise.training.common.quiet import libraries_quiet

    with libraries_quiet():
        base = read_base(job.model)
        settings, steps, too_long = job.settings, {}, {}
        for name, stage, make in (("sft", settings.sft, sft_rows), ("dpo", settings.dpo, dpo_rows)):
            found = make(job.rows, base.tokenizer, stage.max_length)
            steps[name] = batches(stage, name, len(found.rows), processes())
            too_long[name] = found.too_long
    return Prepared(job, base, steps, too_long)


def require_device(settings: Settings) -> None:
    """Refuse settings that this machine, or this start, cannot do.

    Raises:
        InputError: They need CUDA, one process, or one process per GPU.
    """
    import torch

    require_quantisation(settings.quantise)
    if settings.optimiser.startswith("paged_") and not torch.cuda.is_available():
        raise InputError("needs a CUDA device: --set optimiser=adamw_torch", field="optimiser")
    if processes() > 1 and settings.dev.rows:
        raise InputError("the dev check runs in a training of one process only: --set dev.rows=0", field="dev.rows")
    if torch.cuda.device_count() > 1 and processes() == 1:
        raise InputError(
            f"{torch.cuda.device_count()} GPUs are visible to one process: start with `accelerate launch`, or name one "
            "with CUDA_VISIBLE_DEVICES=0"
        )
