"""`hf/PATH`: Inspect's Hugging Face provider with batches that never wait, and with greedy decoding at temperature 0.

Inspect's own (0.3.285) samples at every temperature and so fails at 0, at which every probe of ours is asked; it looks
for a reply once a second, and waits two seconds for further requests. Loading and chat templates are Inspect's.
"""

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import anyio
import anyio.to_thread
from inspect_ai.model import (
    ChatCompletionChoice,
    ChatMessage,
    ChatMessageAssistant,
    GenerateConfig,
    Logprob,
    Logprobs,
    Model,
    ModelAPI,
    ModelOutput,
    ModelUsage,
    TopLogprob,
    modelapi,
)
from inspect_ai.model._providers.hf import HuggingFaceAPI, set_random_seeds
from inspect_ai.tool import ToolChoice, ToolInfo
from transformers.utils.logging import disable_progress_bar

from equipoise.errors import InputError

NOT_OFFERED = (
    "stop_seqs", "num_choices", "frequency_penalty", "presence_penalty", "logit_bias", "response_schema",
)  # fmt: skip
"""Settings that would change the replies, and are refused rather than left out without a word."""


@dataclass(eq=False)
class _Request:
    """A prompt that waits for its reply."""

    prompt: str
    settings: dict[str, Any]
    seed: int | None
    output: ModelOutput | None = None


@modelapi(name="hf")
class InProcess(HuggingFaceAPI):
    """A model of a folder or of the hub, in this process.

    Whoever comes while the model is at work waits; then as many of the waiting requests as fit are answered at once.
    A request's seed holds for the batch that it opens.
    """

    def __init__(self, model_name: str, **arguments: Any) -> None:
        # The chat template writes the special tokens itself: the tokenizer must not add a second beginning of sequence.
        arguments.setdefault("tokenizer_call_args", {"add_special_tokens": False})
        disable_progress_bar()  # of loading: it would be drawn over Inspect's display
        super().__init__(model_name, **arguments)
        if self.use_chat_template is not False and not (self.chat_template or self.tokenizer.chat_template):
            raise InputError("the tokenizer has no chat template", path=model_name)
        self._waiting: list[_Request] = []
        self._at_work: anyio.Lock | None = None

    async def generate(
        self, input: list[ChatMessage], tools: list[ToolInfo], tool_choice: ToolChoice, config: GenerateConfig
    ) -> ModelOutput:
        """Answer a conversation.

        Raises:
            InputError: Tools or a setting that this provider does not offer.
        """
        unknown = ["tools"] if tools else [name for name in NOT_OFFERED if getattr(config, name)]
        if unknown:
            raise InputError(f"hf/ models of equipoise take no {', '.join(unknown)}", path=self.model_name)
        if self._at_work is None:
            self._at_work = anyio.Lock()  # belongs to the event loop of its first use
        request = _Request(self.hf_chat(input, tools), _settings(config), config.seed)
        self._waiting.append(request)
        try:
            async with self._at_work:
                if request.output is None:
                    await self._answer(request, config.max_connections or self.max_connections())
        finally:
            if request in self._waiting:  # cancelled
                self._waiting.remove(request)
        assert request.output is not None
        return request.output

    async def _answer(self, request: _Request, most: int) -> None:
        """One batch: the request and others that wait for a reply under the same settings."""
        await anyio.lowlevel.checkpoint()  # others that can run now may join
        others = [other for other in self._waiting if other is not request and other.settings == request.settings]
        batch = [request, *others[: most - 1]]
        outputs = await anyio.to_thread.run_sync(self._batch, batch)
        for member, output in zip(batch, outputs, strict=True):
            member.output = output
            if member in self._waiting:
                self._waiting.remove(member)

    def _batch(self, batch: Sequence[_Request]) -> list[ModelOutput]:
        start = time.monotonic()
        first = batch[0]
        if first.seed is not None:
            set_random_seeds(first.seed)
        more: dict[str, Any] = self.tokenizer_call_args or {}
        tokens = self.tokenizer([request.prompt for request in batch], return_tensors="pt", padding=True, **more).to(
            self.model.device
        )
        width = tokens["input_ids"].shape[1]
        settings = dict(first.settings)
        top = settings.pop("top")
        made = self.model.generate(
            input_ids=tokens["input_ids"], attention_mask=tokens["attention_mask"],
            output_logits=top is not None, return_dict_in_generate=True, **settings,
        )  # fmt: skip
        seconds = time.monotonic() - start
        ends = self._ends()
        outputs = []
        for place, row in enumerate(made.sequences[:, width:].tolist()):
            said = next((i for i, token in enumerate(row) if token in ends), len(row))
            logprobs = [] if top is None else [self._logprob(made.logits[i][place], row[i], top) for i in range(said)]
            outputs.append(
                ModelOutput(
                    model=self.model_name,
                    choices=[
                        ChatCompletionChoice(
                            message=ChatMessageAssistant(
                                content=self.tokenizer.decode(row[:said], skip_special_tokens=True),
                                model=self.model_name,
                                source="generate",
                            ),
                            stop_reason="max_tokens" if said == len(row) else "stop",
                            logprobs=Logprobs(content=logprobs) if top is not None else None,
                        )
                    ],
                    usage=_usage(int(tokens["attention_mask"][place].sum()), said),
                    time=seconds,
                )
            )
        return outputs

    def _ends(self) -> set[int]:
        """Tokens that end a reply."""
        named = self.model.generation_config.eos_token_id
        listed = named if isinstance(named, list) else [named]
        return {token for token in (*listed, self.tokenizer.eos_token_id) if token is not None}

    def _logprob(self, logits: Any, token: int, top: int) -> Logprob:
        """The log probability of a token and of the most probable ones at its place."""
        shares = logits.float().log_softmax(-1)
        best = shares.topk(top)
        return Logprob(
            **self._shown(token, float(shares[token])),
            top_logprobs=[
                TopLogprob(**self._shown(other, share))
                for other, share in zip(best.indices.tolist(), best.values.tolist(), strict=True)
            ],
        )

    def _shown(self, token: int, share: float) -> dict[str, Any]:
        return {"token": self.tokenizer.decode([token]), "logprob": share if math.isfinite(share) else -1e9}


def hf_model(name: str, arguments: dict[str, Any]) -> Model:
    """The model of a folder or of the hub; `arguments` are those of Inspect's provider, and `config`."""
    config = arguments.get("config") or GenerateConfig()
    api: ModelAPI = InProcess(name, **{**arguments, "config": config})
    model = Model(api, config, {key: value for key, value in arguments.items() if key != "config"})
    api.qualified_model_name = str(model)
    return model


def _settings(config: GenerateConfig) -> dict[str, Any]:
    """Arguments of `generate` in transformers; requests with equal ones share a batch."""
    found: dict[str, Any] = {
        "max_new_tokens": config.max_tokens or 512,
        "do_sample": config.temperature != 0,
        "top": (config.top_logprobs or 1) if config.logprobs else None,
    }
    if config.temperature:
        found["temperature"] = config.temperature
    for name in ("top_p", "top_k"):
        if found["do_sample"] and (value := getattr(config, name)) is not None:
            found[name] = value
    return found


def _usage(prompt: int, reply: int) -> ModelUsage:
    return ModelUsage(input_tokens=prompt, output_tokens=reply, total_tokens=prompt + reply)
