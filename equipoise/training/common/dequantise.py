"""A quantised GGUF file as a plain Hugging Face folder, which can be trained."""

from contextlib import redirect_stderr
from io import StringIO
from pathlib import Path
from typing import Any

from equipoise.errors import InputError
from equipoise.harness.embedded.weights import digest
from equipoise.harness.files import write_text
from equipoise.training.common.checkpoints import write_folder
from equipoise.training.common.memory import is_out_of_memory
from equipoise.training.common.quiet import libraries_quiet
from equipoise.training.common.weights import require_extra

MAGIC = b"GGUF"


def dequantise(gguf: Path, folder: Path) -> Path:
    """Write the weights of a GGUF file in float32, with tokenizer, chat template and generation config.

    The numbers are those of the quantised file: what its rounding lost does not come back.

    Args:
        gguf: The file.
        folder: Written whole or not at all; must not be there.

    Raises:
        InputError: The file is no GGUF file, transformers cannot read its architecture, the folder is there, or the
            disk is full.
    """
    require_extra()
    _require_gguf(gguf)
    if folder.exists():
        raise InputError("is there already; give another -o", path=folder)
    with libraries_quiet():
        model, tokenizer = _read(gguf)
        card = _card(gguf, sum(p.numel() for p in model.parameters()))

        def write(partial: Path) -> None:
            model.save_pretrained(str(partial))
            tokenizer.save_pretrained(str(partial))
            write_text(partial / "README.md", card)

        write_folder(folder, write)
    return folder


def _read(gguf: Path) -> tuple[Any, Any]:
    """Model and tokenizer."""
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    where, name = str(gguf.parent), gguf.name
    try:
        with redirect_stderr(StringIO()):  # the bar of the GGUF reader is under nobody's switch
            tokenizer = AutoTokenizer.from_pretrained(where, gguf_file=name)
            read = AutoModelForCausalLM.from_pretrained(where, gguf_file=name, dtype=torch.float32)
    except Exception as error:  # whatever a broken file makes of a reader
        if is_out_of_memory(error):
            raise InputError("out of memory while reading the weights in float32", path=gguf) from None
        raise InputError(f"transformers cannot read it ({' '.join(str(error).split())[:200]})", path=gguf) from None
    config = read.config
    if hasattr(config, "quantization_config"):
        del config.quantization_config
    # A fresh model: the one that was read still calls itself quantised, and would be saved so.
    model = AutoModelForCausalLM.from_config(config, dtype=torch.float32)
    model.load_state_dict(read.state_dict())
    model.tie_weights()
    model.generation_config = read.generation_config
    return model, tokenizer


def _require_gguf(path: Path) -> None:
    try:
        with path.open("rb") as file:
            found = file.read(len(MAGIC))
    except OSError as error:
        raise InputError(f"cannot be read ({error.strerror}); expected a GGUF file", path=path) from None
    if found != MAGIC:
        raise InputError("is no GGUF file", path=path)


def _card(gguf: Path, parameters: int) -> str:
    return (
        f"# {gguf.stem}, dequantised\n\n"
        f"The {parameters:,} weights of `{gguf.name}` (sha256 {digest(gguf)}) in float32, written by "
        "`equipoise train dequantise`. They are the rounded weights of that file; its licence holds.\n"
    )
