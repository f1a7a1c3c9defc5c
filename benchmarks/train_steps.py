"""Step time of `equipoise train` against TRL's trainers used plainly, on the same rows, batch and arguments.

    python benchmarks/train_steps.py [MODEL] [--rounds 5] [--steps 6]

MODEL is a Hugging Face folder (default: a random Llama of 4 layers, made here). Both sides train in one process by
turns, so that load on the machine meets both; the first round warms up and is not counted. What is compared is the time
from one optimiser step to the next with everything that happens between them (history and progress on our side). The
target is a ratio of medians of at most 1.03.
"""

import argparse
import itertools
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

from equipoise.training.common.history import History
from equipoise.training.common.progress import Progress
from equipoise.training.common.quiet import libraries_quiet
from equipoise.training.common.rows import dpo_rows, sft_rows
from equipoise.training.common.settings import read_settings
from equipoise.training.common.stages import dpo_trainer, lora_config, sft_trainer
from equipoise.training.common.weights import Base, load_model, read_base

TARGET = 1.03


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", nargs="?", help="Hugging Face folder")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--steps", type=int, default=6)
    parser.add_argument("--batch", type=int, default=4)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name, libraries_quiet():
        folder = Path(name)
        compare(options.model or str(small_model(folder / "model")), folder, options)


def small_model(folder: Path) -> Path:
    import sys

    sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
    from training.common.tiny import tiny_model

    return tiny_model(folder, layers=4)


def compare(model: str, folder: Path, options: argparse.Namespace) -> None:
    """Print medians and ratio for both stages."""
    import sys

    sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
    from training.common.tiny import tiny_pairs

    batch = options.batch
    changes = {
        f"{stage}.{key}": value
        for stage in ("sft", "dpo")
        for key, value in {"steps": options.steps, "batch": batch, "device_batch": batch}.items()
    }
    settings = read_settings("cpu", {**changes, "lora.dropout": 0.05, "dev.rows": 0})
    base, pairs = read_base(model), tiny_pairs(80)
    times: dict[tuple[str, str], list[float]] = {}
    adapter = folder / "adapter"
    for turn in range(options.rounds + 1):
        for side in ("ours", "plain") if turn % 2 else ("plain", "ours"):
            for stage in ("sft", "dpo"):
                place = folder / f"{turn}-{side}-{stage}"
                if stage == "sft":
                    make = sft_trainer if side == "ours" else plain_sft
                    trainer: Any = make(base, settings, pairs, place, 0)
                else:
                    trainer = (dpo_trainer if side == "ours" else plain_dpo)(base, adapter, settings, pairs, place, 0)
                found = timed(trainer, side, stage, place)
                if stage == "sft" and not adapter.exists():
                    trainer.model.save_pretrained(str(adapter))
                if turn:
                    times.setdefault((stage, side), []).extend(found)
    for stage in ("sft", "dpo"):
        ours, plain = (statistics.median(times[stage, side]) for side in ("ours", "plain"))
        verdict = "within" if ours / plain <= TARGET else "above"
        print(
            f"{stage}: ours {ours * 1000:.1f} ms, plain TRL {plain * 1000:.1f} ms a step of {batch} "
            f"({len(times[stage, 'ours'])} steps each), ratio {ours / plain:.3f} ({verdict} {TARGET})"
        )


def timed(trainer: Any, side: str, stage: str, place: Path) -> list[float]:
    """Seconds between optimiser steps; the first, with its warm-up, is left out."""
    from transformers import PrinterCallback, TrainerCallback

    from equipoise.training.common.watch import Watch, Watched

    stamps: list[float] = []

    class Clock(TrainerCallback):
        def on_step_begin(self, *args: Any, **more: Any) -> None:
            stamps.append(time.perf_counter())

    trainer.remove_callback(PrinterCallback)
    if side == "ours":
        place.mkdir(parents=True, exist_ok=True)
        progress = Progress(trainer.args.max_steps, shown=False)
        trainer.add_callback(Watch(Watched(stage, place, History(place), progress, 0, None, "")))
    trainer.add_callback(Clock())
    trainer.train()
    return [after - before for before, after in itertools.pairwise(stamps[1:])]


def plain_sft(base: Base, settings: Any, pairs: Any, place: Path, seed: int) -> Any:
    from datasets import Dataset
    from trl import SFTConfig, SFTTrainer

    return SFTTrainer(
        model=load_model(base.name, "float32"),
        args=SFTConfig(**plain_arguments(settings, settings.sft, place, seed)),
        train_dataset=Dataset.from_list(sft_rows(pairs, base.tokenizer, settings.sft.max_length).rows),
        processing_class=base.tokenizer,
        peft_config=lora_config(settings.lora),
    )


def plain_dpo(base: Base, adapter: Path, settings: Any, pairs: Any, place: Path, seed: int) -> Any:
    from datasets import Dataset
    from peft import PeftModel
    from trl import DPOConfig, DPOTrainer

    return DPOTrainer(
        model=PeftModel.from_pretrained(load_model(base.name, "float32"), str(adapter), is_trainable=True),
        args=DPOConfig(**plain_arguments(settings, settings.dpo, place, seed), beta=settings.dpo.beta),
        train_dataset=Dataset.from_list(dpo_rows(pairs, base.tokenizer, settings.dpo.max_length).rows),
        processing_class=base.tokenizer,
    )


def plain_arguments(settings: Any, stage: Any, place: Path, seed: int) -> dict[str, Any]:
    """The arguments that decide how much is computed, written out by hand."""
    import torch

    return {
        "output_dir": str(place), "seed": seed, "max_length": stage.max_length, "learning_rate": stage.lr,
        "lr_scheduler_type": stage.scheduler, "warmup_steps": stage.warmup, "max_steps": stage.steps,
        "per_device_train_batch_size": stage.device_batch, "gradient_checkpointing": False, "bf16": False,
        "use_cpu": not torch.cuda.is_available(), "dataloader_pin_memory": False,
        "save_strategy": "epoch", "save_total_limit": 2,
        "logging_steps": 1, "optim": settings.optimiser, "report_to": "none", "disable_tqdm": True,
    }  # fmt: skip


if __name__ == "__main__":
    main()
