"""The two stages, by TRL's trainers: SFT on chosen replies, then DPO with the frozen SFT model as reference."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from equipoise.training.common.batches import batches, processes
from equipoise.training.common.preference import Pair
from equipoise.training.common.rows import dpo_rows, sft_rows
from equipoise.training.common.settings import Lora, Settings, Stage
from equipoise.training.common.weights import Base, load_model, require_targets

if TYPE_CHECKING:
    from transformers import Trainer

KEPT = 2
"""Checkpoints of a stage, so that one is whole while the next is being written."""


def sft_trainer(base: Base, settings: Settings, pairs: Sequence[Pair], folder: Path, seed: int) -> "Trainer":
    """Supervised fine-tuning on the chosen replies; the prompt is not in the loss.

    Args:
        base: What to start from.
        settings: Of the training.
        pairs: Train rows.
        folder: For checkpoints.
        seed: Of adapters, order and dropout.
    """
    from datasets import Dataset
    from trl import SFTConfig, SFTTrainer

    model = load_model(base.name, weights_dtype(settings), settings.quantise, base.commit)
    if settings.lora:
        require_targets(model, settings.lora.targets, base.name)
    rows = sft_rows(pairs, base.tokenizer, settings.sft.max_length).rows
    return SFTTrainer(
        model=model,
        args=SFTConfig(
            **_arguments(settings, settings.sft, "sft", len(rows), folder, seed), completion_only_loss=True,
        ),
        train_dataset=Dataset.from_list(rows),
        processing_class=base.tokenizer,
        peft_config=lora_config(settings.lora) if settings.lora else None,
    )  # fmt: skip


def dpo_trainer(base: Base, sft: Path, settings: Settings, pairs: Sequence[Pair], folder: Path, seed: int) -> "Trainer":
    """Direct preference optimisation of the SFT model against itself.

    The SFT adapter goes on as the policy; TRL copies a trained adapter that it is given without `peft_config` to a
    frozen one named `ref`. A `peft_config` here would start a new adapter, with the base model as reference. Without
    LoRA the reference is the SFT model loaded a second time.

    Args:
        base: What the SFT model was made from.
        sft: Folder of the SFT model: an adapter, or all weights.
        settings: Of the training.
        pairs: Train rows.
        folder: For checkpoints.
        seed: Of the order.
    """
    from datasets import Dataset
    from trl import DPOConfig, DPOTrainer

    if settings.lora:
        from peft import PeftModel

        frozen = load_model(base.name, settings.dtype, settings.quantise, base.commit)
        model: Any = PeftModel.from_pretrained(frozen, str(sft), is_trainable=True)
        reference = None
    else:
        model, reference = (load_model(str(sft), weights_dtype(settings)) for _ in range(2))
    rows = dpo_rows(pairs, base.tokenizer, settings.dpo.max_length).rows
    return DPOTrainer(
        model=model,
        ref_model=reference,
        args=DPOConfig(
            **_arguments(settings, settings.dpo, "dpo", len(rows), folder, seed),
            beta=settings.dpo.beta, disable_dropout=True,
        ),
        train_dataset=Dataset.from_list(rows),
        processing_class=base.tokenizer,
    )  # fmt: skip


def lora_config(lora: Lora) -> Any:
    """The adapter in PEFT's words."""
    from peft import LoraConfig

    return LoraConfig(
        r=lora.r, lora_alpha=lora.alpha, lora_dropout=lora.dropout, target_modules=list(lora.targets),
        task_type="CAUSAL_LM",
    )  # fmt: skip


def weights_dtype(settings: Settings) -> str:
    """Trained weights are kept in float32: a step of 1e-5 is lost in bfloat16.

    TRL itself turns the adapters of a quantised base into bfloat16, as the authors of QLoRA do.
    """
    return settings.dtype if settings.lora else "float32"


def _arguments(settings: Settings, stage: Stage, name: str, rows: int, folder: Path, seed: int) -> dict[str, Any]:
    import torch

    arithmetic = batches(stage, name, rows, processes())
    cuda = torch.cuda.is_available()
    return {
        "output_dir": str(folder), "seed": seed, "max_length": stage.max_length,
        "learning_rate": stage.lr, "lr_scheduler_type": stage.scheduler, "warmup_steps": stage.warmup,
        "num_train_epochs": stage.epochs or 1, "max_steps": stage.steps or -1, "optim": settings.optimiser,
        "per_device_train_batch_size": stage.device_batch, "gradient_accumulation_steps": arithmetic.accumulation,
        "gradient_checkpointing": settings.gradient_checkpointing, "bf16": settings.dtype == "bfloat16", "fp16": False,
        "use_cpu": not cuda, "dataloader_pin_memory": cuda,
        "save_strategy": "epoch", "save_total_limit": KEPT,
        "logging_steps": 1, "logging_nan_inf_filter": False, "report_to": "none", "disable_tqdm": True,
    }  # fmt: skip
