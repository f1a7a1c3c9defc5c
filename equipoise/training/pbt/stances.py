"""Stances read by a model: whether a reply agrees with what the partner said last. Nothing is asked twice."""

import hashlib
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import anyio
from pydantic import BaseModel, ConfigDict

from equipoise.errors import InputError
from equipoise.harness.texts import texts_of
from equipoise.judges.prompt import fence
from equipoise.judges.reading import read_choice
from equipoise.tasks.questions import SHORT
from equipoise.training.pbt.node import Node
from equipoise.training.pbt.store import Lines

if TYPE_CHECKING:
    from inspect_ai.model import Model

STANCES = ("AGREE", "DISAGREE", "NEITHER")

Watch = Callable[[int, int], None]
"""Called with the number of calls that are done and of those that are needed, at first with 0."""


class Reading(BaseModel):
    """One line of `stances.jsonl`.

    Attributes:
        id: SHA-256 of the model's name and of what it was asked.
        model: Who read the reply.
        verdict: One of `STANCES`; empty if it wrote anything else.
        raw: What it wrote.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    model: str
    verdict: str
    raw: str


async def verdicts_on(
    replies: Iterable[tuple[Node, Node]], model: "Model", path: Path, watch: Watch | None = None
) -> dict[str, str]:
    """What the model reads in replies, all asked at once; as many calls are made as its provider allows.

    Args:
        replies: The partner's reply and the reply to it.
        model: The filter model.
        path: File of the verdicts; those that it holds are not asked for again, and each new one is added at once.
        watch: Told of the progress.

    Returns:
        Verdicts by the id of the second node.

    Raises:
        InputError: A call failed; the verdicts until then are kept.
    """
    prompts = {reply.id: _prompt(partner, reply) for partner, reply in replies}
    ids = {node: hashlib.sha256(f"{model}\n{prompt}".encode()).hexdigest() for node, prompt in prompts.items()}
    known = Lines(path, Reading)
    wanted = {ids[node]: prompt for node, prompt in prompts.items() if ids[node] not in known.found}
    if wanted:
        await _ask_all(wanted, known, model, watch or (lambda done, needed: None))
    return {node: known.found[id_].verdict for node, id_ in ids.items()}


async def _ask_all(wanted: dict[str, str], known: "Lines[Reading]", model: "Model", watch: Watch) -> None:
    """Ask, and keep each reading as it arrives. The first failure ends the calls."""
    failed: list[Exception] = []
    before = len(known.found)
    watch(0, len(wanted))

    async def ask(id_: str, prompt: str) -> None:
        try:
            said = (await model.generate(prompt, config=SHORT)).completion
            raw = said.encode(errors="replace").decode()  # a lone surrogate could not be written
            known.add(Reading(id=id_, model=str(model), verdict=read_choice(raw, STANCES) or "", raw=raw))
        except Exception as error:
            failed.append(error)
            group.cancel_scope.cancel()
            return
        watch(len(known.found) - before, len(wanted))

    async with anyio.create_task_group() as group:
        for id_, prompt in wanted.items():
            group.start_soon(ask, id_, prompt)
    if failed and isinstance(failed[0], InputError):
        raise failed[0]
    if failed:
        said = " ".join(f"{type(failed[0]).__name__}: {failed[0]}".split())
        raise InputError(
            f"the filter model {model} failed ({said:.200}); {len(known.found)} readings are kept, run the same "
            "command to go on",
            path=known.path,
        )


def _prompt(partner: Node, reply: Node) -> str:
    asked = {"partner": fence(partner.reply), "reply": fence(reply.reply)}
    return str(texts_of(__package__ or "", "filters.yaml")["stance"]).format(question=reply.asked.question, **asked)
