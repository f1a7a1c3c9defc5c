"""Two simulated runs, paired and tested as `equipoise.harness.compare.pairing` and the gate do with two real ones."""

from typing import Literal

import numpy as np

from equipoise.harness.gate.policy import Policy
from equipoise.harness.power.drawing import NAMES, Run
from equipoise.harness.power.profiles import Array, Profile
from equipoise.harness.stats import ClusterMean, Contrast, cluster_mean

Fill = Literal["none", "lowest", "highest"]


class Matched:
    """Two simulated runs item by item, as `Pair` has two real ones; arrays of shape (pairs, items, terms)."""

    def __init__(self, profile: Profile, policy: Policy, one: Run, two: Run, starts: Array) -> None:
        self.profile, self.policy, self.starts = profile, policy, starts
        self.total, self.present, self.absent = ([getattr(run, name) for run in (one, two)] for name in NAMES)
        if one.whole and two.whole:
            self.complete, self.missing = np.ones((1, *one.total.shape[1:]), dtype=bool), False
            self.present = [np.broadcast_to(each, (1, 1, len(profile.weights))) for each in self.present]
            self.absent = [np.zeros((1, 1, len(profile.weights)))] * 2
            return
        asked = [(run.present + run.absent) > 0 for run in (one, two)]
        if not (asked[0] & asked[1]).all():
            dropped = ~asked[0] | (~asked[1] if profile.benchmark.conditional else False)
            owed = asked[0] & ~asked[1] & ~dropped
            for column in (self.total, self.present, self.absent):
                column[:] = [np.where(dropped, 0, each) for each in column]
            self.absent[1] = np.where(owed, 1, self.absent[1])
        there = (self.present[0] > 0) & (self.present[1] > 0)
        self.complete = np.broadcast_to(there.all(axis=2, keepdims=True), there.shape) if profile.within else there
        self.missing = bool(self.absent[0].any() or self.absent[1].any())

    def contrast(self, weights: tuple[float, float], fill: Fill) -> Contrast:
        """The weighted sum of both runs, what is missing filled in as the policy says."""
        means, factors = [], []
        open_ends = self.missing and self.policy.missing.bounds == "worst_case"
        for term, factor in enumerate(self.profile.weights):
            for side, own in enumerate(weights):
                weight = own * factor
                total, present, absent = (each[side][..., term] for each in (self.total, self.present, self.absent))
                if open_ends:
                    low, high = self.profile.ends
                    total = total + (high if (weight > 0) == (fill == "highest") else low) * absent
                    rows = present + absent
                    there = rows > 0
                else:
                    rows, there = present, self.complete[..., term]
                means.append(self._mean(total, rows, there))
                factors.append(float(weight))
        return Contrast(tuple(means), tuple(factors), self.profile.scale)

    def short(self) -> Array:
        """Whether there are too few items or families to decide anything."""
        policy = self.policy
        few = (self.complete.sum(axis=1) < policy.min_items).any(axis=1)
        families = (self._by_family(self.complete.astype(float).swapaxes(1, 2)) > 0).sum(axis=-1)
        few = few | (families < policy.min_clusters).any(axis=1)
        return np.broadcast_to(few, len(self.total[0]))

    def gaps(self, comparisons: int) -> Array:
        """Whether what is missing stops a decision: too much, unequal, or of unknown range."""
        none = np.zeros(len(self.total[0]), dtype=bool)
        if not self.missing:
            return none
        if not np.isfinite(self.profile.ends).all():
            return ~none
        shares = [self._missing_share(side) for side in (0, 1)]
        most = self.policy.missing.max_missing
        many = [(np.nanmean(share, axis=1) > most).any(axis=1) for share in shares]
        return np.asarray(many[0] | many[1] | self._unequal(shares, comparisons))

    def _missing_share(self, side: int) -> Array:
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.asarray(self.absent[side] / (self.present[side] + self.absent[side]))

    def _unequal(self, shares: list[Array], comparisons: int) -> Array:
        """Whether the missing shares differ significantly, in the term where they differ most."""
        terms = []
        for term in range(len(self.profile.weights)):
            means = [self._mean(np.nan_to_num(s[..., term]), 1.0, np.isfinite(s[..., term])) for s in shares]
            contrast = Contrast((means[1], means[0]), (1.0, -1.0))
            low, high = contrast.interval(1 - self.policy.alpha / comparisons)
            terms.append((np.abs(contrast.estimate), (low > 0) | (high < 0)))
        most = np.argmax([size for size, _ in terms], axis=0)
        return np.asarray(np.take_along_axis(np.array([found for _, found in terms]), most[None], axis=0)[0])

    def _mean(self, total: Array, rows: Array | float, there: Array) -> ClusterMean:
        with np.errstate(invalid="ignore", divide="ignore"):
            full = bool(there.all())
            values = total / rows if full else np.where(there, total / rows, 0.0)
        counts = there[:1] if full else there  # the same in every pair
        sums, sizes = self._by_family(values), self._by_family(counts.astype(float))
        return cluster_mean(sums, sizes, np.einsum("ij,ij->i", values, values))

    def _by_family(self, values: Array) -> Array:
        if len(self.starts) == values.shape[-1]:
            return values
        return np.asarray(np.add.reduceat(values, self.starts, axis=-1))
