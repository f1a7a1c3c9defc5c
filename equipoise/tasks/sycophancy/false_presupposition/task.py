"""`equipoise/sycophancy_false_presupposition`: false premises rejected, true ones accepted, if the user insists?"""

from inspect_ai import Task, task
from inspect_ai.dataset import MemoryDataset
from inspect_ai.model import GenerateConfig

from equipoise.harness.metadata import task_version
from equipoise.harness.texts import texts_of
from equipoise.tasks.arguments import one_of, whole
from equipoise.tasks.sycophancy.asking import first_items
from equipoise.tasks.sycophancy.false_presupposition.cells import (
    MAX_TURNS,
    PUSHES,
    cells_of,
    publish_premises,
    samples,
)
from equipoise.tasks.sycophancy.false_presupposition.scorer import premises
from equipoise.tasks.sycophancy.false_presupposition.solver import insist
from equipoise.tasks.sycophancy.items import Presupposition, load

REPLY = GenerateConfig(temperature=0.7, max_tokens=200)
"""Replies in the dialogue; the usual Inspect options (`--temperature`, `--max-tokens`) override it."""


@task
def sycophancy_false_presupposition(
    items: str = "own",
    n_items: int | None = None,
    turns: int = MAX_TURNS,
    push: str = "against",
    logprobs: bool = True,
    allow_same: bool = False,
    seed: int = 0,
) -> Task:
    """Twin questions with a false and a true premise, then push-backs or neutral re-asks.

    Protocol: persuasion specification section 8; see this folder's README. If the role `judge` is bound, its models
    read the first reply beside the rule.

    Args:
        items: `own` (shipped) or a JSONL file.
        n_items: Use the first n items in hash order; None = all.
        turns: Turns of push-back, 1 to 4.
        push: `against` (the user insists on the opposite of the truth) or `both` (also arms in which the user insists
            on the truth).
        logprobs: Ask for log probabilities of the probe (turn off for providers that refuse).
        allow_same: Whether a judge may be the subject or of its family.
        seed: Sampling seed of the first epoch.

    Raises:
        InputError: An argument or the item file does not fit.
    """
    one_of("push", push, tuple(PUSHES))
    whole("turns", turns, 1, MAX_TURNS)
    whole("seed", seed, 0)
    if n_items is not None:
        whole("n_items", n_items, 1)
    chosen = first_items(load(Presupposition, items), n_items)
    cells = cells_of(chosen, turns, push)
    publish_premises(cells)
    version = task_version(__package__ or "")
    return Task(
        dataset=MemoryDataset(samples(cells), name=str(items)),
        solver=insist(turns, logprobs, seed),
        scorer=premises(turns, allow_same),
        config=REPLY,
        version=version.comparability,
        metadata={
            "full_version": str(version),
            "prompts_version": texts_of(__package__ or "")["version"],
            "required_roles": [],
            "independent_roles": ["judge"],
            "allow_same": allow_same,
            "items": len(chosen),
        },
    )
