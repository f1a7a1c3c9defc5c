"""Memory: a rough estimate before training, and one clear line when it does not suffice."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from equipoise.errors import InputError
from equipoise.training.common.settings import Settings

_TOLD = ("out of memory", "not enough memory", "can't allocate memory", "cannot allocate memory")

_WEIGHT_BYTES = {"8bit": 1.0, "4bit": 0.55}
_ACTIVATIONS = 16
"""Numbers kept for the backward pass per token, layer and hidden unit without gradient checkpointing: attention and
MLP of a usual transformer, without the attention matrix."""


class Estimate(NamedTuple):
    """Bytes on one device, roughly: to choose a batch, not to rely on.

    Attributes:
        weights: Of the model.
        training: Trained parameters with gradients and the optimiser's two moments, in float32.
        activations: Of the stage that needs most.
    """

    weights: float
    training: float
    activations: float

    @property
    def total(self) -> float:
        """All of it."""
        return sum(self)


def estimate(settings: Settings, parameters: int, trained: int, layers: int, hidden: int) -> Estimate:
    """Memory of a training on one device that holds the whole model.

    Args:
        settings: Batches and lengths.
        parameters: Of the model.
        trained: Of them, or of the adapters.
        layers: Of the transformer.
        hidden: Width of a token's vector.
    """
    size = 2 if settings.dtype == "bfloat16" else 4
    frozen = parameters * _WEIGHT_BYTES.get(settings.quantise, size)
    # A pair is two sequences; without LoRA the reference is a second model.
    tokens = max(
        settings.sft.device_batch * settings.sft.max_length, 2 * settings.dpo.device_batch * settings.dpo.max_length
    )
    kept = layers * tokens * hidden if settings.gradient_checkpointing else layers * tokens * hidden * _ACTIVATIONS
    once = tokens * hidden * _ACTIVATIONS if settings.gradient_checkpointing else 0
    weights = frozen if settings.lora else 2 * 4.0 * parameters
    return Estimate(weights, trained * (16 if settings.lora else 12), float((kept + once) * size))


def is_out_of_memory(error: BaseException) -> bool:
    """Whether a failure means that memory did not suffice, on a GPU or in main memory."""
    import torch

    if isinstance(error, torch.OutOfMemoryError | MemoryError):
        return True
    return isinstance(error, RuntimeError) and any(words in str(error).lower() for words in _TOLD)


@contextmanager
def memory_told(settings: Settings, doing: str) -> Iterator[None]:
    """Turn a failed allocation into one line that names what can be lowered.

    Args:
        settings: Of the training.
        doing: `sft`, `dpo`, or what else was being done.

    Raises:
        InputError: Memory did not suffice.
    """
    try:
        yield
    except (RuntimeError, MemoryError) as error:
        if not is_out_of_memory(error):
            raise
        raise InputError(_advice(settings, doing)) from None


def _advice(settings: Settings, doing: str) -> str:
    if doing not in ("sft", "dpo"):
        return f"out of memory while {doing}: free memory, or take a smaller model; what was done is kept"
    stage = settings.dpo if doing == "dpo" else settings.sft
    lower = [f"{doing}.device_batch={stage.device_batch}"]
    if settings.dev.rows:
        lower.append(f"dev.batch={settings.dev.batch}")
    more = "" if settings.gradient_checkpointing else ", or --set gradient_checkpointing=true"
    return (
        f"out of memory in {doing}: lower {' or '.join(lower)} with --set{more}, and the same folder goes on with what "
        f"was done; {doing}.max_length={stage.max_length} can be lowered too, in another folder"
    )
