"""Pairs of runs, drawn again and again, and what the gate would make of each pair of them."""

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr

from equipoise.harness.gate.policy import Policy
from equipoise.harness.power.drawing import Setting, exchanged, own_draws, tile
from equipoise.harness.power.matched import Matched
from equipoise.harness.power.profiles import Array, Profile

BATCH = 300_000
"""Answers that are drawn at once: some tens of megabytes."""


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


def _batch(profile: Profile, policy: Policy, setting: Setting, pairs: int, rng: np.random.Generator) -> Simulated:
    chosen, starts = tile(profile, setting.items, rng)
    draw = own_draws if profile.pilot is None else exchanged
    one, two, fallen = draw(profile, setting, chosen, starts, pairs, rng)
    first, second = (Matched(profile, policy, one, other, starts) for other in (two, fallen))
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
