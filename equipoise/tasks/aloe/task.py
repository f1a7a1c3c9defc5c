"""`equipoise/aloe`: does the model adapt to a user whose persona it is never told?"""

from pathlib import Path

from inspect_ai import Task, task
from inspect_ai.dataset import MemoryDataset
from inspect_ai.model import GenerateConfig

from equipoise.harness.metadata import task_version
from equipoise.judges import MOST_TOKENS, PanelOptions, strictnesses
from equipoise.tasks.aloe.cases import Case, in_growing_squares, samples
from equipoise.tasks.aloe.key import publish_key
from equipoise.tasks.aloe.load import load_cases
from equipoise.tasks.aloe.metrics import MODEL
from equipoise.tasks.aloe.personas import swapped
from equipoise.tasks.aloe.prompts import read_prompts
from equipoise.tasks.aloe.responders import RESPONDERS
from equipoise.tasks.aloe.scorer import ALSO, ratings
from equipoise.tasks.aloe.solver import chat
from equipoise.tasks.aloe.user import JUDGE, USER
from equipoise.tasks.arguments import names, whole
from equipoise.tasks.questions.schema import content_hash

TURNS = 10
MOST_TURNS = 20

REPLY = GenerateConfig(max_tokens=2048)
"""Replies: the tested model's own settings, at most as long as in ALOE's released code; the usual Inspect options
(`--temperature`, `--max-tokens`) override them."""


@task
def aloe(
    personas: str = "own",
    personalities: str = "five",
    n_items: int | None = None,
    turns: int = TURNS,
    responders: str | list[str] = MODEL,
    also: str | list[str] = "",
    strictness: str | list[str] = "neutral",
    logprobs: bool = False,
    judge_tokens: int = MOST_TOKENS,
    prompts: str = "",
    user_tokens: int = 300,
    allow_same: bool = False,
    seed: int = 0,
) -> Task:
    """A simulated user with a persona talks with the model, which is told nothing; a panel rates every reply.

    Protocol: Wu et al. (arXiv 2410.03642) and their released code, with references of our own; see this folder's
    README. Needs the model roles `user` and `judge`, played by different models.

    Args:
        personas: `own` (shipped), `released` (downloaded at a pinned commit) or a folder with files like those.
        personalities: `five` (20 profiles x 5 = 100 cases) or `all` (20 x 7 = 140).
        n_items: Use n cases that cross profiles and personalities as fully as n allows; None = all.
        turns: Messages of the user, and replies to them; from 2.
        responders: Comma-separated: `model`, `persona_known`, `no_history`, `style`.
        also: Comma-separated further ratings of the same transcripts: `swapped`, `history`; "" = none.
        strictness: Comma-separated instructions that every judge votes under: `neutral`, `lenient`, `strict`.
        logprobs: Ask judges for log probabilities.
        judge_tokens: Most tokens of a judge's reply, reasoning included.
        prompts: YAML file that replaces texts of `prompts.yaml`; "" = none.
        user_tokens: Most tokens of a message of the simulated user.
        allow_same: Let user and judge, or judge and subject, be of one family.
        seed: Sampling seed of the first epoch, and of the exchange of personas.

    Raises:
        InputError: An argument or a file does not fit.
    """
    whole("turns", turns, 2, MOST_TURNS)
    whole("seed", seed, 0)
    whole("user_tokens", user_tokens, 1)
    whole("judge_tokens", judge_tokens, 1)
    if n_items is not None:
        whole("n_items", n_items, 1)
    arms = names("responders", responders, RESPONDERS)
    ratings_too = names("also", also, ALSO) if also else []
    panel = PanelOptions(
        strictness=tuple(names("strictness", strictness, strictnesses())),
        logprobs=logprobs,
        tokens=judge_tokens,
        allow_same=allow_same,
    )
    texts = read_prompts(prompts)
    known = load_cases(personas, personalities)
    others = swapped(known, seed) if "swapped" in ratings_too else [None] * len(known)
    other_of = {case.id: other for case, other in zip(known, others, strict=True)}
    chosen = in_growing_squares(known)[:n_items]
    publish_key(chosen, turns, texts)
    version = task_version(__package__ or "")
    domain = personas if personas in ("own", "released") else Path(personas).name
    cases = [Case(persona=case, other=other_of[case.id]) for case in chosen]
    return Task(
        dataset=MemoryDataset(samples(cases, domain, arms), name=personas),
        solver=chat(turns, arms, user_tokens, prompts, allow_same, seed),
        scorer=ratings(ratings_too, panel.model_dump(mode="json")),
        config=REPLY,
        version=version.comparability,
        metadata={
            "full_version": str(version),
            "prompts_version": texts.version,
            "prompts_hash": content_hash(texts),
            "required_roles": [USER, JUDGE],
            "independent_roles": [JUDGE],
            "separate_roles": [[USER, JUDGE]],
            "allow_same": allow_same,
            "items": len(chosen),
            "profiles": len({case.profile_id for case in chosen}),
            "personalities": len({case.personality_id for case in chosen}),
        },
    )
