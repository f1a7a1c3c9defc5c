"""Pairs of runs drawn from what one run, or a run and its pilot, show."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr, ndtri

from equipoise.harness.power.profiles import Answers, Array, Profile

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
class Run:
    """Sums over the epochs of simulated items, arrays of shape (pairs, items, terms)."""

    total: Array
    present: Array
    absent: Array

    @property
    def whole(self) -> bool:
        """Whether every item has the same number of rows and none is missing."""
        return self.present.ndim == 0


def tile(profile: Profile, items: int, rng: np.random.Generator) -> tuple[Array, Array]:
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


def own_draws(
    profile: Profile, setting: Setting, chosen: Array, starts: Array, pairs: int, rng: np.random.Generator
) -> Iterator[Run]:
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


def exchanged(
    profile: Profile, setting: Setting, chosen: Array, starts: Array, pairs: int, rng: np.random.Generator
) -> Iterator[Run]:
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


def _summed(rows: list[list[Array]]) -> Run:
    return Run(*(np.sum(parts, axis=0) if len(rows) > 1 else parts[0] for parts in zip(*rows, strict=True)))


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
