"""How a team's last answers become one score: decision rules side by side."""

from collections.abc import Sequence
from typing import NamedTuple

from equipoise.tasks.debate.orders import Order
from equipoise.tasks.questions import Belief

RULES = {
    "team_mean": "mean of the last answers",
    "team_first_seat": "first speaker",
    "team_last_seat": "last speaker",
    "team_majority": "majority",
    "team_most_confident": "most confident",
    "any_right": "any right",
    "all_right": "all right",
}
"""Measure -> decision rule; `any_right` is a ceiling, not a rule that a team could follow."""


class Outcome(NamedTuple):
    """A score, or the reason why there is none."""

    value: float | None
    missing: str = ""


def outcomes(order: Order, last: Sequence[Belief]) -> dict[str, Outcome]:
    """The team's score in [0, 1] under every rule.

    A rule whose score hangs on an answer that could not be read is missing. `team_most_confident` is left out where
    no answer has a confidence (no log probabilities), and missing where only some have.

    Args:
        order: Agents in seat order.
        last: Their last answers, by agent.
    """
    right = [_right(belief) for belief in last]
    told = [outcome.value for outcome in right if outcome.value is not None]
    gap = next((outcome for outcome in right if outcome.missing), None)
    found = {
        "team_mean": gap or Outcome(sum(told) / len(last)),
        "team_first_seat": right[order[0]],
        "team_last_seat": right[order[-1]],
        "team_majority": gap or Outcome(_majority(last)),
        "any_right": Outcome(1.0) if 1.0 in told else gap or Outcome(0.0),
        "all_right": Outcome(0.0) if 0.0 in told else gap or Outcome(1.0),
    }
    if any(belief.confidence is not None for belief in last):
        found["team_most_confident"] = gap or _most_confident(last)
    return {rule: found[rule] for rule in RULES if rule in found}


def _right(belief: Belief) -> Outcome:
    return Outcome(None, belief.missing) if belief.missing else Outcome(float(belief.label == "right"))


def _majority(last: Sequence[Belief]) -> float:
    """The most frequent answer; ties share the credit, abstentions have no vote."""
    groups: list[list[Belief]] = []
    for belief in last:
        if belief.label == "abstain":
            continue
        same = next((group for group in groups if group[0].same_as(belief)), None)
        groups.append([belief]) if same is None else same.append(belief)
    most = max(map(len, groups), default=0)
    winners = [group[0].label == "right" for group in groups if len(group) == most]
    return sum(winners) / len(winners) if winners else 0.0


def _most_confident(last: Sequence[Belief]) -> Outcome:
    """The answer of the agent with the highest confidence; ties share the credit."""
    confidences = [belief.confidence for belief in last]
    if None in confidences:
        return Outcome(None, "not_reached")
    top = max(confidence for confidence in confidences if confidence is not None)
    winners = [belief.label == "right" for belief in last if belief.confidence == top]
    return Outcome(sum(winners) / len(winners))
