"""Grow dialogue trees level by level: all open trees wait for the same level, so a batching backend is always full."""

from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass, field
from functools import partial
from itertools import groupby
from time import monotonic
from typing import NamedTuple

import anyio
from inspect_ai.log import Transcript
from inspect_ai.log._transcript import init_transcript
from inspect_ai.model import (
    ChatMessage,
    ChatMessageAssistant,
    ChatMessageUser,
    GenerateConfig,
    Model,
    ModelOutput,
)

from equipoise.errors import InputError
from equipoise.tasks.debate.discussion import agree
from equipoise.tasks.questions import Belief
from equipoise.training.common.preference import Message
from equipoise.training.pbt.answers import answer_of, same_content, undecided
from equipoise.training.pbt.node import Agent, Node
from equipoise.training.pbt.plan import Plan, Seedling, seed_of
from equipoise.training.pbt.prompts import STANDARD, answering, opening, under
from equipoise.training.pbt.shape import Shape
from equipoise.training.pbt.store import Lines, Verdict

FEW = 5
"""Of fewer first replies it says little about an agent that none can be read."""

EXAMPLE = 160
"""Characters of a reply that a message shows."""


@dataclass
class Progress:
    """Where a run stands.

    Attributes:
        level, levels: Number of the level, from 1, and of the last one there may be; 0 = readings of the filter model.
        all, done: Replies of this level (or readings), and how many of them are there.
        calls: Calls that were made in this run, by kind: `replies`, `extractions`, `verdicts`.
        failed: Calls of this run that failed for good.
        error: What the last of them said.
        tokens: Of the replies that arrived.
        started: Clock time at the start of the run, seconds.
    """

    level: int = 0
    levels: int = 0
    all: int = 0
    done: int = 0
    calls: Counter[str] = field(default_factory=Counter)
    failed: int = 0
    error: str = ""
    tokens: int = 0
    started: float = field(default_factory=monotonic)

    @property
    def rate(self) -> float:
        """Tokens a second, from the start of the run."""
        return self.tokens / max(monotonic() - self.started, 1e-9)


Watch = Callable[[Progress], None]
"""Called when a level begins, and whenever a reply arrives or a call fails."""


class _Call(NamedTuple):
    """A reply that a tree needs.

    Attributes:
        id, parent, turn, role: As in its node.
        seedling: Its tree.
        prompt: The conversation under the standard prompt.
        heard, own: The partner's reply that it answers, and the speaker's own before; None where nobody was heard.
    """

    id: str
    parent: str | None
    seedling: Seedling
    turn: int
    role: str
    prompt: tuple[Message, ...]
    heard: Node | None = None
    own: Node | None = None


_Work = Callable[[], Awaitable[None]]


class _Queue(NamedTuple):
    """Work that is done in turn, once there is a place."""

    works: Sequence[_Work]
    place: AbstractAsyncContextManager[object] = nullcontext()


class Grower:
    """Grows the trees of a plan.

    Args:
        plan: What is asked for.
        trees: The trees. Replies are asked for in their order, siblings next to each other, so that the prefix they
            share is in the backend's cache.
        models: The two agents; how many calls each takes at the same time is its own setting.
        nodes: Replies that are there already, and where new ones go.
        verdicts: The same of the filter model's verdicts.
        extractor: Shortens replies to open questions to an answer.
        judge: The filter model: whether two answers outside an item's key are the same.
        watch: Told how it goes.
    """

    def __init__(
        self, plan: Plan, trees: Sequence[Seedling], models: Mapping[Agent, Model], nodes: Lines[Node],
        verdicts: Lines[Verdict], extractor: Model | None = None, judge: Model | None = None,
        watch: Watch = lambda progress: None,
    ) -> None:  # fmt: skip
        self.plan, self.trees, self.models = plan, trees, models
        self.nodes, self.verdicts = nodes, verdicts
        self.extractor, self.judge, self.watch = extractor, judge, watch
        self.progress = Progress(levels=len(plan.shape.turns) - plan.shape.independent)
        self._places: dict[str, anyio.CapacityLimiter] = {}

    async def grow(self) -> list[Node]:
        """Ask for every reply that is missing, level after level.

        Returns:
            The nodes in the order of trees and turns; an independent second answer without its partner's is left out.

        Raises:
            InputError: No first reply of an agent can be read; a model cannot be used at all; the disk is full. What
                had arrived is kept.
        """
        init_transcript(Transcript(bounded=True))  # Inspect's default one keeps every call of the process
        limits = {self.plan.agents[agent]: model.config.max_connections for agent, model in self.models.items()}
        self._places = {name: anyio.CapacityLimiter(limit) for name, limit in limits.items() if limit}
        shape = self.plan.shape
        there = await self._ask([call for seedling in self.trees for call in _openings(seedling, shape)])
        for turn in range(1 + shape.independent, len(shape.turns)):
            leaves = await self._open([call for call in there if call.turn == turn - 1])
            there += await self._ask([self._next(leaf, role) for leaf in leaves for role in shape.turns[turn]])
        place = {seedling.tree: place for place, seedling in enumerate(self.trees)}
        there.sort(key=lambda call: (place[call.seedling.tree], call.turn))
        return [self.nodes.found[call.id] for call in there]

    async def _ask(self, level: Sequence[_Call]) -> list[_Call]:
        """Ask for what a level still needs; the calls whose replies, and those that they answer, are there."""
        found, state = self.nodes.found, self.progress
        missing = [call for call in level if call.id not in found]
        state.level, state.all, state.done = state.level + 1, len(level), len(level) - len(missing)
        self.watch(state)
        await self._together(self._queues(missing))
        if level and level[0].turn <= 1:
            _require_readable([found[call.id] for call in level if call.id in found])
        return [call for call in level if call.id in found and (call.parent is None or call.parent in found)]

    def _queues(self, calls: Sequence[_Call]) -> Iterator[_Queue]:
        """Calls that share their prompt are one queue where the model takes a stated number of calls at the same time.

        A server with so many slots keeps one prompt in each. A sibling that comes next to the same slot finds all of it
        there but the role's text; one that is sent at the same time goes to another slot, which reads it all again.
        """
        for (name, _), siblings in groupby(calls, key=lambda call: (self._speaks(call), call.prompt)):
            works = [partial(self._speak, call) for call in siblings]
            if name in self._places:
                yield _Queue(works, self._places[name])
            else:
                yield from (_Queue([work]) for work in works)

    def _speaks(self, call: _Call) -> str:
        """Name of the model that says a reply."""
        return self.plan.agents[call.seedling.speaker(call.turn)]

    async def _speak(self, call: _Call) -> None:
        """One reply and its answer; the node is kept at once."""
        asked, speaker = call.seedling.asked, call.seedling.speaker(call.turn)
        model, seed = self.models[speaker], seed_of(self.plan.seed, call.id)
        self.progress.calls["replies"] += 1
        output = await model.generate(
            [_chat(message) for message in under(call.role, call.prompt)],
            config=GenerateConfig(temperature=self.plan.temperature, max_tokens=self.plan.max_tokens, seed=seed),
        )
        _require_reply(output)
        if self.extractor is not None:
            self.progress.calls["extractions"] += 1
        heard, own = (node.belief if node else None for node in (call.heard, call.own))
        belief, extracted = await answer_of(output, asked, call.turn, heard, own, self.extractor)
        reply = output.completion.encode(errors="replace").decode()  # half of a surrogate pair cannot be written
        node = Node(
            id=call.id, tree=call.seedling.tree, parent=call.parent, turn=call.turn, speaker=speaker, model=str(model),
            role=call.role, prompt=call.prompt, reply=reply, belief=belief, extracted=extracted,
            asked=asked, seed=seed, tokens=output.usage.output_tokens if output.usage else 0,
            cut=output.stop_reason == "max_tokens",
        )  # fmt: skip
        self.nodes.add(node)
        self.progress.done += 1
        self.progress.tokens += node.tokens
        self.watch(self.progress)

    def _next(self, leaf: _Call, role: str) -> _Call:
        """The reply to a leaf, under a role prompt of the agent that is about to speak."""
        heard = self.nodes.found[leaf.id]
        own = self.nodes.found[leaf.parent] if leaf.parent else None
        prompt = answering(heard, own)
        return _Call(_under(leaf.id, role), leaf.id, leaf.seedling, leaf.turn + 1, role, prompt, heard, own)

    async def _open(self, leaves: Sequence[_Call]) -> list[_Call]:
        """The leaves below which a tree grows on: the latest two answers are not the same."""
        if not self.plan.shape.stop_on_agreement:
            return list(leaves)
        doubtful = {key: leaf for leaf in leaves if (key := self._doubt(leaf)) and key not in self.verdicts.found}
        await self._together(_Queue([partial(self._compare, key, leaf)]) for key, leaf in doubtful.items())
        return [leaf for leaf in leaves if not self._ends(leaf)]

    def _ends(self, leaf: _Call) -> bool:
        """Whether the latest two answers are the same, or cannot be compared because the filter model failed."""
        if key := self._doubt(leaf):
            return key not in self.verdicts.found or self.verdicts.found[key].same
        return leaf.parent is not None and agree(self._latest(leaf))

    def _doubt(self, leaf: _Call) -> str:
        """Key of the verdict that a leaf needs; empty if it needs none."""
        if self.judge is None or leaf.parent is None or not undecided(*self._latest(leaf)):
            return ""
        return Verdict.key(leaf.seedling.asked, *self._latest(leaf))

    async def _compare(self, key: str, leaf: _Call) -> None:
        """Ask the filter model whether the latest two answers are the same."""
        self.progress.calls["verdicts"] += 1
        one, other = self._latest(leaf)
        same = await same_content(one, other, leaf.seedling.asked, self.judge)
        one_text, other_text = sorted((one.answer, other.answer))
        self.verdicts.add(Verdict(id=key, item=leaf.seedling.asked.item, answers=(one_text, other_text), same=same))

    def _latest(self, leaf: _Call) -> tuple[Belief, Belief]:
        """The answers of a leaf and of the reply before it."""
        return self.nodes.found[leaf.id].belief, self.nodes.found[leaf.parent or ""].belief

    async def _together(self, queues: Iterable[_Queue]) -> None:
        """Work on all queues at once; a call that fails costs no other, bad input ends everything."""
        fatal = list[InputError]()

        async def work_on(queue: _Queue) -> None:
            async with queue.place:
                for work in queue.works:
                    try:
                        await work()
                    except InputError as error:
                        fatal.append(error)
                        group.cancel_scope.cancel()
                    except Exception as error:  # whatever a provider raises once its retries are used up
                        self.progress.failed += 1
                        self.progress.error = " ".join(f"{type(error).__name__}: {error}".split())
                        self.watch(self.progress)

        async with anyio.create_task_group() as group:
            for queue in queues:
                group.start_soon(work_on, queue)
        if fatal:
            raise fatal[0]


def _openings(seedling: Seedling, shape: Shape) -> list[_Call]:
    """The calls that need no other reply: the root, and the second answers where they see the question alone."""
    prompt = opening(seedling.asked)
    (role,) = shape.turns[0]
    root = _Call(_under(f"{seedling.tree}:", role), None, seedling, 0, role, prompt)
    if not shape.independent:
        return [root]
    return [root, *(_Call(_under(root.id, role), root.id, seedling, 1, role, prompt) for role in shape.turns[1])]


def _under(parent: str, role: str) -> str:
    """Id of the reply under a role prompt; the standard prompt, as an only child's, is written 0."""
    return f"{parent}{'' if parent.endswith(':') else '.'}{'0' if role == STANDARD else role}"


def _chat(message: Message) -> ChatMessage:
    kind = ChatMessageAssistant if message.role == "assistant" else ChatMessageUser
    return kind(content=message.content)


def _require_reply(output: ModelOutput) -> None:
    """Refuse what providers return in place of a reply: the text is that of an error.

    Raises:
        RuntimeError: It is no reply.
    """
    if output.error or output.stop_reason == "model_length":
        raise RuntimeError(output.error or output.completion or "the conversation is longer than the model's context")


def _require_readable(nodes: Iterable[Node]) -> None:
    """Refuse to go on with an agent whose answers nobody can read.

    Raises:
        InputError: None of an agent's replies gives an answer.
    """
    by_agent = defaultdict[Agent, list[Node]](list)
    for node in nodes:
        by_agent[node.speaker].append(node)
    for agent, said in by_agent.items():
        if len(said) >= FEW and all(node.belief.missing for node in said):
            example = next((node.reply for node in said if node.reply.strip()), "")
            seen = f"for example {example[:EXAMPLE]!r}; an --extractor may read them" if example else "all are empty"
            raise InputError(
                f"agent {agent} ({said[0].model}): none of its {len(said)} first replies gives an answer that can be "
                f"read, {seen}, or take another agent"
            )
