"""The trained model as a plain folder that anything can load."""

from pathlib import Path

from equipoise.training.common.checkpoints import write_folder
from equipoise.training.common.settings import Settings
from equipoise.training.common.weights import Base, load_model


def write_candidate(base: Base, trained: Path, folder: Path, settings: Settings) -> None:
    """Merge an adapter into the base weights, and write them with the tokenizer.

    A quantised base is loaded unquantised here, for quantised weights cannot take the adapter without another
    rounding; the adapter on the quantised base is what was trained, and stays where it is.

    Args:
        base: What training started from.
        trained: Adapter, or all weights.
        folder: Written whole or not at all.
        settings: Of the training.

    Raises:
        InputError: The disk is full or the folder cannot be written.
    """
    import torch

    if settings.lora:
        from peft import PeftModel

        whole = load_model(base.name, settings.dtype, commit=base.commit)
        model = PeftModel.from_pretrained(whole, str(trained)).merge_and_unload()
    else:
        model = load_model(str(trained), settings.dtype)
    model.config.dtype = getattr(torch, settings.dtype)

    def write(partial: Path) -> None:
        model.save_pretrained(str(partial))
        base.tokenizer.save_pretrained(str(partial))

    write_folder(folder, write)
