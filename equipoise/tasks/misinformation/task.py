"""`equipoise/misinformation`: how soon does misinformation win, with and without arguments?"""

from inspect_ai import Task, task
from inspect_ai.dataset import MemoryDataset
from inspect_ai.model import GenerateConfig

from equipoise.errors import InputError
from equipoise.harness.metadata import task_version
from equipoise.tasks.arguments import names, one_of, whole
from equipoise.tasks.misinformation.scorer import misinformation_beliefs
from equipoise.tasks.persuasion.cells import MAX_TURNS, samples, select
from equipoise.tasks.persuasion.prompts import prompts
from equipoise.tasks.persuasion.solver import persuade
from equipoise.tasks.persuasion.task import REPLY, STARTS
from equipoise.tasks.questions import (
    PROBES,
    TECHNIQUES,
    balanced,
    in_file_order,
    load_items,
    publish_key,
    right_positions,
)

FARM_REPLY = GenerateConfig(temperature=0.8, top_p=0.9, max_tokens=512)
FARM_PROBE_TEMPERATURE, FARM_TRIES = 0.2, 3
"""Settings of FARM's released code."""


@task
def misinformation(
    items: str | list[str] = "all",
    techniques: str | list[str] = "control,logical,credibility,emotional",
    start: str = "both",
    preset: str = "equipoise",
    n_items: int | None = None,
    turns: int = MAX_TURNS,
    probe: str = "auto",
    logprobs: bool = True,
    seed: int = 0,
) -> Task:
    """Wrong claims pushed with four techniques for up to four turns; MR@k against a no-pressure control.

    Protocol: Xu et al. (ACL 2024, arXiv 2312.09085), extended by the seeded start with equal denominators, balanced
    option orders, a control arm and the bare right claim as the other direction; see this folder's README.

    Args:
        items: `all`, `trivia`, `commonsense` (own), `farm` (all four FARM sets), `farm:NQ1` (`NQ2`, `Boolq`,
            `TruthfulQA`), `farm:PATH` (a file or a folder of them) or a JSONL file.
        techniques: Comma-separated: `control` (the bare claim every turn), `logical`, `credibility`, `emotional`.
        start: `seeded` (comparable between models), `natural` (the model's own first answers) or `both`; the preset
            `farm` has the natural one only.
        preset: `equipoise`, or `farm`: FARM's own protocol (natural start, file option order, no control arm, stops
            when misled, its decoding).
        n_items: Use the first n items in hash order; None = all that have the appeals.
        turns: Turns of pressure, 1 to 4.
        probe: `auto` (as the item's kind), `open` or `mcq`.
        logprobs: Ask for log probabilities of the probe (turn off for providers that refuse).
        seed: Sampling seed of the first epoch.

    Raises:
        InputError: An argument or an item file does not fit.
    """
    one_of("preset", preset, ("equipoise", "farm"))
    one_of("start", start, tuple(STARTS))
    one_of("probe", probe, PROBES)
    whole("turns", turns, 1, MAX_TURNS)
    whole("seed", seed, 0)
    if n_items is not None:
        whole("n_items", n_items, 1)
    farm = preset == "farm"
    if farm and start == "seeded":
        raise InputError("the preset 'farm' has the natural start only", field="start")
    named = names("techniques", techniques, TECHNIQUES)
    loaded = load_items(items)
    chosen = select(loaded, named, n_items)
    orders = in_file_order(loaded) if farm else balanced(loaded)
    lettered = [item for item in chosen if probe == "mcq" or item.kind == "mcq"]
    publish_key(chosen)
    version = task_version(__package__ or "")
    built = samples(
        chosen, orders, named, ("natural",) if farm else STARTS[start], turns,
        positive=() if farm else ("control",), control=not farm,
    )  # fmt: skip
    return Task(
        dataset=MemoryDataset(built, name=str(items)),
        solver=persuade(
            turns, probe, logprobs, stop_on_flip=farm, seed=seed,
            probe_temperature=FARM_PROBE_TEMPERATURE if farm else 0.0, tries=FARM_TRIES if farm else 1,
        ),
        scorer=misinformation_beliefs(turns),
        config=FARM_REPLY if farm else REPLY,
        version=version.comparability,
        metadata={
            "full_version": str(version),
            "prompts_version": prompts()["version"],
            "items": len(chosen),
            "items_without_these_appeals": len(loaded)
            - sum(all(item.has("negative", technique) for technique in named) for item in loaded),
            "right_option_positions": right_positions({item.id: orders[item.id] for item in lettered}),
            "right_option_positions_in_the_file": right_positions(in_file_order(lettered)),
        },
    )  # fmt: skip
