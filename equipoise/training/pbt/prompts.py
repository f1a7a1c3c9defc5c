"""What an agent of a dialogue tree is told; the texts are in `prompts.yaml`."""

from typing import Any

from equipoise.harness.dialogue import NO_REPLY
from equipoise.harness.texts import texts_of
from equipoise.tasks.questions import Asked, ask
from equipoise.training.common.preference import Message
from equipoise.training.pbt.node import Node

STANDARD = "standard"
"""The role that adds nothing: what a student is trained and used under."""


def prompts() -> dict[str, Any]:
    """All prompt templates with their version and canary."""
    return texts_of(__package__ or "")


def roles() -> tuple[str, ...]:
    """Names of the role prompts."""
    return (STANDARD, *prompts()["roles"])


def opening(asked: Asked) -> tuple[Message, ...]:
    """The question, to an agent that has heard nobody."""
    return (Message(role="user", content=ask(prompts()["question"], asked, _form(asked), answer=_answer(asked))),)


def answering(heard: Node, own: Node | None) -> tuple[Message, ...]:
    """The conversation as the next speaker sees it, under the standard prompt.

    Args:
        heard: The partner's reply, which it answers.
        own: Its own previous reply; None if this is its first.
    """
    told = _discuss(heard)
    if own is None:
        (question,) = opening(heard.asked)
        return (Message(role="user", content=f"{question.content}\n\n{told}"),)
    said = Message(role="assistant", content=own.reply.strip() or NO_REPLY)
    return (*own.prompt, said, Message(role="user", content=told))


def under(role: str, prompt: tuple[Message, ...]) -> tuple[Message, ...]:
    """The conversation under a role prompt, as the model gets it.

    The role's text comes last, so that siblings share the prefix that a server has cached.
    """
    if role == STANDARD:
        return prompt
    last = prompt[-1]
    told = Message(role=last.role, content=f"{last.content}\n\n{prompts()['roles'][role]}")
    return (*prompt[:-1], told)


def _discuss(heard: Node) -> str:
    text = str(prompts()["discuss"]).replace("{answer}", _answer(heard.asked))
    message = f"{prompts()['frame']} {heard.reply.strip() or NO_REPLY}"
    return text.replace("{heard}", message)  # last: a message may hold braces of its own


def _form(asked: Asked) -> str:
    return asked.form("auto")


def _answer(asked: Asked) -> str:
    return str(prompts()["answer"][_form(asked)])
