"""Ask the models of the role `judge` for one of a few answers, strictly read.

The one way in which a task has something read by a model. Panels, the vote cache and severities build on these votes.
"""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from inspect_ai.model import ChatMessage, ChatMessageAssistant, ChatMessageUser, GenerateConfig, Model
from inspect_ai.util import LimitExceededError, collect

from equipoise.harness.dialogue import NO_REPLY
from equipoise.harness.roles import role_models
from equipoise.harness.texts import texts_of

ROLE = "judge"
"""Name of the model role; it may be bound to a list."""

FENCE = "====="
"""The line above and below untrusted text."""

_FENCE_LIKE = re.compile(r"[=＝﹦⩵⩶═][=＝﹦⩵⩶═\u200b-\u200d\u2060\ufeff]{2,}")
"""Anything in a text that could be taken for the fence, also in lookalikes or with invisible characters between."""

_OPENING, _CLOSING = "*_`\"'“‘([ \n", "*_`\"'”’)].,:;! \n"
"""What may stand around a choice."""

JUDGING = GenerateConfig(temperature=0.0)


@dataclass(frozen=True)
class Vote:
    """What one judge said.

    Attributes:
        judge: The judge's model name.
        prompt_hash: First 16 hex digits of the SHA-256 of everything it was told apart from the fields.
        raw: Its last reply; if it failed, the error.
        choice: One of the choices, as the caller spelt it; None if there is none.
        missing: Why there is no choice: `unparsed`, `refused` or `error`.
    """

    judge: str
    prompt_hash: str
    raw: str
    choice: str | None
    missing: Literal["", "unparsed", "refused", "error"] = ""


async def ask_judge(template: str, fields: Mapping[str, str], choices: Sequence[str], allow_same: bool) -> list[Vote]:
    """One vote of every model that the role `judge` is bound to, asked at the same time.

    Temperature is 0. A reply that is not exactly one of the choices is asked for again once, with a reminder; then the
    vote is missing. A judge that fails does not cost the votes of the others. Source: DESIGN, section 4 (judging).

    Args:
        template: The rubric, a format string; the notice about fenced data and the reply format are added to it.
        fields: Untrusted texts that the template names; each is fenced.
        choices: The allowed replies, different from each other even in lower case.
        allow_same: Whether a judge may be the subject or of its family.

    Returns:
        One vote per judge, in the order of the role; empty if the role is not bound.

    Raises:
        InputError: A judge is the subject or of its family, without leave.
    """
    judges = role_models(ROLE, allow_same, required=False)
    prompt = _prompt(template, fields, choices)
    digest = prompt_hash(template, choices)
    return await collect(*(_vote(judge, prompt, digest, choices) for judge in judges))


def fence(text: str) -> str:
    """Untrusted text between two fence lines; what looks like a fence inside it becomes dashes."""
    inside = _FENCE_LIKE.sub(lambda found: "-" * len(found.group()), text)
    return f"{FENCE}\n{inside}\n{FENCE}"


def prompt_hash(template: str, choices: Sequence[str]) -> str:
    """Identity of a judge's prompt: rubric, choices and the texts around them."""
    told = [template, list(choices), {key: prompts()[key] for key in ("notice", "format", "reminder")}]
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:16]


def read_choice(reply: str, choices: Sequence[str]) -> str | None:
    """The choice that the whole reply is, whatever its case, or None.

    Quotes, brackets and emphasis around it, punctuation behind it and a plus sign before a number do not count.
    """
    said = reply.strip().lstrip(_OPENING).rstrip(_CLOSING).replace("−", "-").casefold()
    said = re.sub(r"^\+(?=\d)", "", said)
    return next((choice for choice in choices if choice.casefold() == said), None)


def prompts() -> dict[str, Any]:
    """The texts around a rubric, with version and canary."""
    return texts_of(__package__ or "")


def _prompt(template: str, fields: Mapping[str, str], choices: Sequence[str]) -> str:
    rubric = template.format(**{name: fence(text) for name, text in fields.items()})
    return "\n\n".join((prompts()["notice"], rubric.strip(), prompts()["format"].format(choices=", ".join(choices))))


async def _vote(judge: Model, prompt: str, digest: str, choices: Sequence[str]) -> Vote:
    """One judge's vote, with one reminder."""
    name = str(judge)
    messages: list[ChatMessage] = [ChatMessageUser(content=prompt)]
    reply = ""
    for _ in range(2):
        try:
            output = await judge.generate(messages, config=JUDGING)
        except LimitExceededError:
            raise  # a budget ends the sample; it is no fault of this judge
        except Exception as error:
            return Vote(name, digest, f"{type(error).__name__}: {error}", None, "error")
        reply = output.completion
        if output.stop_reason == "content_filter":
            return Vote(name, digest, reply, None, "refused")
        if (choice := read_choice(reply, choices)) is not None:
            return Vote(name, digest, reply, choice)
        reminder = prompts()["reminder"].format(choices=", ".join(choices))
        messages += [ChatMessageAssistant(content=reply.strip() or NO_REPLY), ChatMessageUser(content=reminder)]
    return Vote(name, digest, reply, None, "unparsed")
