"""The metrics of ALOE: alignment by turn and its rate of improvement, beside references that say what they are worth.

Sources: Wu et al. (arXiv 2410.03642) for AL, arXiv 2505.15456 (appendix C.3) for IR, N-IR and N-R²; the personal part,
the position between bounds and the two-way bootstrap are ours. Definitions stand in this folder's README.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from equipoise.harness.cells import Cells, label
from equipoise.harness.metrics import Evidence, Metric
from equipoise.harness.stats import DRAWS, interval
from equipoise.tasks.aloe.crossed import Array, Crossed, Quantity, Votes, shared_panel
from equipoise.tasks.aloe.curves import improvement_rate, normalised_fit, normalised_rate, position, whole

MODEL, KNOWN, BLIND, STYLE = "model", "persona_known", "no_history", "style"
"""Arms: the model as it is; with the persona in its system prompt; without history; told to be friendly and concise."""

OWN, SWAPPED, HISTORY = "al", "al_swapped", "al_history"
"""Measures: the rating for the user's own persona, for another one, and by a judge who also sees earlier turns."""

CHECKS = ("role_inversion", "persona_dump", "repetition", "left_character")
"""Failures of the simulated user, 0 or 1 a turn."""

MOST_DROPPED = 0.02
"""Share of dropped dialogues above which a run is invalid (specification, section 2)."""


def aloe_metrics(table: pd.DataFrame, draws: int = DRAWS, seed: int = 0) -> list[Metric]:
    """All metrics of one model. Pools of personas and numbers of turns are told apart and never pooled.

    Args:
        table: Rows of one task and one model.
        draws: Bootstrap draws over profiles and personalities; 0 = no intervals.
        seed: Their seed. Models that saw the same cases get the same draws.
    """
    domains = table["domain"].astype(str) if "domain" in table else pd.Series("", index=table.index)
    lengths = _lengths(table)
    found = []
    for domain in sorted(domains.unique()):
        own = domains == domain
        for turns in sorted(lengths[own].unique()):
            length = f"turns={turns}" if lengths[own].nunique() > 1 else ""
            run = _Run(table[own & (lengths == turns)], int(turns), draws, seed)
            found += [replace(m, by=_joined(label(domain), m.by, length)) for m in run.metrics()]
    return found


def _lengths(table: pd.DataFrame) -> "pd.Series[int]":
    """Turns of each row's log: the last turn that anything in it was measured at.

    A log whose samples were all lost tells no number of turns; it goes with the longest.
    """
    log = table["log"].astype(object) if "log" in table else pd.Series("", index=table.index, dtype=object)
    lengths = table["turn"].groupby(log).transform("max")
    return lengths.where(lengths > 0, max(lengths.max(), 1)).astype(int)


def _joined(*parts: str) -> str:
    """What a metric is broken down by, from its parts that are not empty."""
    return ",".join(part for part in parts if part)


@dataclass(frozen=True)
class _Place:
    """What a metric is about."""

    arm: str
    by: str = ""
    headline: bool = False


class _Run:
    """The dialogues of one model with equally many turns."""

    def __init__(self, table: pd.DataFrame, turns: int, draws: int, seed: int) -> None:
        self.cells = Cells(table, draws, seed)
        self.crossed = Crossed(table, turns, draws, seed)
        self.turns, self.draws = turns, draws

    def metrics(self) -> list[Metric]:
        """Arm by arm, then what compares arms."""
        found: list[Metric] = []
        own = {}
        for arm in self.crossed.arms:
            measures = [m for m in (OWN, SWAPPED, HISTORY) if self.crossed.measured(arm, m)]
            if OWN in measures or self.crossed.lost(arm):
                votes = {measure: self.crossed.votes(arm, measure) for measure in measures or [OWN]}
                own[arm] = votes[OWN]
                found += self._panel(arm, votes)
                found += self._each_judge(arm, votes)
                found += self._dropped(arm, votes)
            found += self._exact(arm)
        return found + list(self._between(own))

    def _panel(self, arm: str, votes: dict[str, Votes]) -> Iterator[Metric]:
        """The panel's ratings, the personal part, and what a judge's seeing the history changes."""
        head = arm == MODEL
        for measure, each in votes.items():
            yield from self._curve(measure, self.crossed.panel(each), _Place(arm, headline=measure == OWN))
        yield from self._normalised(self.crossed.panel(votes[OWN]), _Place(arm, headline=head))
        for name, left, right in (("personal", OWN, SWAPPED), ("history_effect", HISTORY, OWN)):
            if left in votes and right in votes and (judges := shared_panel([votes[left], votes[right]])):
                pair = self.crossed.paired(votes[left], votes[right], judges)
                yield from self._curve(name, pair, _Place(arm, headline=head and name == "personal"))

    def _each_judge(self, arm: str, votes: dict[str, Votes]) -> Iterator[Metric]:
        """The same ratings judge by judge."""
        for measure, each in votes.items():
            for judge in each.judges:
                quantity, place = self.crossed.ratings(each, [judge]), _Place(arm, f"judge={judge}")
                yield from self._curve(measure, quantity, place)
                if measure == OWN:
                    yield from self._normalised(quantity, place)

    def _dropped(self, arm: str, votes: dict[str, Votes]) -> Iterator[Metric]:
        """Shares of dialogues without a complete score by the panel, or by one judge; whether they are small enough."""
        shares = []
        for measure, each in votes.items():
            about = f"measure={measure}" if measure != OWN else ""
            lost, dialogues = each.dropped(each.panel)
            shares.append(lost / dialogues)
            place = _Place(arm, about, headline=measure == OWN)
            yield self._metric("dropped_share", place, np.array([shares[-1]]), self.crossed.panel(each))
            for judge in each.judges:
                lost, _ = each.dropped([judge])
                place = _Place(arm, _joined(about, f"judge={judge}"))
                share, quantity = np.array([lost / dialogues]), self.crossed.ratings(each, [judge])
                yield self._metric("dropped_share", place, share, quantity)
        valid = np.array([float(max(shares) <= MOST_DROPPED)])
        yield self._metric("valid", _Place(arm, headline=True), valid, self.crossed.panel(votes[OWN]))

    def _curve(self, name: str, quantity: Quantity, place: _Place) -> Iterator[Metric]:
        """A quantity by turn; at the first and the last turn, its mean over turns, and its slope."""
        curve = self.crossed.two_way.means(quantity.cases)
        slope = "ir" if name == OWN else f"{name}_ir"
        yield self._metric(f"{name}_first", place, curve[:, 0], quantity, [0])
        yield self._metric(f"{name}_last", place, curve[:, -1], quantity, [-1])
        yield self._metric(f"{name}_mean", place, curve.mean(axis=1), quantity)
        yield self._metric(slope, place, improvement_rate(curve), quantity)
        for k in range(self.turns):
            here = replace(place, by=_joined(place.by, label(turn=k + 1)), headline=False)
            yield self._metric(name, here, curve[:, k], quantity, [k])

    def _normalised(self, quantity: Quantity, place: _Place) -> Iterator[Metric]:
        """N-IR and N-R², without a value for a flat curve; how many draws are flat, and so left out of the intervals.

        A draw adds noise to the curve, so N-R² is lower in most draws than in the sample: its estimate may lie above
        its own interval.
        """
        curve = self.crossed.two_way.means(quantity.cases)
        rate = normalised_rate(curve)
        yield self._metric("n_ir", place, rate, quantity)
        yield self._metric("n_r2", place, normalised_fit(curve), quantity)
        yield from self._undefined("undefined_draws", rate, replace(place, headline=False), quantity)

    def _between(self, own: dict[str, Votes]) -> Iterator[Metric]:
        """The model beside its references, by the same judges over the same cases; its position between two of them."""
        if MODEL not in own:
            return
        for arm in (KNOWN, BLIND, STYLE):
            if arm in own and (judges := shared_panel([own[MODEL], own[arm]])):
                model, reference = (self.crossed.ratings(own[each], judges) for each in (MODEL, arm))
                gain = model.minus(reference)
                drawn = self.crossed.two_way.means(gain.cases).mean(axis=1)
                yield self._metric(f"gain_over_{arm}", _Place(MODEL), drawn, gain)
        if KNOWN in own and BLIND in own and (judges := shared_panel([own[MODEL], own[BLIND], own[KNOWN]])):
            yield from self._position([self.crossed.ratings(own[arm], judges) for arm in (MODEL, BLIND, KNOWN)])

    def _position(self, three: list[Quantity]) -> Iterator[Metric]:
        """Where the model lies between the lower and the upper reference: of the mean over turns, and by turn."""
        model, low, high = three
        shared = model.minus(low).minus(high)
        there = np.isfinite(shared.cases)
        curves = [self.crossed.two_way.means(np.where(there, each.cases, np.nan)) for each in three]
        mean, by_turn = position(*(curve.mean(axis=1) for curve in curves)), position(*curves)
        yield self._metric("position_mean", _Place(MODEL, headline=True), mean, shared)
        yield from self._undefined("position_undefined_draws", mean, _Place(MODEL), shared)
        for k in range(self.turns):
            yield self._metric("position", _Place(MODEL, label(turn=k + 1)), by_turn[:, k], shared, [k])

    def _exact(self, arm: str) -> Iterator[Metric]:
        """Shares of turns in which the simulated user failed a check; the mean length of the replies in words."""
        for check in CHECKS:
            column = self.cells.joined([(arm, k, check) for k in range(1, self.turns + 1)])
            if column.n:
                yield from self.cells.mean_of(check, column, arm, "")
        if self.crossed.measured(arm, "words"):
            quantity = self.crossed.panel(self.crossed.votes(arm, "words"))
            drawn = self.crossed.two_way.means(quantity.cases).mean(axis=1)
            yield self._metric("words", _Place(arm), drawn, quantity)

    def _undefined(self, name: str, drawn: Array, place: _Place, quantity: Quantity) -> Iterator[Metric]:
        """How many bootstrap draws have no value."""
        if self.draws:
            yield self._metric(name, place, np.array([float(np.isnan(drawn[1:]).sum())]), quantity)

    def _metric(
        self, measure: str, place: _Place, drawn: Array, quantity: Quantity, turns: list[int] | None = None
    ) -> Metric:
        """A metric from its value in every draw, the sample's own first; `turns` (from 0) are those that enter it."""
        there, at = whole(quantity.cases), slice(None) if turns is None else turns
        low, high = interval(drawn)
        return Metric(
            task=self.cells.sample.task, model=self.cells.sample.model, arm=place.arm, measure=measure, by=place.by,
            estimate=float(drawn[0]), low=low, high=high,
            n=int(quantity.votes[there].sum()) * len(quantity.missing[at]), missing=int(quantity.missing[at].sum()),
            items=int(there.sum()), families=len(np.unique(self.crossed.profile[there])), headline=place.headline,
            evidence=Evidence((), draws=drawn, dropped=quantity.dropped) if len(drawn) > 1 else None,
        )  # fmt: skip
