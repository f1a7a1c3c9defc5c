"""How many items one comparison needs: a formula to start from, the simulated gate to decide."""

from dataclasses import dataclass
from math import ceil, inf
from typing import Any

import numpy as np
from scipy.special import ndtr, ndtri

from equipoise.harness.gate.policy import Policy
from equipoise.harness.power.components import Components, components
from equipoise.harness.power.drawing import Setting, largest_drop
from equipoise.harness.power.profiles import Answers, Profile
from equipoise.harness.power.simulate import Simulated, simulate, smooth_rate
from equipoise.harness.stats.planning import go_items, no_go_items

PAIRS = 300
"""Simulated pairs while searching."""

CONFIRMED = 2000
"""Simulated pairs of a small plan that is reported."""

ANSWERS = 1_000_000
"""Items times pairs that one simulation may take; larger plans have fewer pairs, and rates of a fitted normal."""

SIMULATED = 2500
"""More items than this are extrapolated: there the normal approximation is what the simulation would show."""

MOST = 1_000_000


@dataclass(frozen=True)
class Rates:
    """What one comparison does at a number of items.

    Attributes:
        go: Chance that it passes if nothing changed.
        no_go: Chance that it is a breach if it fell by the drop.
        margin: Smallest limit on a drop that would have had the asked chance to pass.
        gaps: Chance that missing answers, too many or unequally many, stop any decision. More items hardly cure that.
    """

    go: float
    no_go: float
    margin: float
    gaps: float

    @property
    def cleared(self) -> tuple[float, float]:
        """Both chances where missing answers do not stop the decision."""
        open_ = max(1 - self.gaps, 1e-9)
        return min(self.go / open_, 1.0), min(self.no_go / open_, 1.0)


class Planner:
    """One comparison of a policy in a run, and what larger runs of it would do.

    Attributes:
        profile: The comparison.
        parts: Its variance components.
        limit: Smallest allowed drop, on the metric's scale.
        drop: True fall that is to be found; no more than the metric can fall.
        target: Chance to pass that it needs, so that all comparisons together have the asked one.
    """

    def __init__(
        self, profile: Profile, policy: Policy, power: float, comparisons: int, limits: int,
        drop: float | None, epochs: int, seed: int,
    ) -> None:  # fmt: skip
        self.profile, self.policy, self.power, self.epochs, self.seed = profile, policy, power, epochs, seed
        self.parts: Components = components(profile)
        benchmark = profile.benchmark
        relative = inf
        if benchmark.max_relative_drop is not None:
            relative = benchmark.max_relative_drop * abs(profile.metric.estimate)
        self.limit = min(benchmark.max_drop if benchmark.max_drop is not None else inf, relative)
        self.most = largest_drop(profile)
        self.drop = min(2 * self.limit if drop is None else drop, self.most)
        self.limits = 1 if policy.multiplicity == "none" else limits
        self.target = 1 - (1 - power) / comparisons
        self.comparisons = comparisons

    @property
    def least(self) -> int:
        """Items below which the policy decides nothing."""
        size = self.profile.items / (int(self.profile.family.max()) + 1)
        return max(self.policy.min_items, ceil(self.policy.min_clusters * size))

    @property
    def missing(self) -> float:
        """Largest share of rows without a value, of a term in the run or its pilot."""
        return max(float(_missing(side).max()) for side in (self.profile.answers, self.profile.pilot) if side)

    def gap(self, best: bool = False) -> float:
        """Damage that missing answers alone seem to do, all at their worst; or hide, all at their best; NaN: unknown.

        In a term whose fall is damage, with shares m_a and m_b missing and the mean v: m_a (high - v) + m_b (v - low).
        """
        if self.policy.missing.bounds != "worst_case" or not self.missing or self.profile.scale == "z":
            return 0.0
        low, high = self.profile.ends
        one = self.profile.answers
        gone = _missing(one), _missing(self.profile.pilot or one)
        with np.errstate(invalid="ignore"):
            value = np.nanmean(one.total.sum(axis=0) / one.present.sum(axis=0), axis=0)
        up = (self.profile.better * self.profile.weights > 0) != best
        first, second = np.where(up, high - value, value - low), np.where(up, value - low, high - value)
        return float((np.abs(self.profile.weights) * (gone[0] * first + gone[1] * second)).sum())

    def formula(self) -> tuple[float, float]:
        """Items that count, for GO and for NO-GO, by the normal approximation; infinite where none is enough."""
        variance = self.parts.variance(self.epochs)
        if not self.limit > 0:
            return inf, float(no_go_items(variance, 0.0, self.drop, self.policy.alpha, self.power, self.limits))
        share = min(self.limit, 0.999) if self.profile.scale == "share" else self.limit
        passing = float(go_items(variance, share, self.policy.alpha, self.power, self.comparisons))
        breach = no_go_items(variance, self.limit, self.drop, self.policy.alpha, self.power, self.limits)
        return passing, float(breach)

    def simulated(self, items: int, pairs: int = PAIRS) -> Simulated:
        """Pairs of runs with so many items."""
        setting = Setting(items, self.epochs, self.parts.own, self.drop, self.limits, self.comparisons)
        return simulate(self.profile, self.policy, setting, pairs, self.seed)

    def rates(self, items: int, pairs: int | None = None) -> Rates:
        """Chances at a number of items: counted, or of a fitted normal distribution where there are few pairs."""
        size = min(items, SIMULATED)
        asked = pairs or int(np.clip(ANSWERS / (size * self.epochs), PAIRS, CONFIRMED))
        found = self.simulated(size, asked)
        margin = float(np.nanquantile(found.upper, self.target)) if np.isfinite(found.upper).any() else inf
        gaps = float(np.mean([found.gaps.mean(), found.gaps_dropped.mean()]))
        if asked >= CONFIRMED / 2 and size == items:
            return Rates(float(found.go.mean()), float(found.no_go.mean()), margin, gaps)
        root = np.sqrt(items / size)
        go = self._grown(_passing(found), self.policy.alpha, root) * float((~found.short & ~found.gaps).mean())
        no_go = self._grown(_breaking(found), self.policy.alpha / self.limits, root)
        decided = float((~found.short_dropped & ~found.gaps_dropped).mean())
        return Rates(go, no_go * decided, margin, gaps)

    def required(self) -> tuple[int | None, int | None]:
        """Items for GO and for NO-GO; None where no number is enough."""
        if self.missing > self.policy.missing.max_missing or np.isnan(self.gap()):
            return None, None
        start = [each for each in self.formula() if np.isfinite(each)]
        items = int(np.clip(max(start, default=SIMULATED), self.least, SIMULATED))
        for _ in range(8):
            wanted = self._wanted(self.simulated(items), items)
            known = [each for each in wanted if each is not None]
            aim = max(known) if known and np.isfinite(max(known)) else 4.0 * items
            following = int(np.clip(ceil(aim), self.least, SIMULATED))
            if abs(following / items - 1) < 0.1:
                break
            items = following
        pairs = int(np.clip(ANSWERS / (items * self.epochs), PAIRS, CONFIRMED))
        go, breach = self._wanted(self.simulated(items, pairs), items)
        return self._whole(go), self._whole(breach)

    def growth(self, rates: Rates) -> float:
        """Factor on the items that lifts both chances to what they have to be."""
        go, no_go = rates.cleared
        found = [self._factor(go, self.policy.alpha, self.target)]
        if self.drop > self.limit:
            found.append(self._factor(no_go, self.policy.alpha / self.limits, self.power))
        return max(found)

    def _wanted(self, found: Simulated, items: int) -> tuple[float | None, float | None]:
        """Items for either verdict by what so many have shown; infinite = many times more, None = pointless to ask."""
        go, breach = None, None
        if self.limit > self.gap():
            factor = self._factor(_passing(found), self.policy.alpha, self.target)
            go = items * (max(factor, 1.4) if found.short.mean() > (1 - self.target) / 2 else factor)
        if self.drop * (1 - self.missing) - self.gap(best=True) > self.limit:
            factor = self._factor(_breaking(found), self.policy.alpha / self.limits, self.power)
            breach = items * (max(factor, 1.4) if found.short_dropped.mean() > (1 - self.power) / 2 else factor)
        return go, breach

    @staticmethod
    def _factor(rate: float, alpha: float, target: float) -> float:
        """The square root law: z_{1-alpha} + z_rate grows with the root of the number of items."""
        base = ndtri(1 - alpha)
        reached = base + ndtri(np.clip(rate, 1e-9, 1 - 1e-9))
        return float(((base + ndtri(target)) / reached) ** 2) if reached > 0.3 else inf

    def _whole(self, items: float | None) -> int | None:
        return max(ceil(items), self.least) if items is not None and items <= MOST else None

    @staticmethod
    def _grown(rate: float, alpha: float, factor: float) -> float:
        base = ndtri(1 - alpha)
        return float(ndtr((base + ndtri(np.clip(rate, 1e-9, 1 - 1e-9))) * factor - base))


def _missing(side: Answers) -> np.ndarray[Any, Any]:
    """Share of rows without a value, averaged over the items that were asked, by term."""
    present, absent = side.present.sum(axis=0), side.absent.sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        shares = absent / (present + absent)
    asked = np.isfinite(shares)
    return np.asarray(np.where(asked, shares, 0).sum(axis=0) / np.maximum(asked.sum(axis=0), 1))


def _passing(found: Simulated) -> float:
    return min(smooth_rate(found.room[:, limit]) for limit in range(found.room.shape[1]))


def _breaking(found: Simulated) -> float:
    return max(smooth_rate(found.excess[:, limit]) for limit in range(found.excess.shape[1]))
