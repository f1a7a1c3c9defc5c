"""Turns, the stop and who moved whom; and the exact team accuracies of agents with arbitrary first answers."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from equipoise.harness.agents import POLICIES, Entry
from equipoise.tasks.debate.discussion import agree, differ, discuss, replay
from equipoise.tasks.debate.rules import outcomes
from equipoise.tasks.questions import Belief

ENTRY = Entry("?", ("right",), (("one",), ("other",)))


def belief(answer: str, turn: int = 0) -> Belief:
    """`right`, a wrong answer, `?` for an abstention, "" for what could not be read."""
    label = {"right": "right", "?": "abstain", "": "unparsed", "one": "target"}.get(answer, "other")
    return Belief(turn=turn, label=label, answer=answer.strip("?"), missing="" if answer else "unparsed")


def beliefs(*answers: str) -> list[Belief]:
    return [belief(answer) for answer in answers]


def play(agents, order, answers, rounds=1):
    """The discussion of control agents from given first answers."""
    held = list(answers)

    async def speak(speaker, others, turn):
        for other in others[-1:]:  # the agents take the message that was said last
            held[speaker] = POLICIES[agents[speaker]](ENTRY, held[speaker], held[other])
        return belief(held[speaker], turn)

    return asyncio.run(discuss(order, beliefs(*answers), rounds, speak))


def speaker_of(replies):
    """A discussion of fixed replies that writes down whose turn it was and whom they heard."""
    asked = []

    async def speak(speaker, others, turn):
        asked.append((speaker, tuple(others), turn))
        return belief(replies[len(asked) - 1], turn)

    return speak, asked


def test_no_turn_is_taken_where_the_first_answers_agree():
    speak, asked = speaker_of([])
    assert asyncio.run(discuss((0, 1), beliefs("right", "right"), 3, speak)) == [] and asked == []


@pytest.mark.parametrize("n, rounds", [(2, 1), (2, 3), (3, 1), (4, 2)])
def test_the_cap_is_n_times_one_plus_rounds_with_the_first_answers(n, rounds):
    first = ["right", *["one"] * (n - 1)]
    order = tuple(range(n))
    speak, asked = speaker_of([first[k % n] for k in range(n * rounds)])
    said = asyncio.run(discuss(order, beliefs(*first), rounds, speak))
    assert n + len(said) == n * (1 + rounds)
    assert [speaker for speaker, _, _ in asked] == [*order] * rounds
    assert [turn for _, _, turn in asked] == list(range(1, n * rounds + 1))


def test_it_stops_in_the_middle_of_a_round():
    speak, asked = speaker_of(["one"])
    assert len(asyncio.run(discuss((1, 0), beliefs("one", "right"), 2, speak))) == 1
    assert asked == [(1, (0,), 1)]


def test_others_are_heard_in_the_order_in_which_they_spoke():
    speak, asked = speaker_of(["right", "one", "other", "right", "one", "other"])
    asyncio.run(discuss((2, 0, 1), beliefs("right", "one", "other"), 2, speak))
    assert [(speaker, others) for speaker, others, _ in asked] == [
        (2, (0, 1)), (0, (1, 2)), (1, (2, 0)), (2, (0, 1)), (0, (1, 2)), (1, (2, 0)),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "answers, same, apart",
    [
        (("right", "right"), True, False),
        (("one", "one"), True, False),
        (("one", "other"), False, True),
        (("right", "?"), False, True),
        (("?", "?"), False, False),
        (("", ""), False, None),
        (("right", ""), False, None),
        (("right", "one", ""), False, True),
    ],
)
def test_missing_and_abstaining_answers_are_no_agreement(answers, same, apart):
    assert agree(beliefs(*answers)) is same
    assert differ(beliefs(*answers)) is apart


def test_a_change_is_credited_in_equal_shares():
    first = beliefs("one", "right", "right")
    steps, last = replay((0, 1, 2), first, beliefs("right"))
    assert steps[0].credit() == {1: 0.5, 2: 0.5} and [b.label for b in last] == ["right"] * 3


@pytest.mark.parametrize("after, credit", [("other", {}), ("one", {}), ("?", {}), ("", {}), ("right", {1: 1.0})])
def test_what_nobody_said_is_credited_to_nobody(after, credit):
    steps, _ = replay((0, 1), beliefs("one", "right"), beliefs(after))
    assert steps[0].credit() == credit
    assert steps[0].changed is (after not in ("one", ""))


def test_what_is_heard_are_the_latest_answers():
    steps, last = replay((1, 0), beliefs("right", "one"), beliefs("other", "other"))
    assert [step.speaker for step in steps] == [1, 0]
    assert steps[0].heard[0].answer == "right" and steps[1].heard[1].answer == "other"
    assert [b.answer for b in last] == ["other", "other"]


ANSWERS = st.lists(st.tuples(*[st.sampled_from(["right", "one", "other"])] * 2), min_size=1, max_size=12)


@given(ANSWERS, st.integers(1, 3))
def test_exact_team_accuracies(answers, rounds):
    """The formulae of the specification for any first answers: nested or not, wrong answers equal or different."""
    n = len(answers)
    a, b = (sum(pair[k] == "right" for pair in answers) / n for k in (0, 1))
    u = sum("right" in pair for pair in answers) / n

    def team(one, other, order):
        scores = []
        for pair in answers:
            _, last = replay(order, beliefs(*pair), play((one, other), order, pair, rounds))
            scores.append(outcomes(order, last)["team_mean"].value)
        return pytest.approx(sum(scores) / n)

    for order in ((0, 1), (1, 0)):
        assert team("stubborn", "stubborn", order) == (a + b) / 2
        assert team("stubborn", "sycophant", order) == a
        assert team("sycophant", "stubborn", order) == b
        assert team("stubborn", "oracle", order) == (a + u) / 2
        assert team("oracle", "stubborn", order) == (b + u) / 2
        assert team("oracle", "oracle", order) == u
    assert team("sycophant", "sycophant", (0, 1)) == b and team("sycophant", "sycophant", (1, 0)) == a
    assert team("sycophant", "oracle", (0, 1)) == b and team("sycophant", "oracle", (1, 0)) == u
    assert team("oracle", "sycophant", (0, 1)) == u and team("oracle", "sycophant", (1, 0)) == a
