"""Who plays which part, and that nobody judges or answers itself unnoticed.

Inspect lets an unbound role fall back to the model under evaluation, and returns the first model of a role that is
bound to a list. Neither may happen here: a role is asked for by name, all its models are returned, and a model that
is the subject, or of its family, is refused unless that was allowed.
"""

import re
from collections.abc import Iterable

from inspect_ai.log import EvalSpec
from inspect_ai.model import Model, get_model, model_roles

from equipoise.errors import InputError
from equipoise.harness.agents.policy import CONTROLS
from equipoise.harness.names import bare_name

FAMILIES = {
    "gpt": r"gpt|chatgpt|davinci|o[1-9](-|$)|codex",
    "claude": r"claude",
    "gemini": r"gemini",
    "gemma": r"gemma",
    "llama": r"llama|tulu|hermes|vicuna",
    "mistral": r"(mi[sx]tral|ministral|magistral|codestral|pixtral|zephyr)",
    "qwen": r"qwen|qwq|qvq",
    "deepseek": r"deepseek",
    "grok": r"grok",
    "command": r"command|aya",
    "phi": r"phi-?\d",
    "olmo": r"olmo",
    "glm": r"(chat)?glm",
    "kimi": r"kimi|moonshot",
    "granite": r"granite",
    "nova": r"nova-",
    "falcon": r"falcon",
    "yi": r"yi-",
    "smollm": r"smollm|embedded$",
    "nemotron": r"nemotron",
    "minimax": r"minimax",
}
"""Model families, by a pattern at the start of the name or of one of its dash-separated parts."""


def families(model: str) -> set[str]:
    """The families that a model's name tells; the name without its provider where it tells none.

    A distilled model belongs to two (`deepseek-r1-distill-llama-8b`); a fine-tune that hides its origin in its name is
    not recognised.
    """
    name = bare_name(model).casefold()
    found = {known for known, pattern in FAMILIES.items() if re.search(rf"(?:^|[-_.:])(?:{pattern})", name)}
    return found or {name}


def related(one: str, other: str) -> bool:
    """Whether two models are the same or of one family; control agents are of one family with nobody."""
    scripted = bool({one, other} & set(CONTROLS))
    return one == other or (not scripted and bool(families(one) & families(other)))


def check_role(role: str, models: Iterable[str], subject: str, allow_same: bool) -> None:
    """Refuse a role whose models are the subject or of its family.

    Two control agents may be partners: such pairs are there for their exactly known scores.

    Raises:
        InputError: One is, and `allow_same` is not set.
    """
    for model in models:
        if role == "partner" and model in CONTROLS:
            continue
        if related(model, subject) and not allow_same:
            what = "the model under test" if model == subject else f"of the family of {subject}"
            raise InputError(
                f"{model} is {what}; give another model, or allow it with --allow-same or -T allow_same=true "
                "(the report will say so)",
                field=f"role {role}",
            )


def check_apart(role: str, models: Iterable[str], other: str, others: Iterable[str], allow_same: bool) -> None:
    """Refuse two roles that are played by one model or by one family.

    Raises:
        InputError: They are, and `allow_same` is not set.
    """
    pairs = [(one, two) for one in models for two in others if related(one, two)]
    if pairs and not allow_same:
        one, two = pairs[0]
        what = "also plays" if one == two else f"is of the family of {two}, which plays"
        raise InputError(
            f"{one} {what} the role {other!r}; give another model, or allow it with --allow-same or "
            "-T allow_same=true (the report will say so)",
            field=f"role {role}",
        )


def bound_models(role: str) -> list[Model]:
    """The models bound to a role in the running sample, unchecked; empty if there is none."""
    bound = model_roles().get(role)
    return [] if bound is None else bound if isinstance(bound, list) else [bound]


def logged_roles(spec: EvalSpec) -> dict[str, list[str]]:
    """Names of the models that played each role in a log."""
    return {
        role: [one.model for one in (bound if isinstance(bound, list) else [bound])]
        for role, bound in (spec.model_roles or {}).items()
    }


def role_models(role: str, allow_same: bool, required: bool = True) -> list[Model]:
    """The models bound to a role in the running sample.

    Args:
        role: Name of the role.
        allow_same: Whether they may be the subject or of its family.
        required: Whether an unbound role is an error.

    Returns:
        All of them, in the order given; empty if the role is not bound.

    Raises:
        InputError: The role is required and not bound, or is played by the subject's family without leave.
    """
    models = bound_models(role)
    if required and not models:
        raise InputError(f"this task needs the model role {role!r}: --model-role {role}=MODEL")
    check_role(role, map(str, models), str(get_model()), allow_same)
    return models
