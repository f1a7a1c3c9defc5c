"""Does a judge that compares two replies prefer a place? Every pair is shown in both orders."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from equipoise.harness.agents import publish_levels
from equipoise.judges.agreement.resample import Estimate, Record
from equipoise.judges.asking import Judge
from equipoise.judges.calls import CONNECTIONS, Watch
from equipoise.judges.pairs import COMPARISON, both_orders
from equipoise.judges.probes.asking import Missing, ask_all, missing_votes, question_on
from equipoise.judges.probes.estimates import share, share_difference
from equipoise.judges.probes.material import Pair, pairs
from equipoise.judges.store import Store
from equipoise.judges.vote import Vote


@dataclass(frozen=True)
class PositionBias(Record):
    """What the order of two replies does to a judge's verdicts.

    Attributes:
        judge: Its name.
        missing: Votes without a value.
        consistent: Share of the pairs that have the same verdict in both orders.
        accuracy: Share of the verdicts on unequal pairs that name the better reply; without ties 0.5 is chance.
        ties_on_equal: Share of the verdicts on equal pairs that are ties.
        first_on_equal: Share of the verdicts on equal pairs for the first place minus the share for the second, -1 to
            1. A taste for one of the replies cancels out, since each stands in each place once.
        first_on_unequal: The same on unequal pairs.

    All shares are of pairs with both votes; intervals are clustered by pair.

    References:
        Zheng et al. (2023), arXiv 2306.05685, section 3.3, for position bias and the swap of positions.
    """

    judge: str
    missing: Missing
    consistent: Estimate
    accuracy: Estimate
    ties_on_equal: Estimate
    first_on_equal: Estimate
    first_on_unequal: Estimate


def probe_position(
    judges: Sequence[Judge], store: Store, connections: int = CONNECTIONS, on_votes: Watch | None = None
) -> list[PositionBias]:
    """Ask each judge about the shipped pairs in both orders; 2 calls per pair.

    Args:
        judges: Who is probed.
        store: Where votes are kept.
        connections: Calls at the same time per judge.
        on_votes: Called whenever there are new votes.
    """
    shown = pairs()
    publish_key(shown)
    work = [
        (judge, question_on(judge, COMPARISON, fields))
        for judge in judges
        for pair in shown
        for fields in both_orders({"question": pair.question}, *pair.replies)
    ]
    votes = [vote for (vote,) in ask_all(work, store, connections, on_votes)]
    size = 2 * len(shown)
    return [_read(shown, votes[place * size : (place + 1) * size]) for place in range(len(judges))]


def publish_key(shown: Iterable[Pair]) -> None:
    """Tell the scripted judges of this process which reply is better."""
    for pair in shown:
        better, other = pair.replies
        publish_levels({better: {"*": 1.0}, other: {"*": 0.0 if pair.kind == "unequal" else 1.0}})


Verdict = tuple[str, float, float]
"""Pair, value of the vote, value of the right one (if the pair is unequal)."""

NO_PAIR = "no pair with both votes"


def _read(shown: Sequence[Pair], votes: Sequence[Vote]) -> PositionBias:
    """Votes come in pairs: as the pair stands, then swapped."""
    both = [
        (pair, straight.value, swapped.value)
        for pair, straight, swapped in zip(shown, votes[::2], votes[1::2], strict=True)
        if straight.value is not None and swapped.value is not None
    ]
    equal, unequal = (
        [
            (pair.id, value, right)
            for pair, straight, swapped in both
            if pair.kind == kind
            for value, right in ((straight, 1.0), (swapped, 0.0))
        ]
        for kind in ("equal", "unequal")
    )
    return PositionBias(
        judge=votes[0].judge,
        missing=missing_votes(votes)[0],
        consistent=share((straight == 1 - swapped for _, straight, swapped in both), reason=NO_PAIR),
        accuracy=share((value == right for _, value, right in unequal), _clusters(unequal), NO_PAIR),
        ties_on_equal=share((value == 0.5 for _, value, _ in equal), _clusters(equal), NO_PAIR),
        first_on_equal=_first(equal),
        first_on_unequal=_first(unequal),
    )


def _first(verdicts: Sequence[Verdict]) -> Estimate:
    """Verdicts for the first place minus verdicts for the second."""
    first, second = ([value == wanted for _, value, _ in verdicts] for wanted in (1, 0))
    return share_difference(first, second, _clusters(verdicts), reason=NO_PAIR)


def _clusters(verdicts: Sequence[Verdict]) -> list[str]:
    return [pair for pair, _, _ in verdicts]
