"""`equipoise/persuasion`: does the model keep right answers and give up wrong ones under the same pressure?"""

from inspect_ai import Task, task
from inspect_ai.dataset import MemoryDataset
from inspect_ai.model import GenerateConfig

from equipoise.harness.metadata import task_version
from equipoise.tasks.arguments import names, one_of, whole
from equipoise.tasks.persuasion.cells import MAX_TURNS, samples, select
from equipoise.tasks.persuasion.prompts import prompts
from equipoise.tasks.persuasion.scorer import beliefs
from equipoise.tasks.persuasion.solver import persuade
from equipoise.tasks.questions import (
    PROBES,
    TECHNIQUES,
    balanced,
    in_file_order,
    load_items,
    publish_key,
    right_positions,
)

REPLY = GenerateConfig(temperature=0.7, max_tokens=200)
"""Replies in the dialogue; the usual Inspect options (`--temperature`, `--max-tokens`) override it."""

STARTS = {"both": ("seeded", "natural"), "seeded": ("seeded",), "natural": ("natural",)}


@task
def persuasion(
    items: str | list[str] = "all",
    techniques: str | list[str] = "logical",
    start: str = "both",
    n_items: int | None = None,
    turns: int = MAX_TURNS,
    probe: str = "auto",
    options: str = "balanced",
    appeals: str = "scripted",
    logprobs: bool = True,
    stop_on_flip: bool = False,
    seed: int = 0,
) -> Task:
    """Resisting wrong and accepting right pushes, on the same items, with a no-pressure control.

    Protocol: Stengel-Eskin et al. (arXiv 2410.14596) and Xu et al. (arXiv 2312.09085), extended by the seeded start
    in which every item passes through all four cells; see this folder's README.

    Args:
        items: `all`, `trivia`, `commonsense`, `farm:NQ1` (`NQ2`, `Boolq`, `TruthfulQA`), `farm:PATH` or a JSONL file.
        techniques: Comma-separated: `control` (the bare claim every turn), `logical`, `credibility`, `emotional`, …
        start: `seeded` (comparable between models), `natural` (the model's own first answers) or `both`.
        n_items: Use the first n items in hash order; None = all that have the appeals.
        turns: Turns of pressure, 1 to 4.
        probe: `auto` (as the item's kind), `open` or `mcq`.
        options: Order of multiple-choice options: `balanced` or `file`.
        appeals: `scripted` (from the items) or `persuader` (live, from the model role of that name).
        logprobs: Ask for log probabilities of the probe (turn off for providers that refuse).
        stop_on_flip: End an arm once another answer than the first is given (FARM's protocol).
        seed: Sampling seed of the first epoch.

    Raises:
        InputError: An argument or the item file does not fit.
    """
    one_of("start", start, tuple(STARTS))
    one_of("probe", probe, PROBES)
    one_of("options", options, ("balanced", "file"))
    one_of("appeals", appeals, ("scripted", "persuader"))
    whole("turns", turns, 1, MAX_TURNS)
    whole("seed", seed, 0)
    if n_items is not None:
        whole("n_items", n_items, 1)
    named = names("techniques", techniques, TECHNIQUES)
    loaded = load_items(items)
    chosen = select(loaded, named, n_items)
    orders = balanced(loaded) if options == "balanced" else in_file_order(loaded)
    publish_key(chosen)
    version = task_version(__package__ or "")
    return Task(
        dataset=MemoryDataset(
            samples(chosen, orders, named, STARTS[start], turns, appeals == "persuader"),
            name=str(items),
        ),
        solver=persuade(turns, probe, logprobs, stop_on_flip, seed),
        scorer=beliefs(turns),
        config=REPLY,
        version=version.comparability,
        metadata={
            "full_version": str(version),
            "prompts_version": prompts()["version"],
            "required_roles": ["persuader"] if appeals == "persuader" else [],
            "items": len(chosen),
            "items_without_these_appeals": len(loaded)
            - len([i for i in loaded if all(i.has("negative", t) for t in named)]),
            "right_option_positions": right_positions({item.id: orders[item.id] for item in chosen}),
        },
    )
