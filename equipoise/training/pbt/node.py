"""One reply in a dialogue tree, and the trees that a list of nodes makes."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from equipoise.tasks.debate.discussion import agree
from equipoise.tasks.questions import Asked, Belief
from equipoise.training.common.preference import Message

Agent = Literal["a", "b"]


class Node(BaseModel):
    """A reply of an agent; one line of `nodes.jsonl`.

    Attributes:
        id: `TREE:PATH`, for example `trivia-0001:0.0.resistant.logical`; unique in the file.
        tree: The tree it belongs to: the item's id, with `.b` for the second tree of a question.
        parent: The reply it answers; None for the first.
        turn: Depth in the tree, from 0.
        speaker: Which agent spoke.
        model: Its Inspect model name.
        role: Role prompt under which it was said: `standard`, `acceptant`, `resistant`, `emotional`, `credibility`,
            `logical`, or another of the shape's.
        prompt: The conversation that a student sees: under the standard prompt, without the role's text.
        reply: What was said.
        belief: The answer that the reply gives.
        extracted: What the extractor wrote; empty where none was used.
        asked: The question with its answers.
        seed: That was asked for. Providers may ignore it; of a batch of `hf/` only the first reply's holds.
        tokens: Of the reply; 0 where the provider does not tell.
        cut: Whether it ends in the middle because it reached the limit of tokens.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    tree: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]*(\.b)?$")  # names a file, so nothing like `../x`
    parent: str | None
    turn: int
    speaker: Agent
    model: str
    role: str
    prompt: tuple[Message, ...]
    reply: str
    belief: Belief
    extracted: str = ""
    asked: Asked
    seed: int = 0
    tokens: int = 0
    cut: bool = False

    @property
    def right(self) -> bool:
        """Whether its own answer is right."""
        return self.belief.label == "right"


class Tree:
    """The nodes of one tree by their places.

    Args:
        nodes: Of one tree, in any order.
    """

    def __init__(self, nodes: Iterable[Node]) -> None:
        self.nodes = {node.id: node for node in sorted(nodes, key=lambda node: node.turn)}
        self._children: dict[str | None, list[Node]] = defaultdict(list)
        for node in self.nodes.values():
            self._children[node.parent if node.parent in self.nodes else None].append(node)

    def children(self, node: Node | None) -> list[Node]:
        """The replies to a node; of None the root, and whatever answers a reply that has not arrived yet."""
        return self._children[node.id if node else None]

    def heard(self, node: Node) -> Node | None:
        """The partner's reply that a node answers; None also where it has not arrived yet."""
        return self.nodes.get(node.parent or "")

    def before(self, node: Node) -> Node | None:
        """The speaker's own previous reply."""
        heard = self.heard(node)
        return self.heard(heard) if heard else None

    def ends_in_agreement(self, node: Node) -> bool:
        """Whether nothing follows and both now give the same answer, whatever the reason; a missing one equals none."""
        heard = self.heard(node)
        return heard is not None and not self.children(node) and agree([heard.belief, node.belief])


def trees_of(nodes: Iterable[Node]) -> list[Tree]:
    """Trees in the order of their first nodes."""
    found: dict[str, list[Node]] = defaultdict(list)
    for node in nodes:
        found[node.tree].append(node)
    return [Tree(members) for members in found.values()]
