"""From a judge's reply to choices and probabilities. Strict: anything but the asked form is no vote."""

import json
import math
import re
from collections.abc import Sequence

from inspect_ai.model import ModelOutput

from equipoise.judges.rubric import Unit

_OPENING, _CLOSING = "*_`\"'“‘([ \n", "*_`\"'”’)].,:;! \n"
"""What may stand around a choice."""

_BLOCK = re.compile(r"\A```(?:json)?\s*(.*?)\s*```\Z", re.DOTALL)


def read_choice(reply: str, choices: Sequence[str]) -> str | None:
    """The choice that the whole reply is, whatever its case, or None.

    Quotes, brackets and emphasis around it, punctuation behind it and a plus sign before a number do not count.
    """
    said = reply.strip().lstrip(_OPENING).rstrip(_CLOSING).replace("−", "-").casefold()
    said = re.sub(r"^\+(?=\d)", "", said)
    return next((choice for choice in choices if choice.casefold() == said), None)


def read_joint(reply: str, units: Sequence[Unit]) -> dict[str, str | None]:
    """Label -> choice of a JSON object, which may stand in a code block; None where it gives none.

    A key that occurs twice gives none: nobody can tell which of them was meant.
    """
    block = _BLOCK.match(reply.strip())
    pairs: list[tuple[str, object]] = []
    try:
        said = json.loads(block.group(1) if block else reply, object_pairs_hook=lambda found: found)
        pairs = said if isinstance(said, list) else []
    except (json.JSONDecodeError, RecursionError):
        pass
    found: dict[str, str | None] = {}
    for unit in units:
        given = [pair[1] for pair in pairs if isinstance(pair, tuple) and pair[0] == unit.label]
        one = given[0] if len(given) == 1 else None
        plain = isinstance(one, str | int) and not isinstance(one, bool)
        found[unit.label] = read_choice(str(one), unit.replies) if plain else None
    return found


def weigh(output: ModelOutput, unit: Unit) -> tuple[float | None, float | None]:
    """Mean of the values weighted with the probabilities of their replies, and the probability that these hold.

    Taken at the reply's first token, so only where every allowed reply starts with a token of its own; candidates
    that are no reply do not enter the mean. Source: the probability-weighted scoring of G-Eval (arXiv 2303.16634, 3).

    Returns:
        (mean, mass), or (None, None) without log probabilities.
    """
    choice = output.choices[0] if output.choices else None
    if choice is None or choice.logprobs is None or not choice.logprobs.content:
        return None, None
    weights = dict.fromkeys(unit.replies, 0.0)
    for candidate in choice.logprobs.content[0].top_logprobs or []:
        token = candidate.token.strip().casefold()
        meant = [reply for reply in unit.replies if token and _starts(reply, token)]
        if len(meant) == 1:
            weights[meant[0]] += math.exp(candidate.logprob)
    mass = sum(weights.values())
    if mass <= 0:
        return None, 0.0
    return sum(unit.value(reply) * weight for reply, weight in weights.items()) / mass, min(mass, 1.0)


def _starts(reply: str, token: str) -> bool:
    """Whether a token is a reply, or the beginning of one that is a word ("ye" of "yes"); "1" does not begin "10"."""
    plain = reply.casefold()
    return plain == token or (plain.isalpha() and len(token) > 1 and plain.startswith(token))
