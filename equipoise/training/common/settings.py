"""Settings of a training: YAML, checked before anything is loaded."""

from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from equipoise.errors import InputError
from equipoise.harness.inputs import fitted, read_yaml

CONFIGS = ("cpu", "gpu-8b", "fsdp-70b")
"""The settings that ship, by name; `fsdp-70b` belongs to `fsdp-70b.accelerate.yaml`."""


class _Settings(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Lora(_Settings):
    """Low-rank adapters instead of all weights.

    Attributes:
        r: Rank.
        alpha: The adapter's product is scaled by alpha / r.
        dropout: On the adapter's input, during SFT; DPO runs without any dropout.
        targets: Ends of the names of the linear layers that get one.
    """

    r: int = Field(16, ge=1)
    alpha: int = Field(32, ge=1)
    dropout: float = Field(0.05, ge=0, lt=1)
    targets: tuple[str, ...] = Field(("q_proj", "k_proj", "v_proj"), min_length=1)

    @field_validator("targets", mode="before")
    @classmethod
    def _names_in_one_text(cls, targets: object) -> object:
        """`--set lora.targets=q_proj,v_proj` arrives as one text."""
        return tuple(name.strip() for name in targets.split(",")) if isinstance(targets, str) else targets


class Stage(_Settings):
    """One stage of training.

    Attributes:
        lr: Peak learning rate.
        scheduler: How it falls, in the Trainer's names.
        warmup: Steps in which it rises from 0.
        epochs, steps: How long; one of the two.
        batch: Rows (DPO: pairs) of one optimiser step over all devices.
        device_batch: Of them in one forward pass on one device; the rest is accumulated.
        max_length: Tokens of a row, prompt included; longer rows are left out and counted.
    """

    lr: float = Field(gt=0)
    scheduler: Literal["cosine", "linear", "constant", "constant_with_warmup"] = "cosine"
    warmup: int = Field(0, ge=0)
    epochs: float | None = Field(None, gt=0)
    steps: int | None = Field(None, ge=1)
    batch: int = Field(ge=1)
    device_batch: int = Field(ge=1)
    max_length: int = Field(ge=2)

    @model_validator(mode="after")
    def _one_length(self) -> "Stage":
        if (self.epochs is None) == (self.steps is None):
            raise ValueError("expected either epochs or steps (set the other to null)")
        return self


class Dpo(Stage):
    """The preference stage.

    Attributes:
        beta: Weight of the log-ratios against the reference, the frozen SFT model.
    """

    beta: float = Field(0.1, gt=0)


class Dev(_Settings):
    """The check after every epoch.

    Attributes:
        rows: Of the dev split, half of each dimension; 0: no check, and the last DPO checkpoint is taken.
        max_new_tokens: Of a generated reply.
        batch: Replies generated at once.
    """

    rows: int = Field(0, ge=0)
    max_new_tokens: int = Field(80, ge=1)
    batch: int = Field(16, ge=1)


class Settings(_Settings):
    """All of a training but model, data and seed.

    Attributes:
        dtype: Of the frozen weights under LoRA and of the forward pass; without LoRA weights are trained in float32.
        quantise: Of the frozen weights, by bitsandbytes, which needs CUDA.
        lora: null trains all weights.
        optimiser: In the Trainer's names.
        gradient_checkpointing: Compute activations twice instead of keeping them.
    """

    dtype: Literal["float32", "bfloat16"] = "float32"
    quantise: Literal["none", "8bit", "4bit"] = "none"
    lora: Lora | None = Lora()
    optimiser: str = "adamw_torch"
    gradient_checkpointing: bool = False
    sft: Stage
    dpo: Dpo
    dev: Dev = Dev()

    @model_validator(mode="after")
    def _quantised_weights_are_frozen(self) -> "Settings":
        if self.quantise != "none" and self.lora is None:
            raise ValueError("quantised weights cannot be trained themselves: set lora, or quantise to none")
        return self


def read_settings(source: str, changes: Mapping[str, Any]) -> Settings:
    """Settings that ship, or of a file, with single values changed.

    Args:
        source: One of `CONFIGS`, or the path of a YAML file.
        changes: Values by dotted name: `{"sft.epochs": 2}`. Of `epochs` and `steps` the one that is given counts.

    Raises:
        InputError: No such settings, or a value does not fit.
    """
    path = Path(str(files(__package__) / "configs" / f"{source}.yaml")) if source in CONFIGS else Path(source)
    if source not in CONFIGS and not path.is_file():
        raise InputError(f"no such settings; expected one of {', '.join(CONFIGS)}, or a YAML file", path=source)
    content = read_yaml(path, "settings of a training")
    if not isinstance(content, dict):
        raise InputError("expected settings of a training", path=source)
    for name, value in changes.items():
        _change(content, name, value)
    return fitted(Settings, content, source)


def _change(content: dict[str, Any], name: str, value: Any) -> None:
    *parts, last = name.split(".")
    place: Any = content
    for part in parts:
        if part in place and place[part] is None:
            place[part] = {}
        place = place.setdefault(part, {})
        if not isinstance(place, dict):
            raise InputError(f"--set: {part!r} holds a single value", field=name)
    place[last] = value
    if value is not None and last in ("epochs", "steps"):
        place["steps" if last == "epochs" else "epochs"] = None
