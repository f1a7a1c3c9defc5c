"""`equipoise/dignified_peer_selection`: find the answer that satisfies every dimension, among those that fail one."""

from inspect_ai import Task, task
from inspect_ai.dataset import MemoryDataset

from equipoise.harness.metadata import task_version
from equipoise.harness.texts import texts_of
from equipoise.tasks.arguments import whole
from equipoise.tasks.dignified_peer.checks import shortcuts
from equipoise.tasks.dignified_peer.load import in_turn, load_peer
from equipoise.tasks.dignified_peer.selection.scorer import choices
from equipoise.tasks.dignified_peer.selection.shown import publish_choices, samples
from equipoise.tasks.dignified_peer.selection.solver import choose_in_every_rotation
from equipoise.tasks.questions import SHORT


@task
def dignified_peer_selection(items: str = "own", n_items: int | None = None, seed: int = 0) -> Task:
    """Choosing the golden answer among its single-failure rejects, in every rotation of their order.

    Protocol: ours, see this folder's README; not a reproduction of PersonaKnob's selection task.

    Args:
        items: `own` (shipped), or a file or folder in our schema or in PersonaKnob's columns.
        n_items: Use the first n items; masks alternate. None = all.
        seed: Of the answers' order, and of the sampling in the first epoch.

    Raises:
        InputError: An argument or the item file does not fit.
    """
    whole("seed", seed, 0)
    if n_items is not None:
        whole("n_items", n_items, 1)
    loaded = load_peer(items)
    chosen = in_turn(loaded.items, n_items)
    publish_choices(chosen, seed)
    version = task_version(__package__ or "")
    return Task(
        dataset=MemoryDataset(samples(chosen, seed), name=str(items)),
        solver=choose_in_every_rotation(seed),
        scorer=choices(),
        config=SHORT,
        version=version.comparability,
        metadata={
            "full_version": str(version),
            "prompts_version": texts_of(__package__ or "")["version"],
            "required_roles": [],
            "items": len(chosen),
            "rows_read": loaded.counts,
            "shortcuts": shortcuts(chosen),
        },
    )
