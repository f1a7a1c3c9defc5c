"""Pairs as rows for TRL: prompts in the model's own chat template, checked for what TRL would only warn of."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from equipoise.errors import InputError
from equipoise.training.common.preference import Message, Pair

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase


class Rows(NamedTuple):
    """Rows that fit.

    Attributes:
        rows: In TRL's conversational format.
        too_long: How many were left out, because they have more tokens than the stage takes.
    """

    rows: list[dict[str, Any]]
    too_long: int


def sft_rows(pairs: Sequence[Pair], tokenizer: "PreTrainedTokenizerBase", max_length: int) -> Rows:
    """Prompt and chosen reply; the loss is on the reply.

    Args:
        pairs: As drawn.
        tokenizer: The model's own.
        max_length: Tokens of a row.

    Raises:
        InputError: The chat template does not take the discussions, or no row fits.
    """
    return _rows(pairs, tokenizer, max_length, lambda pair: {"completion": _plain(pair.chosen)})


def dpo_rows(pairs: Sequence[Pair], tokenizer: "PreTrainedTokenizerBase", max_length: int) -> Rows:
    """Prompt with chosen and rejected reply; arguments and errors as in `sft_rows`."""
    return _rows(
        pairs, tokenizer, max_length,
        lambda pair: {"chosen": _plain(pair.chosen), "rejected": _plain(pair.rejected)},
    )  # fmt: skip


def token_ids(
    tokenizer: "PreTrainedTokenizerBase", messages: list[dict[str, str]], generation_prompt: bool
) -> list[int]:
    """A conversation in the model's own chat template.

    Raises:
        InputError: The template refuses it.
    """
    from jinja2 import TemplateError

    try:
        ids: Any = tokenizer.apply_chat_template(messages, add_generation_prompt=generation_prompt, return_dict=False)
    except (TemplateError, ValueError, TypeError, KeyError) as error:
        roles = ", ".join(message["role"] for message in messages)
        reason = " ".join(str(error).split())[:200]
        raise InputError(f"the chat template of the model refuses a conversation of {roles} ({reason})") from None
    return [int(each) for each in ids]


def _rows(pairs: Iterable[Pair], tokenizer: "PreTrainedTokenizerBase", max_length: int, replies: Any) -> Rows:
    rows, too_long = [], 0
    for pair in pairs:
        prompt, row = _plain(pair.prompt), replies(pair)
        length = max(_length(tokenizer, prompt, reply, pair.item) for reply in row.values())
        if length > max_length:
            too_long += 1
        else:
            rows.append({"prompt": prompt, **row})
    if not rows:
        raise InputError(f"all {too_long} rows have more than {max_length} tokens", field="max_length")
    return Rows(rows, too_long)


def _length(
    tokenizer: "PreTrainedTokenizerBase", prompt: list[dict[str, str]], reply: list[dict[str, str]], item: str
) -> int:
    """Tokens of prompt and reply.

    Raises:
        InputError: They do not begin with the tokens of the prompt alone: the model would be trained on another
            context than it is asked in.
    """
    before, whole = token_ids(tokenizer, prompt, True), token_ids(tokenizer, prompt + reply, False)
    if whole[: len(before)] != before:
        at = next((i for i, (a, b) in enumerate(zip(before, whole, strict=False)) if a != b), len(whole))
        raise InputError(
            f"item {item!r}: the chat template renders the prompt differently once a reply follows "
            f"({tokenizer.decode(before[at:])[:60]!r} became {tokenizer.decode(whole[at:])[:60]!r}), so training and "
            "use would differ; use a template that leaves the prompt as it is"
        )
    if len(whole) == len(before):
        raise InputError(f"item {item!r}: the chat template leaves nothing of the reply")
    return len(whole)


def _plain(messages: Iterable[Message]) -> list[dict[str, str]]:
    return [message.model_dump() for message in messages]
