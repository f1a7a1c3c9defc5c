"""Does a judge prefer the longer of two replies that say the same?"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from equipoise.harness.agents import publish_levels
from equipoise.judges.agreement.resample import Estimate, Record
from equipoise.judges.asking import Judge
from equipoise.judges.calls import CONNECTIONS, Watch
from equipoise.judges.pairs import COMPARISON, both_orders
from equipoise.judges.probes.asking import Missing, ask_all, missing_votes, question_on
from equipoise.judges.probes.estimates import mean, share
from equipoise.judges.probes.material import Padding, paddings
from equipoise.judges.store import Store
from equipoise.judges.vote import Vote

RUBRIC = "answer_quality"
"""Rates the field `reply`, 1 to 7; says that length as such does not count."""

LEVEL = 0.5
"""What scripted judges take for the true level of every reply, so that a bias has room on both sides."""


@dataclass(frozen=True)
class VerbosityBias(Record):
    """What padding does to a judge's votes.

    Attributes:
        judge: Its name.
        missing: Votes without a value.
        difference: Mean vote on the padded minus the concise reply, in points of a scale from 1 to 7.
        longer_rated_higher, shorter_rated_higher: Shares of the pairs; the rest got equal votes.
        longer_preferred, shorter_preferred: Shares of the verdicts when both are shown side by side, over both orders;
            the rest are ties.

    Padding adds nothing, so an unbiased judge gives differences of 0. Intervals are clustered by pair.

    References:
        Zheng et al. (2023), arXiv 2306.05685, section 3.3, for verbosity bias and its test by repetition.
    """

    judge: str
    missing: Missing
    difference: Estimate
    longer_rated_higher: Estimate
    shorter_rated_higher: Estimate
    longer_preferred: Estimate
    shorter_preferred: Estimate


def probe_verbosity(
    judges: Sequence[Judge], store: Store, connections: int = CONNECTIONS, on_votes: Watch | None = None
) -> list[VerbosityBias]:
    """Let each judge rate the shipped concise and padded replies one by one, and compare them in both orders.

    4 calls per pair.

    Args:
        judges: Who is probed.
        store: Where votes are kept.
        connections: Calls at the same time per judge.
        on_votes: Called whenever there are new votes.
    """
    shown = paddings()
    publish_key(shown)
    work = []
    for judge in judges:
        for pair in shown:
            texts = pair.padded, pair.concise
            work += [(judge, question_on(judge, RUBRIC, {"question": pair.question, "reply": text})) for text in texts]
            orders = both_orders({"question": pair.question}, *texts)
            work += [(judge, question_on(judge, COMPARISON, fields)) for fields in orders]
    votes = [vote for (vote,) in ask_all(work, store, connections, on_votes)]
    size = 4 * len(shown)
    return [_read(votes[place * size : (place + 1) * size]) for place in range(len(judges))]


def publish_key(shown: Iterable[Padding]) -> None:
    """Tell the scripted judges of this process that both replies are equally good."""
    for pair in shown:
        publish_levels({text: {"*": LEVEL} for text in (pair.concise, pair.padded)})


def _read(votes: Sequence[Vote]) -> VerbosityBias:
    """Votes come in fours: padded, concise, padded first, concise first."""
    rated = [
        padded.value - concise.value
        for padded, concise in zip(votes[::4], votes[1::4], strict=True)
        if padded.value is not None and concise.value is not None
    ]
    compared = [
        (straight.value, 1 - swapped.value)
        for straight, swapped in zip(votes[2::4], votes[3::4], strict=True)
        if straight.value is not None and swapped.value is not None
    ]
    clusters = [place for place in range(len(compared)) for _ in range(2)]
    why = "no pair with both votes"
    return VerbosityBias(
        judge=votes[0].judge,
        missing=missing_votes(votes)[0],
        difference=mean(rated, reason=why),
        longer_rated_higher=share((value > 0 for value in rated), reason=why),
        shorter_rated_higher=share((value < 0 for value in rated), reason=why),
        longer_preferred=share((value == 1 for both in compared for value in both), clusters, why),
        shorter_preferred=share((value == 0 for both in compared for value in both), clusters, why),
    )
