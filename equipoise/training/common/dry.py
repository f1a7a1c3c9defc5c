"""What a training would do, without doing it."""

from typing import Any

from equipoise.errors import InputError
from equipoise.training.common.batches import Batches
from equipoise.training.common.job import Prepared, require_device
from equipoise.training.common.memory import estimate
from equipoise.training.common.quiet import libraries_quiet
from equipoise.training.common.settings import Stage
from equipoise.training.common.weights import empty_model, require_targets

GIB = 2**30


def dry(prepared: Prepared) -> dict[str, Any]:
    """Everything that is resolved, by name, in the order to read it in.

    Raises:
        InputError: The model has no layer of a LoRA target's name.
    """
    import torch

    job, base, settings = prepared.job, prepared.base, prepared.job.settings
    with libraries_quiet():
        model = empty_model(base)
    parameters = sum(p.numel() for p in model.parameters())
    config = base.config.get_text_config()
    lora, trained, layers = settings.lora, parameters, []
    if lora:
        layers = require_targets(model, lora.targets, base.name)
        shapes = [model.get_submodule(name) for name in layers]
        trained = sum(lora.r * sum(layer.weight.shape) for layer in shapes)
    need = estimate(settings, parameters, trained, config.num_hidden_layers, config.hidden_size)
    return {
        "model": f"{base.name} ({type(model).__name__}, {parameters:,} parameters, {base.revision})",
        "arm": job.arm,
        "seed": job.seed,
        "data": f"{job.data['path']} (sha256 {job.data['sha256'][:16]})",
        "rows": job.data["rows"],
        "by dimension": job.data["by_dimension"],
        **{
            name: _stage(stage, prepared.steps[name], prepared.too_long[name])
            for name, stage in (("sft", settings.sft), ("dpo", settings.dpo))
        },
        "LoRA": f"{', '.join(lora.targets)}: {len(layers)} layers, rank {lora.r}" if lora else "none: all weights",
        "trained": f"{trained:,} parameters",
        "weights": f"{settings.dtype}, quantised: {settings.quantise}",
        "optimiser": settings.optimiser,
        "dev check": f"{settings.dev.rows} rows at most after every epoch" if job.check else "none",
        "device": f"{torch.cuda.get_device_name()}" if torch.cuda.is_available() else "cpu",
        "memory": f"roughly {need.total / GIB:.1f} GiB: weights {need.weights / GIB:.1f}, adapters or gradients with "
        f"optimiser {need.training / GIB:.1f}, activations {need.activations / GIB:.1f}",
        "here": _here(prepared),
        "warnings": "; ".join(prepared.warnings) or "none",
        "output": str(job.out),
    }


def _stage(stage: Stage, arithmetic: Batches, too_long: int) -> str:
    left_out = f" ({too_long} too long)" if too_long else ""
    return (
        f"{arithmetic.rows} rows{left_out}, batch {stage.batch} = {stage.device_batch} x {arithmetic.accumulation} "
        f"accumulated x {arithmetic.processes} processes, {arithmetic.per_epoch} steps an epoch, "
        f"{arithmetic.steps} steps in all, lr {stage.lr:g} {stage.scheduler} after {stage.warmup} warm-up steps, "
        f"at most {stage.max_length} tokens"
    )


def _here(prepared: Prepared) -> str:
    try:
        require_device(prepared.job.settings)
    except InputError as error:
        return f"cannot run: {error}"
    return "can run"
