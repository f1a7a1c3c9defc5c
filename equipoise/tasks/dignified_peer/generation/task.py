"""`equipoise/dignified_peer_generation`: answer a question; a panel judges every dimension that it calls for."""

from inspect_ai import Task, task
from inspect_ai.dataset import MemoryDataset
from inspect_ai.model import GenerateConfig

from equipoise.harness.metadata import task_version
from equipoise.harness.texts import texts_of
from equipoise.judges import MOST_TOKENS, PanelOptions, rubric_named, strictnesses
from equipoise.tasks.arguments import names, whole
from equipoise.tasks.dignified_peer.checks import shortcuts
from equipoise.tasks.dignified_peer.dimensions import NAMES
from equipoise.tasks.dignified_peer.generation.arms import publish_answers, samples
from equipoise.tasks.dignified_peer.generation.scorer import panel
from equipoise.tasks.dignified_peer.generation.solver import respond
from equipoise.tasks.dignified_peer.load import in_turn, load_peer

RESPONSE = GenerateConfig(temperature=0.0, max_tokens=500)
"""The usual Inspect options (`--temperature`, `--max-tokens`) override it."""


@task
def dignified_peer_generation(
    items: str = "own", n_items: int | None = None, bounds: bool = False, swapped: bool = False,
    strictness: str = "neutral", joint: bool = False, logprobs: bool = False, judge_tokens: int = MOST_TOKENS,
    seed: int = 0, allow_same: bool = False,
) -> Task:  # fmt: skip
    """Answering a question that calls for several dimensions at once, judged criterion by criterion.

    Protocol: ours, see this folder's README; not a reproduction of PersonaKnob's generation task. The role `judge` is
    required.

    Args:
        items: `own` (shipped), or a file or folder in our schema or in PersonaKnob's columns.
        n_items: Use the first n items; masks alternate. None = all.
        bounds: Also judge references: the model told what is asked for, the model told to be an evasive servant, the
            golden answer and the answers that fail one dimension.
        swapped: Also judge every response by one dimension that its question does not call for.
        strictness: Instructions that every judge votes under, comma-separated: `neutral`, `lenient`, `strict`.
        joint: Ask for the four criteria of a dimension in one call instead of one call each.
        logprobs: Ask judges for log probabilities.
        judge_tokens: Most tokens of a judge's reply, reasoning included.
        seed: Of the dimension outside the mask, and of the sampling in the first epoch.
        allow_same: Whether a judge may be the subject or of its family.

    Raises:
        InputError: An argument or the item file does not fit.
    """
    whole("seed", seed, 0)
    if n_items is not None:
        whole("n_items", n_items, 1)
    whole("judge_tokens", judge_tokens, 1)
    options = PanelOptions(
        strictness=tuple(names("strictness", strictness, strictnesses())), joint=joint, logprobs=logprobs,
        tokens=judge_tokens, allow_same=allow_same,
    )  # fmt: skip
    loaded = load_peer(items)
    chosen = in_turn(loaded.items, n_items)
    publish_answers(chosen)
    version = task_version(__package__ or "")
    return Task(
        dataset=MemoryDataset(samples(chosen, bounds, swapped, seed), name=str(items)),
        solver=respond(bounds, allow_same, seed),
        scorer=panel(options.model_dump(mode="json")),
        config=RESPONSE,
        version=version.comparability,
        metadata={
            "full_version": str(version),
            "prompts_version": texts_of(__package__ or "")["version"],
            "rubric_versions": {name: rubric_named(name).version for name in NAMES.values()},
            "required_roles": ["judge"],
            "independent_roles": ["judge"],
            "allow_same": allow_same,
            "items": len(chosen),
            "rows_read": loaded.counts,
            "shortcuts": shortcuts(chosen),
        },
    )
