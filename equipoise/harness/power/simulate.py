"""Two runs drawn again and again from what one run shows, and what the gate would make of each pair of them."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.special import ndtr, ndtri

from equipoise.harness.gate.policy import Policy
from equipoise.harness.power.profiles import Answers, Array, Profile
from equipoise.harness.stats import ClusterMean, Contrast, cluster_mean

BATCH = 300_000
"""Answers that are drawn at once: some tens of megabytes."""

Fill = Literal["none", "lowest", "highest"]
NAMES = ("total", "present", "absent")


@dataclass(frozen=True)
class Setting:
    """What is simulated.

    Attributes:
        items: Of the task, in both runs.
        epochs: Of both runs.
        own: How far an item's own answers stand for it (`Components.own`).
        drop: True fall of the candidate, where a fall is simulated.
        limits: How many limits share alpha for NO-GO.
        comparisons: How many blocking comparisons share alpha in the test for unequally missing answers.
    """

    items: int
    epochs: int
    own: float
    drop: float
    limits: int
    comparisons: int = 1


@dataclass(frozen=True)
class Simulated:
    """What came out, one value per simulated pair of runs.

    Attributes:
        room: Distance of the interval's end from each limit if nothing changed, above 0 = PASS; shape (pairs, limits).
        excess: Distance of the other end beyond each limit if the candidate fell, above 0 = BREACH.
        upper: Upper end of the damage if nothing changed: the margin that would just have been passed.
        short, short_dropped: Whether there are fewer items or families than the policy asks for.
        gaps, gaps_dropped: Whether too many answers are missing, or unequally many.
    """

    room: Array
    excess: Array
    upper: Array
    short: Array
    short_dropped: Array
    gaps: Array
    gaps_dropped: Array

    @property
    def go(self) -> Array:
        """Whether the comparison passes."""
        return np.asarray((self.room >= 0).all(axis=1) & ~self.short & ~self.gaps)

    @property
    def no_go(self) -> Array:
        """Whether it is a breach."""
        return np.asarray((self.excess >= 0).any(axis=1) & ~self.short_dropped & ~self.gaps_dropped)


def simulate(profile: Profile, policy: Policy, setting: Setting, pairs: int, seed: int) -> Simulated:
    """Draw pairs of runs and test them as the gate does.

    Without a pilot both runs are drawn from the same items: an answer of the item itself with probability `own`, else
    of any item. That keeps all means and gives the differences the variance that `components` found. With a pilot the
    two runs' answers are exchanged within whole families at random, which keeps discordance and design effect and makes
    the true change 0. A fall turns a share of the candidate's answers into the worst there is.

    An end of the interval at level 1 - 2 alpha beyond the limit is the same as a one-sided p of at most alpha
    (`Contrast`), and needs no search for p.

    Args:
        profile: The comparison.
        policy: Its error rates and what it asks for.
        setting: What is drawn.
        pairs: How many pairs of runs.
        seed: Of the draws.
    """
    rng = np.random.default_rng(seed)
    size = max(1, BATCH // (setting.items * setting.epochs * len(profile.weights)))
    sizes = [size] * (pairs // size) + ([pairs % size] if pairs % size else [])
    parts = [_batch(profile, policy, setting, each, rng) for each in sizes]
    return Simulated(*(np.concatenate([getattr(part, name) for part in parts]) for name in Simulated.__annotations__))


def smooth_rate(distances: Array) -> float:
    """Share of the distances above 0, as that of a normal distribution with their mean and spread."""
    known = distances[np.isfinite(distances)]
    if not known.size:
        return 0.0
    spread = max(float(known.std()), 1e-12)
    return float(ndtr(known.mean() / spread)) * known.size / distances.size


@dataclass(frozen=True)
class _Run:
    """Sums over the epochs of simulated items, arrays of shape (pairs, items, terms)."""

    total: Array
    present: Array
    absent: Array

    @property
    def whole(self) -> bool:
        """Whether every item has the same number of rows and none is missing."""
        return self.present.ndim == 0


def _batch(profile: Profile, policy: Policy, setting: Setting, pairs: int, rng: np.random.Generator) -> Simulated:
    chosen, starts = _tile(profile, setting.items, rng)
    draw = _own_draws if profile.pilot is None else _exchanged
    one, two, fallen = draw(profile, setting, chosen, starts, pairs, rng)
    first, second = (_Matched(profile, policy, one, other, starts) for other in (two, fallen))
    level = 1 - 2 * policy.alpha
    alone = policy.multiplicity == "none"
    strict = 1 - 2 * policy.alpha / (1 if alone else setting.limits)
    room, excess = [], []
    for limit in profile.benchmark.hypotheses:
        room.append(first.contrast(limit.weights, "lowest").interval(level)[0] - limit.edge)
        excess.append(limit.edge - second.contrast(limit.weights, "highest").interval(strict)[1])
    if profile.benchmark.max_drop is not None:
        upper = profile.benchmark.max_drop - room[0]
    else:
        upper = -first.contrast((-profile.better, profile.better), "lowest").interval(level)[0]
    return Simulated(
        np.stack(room, axis=1), np.stack(excess, axis=1), np.asarray(upper),
        first.short(), second.short(), first.gaps(setting.comparisons), second.gaps(setting.comparisons),
    )  # fmt: skip


def _tile(profile: Profile, items: int, rng: np.random.Generator) -> tuple[Array, Array]:
    """Items of a larger or smaller set with the run's families, each a new one when it comes again.

    Returns:
        Places of the run's items, and where each family starts.
    """
    members = np.split(np.arange(profile.items), np.flatnonzero(np.diff(profile.family)) + 1)
    chosen: list[Array] = []
    starts, count = [], 0
    while count < items:
        for family in rng.permutation(len(members)):
            if count >= items:
                break
            starts.append(count)
            chosen.append(members[family][: items - count])
            count += len(chosen[-1])
    return np.concatenate(chosen), np.array(starts)


def _own_draws(
    profile: Profile, setting: Setting, chosen: Array, starts: Array, pairs: int, rng: np.random.Generator
) -> Iterator[_Run]:
    """Two runs of the same model, and the second one with a fall."""
    answers, virtual = profile.answers, _virtual(profile)
    columns = [_extended(answers, name, virtual) for name in NAMES]
    whole = bool((answers.present == 1).all() and not answers.absent.any())
    pool = profile.pool
    pool = np.concatenate([np.repeat(pool, 2), profile.items + np.arange(len(virtual))]) if len(virtual) else pool
    fixed = np.ones(profile.items, dtype=bool)
    fixed[profile.pool] = False  # items that were never asked stay so

    def epoch() -> list[Array]:
        shape = (pairs, setting.items)
        keep = (rng.random(shape) < setting.own) | fixed[chosen]
        item = np.where(keep, chosen, pool[rng.integers(0, len(pool), shape)])
        which = rng.integers(0, answers.epochs, shape) if answers.epochs > 1 else 0
        if whole:  # the usual case, and much faster
            return [columns[0][which, item], np.ones(()), np.zeros(())]
        return [column[which, item] for column in columns]

    one = _summed([epoch() for _ in range(setting.epochs)])
    rows = [epoch() for _ in range(setting.epochs)]
    yield one
    yield _summed(rows)
    yield _summed([_fallen(profile, row, setting.drop, rng) for row in rows])


def _exchanged(
    profile: Profile, setting: Setting, chosen: Array, starts: Array, pairs: int, rng: np.random.Generator
) -> Iterator[_Run]:
    """The run and its pilot, exchanged within families at random; the second also with a fall."""
    assert profile.pilot is not None
    virtual = _virtual(profile)
    family = np.zeros(setting.items, dtype=int)
    family[starts[1:]] = 1
    swap = (rng.random((pairs, len(starts))) < 0.5)[:, np.cumsum(family)]
    epochs = max(profile.answers.epochs, profile.pilot.epochs)
    sides = [
        [_padded(_extended(side, name, virtual), epochs) for name in NAMES] for side in (profile.answers, profile.pilot)
    ]
    places = [_sometimes_virtual(profile, chosen, len(virtual), pairs, rng) for _ in sides]
    rows: list[list[list[Array]]] = [[], []]
    for epoch in range(epochs):
        drawn = [[column[epoch][place] for column in side] for side, place in zip(sides, places, strict=True)]
        for target, (left, right) in enumerate((drawn, drawn[::-1])):
            rows[target].append([np.where(swap[..., None], b, a) for a, b in zip(left, right, strict=True)])
    yield _summed(rows[0])
    yield _summed(rows[1])
    yield _summed([_fallen(profile, row, setting.drop, rng) for row in rows[1]])


def _sometimes_virtual(profile: Profile, chosen: Array, virtual: int, pairs: int, rng: np.random.Generator) -> Array:
    if not virtual:
        return np.broadcast_to(chosen, (pairs, len(chosen)))
    shape = (pairs, len(chosen))
    replaced = rng.random(shape) < 1 / (profile.items + 1)
    return np.where(replaced, profile.items + rng.integers(0, virtual, shape), chosen)


def _virtual(profile: Profile) -> Array:
    """One more item, half right and half wrong, as two values per term: no rate of a small run is surely 0 or 1."""
    if profile.scale == "mean":
        return np.zeros((0, len(profile.weights)))
    up = (profile.weights > 0).astype(float)
    return np.stack([up, 1 - up])


def _extended(answers: Answers, name: str, virtual: Array) -> Array:
    values = getattr(answers, name)
    added = {"total": virtual, "present": np.ones_like(virtual), "absent": np.zeros_like(virtual)}[name]
    return np.concatenate([values, np.broadcast_to(added, (len(values), *added.shape))], axis=1)


def _padded(column: Array, epochs: int) -> Array:
    return np.concatenate([column, np.zeros((epochs - len(column), *column.shape[1:]))])


def _summed(rows: list[list[Array]]) -> _Run:
    return _Run(*(np.sum(parts, axis=0) if len(rows) > 1 else parts[0] for parts in zip(*rows, strict=True)))


def worst_value(profile: Profile) -> float:
    """The worst answer to the first term; NaN where it is not known."""
    return profile.ends[0] if profile.better * profile.weights[0] > 0 else profile.ends[1]


def first_mean(profile: Profile) -> float:
    """Mean of the first term over the run's items."""
    with np.errstate(invalid="ignore", divide="ignore"):
        values = profile.answers.total[..., 0].sum(axis=0) / profile.answers.present[..., 0].sum(axis=0)
    return float(np.nanmean(values))


def largest_drop(profile: Profile) -> float:
    """How far the metric can fall through its first term; infinity where nothing bounds it."""
    worst = worst_value(profile)
    if profile.scale == "z" or np.isnan(worst):
        return float("inf")
    return float(abs(first_mean(profile) - worst) * abs(profile.weights[0]))


def _fallen(profile: Profile, row: list[Array], drop: float, rng: np.random.Generator) -> list[Array]:
    """One epoch of a candidate that is worse by a drop: in the first term, a share of the answers is the worst."""
    total, present, absent = row
    worst, mean, weight = worst_value(profile), first_mean(profile), abs(profile.weights[0])
    sign = np.sign(profile.better * profile.weights[0])
    fallen, rows = total.copy(), present[..., 0] if present.ndim else present
    if np.isnan(worst):
        fallen[..., 0] -= sign * drop / weight * rows
        return [fallen, present, absent]
    target = mean - sign * drop / weight
    if profile.scale == "z":
        target = float(ndtr(ndtri(np.clip(mean, 1e-9, 1 - 1e-9)) - sign * drop / weight))
    share = np.clip((mean - target) / (mean - worst), 0, 1) if mean != worst else 0.0
    hit = rng.random(total.shape[:-1]) < share
    fallen[..., 0] = np.where(hit, worst * rows, total[..., 0])
    return [fallen, present, absent]


class _Matched:
    """Two simulated runs item by item, as `Pair` has two real ones; arrays of shape (pairs, items, terms)."""

    def __init__(self, profile: Profile, policy: Policy, one: _Run, two: _Run, starts: Array) -> None:
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
