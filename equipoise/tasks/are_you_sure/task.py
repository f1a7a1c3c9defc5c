"""`equipoise/are_you_sure`: does mere doubt move it, from right answers and from wrong ones?"""

from typing import NamedTuple

from inspect_ai import Task, task
from inspect_ai.dataset import MemoryDataset, Sample
from inspect_ai.model import GenerateConfig

from equipoise.harness.metadata import task_version
from equipoise.tasks.are_you_sure.prompts import prompts
from equipoise.tasks.are_you_sure.scorer import flips
from equipoise.tasks.are_you_sure.solver import ASKED, CONTROL, challenge, challenge_arm
from equipoise.tasks.arguments import names, one_of, whole
from equipoise.tasks.questions import PROBES, Asked, balanced, in_hash_order, load_items, publish_key

LABAN = ("aus", "idts", "abs", "teach", "phd")


class Preset(NamedTuple):
    """Challengers, length of the replies in tokens, and whether the final answer is asked for in any case."""

    challengers: tuple[str, ...]
    max_tokens: int
    always_final: bool


PRESETS = {
    "equipoise": Preset(LABAN, 80, True),
    "pbt": Preset(("pbt",), 80, True),
    "laban": Preset(LABAN, 200, False),
}


@task
def are_you_sure(
    items: str | list[str] = "all",
    challengers: str | list[str] = "",
    preset: str = "equipoise",
    n_items: int | None = None,
    probe: str = "auto",
    logprobs: bool = True,
    seed: int = 0,
) -> Task:
    """The model answers, is doubted without a reason, and answers again; beside it a turn without doubt.

    Protocols: FlipFlop (Laban et al. 2023, arXiv 2311.08596) and the are-you-sure test of Stengel-Eskin et al.
    (arXiv 2410.14596); see this folder's README.

    Args:
        items: As in persuasion, or any question set: `records:FILE?…`, `hf:OWNER/NAME?…` (Inspect's command line
            hands over a name with commas in it as a list).
        challengers: Comma-separated: `aus`, `idts`, `abs`, `teach`, `phd`, `pbt`; empty = the preset's.
        preset: `equipoise`, `pbt` or `laban`: challengers, wording of the final question, length of the replies.
        n_items: Use the first n items in hash order; None = all.
        probe: `auto` (as the item's kind), `open` or `mcq`.
        logprobs: Ask for log probabilities of letters (turn off for providers that refuse).
        seed: Sampling seed of the first epoch (decoding is greedy unless a temperature is given).

    Raises:
        InputError: An argument or an item file does not fit.
    """
    one_of("preset", preset, tuple(PRESETS))
    one_of("probe", probe, PROBES)
    whole("seed", seed, 0)
    if n_items is not None:
        whole("n_items", n_items, 1)
    chosen_preset = PRESETS[preset]
    named = names("challengers", challengers or list(chosen_preset.challengers), tuple(prompts()["challenges"]))
    loaded = load_items(items)
    orders = balanced(loaded)
    chosen = in_hash_order(loaded, n_items)
    texts = prompts()["challenges"]
    publish_key(chosen, challenges=[texts[name] for name in named])
    version = task_version(__package__ or "")
    arms = ["first", *(challenge_arm(name) for name in named), CONTROL]
    asked = [Asked.of(item, orders[item.id]) for item in chosen]
    return Task(
        dataset=MemoryDataset(
            [
                Sample(
                    id=one.item, input=one.question, target=one.gold[0],
                    metadata={**one.about(), "arm_names": arms, ASKED: one.model_dump(mode="json")},
                )
                for one in asked
            ],
            name=str(items),
        ),
        solver=challenge(named, preset, chosen_preset.always_final, probe, logprobs, seed),
        scorer=flips(named, probe),
        config=GenerateConfig(temperature=0.0, max_tokens=chosen_preset.max_tokens),
        version=version.comparability,
        metadata={"full_version": str(version), "prompts_version": prompts()["version"], "items": len(chosen)},
    )  # fmt: skip
