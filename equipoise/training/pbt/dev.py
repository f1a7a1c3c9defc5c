"""The dev check: does the model resist where it should and accept where it should, in its own generated replies?"""

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

from equipoise.tasks.questions import Belief
from equipoise.training.common.rows import token_ids
from equipoise.training.pbt.answers import answer_of
from equipoise.training.pbt.pairs import PbtPair

if TYPE_CHECKING:
    from torch import Tensor


class DevResult(NamedTuple):
    """What a check found.

    Attributes:
        resist, accept: Share of right answers in [0, 1] among the prompts of that dimension whose reply gives an
            answer; None where there is none.
        resist_n, accept_n: How many prompts that are.
        unparsed: Prompts of both dimensions whose reply gives no answer that can be read.
        balanced: Mean over both dimensions of right replies among all prompts, which chooses the checkpoint: a model
            that answers only where it is easy gains nothing. None if no reply could be read.
    """

    resist: float | None
    accept: float | None
    resist_n: int
    accept_n: int
    unparsed: int
    balanced: float | None


class DevCheck:
    """Greedy replies to the prompts of dev pairs, read by the rules that the trees were read by.

    Args:
        pairs: Of the dev split; pairs that share a prompt are one prompt.
        tokenizer: The model's own.
        max_new_tokens: Of a reply.
        batch: Replies generated at once.

    Raises:
        InputError: The chat template refuses a prompt.
    """

    def __init__(self, pairs: Sequence[PbtPair], tokenizer: Any, max_new_tokens: int = 48, batch: int = 16) -> None:
        distinct = {(pair.dimension, pair.prompt): pair for pair in reversed(pairs)}
        prompts = [
            (token_ids(tokenizer, [message.model_dump() for message in pair.prompt], True), pair)
            for pair in reversed(distinct.values())
        ]
        # Longest first: the batch that needs most memory fails before the others are done.
        self.prompts = sorted(prompts, key=lambda prompt: len(prompt[0]), reverse=True)
        self.tokenizer, self.max_new_tokens, self.batch = tokenizer, max_new_tokens, batch

    def evaluate(self, model: Any) -> DevResult:
        """Generate and read.

        Args:
            model: As it is in training, adapters included; left in the mode it came in.
        """
        from anyio.from_thread import start_blocking_portal

        replies = self._replies(model)
        with start_blocking_portal() as portal:  # a loop of its own: a notebook has one that runs
            beliefs = portal.call(_read_all, [pair for _, pair in self.prompts], replies)
        asked = Counter(pair.dimension for _, pair in self.prompts)
        right: dict[str, list[bool]] = {"resist": [], "accept": []}
        for (_, pair), belief in zip(self.prompts, beliefs, strict=True):
            if not belief.missing:
                right[pair.dimension].append(belief.label == "right")
        resist, accept = (sum(found) / len(found) if found else None for found in right.values())
        shares = [sum(found) / asked[dimension] for dimension, found in right.items() if asked[dimension]]
        return DevResult(
            resist=resist, accept=accept, resist_n=len(right["resist"]), accept_n=len(right["accept"]),
            unparsed=sum(bool(belief.missing) for belief in beliefs),
            balanced=sum(shares) / len(shares) if any(right.values()) else None,
        )  # fmt: skip

    def _replies(self, model: Any) -> list[str]:
        import torch

        replies: list[str] = []
        with torch.no_grad(), _as_in_use(model):
            for start in range(0, len(self.prompts), self.batch):
                ids = [torch.tensor(ids) for ids, _ in self.prompts[start : start + self.batch]]
                replies += self._generate(model, ids)
        return replies

    def _generate(self, model: Any, ids: Sequence["Tensor"]) -> list[str]:
        """Replies to prompts of different length, padded on the left so that all end where generation begins."""
        import torch
        from torch.nn.utils.rnn import pad_sequence

        known = self.tokenizer.pad_token_id
        pad = self.tokenizer.eos_token_id if known is None else known
        rows = pad_sequence(list(ids), batch_first=True, padding_value=pad, padding_side="left")
        mask = pad_sequence([torch.ones_like(row) for row in ids], batch_first=True, padding_side="left")
        # Caching is asked for here, since training with gradient checkpointing switches it off in the model's config.
        made = model.generate(
            input_ids=rows.to(model.device), attention_mask=mask.to(model.device),
            max_new_tokens=self.max_new_tokens, do_sample=False, use_cache=True, pad_token_id=pad,
        )  # fmt: skip
        replies: list[str] = self.tokenizer.batch_decode(made[:, rows.shape[1] :], skip_special_tokens=True)
        return replies


async def _read_all(pairs: Sequence[PbtPair], replies: Sequence[str]) -> list[Belief]:
    return [await _read(pair, reply) for pair, reply in zip(pairs, replies, strict=True)]


async def _read(pair: PbtPair, reply: str) -> Belief:
    """The answer of a reply; bare agreement is the partner's answer, bare disagreement the speaker's previous one.

    Of both answers the pair's dimension tells which is right: `resist` is a right one against one that is not,
    `accept` the reverse.
    """
    from inspect_ai.model import ModelOutput

    accept = pair.dimension == "accept"
    said = next(iter(pair.parent_answers), "")
    heard = _answer(right=accept, text=said) if said else None  # who agrees with no answer gives none
    own = _answer(right=not accept, text="")
    output = ModelOutput.from_content(model="", content=reply)
    belief, _ = await answer_of(output, pair.asked, pair.turn, heard, own)
    return belief


def _answer(right: bool, text: str) -> Belief:
    return Belief(turn=0, label="right" if right else "other", answer=text)


@contextmanager
def _as_in_use(model: Any) -> Iterator[None]:
    """Without dropout; afterwards each module is in the mode it was in."""
    training = [module for module in model.modules() if module.training]
    model.eval()
    try:
        yield
    finally:
        for module in training:
            module.training = True
