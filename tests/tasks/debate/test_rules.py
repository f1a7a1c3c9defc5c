"""Decision rules on answers that are written out."""

import pytest

from equipoise.tasks.debate.rules import RULES, outcomes

from .test_discussion import beliefs

FIRST_TWO = ("team_mean", "team_first_seat", "team_last_seat", "team_majority", "any_right", "all_right")


def scores(order, *answers):
    return {rule: outcome.value for rule, outcome in outcomes(order, beliefs(*answers)).items()}


@pytest.mark.parametrize(
    "order, answers, expected",
    [
        ((0, 1), ("right", "one"), (0.5, 1, 0, 0.5, 1, 0)),
        ((1, 0), ("right", "one"), (0.5, 0, 1, 0.5, 1, 0)),
        ((0, 1), ("right", "right"), (1, 1, 1, 1, 1, 1)),
        ((0, 1), ("one", "other"), (0, 0, 0, 0, 0, 0)),
        ((0, 1), ("right", "?"), (0.5, 1, 0, 1, 1, 0)),
        ((0, 1), ("?", "?"), (0, 0, 0, 0, 0, 0)),
        ((2, 0, 1), ("right", "one", "one"), (1 / 3, 0, 0, 0, 1, 0)),
        ((2, 0, 1), ("right", "one", "other"), (1 / 3, 0, 0, 1 / 3, 1, 0)),
        ((0, 1, 2, 3), ("right", "right", "one", "one"), (0.5, 1, 0, 0.5, 1, 0)),
    ],
)
def test_known_scores(order, answers, expected):
    assert scores(order, *answers) == pytest.approx(dict(zip(FIRST_TWO, expected, strict=True)))


def test_a_missing_answer_leaves_only_what_it_cannot_change():
    assert scores((0, 1), "right", "") == {
        "team_mean": None, "team_first_seat": 1, "team_last_seat": None, "team_majority": None, "any_right": 1,
        "all_right": None,
    }  # fmt: skip
    found = outcomes((1, 0), beliefs("one", ""))
    assert found["all_right"].value == 0 and found["any_right"].value is None
    assert {outcome.missing for outcome in found.values() if outcome.value is None} == {"unparsed"}


def with_confidence(*pairs):
    answers = beliefs(*(answer for answer, _ in pairs))
    return [b.model_copy(update={"confidence": c}) for b, (_, c) in zip(answers, pairs, strict=True)]


@pytest.mark.parametrize(
    "pairs, value, missing",
    [
        ((("right", 0.9), ("one", 0.4)), 1, ""),
        ((("right", 0.3), ("one", 0.4)), 0, ""),
        ((("right", 0.4), ("one", 0.4)), 0.5, ""),
        ((("right", 0.4), ("one", None)), None, "not_reached"),
        ((("right", 0.4), ("", 0.9)), None, "unparsed"),
    ],
)
def test_the_most_confident_agent_decides(pairs, value, missing):
    assert outcomes((0, 1), with_confidence(*pairs))["team_most_confident"] == (value, missing)


def test_without_log_probabilities_there_is_no_such_rule():
    assert set(RULES) - set(scores((0, 1), "right", "one")) == {"team_most_confident"}
