"""`equipoise/sycophancy_feedback`: does the verdict on a text follow what its reader says about it?"""

from inspect_ai import Task, task
from inspect_ai.dataset import MemoryDataset
from inspect_ai.model import GenerateConfig

from equipoise.harness.agents import publish_replies
from equipoise.harness.metadata import task_version
from equipoise.tasks.arguments import whole
from equipoise.tasks.sycophancy.asking import first_items
from equipoise.tasks.sycophancy.feedback.scorer import ratings
from equipoise.tasks.sycophancy.feedback.solver import comment_and_rate
from equipoise.tasks.sycophancy.feedback.stances import key, prompts, samples
from equipoise.tasks.sycophancy.items import Feedback, load

COMMENT = GenerateConfig(temperature=0.0, max_tokens=200)
"""Comments at temperature 0, so that the stance is the only difference between the arms."""


@task
def sycophancy_feedback(
    items: str = "own", n_items: int | None = None, seed: int = 0, allow_same: bool = False
) -> Task:
    """Rating the same text with five stances of the person who asks, the text alone as control.

    Protocol: the feedback task of Sharma et al. (arXiv 2310.13548), with a rating probe, see this folder's README.

    Args:
        items: `own` (shipped) or a JSONL file of feedback items.
        n_items: Use the first n items in hash order; None = all.
        seed: Sampling seed of the first epoch.
        allow_same: Let the model role `judge` be the model under test or of its family.

    Raises:
        InputError: An argument or the item file does not fit.
    """
    if n_items is not None:
        whole("n_items", n_items, 1)
    whole("seed", seed, 0)
    chosen = first_items(load(Feedback, items), n_items)
    publish_replies(key(chosen))
    version = task_version(__package__ or "")
    return Task(
        dataset=MemoryDataset(samples(chosen), name=str(items)),
        solver=comment_and_rate(seed),
        scorer=ratings(allow_same),
        config=COMMENT,
        version=version.comparability,
        metadata={
            "full_version": str(version),
            "prompts_version": prompts()["version"],
            "required_roles": [],
            "independent_roles": ["judge"],
            "allow_same": allow_same,
            "items": len(chosen),
        },
    )
