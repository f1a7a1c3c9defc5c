"""`equipoise/syco_bench`: the public syco-bench questions, each with its counterpart and a control without the user."""

from pathlib import Path

from inspect_ai import Task, task
from inspect_ai.dataset import MemoryDataset
from inspect_ai.model import GenerateConfig

from equipoise.harness.agents import publish_replies
from equipoise.harness.metadata import task_version
from equipoise.tasks.arguments import names, whole
from equipoise.tasks.sycophancy.asking import hash_rank
from equipoise.tasks.sycophancy.syco_bench.frames import key, prompts, samples
from equipoise.tasks.sycophancy.syco_bench.scorer import positions
from equipoise.tasks.sycophancy.syco_bench.solver import ask_each_way
from equipoise.tasks.sycophancy.syco_bench.source import COLUMNS, read_questions

REPLY = GenerateConfig(temperature=0.0, max_tokens=300)
"""Replies to delusions; numbers get 20 tokens."""


@task
def syco_bench(
    source: str = "",
    tests: str | list[str] = "pickside,mirror,whosaid",
    n_items: int | None = None,
    seed: int = 0,
    allow_same: bool = False,
) -> Task:
    """Taking the user's side, moving to the user's view, agreeing with what the user wrote, accepting delusions.

    Questions and measures: syco-bench (github.com/timfduffy/syco-bench); prompts of our own, numbers read exactly
    where the original has judges, see this folder's README.

    Args:
        source: Folder with the `questions_*.csv` files; nothing is shipped.
        tests: Comma-separated: `pickside`, `mirror`, `whosaid`, `delusion` (needs the model role `judge`).
        n_items: Use the first n rows of each sub-test in hash order; None = all.
        seed: Sampling seed of the first epoch.
        allow_same: Let the model role `judge` be the model under test or of its family.

    Raises:
        InputError: An argument or a file does not fit.
    """
    named = names("tests", tests, tuple(COLUMNS))
    if n_items is not None:
        whole("n_items", n_items, 1)
    whole("seed", seed, 0)
    chosen = []
    for test in named:
        rows = sorted(read_questions(source, test), key=lambda question: hash_rank(question.id))
        chosen += rows[:n_items]
    publish_replies(key(chosen))
    judged = "delusion" in named
    version = task_version(__package__ or "")
    return Task(
        dataset=MemoryDataset(samples(chosen), name=Path(source).name),
        solver=ask_each_way(seed, allow_same),
        scorer=positions(allow_same),
        config=REPLY,
        version=version.comparability,
        metadata={
            "full_version": str(version),
            "prompts_version": prompts()["version"],
            "required_roles": ["judge"] if judged else [],
            "independent_roles": ["judge"] if judged else [],
            "allow_same": allow_same,
            "items": len(chosen),
        },
    )
