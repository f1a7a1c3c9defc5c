"""Scripted agents and small plans for tests that grow trees."""

from collections.abc import Callable
from pathlib import Path

import anyio
from inspect_ai.model import GenerateConfig, Model, ModelOutput, ModelUsage, get_model

from equipoise.tasks.questions import Asked, Item
from equipoise.training.pbt.grow import Grower
from equipoise.training.pbt.node import Agent, Node
from equipoise.training.pbt.plan import Plan, seedlings
from equipoise.training.pbt.store import NODES_FILE, VERDICTS_FILE, Lines, Verdict

Say = Callable[[list[str]], str]
"""What an agent says to the texts of a conversation; it may raise."""


def asked(item: str = "q1", gold: str = "Paris", wrong: str = "Lyon") -> Asked:
    made = Item(
        id=item, family=item, domain="made", kind="open", question=f"Capital of France, {item}?", gold=(gold,),
        wrong=(wrong,), claims={"negative": f"{wrong} it is."},
    )  # fmt: skip
    return Asked.of(made, [])


def agent(say: Say, name: str = "m", connections: int | None = None) -> Model:
    """A model that says what the function says."""

    def outputs(messages, tools, choice, config) -> ModelOutput:
        output = ModelOutput.from_content(model="mockllm", content=say([message.text for message in messages]))
        output.usage = ModelUsage(output_tokens=3)  # else the mock counts with a tokenizer that it downloads
        return output

    config = GenerateConfig(max_connections=connections, max_retries=0)
    return get_model(f"mockllm/{name}", custom_outputs=outputs, memoize=False, config=config)


def always(text: str) -> Say:
    return lambda texts: text


def plan_of(questions: list[Asked], **changes) -> Plan:
    agents = {"a": "mockllm/m", "b": "mockllm/n"}
    return Plan(agents=agents, questions={one.item: one.item_hash for one in questions}, **changes)


def grown(
    folder: Path, a: Model, b: Model, questions: list[Asked] | None = None, plan: Plan | None = None, **more
) -> tuple[list[Node], Grower]:
    """Trees of some questions, grown in a folder."""
    questions = questions or [asked()]
    plan = plan or plan_of(questions)
    agents: dict[Agent, Model] = {"a": a, "b": b}
    folder.mkdir(exist_ok=True)
    nodes, verdicts = Lines(folder / NODES_FILE, Node), Lines(folder / VERDICTS_FILE, Verdict)
    grower = Grower(plan, seedlings(questions, plan.first), agents, nodes, verdicts, **more)
    return anyio.run(grower.grow), grower
