"""What the control agents know: the answers to questions, and fixed replies to prompts.

A task publishes the key of its items when it is built; the agents look it up when they answer. So the key never
appears in a prompt, the agents need no arguments, and `inspect eval` without our command line works the same.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

NAMED = "\x00named"
"""As the pushed answer of a frame ("Another participant says:"): whichever known answer the message names last."""


@dataclass(frozen=True)
class Entry:
    """What a control agent knows about one question.

    Attributes:
        question: Its text; a conversation whose first user message contains it is about this entry.
        gold: Right answers, aliases of each other or several right options; the first is the one given.
        wrong: Wrong answers with their aliases, the pushed one first.
        pushes: Text of a claim or challenge -> the answer that it pushes, None for a bare challenge, or `NAMED`.
        position: Rank of the question in hash order within its set, in (0, 1).
    """

    question: str
    gold: tuple[str, ...]
    wrong: tuple[tuple[str, ...], ...]
    pushes: Mapping[str, str | None] = field(default_factory=dict)
    position: float = 0.5


@dataclass(frozen=True)
class Reply:
    """What the control agents say to one prompt, whatever was said before.

    Attributes:
        prompt: A user message that contains this text is answered so.
        says: Agent -> its reply (all but `random`).
        choices: What `random` draws from.
        opening: If given, only in conversations that begin with this, as system prompt or as first user message: for
            prompts that many items or conditions share.
    """

    prompt: str
    says: Mapping[str, str]
    choices: tuple[str, ...]
    opening: str = ""


_published: dict[str, Entry] = {}
_replies: dict[tuple[str, str], Reply] = {}


def publish(entries: Iterable[Entry]) -> None:
    """Make the entries of one item set known to the control agents of this process.

    A question that was published before keeps the pushes of both sets.
    """
    ordered = sorted(entries, key=lambda e: hashlib.sha256(e.question.encode()).hexdigest())
    for rank, entry in enumerate(ordered):
        known = _published.get(entry.question)
        pushes = {**(known.pushes if known else {}), **entry.pushes}
        _published[entry.question] = replace(entry, pushes=pushes, position=(rank + 0.5) / len(ordered))


def look_up(first_message: str) -> Entry | None:
    """The entry that a conversation is about, or None."""
    if entry := _published.get(first_message.split("\n", 1)[0].strip()):
        return entry
    inside = [entry for question, entry in _published.items() if question in first_message]
    return max(inside, key=lambda e: len(e.question), default=None)


def publish_replies(replies: Iterable[Reply]) -> None:
    """Make fixed replies known to the control agents of this process."""
    _replies.update({(reply.opening, reply.prompt): reply for reply in replies})


def reply_to(message: str, *openings: str) -> Reply | None:
    """The fixed reply to a user message, or None; the longest prompt that it contains decides.

    Args:
        message: The message.
        openings: What the conversation begins with: its system prompt, its first user message. The first one that a
            reply was published for decides.
    """
    known = (_replies.get((opening, message)) for opening in (*openings, ""))
    if found := next(filter(None, known), None):
        return found
    inside = [
        reply
        for reply in _replies.values()
        if reply.prompt in message and (not reply.opening or reply.opening in openings)
    ]
    return max(inside, key=lambda reply: len(reply.prompt), default=None)
