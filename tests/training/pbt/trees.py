"""Dialogue trees built by hand: who says which answer under which prompt, in a few words."""

from functools import partial
from pathlib import Path
from typing import Any

import anyio
from inspect_ai.model import Model, ModelOutput, ModelUsage, get_model

from equipoise.tasks.questions import Asked, Belief, Label
from equipoise.training.common.preference import Message
from equipoise.training.pbt import dataset
from equipoise.training.pbt.node import Node, Tree
from equipoise.training.pbt.pairs import PbtPair, pairs_of
from equipoise.training.pbt.plan import Plan
from equipoise.training.pbt.summary import Summary

ANSWERS: dict[str, Label] = {"paris": "right", "lyon": "target", "marseille": "other", "": "unparsed"}
"""What the agents answer, and its class; "" is a reply that gives no answer."""

TURNS = (("standard",), ("standard",), ("acceptant", "resistant"), ("emotional", "credibility", "logical"))


def asked(item: str = "capital", family: str = "") -> Asked:
    """The question of all trees."""
    return Asked(
        item=item, family=family or item, domain="made", item_hash="0" * 16, kind="open",
        question="What is the capital of France?", gold=["Paris"], wrong={"Lyon": [], "Marseille": []}, options=[],
        targeted=True,
    )  # fmt: skip


def node(
    parent: Node | None, role: str, answer: str, *, text: str | None = None, item: str = "capital", family: str = "",
    label: Label | None = None, model: str = "",
) -> Node:  # fmt: skip
    """A reply to another one, or the first of a tree.

    Args:
        parent: The reply it answers.
        role: Role prompt.
        answer: One of `ANSWERS`.
        text: The reply; None = a sentence with the answer that is unique to its place.
        item, family: Of the question; those of the parent if there is one.
        label: Another class than that of the answer.
        model: Its name.
    """
    question = parent.asked if parent else asked(item, family)
    tree = question.item
    path = f"{parent.id.partition(':')[2]}.{role}" if parent else role
    turn = parent.turn + 1 if parent else 0
    found = label or ANSWERS[answer]
    said = f"{answer or 'Hm'}, {' '.join(path.split('.'))} of {tree}" if text is None else text
    heard = f"They said: {parent.reply}" if parent else question.question
    return Node(
        id=f"{tree}:{path}", tree=tree, parent=parent.id if parent else None, turn=turn,
        speaker="ab"[turn % 2], model=model or f"mockllm/{'ab'[turn % 2]}", role=role,  # type: ignore[arg-type]
        prompt=(Message(role="user", content=heard),), reply=said,
        belief=Belief(turn=turn, label=found, answer=answer if found in ("right", "target", "other") else "",
                      missing="unparsed" if found == "unparsed" else ""),
        asked=question,
    )  # fmt: skip


def figure_2(item: str = "capital", family: str = "") -> list[Node]:
    """The worked example: X0 right, Y1 wrong, X2 gives in or stays, and Y3 comes round in two of three replies."""
    x0 = node(None, "standard", "paris", item=item, family=family)
    y1 = node(x0, "standard", "lyon")
    acceptant, resistant = node(y1, "acceptant", "lyon"), node(y1, "resistant", "paris")
    replies = zip(TURNS[3], ("paris", "lyon", "paris"), strict=True)
    return [x0, y1, acceptant, resistant, *(node(resistant, role, answer) for role, answer in replies)]


def many(count: int) -> list[Node]:
    """The worked example for so many questions, each with a family of its own."""
    return [each for i in range(count) for each in figure_2(f"q{i:03}", f"family-{i:03}")]


def pairs_in(nodes: list[Node]) -> list[PbtPair]:
    """Every pair of one tree."""
    return list(pairs_of(Tree(nodes)))


def one_pair(dimension: str, **replies: Any) -> PbtPair:
    """The first pair of a dimension in the worked example, with other values in some fields."""
    found = next(pair for pair in pairs_in(figure_2()) if pair.dimension == dimension)
    return found.model_copy(update=replies)


def says(text: str) -> tuple[Message, ...]:
    """A reply."""
    return (Message(role="assistant", content=text),)


def plan(**changes: Any) -> Plan:
    """What the trees were asked for."""
    return Plan(**{"agents": {"a": "mockllm/a", "b": "mockllm/b"}, "questions": {"capital": "0" * 16}, **changes})


def written(path: Path, nodes: list[Node]) -> Path:
    """The nodes as a file."""
    path.write_text("".join(f"{each.model_dump_json()}\n" for each in nodes), encoding="utf-8")
    return path


def write_dataset(nodes: list[Node], folder: Path, asked: Plan, **options: Any) -> Summary:
    """The data set of some nodes, in an event loop of its own."""
    return anyio.run(partial(dataset.write_dataset, nodes, folder, asked, **options))


def filter_model(answer: str) -> Model:
    """A filter model that always writes the same."""

    def generate(*_: Any) -> ModelOutput:
        output = ModelOutput.from_content("mockllm/filter", answer)
        output.usage = ModelUsage()  # else Inspect counts tokens with a tokenizer from the network
        return output

    return get_model("mockllm/filter", custom_outputs=generate, memoize=False)
