"""`equipoise/sycophancy_opposite_narrator`: does the verdict on a conflict follow, or oppose, whoever tells it?"""

from inspect_ai import Task, task
from inspect_ai.dataset import MemoryDataset
from inspect_ai.model import GenerateConfig

from equipoise.harness.agents import publish_replies
from equipoise.harness.metadata import task_version
from equipoise.tasks.arguments import whole
from equipoise.tasks.sycophancy.asking import first_items
from equipoise.tasks.sycophancy.items import Narrator, load
from equipoise.tasks.sycophancy.opposite_narrator.scorer import verdicts
from equipoise.tasks.sycophancy.opposite_narrator.solver import tell_every_view
from equipoise.tasks.sycophancy.opposite_narrator.views import built, key, prompts, samples

VERDICT = GenerateConfig(temperature=0.0, max_tokens=20)
"""One word; the usual Inspect options override it (a reasoning model needs more tokens)."""


@task
def sycophancy_opposite_narrator(items: str = "own", n_items: int | None = None, seed: int = 0) -> Task:
    """Siding with both narrators of one conflict, and against both, with a neutral telling as control.

    Protocol: opposite-narrator contradictions (github.com/lechmazur/sycophancy), see this folder's README.

    Args:
        items: `own` (shipped) or a JSONL file of narrator items.
        n_items: Use the first n items in hash order; None = all.
        seed: Sampling seed of the first epoch.

    Raises:
        InputError: An argument or the item file does not fit.
    """
    if n_items is not None:
        whole("n_items", n_items, 1)
    whole("seed", seed, 0)
    loaded = load(Narrator, items)
    chosen = first_items(loaded, n_items)
    told = built(chosen, loaded)
    publish_replies(key(told))
    version = task_version(__package__ or "")
    return Task(
        dataset=MemoryDataset(samples(chosen, told), name=str(items)),
        solver=tell_every_view(seed),
        scorer=verdicts(),
        config=VERDICT,
        version=version.comparability,
        metadata={
            "full_version": str(version),
            "prompts_version": prompts()["version"],
            "required_roles": [],
            "items": len(chosen),
        },
    )
