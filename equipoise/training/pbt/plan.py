"""What a folder of trees was asked for: equal plans share the folder, so that the same command goes on."""

import json
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import BaseModel, ConfigDict, Field

import equipoise
from equipoise.errors import InputError
from equipoise.harness.files import write_text
from equipoise.harness.inputs import fitted
from equipoise.tasks.questions import Asked, balanced, in_hash_order, load_items, publish_key
from equipoise.training.pbt.node import Agent
from equipoise.training.pbt.prompts import prompts
from equipoise.training.pbt.shape import First, Shape

PLAN_FILE = "plan.json"

FREE = ("pairs_per_question", "credit_filter", "equipoise")
"""Fields that trees do not depend on: the same trees serve another choice of pairs, and a later version."""


class Plan(BaseModel):
    """What is asked for.

    Attributes:
        agents: Inspect model names of the two agents.
        extractor, filter: Model names; empty = none.
        model_args: As for `inspect eval -M`, for both agents.
        temperature, max_tokens: Of the replies.
        shape: Of the trees.
        first: Who speaks first.
        seed: Of the sampling.
        questions: Content hash of every question, by item.
        pairs_per_question: Most pairs of a question and dimension in an arm.
        credit_filter: Whether pairs that the credit per reply contradicts are dropped.
        prompts: Version of the prompts.
        equipoise: Version of this package.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    agents: dict[Agent, str]
    extractor: str = ""
    filter: str = ""
    model_args: dict[str, Any] = Field(default_factory=dict)
    temperature: float = 0.7
    max_tokens: int = 80
    shape: Shape = Shape()
    first: First = "alternate"
    seed: int = 0
    questions: dict[str, str]
    pairs_per_question: int = 4
    credit_filter: bool = False
    prompts: str = Field(default_factory=lambda: str(prompts()["version"]))
    equipoise: str = equipoise.__version__

    def keep(self, folder: Path) -> None:
        """Write the plan into its folder, unless that holds trees of another one.

        Raises:
            InputError: It does, or it cannot be written.
        """
        path = folder / PLAN_FILE
        if path.is_file():
            known, wanted = read_plan(folder).model_dump(mode="json"), self.model_dump(mode="json")
            differ = [name for name in wanted if name not in FREE and known[name] != wanted[name]]
            if differ:
                told = "; ".join(f"{name}: {_difference(known[name], wanted[name])}" for name in differ)
                raise InputError(
                    f"holds trees of another plan ({PLAN_FILE}: {told}); give another folder with -o",
                    path=folder,
                    field=", ".join(differ),
                )
        write_text(path, self.model_dump_json(indent=1) + "\n")


def read_plan(folder: Path) -> Plan:
    """The plan of a folder.

    Raises:
        InputError: There is none, or it does not fit.
    """
    path = folder / PLAN_FILE
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(f"cannot be read ({error.strerror}); expected a folder of dialogue trees", path=path) from None
    except ValueError as error:
        raise InputError(f"broken JSON ({error})", path=path) from None
    return fitted(Plan, content, path)


def _difference(known: Any, wanted: Any) -> str:
    if isinstance(known, dict) and isinstance(wanted, dict):
        key = next(key for key in (*known, *wanted) if known.get(key) != wanted.get(key))
        return f"{key}: {_difference(known.get(key), wanted.get(key))}"
    return f"{json.dumps(known):.80} there, {json.dumps(wanted):.80} asked for"


def questions(source: str, limit: int | None = None) -> list[Asked]:
    """Questions as the agents are asked, in the order of their ids' hashes; control agents are told the answers.

    Args:
        source: As for `load_items`.
        limit: Most questions; None = all.

    Raises:
        InputError: The source cannot be read.
    """
    items = load_items(source)
    options = balanced(items)
    chosen = in_hash_order(items, limit)
    publish_key(chosen, frames=[prompts()["frame"]])
    return [Asked.of(item, options[item.id]) for item in chosen]


class Seedling(NamedTuple):
    """A tree that is to grow.

    Attributes:
        tree: Its name: the item's id, with `.b` for the second tree of a question.
        asked: The question.
        first: Who speaks first.
    """

    tree: str
    asked: Asked
    first: Agent

    def speaker(self, turn: int) -> Agent:
        """Who speaks in a turn."""
        return self.first if turn % 2 == 0 else _other(self.first)


def seedlings(asked: Sequence[Asked], first: First) -> list[Seedling]:
    """The trees of some questions.

    Args:
        asked: Questions; in the order of their ids' hashes, so that alternation depends on no file's order and gives
            each agent every other tree of any domain.
        first: Who speaks first.
    """
    agents: tuple[Agent, Agent] = ("a", "b")
    if first == "both":
        return [Seedling(f"{one.item}{'' if who == 'a' else '.b'}", one, who) for one in asked for who in agents]
    return [Seedling(one.item, one, agents[place % 2]) for place, one in enumerate(asked)]


def seed_of(seed: int, node: str) -> int:
    """Seed of a reply, 31 bits: of plan and node alone, so that the order in which replies arrive changes nothing."""
    return int.from_bytes(sha256(f"{seed} {node}".encode()).digest()[:4], "big") >> 1


def _other(agent: Agent) -> Agent:
    return "b" if agent == "a" else "a"
