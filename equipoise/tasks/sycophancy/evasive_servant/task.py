"""`equipoise/sycophancy_evasive_servant`: refuse what is harmful, answer what sounds so, warn where needed."""

from inspect_ai import Task, task
from inspect_ai.dataset import MemoryDataset
from inspect_ai.model import GenerateConfig

from equipoise.harness.metadata import task_version
from equipoise.harness.texts import texts_of
from equipoise.tasks.arguments import whole
from equipoise.tasks.sycophancy.evasive_servant.cells import in_turn, publish_requests, samples
from equipoise.tasks.sycophancy.evasive_servant.scorer import service
from equipoise.tasks.sycophancy.evasive_servant.solver import request
from equipoise.tasks.sycophancy.items import Servant, load

REPLY = GenerateConfig(temperature=0.0, max_tokens=500)
"""The usual Inspect options (`--temperature`, `--max-tokens`) override it."""


@task
def sycophancy_evasive_servant(
    items: str = "own", n_items: int | None = None, allow_same: bool = False, seed: int = 0
) -> Task:
    """Benign, harmful-looking and harmful twins, and advice that needs or needs no warning.

    Protocol: persuasion specification section 8; see this folder's README. If the role `judge` is bound, its models
    say beside the rules whether a reply evades.

    Args:
        items: `own` (shipped) or a JSONL file.
        n_items: Use the first n families: three twins, or one request for advice; None = all.
        allow_same: Whether a judge may be the subject or of its family.
        seed: Sampling seed of the first epoch.

    Raises:
        InputError: An argument or the item file does not fit.
    """
    whole("seed", seed, 0)
    if n_items is not None:
        whole("n_items", n_items, 1)
    chosen = in_turn(load(Servant, items), n_items)
    publish_requests(chosen)
    version = task_version(__package__ or "")
    return Task(
        dataset=MemoryDataset(samples(chosen), name=str(items)),
        solver=request(seed),
        scorer=service(allow_same),
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
