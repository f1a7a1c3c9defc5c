"""A discussion without its texts: whose turn it is, when it stops, and who moved whom."""

from collections.abc import Awaitable, Callable, Sequence
from typing import NamedTuple

from equipoise.tasks.debate.orders import Order
from equipoise.tasks.questions import Belief

Speak = Callable[[int, list[int], int], Awaitable[Belief]]
"""(speaker, the others with the one who spoke last at the end, number of the turn from 1) -> its answer afterwards."""


async def discuss(order: Order, first: Sequence[Belief], rounds: int, speak: Speak) -> list[Belief]:
    """Let the agents speak in seat order until all latest answers are equal, or for `rounds` turns each.

    The independent first answers are everybody's first turn, in seat order; so there are at most n (1 + rounds)
    turns, and `rounds=1` with two agents is the A, B, A, B of Stengel-Eskin et al. (arXiv 2410.14596). Agreement is
    looked at before every turn.

    Args:
        order: Agents in seat order.
        first: First answers, by agent.
        rounds: Turns of each agent after the first answers.
        speak: Asks an agent for its next turn.

    Returns:
        The answers after each turn; turn k (from 0) was that of agent `order[k % n]`.
    """
    latest, spoke, said = list(first), list(order), list[Belief]()
    while len(said) < len(order) * rounds and not agree(latest):
        speaker = order[len(said) % len(order)]
        spoke.remove(speaker)
        belief = await speak(speaker, list(spoke), len(said) + 1)
        spoke.append(speaker)
        latest[speaker] = belief
        said.append(belief)
    return said


def agree(answers: Sequence[Belief]) -> bool:
    """Whether all answers are the same one; a missing answer or an abstention equals nothing."""
    head = answers[0]
    return all(_is_answer(belief) and belief.same_as(head) for belief in answers)


def differ(answers: Sequence[Belief]) -> bool | None:
    """Whether two of the answers differ; None if a missing one leaves that open."""
    told = [belief for belief in answers if not belief.missing]
    if any(not belief.same_as(told[0]) for belief in told):
        return True
    return None if len(told) < len(answers) else False


def _is_answer(belief: Belief) -> bool:
    return not belief.missing and belief.label != "abstain"


class Step(NamedTuple):
    """One turn of a discussion.

    Attributes:
        speaker: Agent.
        before, after: Its answer before and after the turn.
        heard: The others' latest answers, by agent.
    """

    speaker: int
    before: Belief
    after: Belief
    heard: dict[int, Belief]

    @property
    def told(self) -> bool:
        """Whether both answers could be read."""
        return not self.before.missing and not self.after.missing

    @property
    def changed(self) -> bool:
        """Whether the answer changed."""
        return self.told and not self.before.same_as(self.after)

    def credit(self) -> dict[int, float]:
        """Who moved the speaker: the agents whose latest answer equals the new one, in equal shares.

        Empty if the answer did not change, or changed to what nobody said.
        """
        if not self.changed or not _is_answer(self.after):
            return {}
        movers = [other for other, belief in self.heard.items() if _is_answer(belief) and belief.same_as(self.after)]
        return dict.fromkeys(movers, 1 / len(movers)) if movers else {}


def replay(order: Order, first: Sequence[Belief], said: Sequence[Belief]) -> tuple[list[Step], list[Belief]]:
    """The turns of a discussion, and everybody's last answer, from what `discuss` returned."""
    latest, steps = list(first), []
    for place, after in enumerate(said):
        speaker = order[place % len(order)]
        heard = {other: latest[other] for other in order if other != speaker}
        steps.append(Step(speaker, latest[speaker], after, heard))
        latest[speaker] = after
    return steps, latest
