"""A model and its own tokenizer from a named place, or one line that says what is wrong there."""

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from equipoise.errors import InputError
from equipoise.training.common.memory import is_out_of_memory

if TYPE_CHECKING:
    from transformers import PretrainedConfig, PreTrainedModel, PreTrainedTokenizerBase

NEEDS = "needs the extra train: pip install 'equipoise[train]'"

PADS = ("<|finetune_right_pad_id|>", "<|reserved_special_token_0|>", "<|pad|>", "<pad>", "[PAD]", "<|endoftext|>")
"""Tokens that models keep for padding or for nothing; the first that a vocabulary has is taken."""


LOCAL = "sha256:"
"""What the revision of a folder begins with."""


class Base(NamedTuple):
    """A model that training starts from.

    Attributes:
        name: Folder or name on the hub.
        revision: Commit on the hub, or SHA-256 over the folder's weights, tokenizer and template: which these were.
        config: Of the model.
        tokenizer: Its own, with a chat template and a padding token.
    """

    name: str
    revision: str
    config: "PretrainedConfig"
    tokenizer: "PreTrainedTokenizerBase"

    @property
    def commit(self) -> str | None:
        """On the hub, where a name alone means other weights tomorrow; None for a folder."""
        return None if self.revision.startswith(LOCAL) else self.revision or None


def require_extra() -> None:
    """Refuse to start without the libraries.

    Raises:
        InputError: One is missing.
    """
    from importlib.util import find_spec

    for package in ("torch", "transformers", "trl", "peft", "datasets", "accelerate"):
        if find_spec(package) is None:
            raise InputError(f"training {NEEDS} ({package} is missing)")


def read_base(name: str) -> Base:
    """Everything of a model but its weights.

    Args:
        name: A folder in the Hugging Face layout, which must be the checkpoint itself, or a name on the hub.

    Raises:
        InputError: No such folder, no weights in it, a tokenizer that cannot be used for chat, or vocabularies that
            do not fit each other.
    """
    from transformers import AutoConfig

    folder = Path(name).expanduser()
    local = folder.is_dir() or name.startswith((".", "/", "~")) or name.count("/") > 1
    if local:
        _check_folder(folder, name)
        name = str(folder)
    try:
        config = AutoConfig.from_pretrained(name)
    except (OSError, ValueError, KeyError) as error:
        raise InputError(f"no model that transformers can read ({_line(error)})", path=name) from None
    tokenizer = read_tokenizer(name)
    size = getattr(config.get_text_config(), "vocab_size", None)
    if size is not None and len(tokenizer) > size:
        raise InputError(f"the tokenizer has {len(tokenizer)} tokens, the model only {size} embeddings", path=name)
    revision = _digest(folder) if local else str(getattr(config, "_commit_hash", "") or "")
    return Base(name, revision, config, tokenizer)


def read_tokenizer(name: str) -> "PreTrainedTokenizerBase":
    """A model's own tokenizer, which can render a discussion and has a padding token.

    Raises:
        InputError: There is none, or it has no chat template, or no end of sequence.
    """
    from transformers import AutoTokenizer

    try:
        tokenizer: PreTrainedTokenizerBase = AutoTokenizer.from_pretrained(name)
    except Exception as error:  # tokenizers raise plain Exception on a broken file
        raise InputError(f"no tokenizer that transformers can read ({_line(error)})", path=name) from None
    if not tokenizer.chat_template:
        raise InputError(
            "the tokenizer has no chat template, so nobody knows how this model marks turns; take the chat (instruct) "
            "variant of the model, or put its chat_template.jinja into the folder",
            path=name,
        )
    if tokenizer.eos_token is None:
        raise InputError("the tokenizer has no end-of-sequence token: a reply would never end", path=name)
    if tokenizer.pad_token is None:
        tokenizer.pad_token = _pad(tokenizer)
    return tokenizer


def load_model(name: str, dtype: str, quantise: str = "none", commit: str | None = None) -> "PreTrainedModel":
    """The weights.

    Args:
        name: As in `Base`.
        dtype: Of the weights that are not quantised.
        quantise: `none`, `8bit` or `4bit`.
        commit: Of a name on the hub; None = its newest.

    Raises:
        InputError: Weights that do not fit the model's code, or quantisation without CUDA.
    """
    import torch
    from transformers import AutoModelForCausalLM

    more: dict[str, Any] = {"revision": commit} if commit else {}
    if quantise != "none":
        more |= {"quantization_config": _quantisation(quantise, dtype), "device_map": {"": _device_index()}}
    try:
        loaded: Any = AutoModelForCausalLM.from_pretrained(
            name, dtype=getattr(torch, dtype), output_loading_info=True, **more
        )
    except MemoryError:
        raise
    except Exception as error:  # of safetensors as well, which raises its own
        if is_out_of_memory(error):
            raise
        raise InputError(f"the weights cannot be loaded ({_line(error)})", path=name) from None
    model: PreTrainedModel = loaded[0]
    if missing := sorted(loaded[1]["missing_keys"]):
        raise InputError(f"{len(missing)} tensors are missing in the weights, for example {missing[0]}", path=name)
    return model


def empty_model(base: Base) -> "PreTrainedModel":
    """The model without its weights: names and shapes of its parts, in no memory."""
    import torch
    from transformers import AutoModelForCausalLM

    with torch.device("meta"):
        model: PreTrainedModel = AutoModelForCausalLM.from_config(base.config)
    return model


def require_targets(model: "PreTrainedModel", targets: Sequence[str], name: str) -> list[str]:
    """Names of the layers that get an adapter.

    Raises:
        InputError: The model has no linear layer of a target's name: an adapter that is left out without a word
            trains another model than the settings say. The output layer is none, for DPO reads its weights directly.
    """
    import torch

    linear = [found for found, module in model.named_modules() if isinstance(module, torch.nn.Linear)]
    ends = sorted({found.rsplit(".", 1)[-1] for found in linear} - {"lm_head"})
    for target in targets:
        if target not in ends:
            raise InputError(
                f"the model has no layer {target!r}; found {', '.join(ends)}", path=name, field="lora.targets"
            )
    return [found for found in linear if found.rsplit(".", 1)[-1] in targets]


def require_quantisation(quantise: str) -> None:
    """Refuse quantised weights where they cannot be had.

    Raises:
        InputError: No bitsandbytes, or no CUDA.
    """
    from importlib.util import find_spec

    import torch

    if quantise == "none":
        return
    if not torch.cuda.is_available():
        raise InputError(f"{quantise} needs a CUDA device, and there is none: --set quantise=none", field="quantise")
    if find_spec("bitsandbytes") is None:
        raise InputError(f"{quantise} needs bitsandbytes: pip install bitsandbytes", field="quantise")


def _quantisation(quantise: str, dtype: str) -> Any:
    import torch
    from transformers import BitsAndBytesConfig

    require_quantisation(quantise)
    if quantise == "8bit":
        return BitsAndBytesConfig(load_in_8bit=True)
    # FSDP shards tensors of one floating type only: 4-bit weights are stored in that of the rest.
    return BitsAndBytesConfig(
        load_in_4bit=True, bnb_4bit_quant_type="nf4", bnb_4bit_use_double_quant=True,
        bnb_4bit_compute_dtype=getattr(torch, dtype), bnb_4bit_quant_storage=getattr(torch, dtype),
    )  # fmt: skip


def _device_index() -> int:
    from accelerate import PartialState

    return int(PartialState().local_process_index)


def _check_folder(folder: Path, name: str) -> None:
    if not folder.is_dir():
        raise InputError("no such folder; expected a model in the Hugging Face layout", path=name)
    if not (folder / "config.json").is_file():
        inner = sorted(path.parent.name for path in folder.glob("*/config.json"))
        hint = f" (did you mean {folder / inner[-1]}?)" if inner else ""
        raise InputError(f"holds no config.json, so is no model in the Hugging Face layout{hint}", path=name)
    if not any(folder.glob("*.safetensors")) and not any(folder.glob("pytorch_model*.bin")):
        raise InputError("holds no weights (*.safetensors)", path=name)


def _digest(folder: Path) -> str:
    total = hashlib.sha256()
    names = ("*.safetensors", "pytorch_model*.bin", "config.json", "tokenizer*", "chat_template*")
    for path in sorted(path for name in names for path in folder.glob(name)):
        with path.open("rb") as file:
            total.update(f"{path.name}\n".encode() + hashlib.file_digest(file, "sha256").digest())
    return f"{LOCAL}{total.hexdigest()[:16]}"


def _pad(tokenizer: "PreTrainedTokenizerBase") -> str:
    """A token for padding that ends nothing: loops that mask it in the labels would otherwise unlearn to stop.

    With no other token at hand it is the end of sequence; TRL masks by position, so that stays in the loss.
    """
    known = tokenizer.get_vocab()
    ends = tokenizer.eos_token
    found = next((pad for pad in PADS if pad in known and pad != ends), None)
    return str(found or tokenizer.unk_token or ends)


def _line(error: Exception) -> str:
    return " ".join(str(error).split())[:200] or type(error).__name__
