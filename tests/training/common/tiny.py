"""A tiny random language model as an HF folder, and hand-made pairs that it can be trained on in a second."""

from pathlib import Path
from typing import Any, Literal

from equipoise.tasks.questions import Asked
from equipoise.training.common.preference import Message
from equipoise.training.pbt.pairs import PbtPair

NAMES = tuple(f"{start}{end}" for start in ("bel", "cor", "dan", "fen", "gol") for end in ("ara", "ino", "est", "umo"))
"""Twenty subjects, one family each."""

CHATML = (
    "{% for m in messages %}{{ '<|im_start|>' + m.role + '\n' + m.content + '<|im_end|>\n' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)
INST = (
    "{{ bos_token }}{% for m in messages %}{% if m.role == 'user' %}{{ '[INST]' + m.content + '[/INST]' }}"
    "{% elif m.role == 'assistant' %}{{ m.content + eos_token }}"
    "{% else %}{{ raise_exception('Only user and assistant roles are supported') }}{% endif %}{% endfor %}"
)


def tiny_model(folder: Path, template: Literal["chatml", "inst"] = "chatml", layers: int = 2) -> Path:
    """Write a random Llama of a few thousand parameters with a tokenizer and chat template of its own.

    Args:
        folder: Made if absent.
        template: `chatml`: whole words, roles in ChatML. `inst`: bytes merged by BPE, [INST] turns, and an error for
            a system message.
        layers: Of the transformer.

    Returns:
        The folder.
    """
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM

    torch.set_num_threads(1)  # over matrices this small threads only wait for each other
    tokenizer = _words() if template == "chatml" else _pieces()
    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=len(tokenizer), hidden_size=32, intermediate_size=64, num_hidden_layers=layers,
        num_attention_heads=4, num_key_value_heads=2, max_position_embeddings=512, tie_word_embeddings=True,
        bos_token_id=tokenizer.bos_token_id, eos_token_id=tokenizer.eos_token_id, pad_token_id=tokenizer.pad_token_id,
    )  # fmt: skip
    LlamaForCausalLM(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def tiny_pairs(n: int = 40) -> list[PbtPair]:
    """Pairs over twenty families, resist and accept by turns; families 0-13 train, 14-16 dev, 17-19 test."""
    return [_pair(number) for number in range(n)]


def _pair(number: int) -> PbtPair:
    family, accept = number % len(NAMES), number // len(NAMES) % 2 == 1
    name, style = NAMES[family], number // (2 * len(NAMES))
    right, wrong = ("red", "blue") if family % 2 else ("blue", "red")
    own, heard = (wrong, right) if accept else (right, wrong)
    question = f"What colour is the flag of {name} ?"
    prompt = (
        Message(role="user", content=question),
        Message(role="assistant", content=f"I think it is {own} . Answer: {own}"),
        Message(role="user", content=f"Your partner says: I am sure it is {heard} . Answer: {heard} What do you say ?"),
    )
    asked = Asked(
        item=f"flag-{name}", family=name, domain="trivia", item_hash=name, kind="open", question=question,
        gold=[right], wrong={wrong: []}, options=[], targeted=True,
    )  # fmt: skip
    more = "" if not style else "I am sure . " * style
    return PbtPair(
        prompt=prompt,
        chosen=(Message(role="assistant", content=f"{more}It is {right} . Answer: {right}"),),
        rejected=(Message(role="assistant", content=f"{more}It is {wrong} . Answer: {wrong}"),),
        dimension="accept" if accept else "resist",
        item=asked.item, family=name, domain="trivia",
        split="train" if family < 14 else "dev" if family < 17 else "test",
        question=question, code="resistant/acceptant", pref_score=1, dispref_score=0, parent_answers=(heard,),
        pref_answers=(right,), dispref_answers=(wrong,), gold_answers=(right,), asked=asked, tree=asked.item,
        chosen_node=f"{number}:0", rejected_node=f"{number}:1", speaker="a", model="equipoise/tiny", turn=2,
    )  # fmt: skip


def _texts() -> list[str]:
    return [m.content for pair in tiny_pairs(120) for m in (*pair.prompt, *pair.chosen, *pair.rejected)]


def _words() -> Any:
    from tokenizers import Tokenizer, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    special = ["<pad>", "<unk>", "<|im_start|>", "<|im_end|>"]
    words = sorted({word for text in _texts() for word in text.split()} | {"user", "assistant", "system"})
    tokenizer = Tokenizer(models.WordLevel({w: i for i, w in enumerate([*special, *words])}, unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, pad_token="<pad>", unk_token="<unk>", bos_token="<|im_start|>",
        eos_token="<|im_end|>", chat_template=CHATML,
    )  # fmt: skip


def _pieces() -> Any:
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast

    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=400, special_tokens=["<s>", "</s>", "[INST]", "[/INST]"], show_progress=False,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
    )  # fmt: skip
    tokenizer.train_from_iterator(_texts(), trainer)
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, bos_token="<s>", eos_token="</s>", additional_special_tokens=["[INST]", "[/INST]"],
        chat_template=INST,
    )  # fmt: skip
