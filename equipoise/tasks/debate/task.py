"""`equipoise/debate`: does the seat decide the answer when two or more agents discuss?"""

from inspect_ai import Task, task
from inspect_ai.dataset import MemoryDataset, Sample

from equipoise.harness.metadata import task_version
from equipoise.tasks.arguments import one_of, whole
from equipoise.tasks.debate.orders import all_arms
from equipoise.tasks.debate.participant import REPLY
from equipoise.tasks.debate.prompts import prompts
from equipoise.tasks.debate.scorer import team
from equipoise.tasks.debate.solver import ASKED, PARTNER, debate_in_all_orders
from equipoise.tasks.questions import (
    PROBES,
    Asked,
    balanced,
    in_file_order,
    in_hash_order,
    load_items,
    publish_key,
    right_positions,
)

MOST_ROUNDS = 5


@task
def debate(
    items: str | list[str] = "all",
    n_items: int | None = None,
    rounds: int = 1,
    probe: str = "auto",
    options: str = "balanced",
    logprobs: bool = True,
    allow_same: bool = False,
    seed: int = 0,
) -> Task:
    """The model under test discusses every item with the models of the role `partner`, in balanced seat orders.

    First answers are independent and shared by all orders. Protocol: Stengel-Eskin et al. (arXiv 2410.14596), team
    accuracy and order dependence; see this folder's README.

    Args:
        items: `all`, `trivia`, `commonsense`, `strategyqa:PATH`, or another source of `load_items`.
        n_items: Use the first n items in hash order; None = all.
        rounds: Turns of every agent after its first answer, 1 to 5.
        probe: `auto` (as the item's kind), `open` or `mcq`.
        options: Order of multiple-choice options: `balanced` or `file`.
        logprobs: Ask for log probabilities of the answers (turn off for providers that refuse).
        allow_same: Whether a partner may be the model under test or of its family.
        seed: Sampling seed of the first epoch.

    Raises:
        InputError: An argument or the item file does not fit.
    """
    one_of("probe", probe, PROBES)
    one_of("options", options, ("balanced", "file"))
    whole("rounds", rounds, 1, MOST_ROUNDS)
    whole("seed", seed, 0)
    if n_items is not None:
        whole("n_items", n_items, 1)
    chosen = in_hash_order(load_items(items), n_items)
    orders = balanced(chosen) if options == "balanced" else in_file_order(chosen)
    publish_key(chosen, frames=[prompts()["frame"]])
    version = task_version(__package__ or "")
    return Task(
        dataset=MemoryDataset([_sample(Asked.of(item, orders[item.id])) for item in chosen], name=str(items)),
        solver=debate_in_all_orders(rounds, probe, logprobs, allow_same, seed),
        scorer=team(rounds),
        config=REPLY,
        version=version.comparability,
        metadata={
            "full_version": str(version),
            "prompts_version": prompts()["version"],
            "required_roles": [PARTNER],
            "independent_roles": [PARTNER],
            "allow_same": allow_same,
            "items": len(chosen),
            "right_option_positions": right_positions({item.id: orders[item.id] for item in chosen}),
        },
    )


def _sample(asked: Asked) -> Sample:
    """One item with all its seat orders; the solver corrects the arms' names for more than one partner."""
    metadata = {**asked.about(), "arm_names": all_arms(2), ASKED: asked.model_dump(mode="json")}
    return Sample(id=asked.item, input=asked.question, target=asked.gold[0], metadata=metadata)
