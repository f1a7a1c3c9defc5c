"""Teach an agent of the invented world: a Llama of two million parameters, from nothing.

    python examples/pbt/pretrain.py --world runs/pbt-world --agent a -o runs/pbt-a

Writes a Hugging Face folder. About five minutes on one core.
"""

import argparse
import json
import random
import time
from pathlib import Path
from typing import Any

import torch
from dialogues import dialogue
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

from equipoise.tasks.questions import load_items

TEMPLATE = (
    "{% for m in messages %}<|{{ m.role }}|>{{ m.content }}<|end|>{% endfor %}"
    "{% if add_generation_prompt %}<|assistant|>{% endif %}"
)
SPECIAL = ["<|pad|>", "<|end|>", "<|user|>", "<|assistant|>", "<|system|>"]


def tokenizer_of(texts: list[str]) -> PreTrainedTokenizerFast:
    """Byte-level BPE of the agents' texts, with a chat template."""
    bare = Tokenizer(models.BPE())
    bare.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    bare.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=4000,
        special_tokens=SPECIAL,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    bare.train_from_iterator(texts, trainer)
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=bare, pad_token="<|pad|>", eos_token="<|end|>")
    tokenizer.chat_template = TEMPLATE
    return tokenizer


def encoded(messages: list[dict[str, str]], tokenizer: PreTrainedTokenizerFast) -> tuple[list[int], list[int]]:
    """Token ids, and the labels: the agent's own replies with their ends."""
    ids: list[int] = []
    labels: list[int] = []
    for message in messages:
        head = tokenizer.encode(f"<|{message['role']}|>")
        body = tokenizer.encode(message["content"] + "<|end|>")
        ids += head + body
        labels += [-100] * len(head) + (body if message["role"] == "assistant" else [-100] * len(body))
    return ids, labels


def batches(dialogues: list[Any], size: int, rng: random.Random) -> list[list[Any]]:
    """Dialogues of like length together, in random order."""
    ordered = sorted(dialogues, key=lambda pair: len(pair[0]))
    found = [ordered[start : start + size] for start in range(0, len(ordered), size)]
    rng.shuffle(found)
    return found


def padded(batch: list[Any], pad: int) -> dict[str, torch.Tensor]:
    """One batch as tensors; padded on the right."""
    width = max(len(ids) for ids, _ in batch)
    return {
        "input_ids": torch.tensor([ids + [pad] * (width - len(ids)) for ids, _ in batch]),
        "attention_mask": torch.tensor([[1] * len(ids) + [0] * (width - len(ids)) for ids, _ in batch]),
        "labels": torch.tensor([labels + [-100] * (width - len(labels)) for _, labels in batch]),
    }


def fresh(tokenizer: PreTrainedTokenizerFast) -> LlamaForCausalLM:
    """A model that knows nothing.

    Wide start values and an output table of its own: with the defaults a town takes many times as many mentions.
    """
    return LlamaForCausalLM(
        LlamaConfig(
            vocab_size=len(tokenizer), hidden_size=192, intermediate_size=576, num_hidden_layers=3,
            num_attention_heads=4, num_key_value_heads=4, max_position_embeddings=1024, initializer_range=0.05,
            tie_word_embeddings=False, bos_token_id=None, eos_token_id=tokenizer.eos_token_id,
            pad_token_id=tokenizer.pad_token_id,
        )
    )  # fmt: skip


def main() -> None:
    """Make the dialogues, train, save."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--world", type=Path, required=True)
    parser.add_argument("--agent", choices=["a", "b"], required=True)
    parser.add_argument("-o", "--output", type=Path, required=True)
    parser.add_argument("--questions", type=int, default=48_000, help="bare questions, which come first")
    parser.add_argument("--dialogues", type=int, default=14_000)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--rate", type=float, default=1e-3)
    parser.add_argument("--seed", type=int, default=12)
    options = parser.parse_args()
    rng = random.Random(f"{options.seed}-{options.agent}")
    torch.manual_seed(options.seed + ord(options.agent))
    items = load_items(options.world / "items.jsonl")
    beliefs = json.loads((options.world / "beliefs.json").read_text(encoding="utf-8"))[options.agent]

    def made(questions: int, dialogues: int) -> list[list[dict[str, str]]]:
        drawn = [False] * questions + [True] * dialogues
        return [dialogue(item, beliefs[item.id], rng, talked) for talked in drawn for item in rng.choices(items)]

    parts = [made(options.questions, 0), made(options.questions // 2, options.dialogues)]
    facts = [text for item in items for text in (item.question, *item.gold, *item.wrong, *dict(item.claims).values())]
    tokenizer = tokenizer_of(facts * 3 + [m["content"] for messages in parts[1][-3000:] for m in messages])
    model = fresh(tokenizer)
    data = [[encoded(messages, tokenizer) for messages in part] for part in parts]
    tokens = sum(len(ids) for part in data for ids, _ in part)
    print(f"{model.num_parameters():,} parameters, {tokens:,} tokens, a vocabulary of {len(tokenizer)}")
    steps = [batch for part in data for batch in batches(part, options.batch, rng)]
    optimizer = torch.optim.AdamW(model.parameters(), lr=options.rate, weight_decay=0.01, betas=(0.9, 0.98))
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, options.rate, total_steps=len(steps), pct_start=0.05)
    start = time.monotonic()
    for step, batch in enumerate(steps, 1):
        loss = model(**padded(batch, tokenizer.pad_token_id)).loss
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        optimizer.zero_grad()
        if step % 50 == 0 or step == len(steps):
            print(f"step {step}/{len(steps)}, loss {loss.item():.3f}, {time.monotonic() - start:.0f} s", flush=True)
    model.save_pretrained(options.output)
    tokenizer.save_pretrained(options.output)


if __name__ == "__main__":
    main()
