"""Which answer a reply gives, and whether two answers are the same."""

import re

from inspect_ai.model import Model, ModelOutput

from equipoise.tasks.debate.discussion import agree
from equipoise.tasks.questions import SHORT, Asked, Belief, match_boolean, normalise, read
from equipoise.tasks.questions.matching import mentions
from equipoise.tasks.questions.reading import extract
from equipoise.training.pbt.prompts import prompts

_SENTENCE = re.compile(r"\s*(.+?)(?:(?:(?<=\w\w\w)|(?<=\d)|(?<=\b[Nn]o))[.!?](?=\s)|[!?](?=\s)|\n|$)", re.DOTALL)
"""Up to a mark that ends a sentence; the full stop of "St." or of an initial does not."""


async def answer_of(
    output: ModelOutput, asked: Asked, turn: int,
    heard: Belief | None = None, own: Belief | None = None, extractor: Model | None = None,
) -> tuple[Belief, str]:  # fmt: skip
    """The answer that a reply gives, and what the extractor wrote.

    Without an extractor the reply's first sentence is read by itself, since agents are asked to begin with their
    answer: hedges and numbers in the reasons would make the whole unreadable. It counts unless the reply names another
    known answer besides (a letter that was chosen counts anyway); then, or if it gives none, the whole reply is read.

    Args:
        output: The reply.
        asked: The question.
        turn: Its turn in the tree.
        heard: The partner's latest answer, for replies that only agree.
        own: The speaker's previous answer, for replies that only disagree.
        extractor: Shortens replies to open questions to an answer.
    """
    form = asked.form("auto")
    reply = output.completion
    if extractor is not None and form == "open" and output.stop_reason != "content_filter" and reply.strip():
        extracted = await extract(extractor, reply, asked)
        return _bare(await read(_saying(extracted), asked, form, turn, heard, own)), extracted
    whole = await read(output, asked, form, turn, heard, own)
    sentence = _SENTENCE.match(reply)
    if whole.missing == "refused" or sentence is None:
        return _bare(whole), ""
    first = await read(_saying(sentence[1]), asked, form, turn, heard, own)
    alone = not first.missing and (form == "mcq" or not _names_another(reply, first, asked))
    return _bare(first if alone else whole), ""


async def same_content(one: Belief, other: Belief, asked: Asked, judge: Model | None = None) -> bool:
    """Whether two answers are the same; a missing answer or an abstention equals nothing.

    Args:
        one: An answer.
        other: Another.
        asked: The question.
        judge: Asked about two unequal answers that are both outside the item's key, where no alias can tell; None =
            such answers differ.
    """
    if agree([one, other]):
        return True
    if judge is None or not undecided(one, other):
        return False
    prompt = prompts()["same_content"].format(question=asked.question, one=one.answer, other=other.answer)
    output = await judge.generate(prompt, config=SHORT)
    return match_boolean(output.completion, True).label == "right"


def undecided(one: Belief, other: Belief) -> bool:
    """Whether only a model can tell if two answers are the same: unequal, and both outside the item's key."""
    return one.label == other.label == "other" and one.answer != other.answer


def _names_another(reply: str, first: Belief, asked: Asked) -> bool:
    """Whether a reply names a known answer that is not its first one."""
    groups = [asked.gold, *([answer, *aliases] for answer, aliases in asked.wrong.items())]
    others = [group for group in groups if normalise(group[0]) != first.answer]
    return any(mentions(reply, alias) for group in others for alias in group)


def _saying(text: str) -> ModelOutput:
    return ModelOutput.from_content(model="", content=text)


def _bare(belief: Belief) -> Belief:
    """Without the reply and its log probability: a node has the one, and nobody asked for the other."""
    return belief.model_copy(update={"raw": "", "confidence": None})
