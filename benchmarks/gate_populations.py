"""Populations of items in two runs, for the studies of the release gate's error rates.

An item's probability of being right is drawn from a Beta distribution and shared by both runs, given which their
answers are independent; a worse candidate is right that much less often on every item, p (1 - fall).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
from gate_study import Sampled, sampled
from scipy.special import roots_jacobi
from scipy.stats import binom

from equipoise.harness.stats import Scale

Array = np.ndarray[Any, Any]

UNIFORM = (1.0, 1.0)
"""Beta(1, 1): items of every difficulty."""
NODES = 40
"""Of Gauss-Jacobi quadrature; exact for polynomials below degree 80, and two runs of 16 epochs make 32."""


@dataclass(frozen=True)
class Population:
    """Outcomes of an item in both runs and their probabilities.

    Attributes:
        values: Baseline and candidate of each outcome, shape (2, outcomes); NaN = missing.
        chance: Shape (outcomes,).
    """

    values: Array
    chance: Array

    @property
    def rates(self) -> Array:
        """True rates of baseline and candidate, missing ones left out."""
        there = np.isfinite(self.values)
        return np.asarray((np.nan_to_num(self.values) @ self.chance) / (there @ self.chance))

    @property
    def variance(self) -> float:
        """Of candidate - baseline; the share of discordant items where nothing differs on average."""
        difference = self.values[1] - self.values[0]
        return float(difference**2 @ self.chance - (difference @ self.chance) ** 2)

    @property
    def reversed(self) -> "Population":
        """With the runs exchanged: what was a fall is a rise."""
        return Population(self.values[::-1], self.chance)

    def draw(
        self, items: int, shape: int | tuple[int, ...], seed: int | Sequence[int], scale: Scale = "share"
    ) -> Sampled:
        """Runs over that many items, with these leading axes."""
        counts = np.random.default_rng(seed).multinomial(items, self.chance, shape).astype(float)
        return sampled(self.values, counts=counts, scale=scale)


def difficulties(beta: tuple[float, float] | float) -> tuple[Array, Array]:
    """Probabilities of being right and their weights, so that sums over them are the integrals over items."""
    if isinstance(beta, float):
        return np.array([beta]), np.ones(1)
    a, b = beta
    nodes, weights = roots_jacobi(NODES, b - 1, a - 1)
    return (nodes + 1) / 2, weights / weights.sum()


def population(beta: tuple[float, float] | float = UNIFORM, fall: float = 0.0, epochs: int = 1) -> Population:
    """Shares right of an item over its epochs.

    Args:
        beta: Distribution of the items' probabilities, or the one probability of all.
        fall: How much more rarely the candidate is right on every item, relatively, 0 to 1.
        epochs: Runs of each item.
    """
    right, weight = difficulties(beta)
    hits = np.arange(epochs + 1)
    one, two = (binom.pmf(hits, epochs, p[:, None]) for p in (right, right * (1 - fall)))
    chance = np.einsum("d,dj,dk->jk", weight, one, two).ravel()
    values = np.array(list(product(hits / epochs, hits / epochs))).T
    return Population(values, chance / chance.sum())


def with_missing(base: Population, share: tuple[float, float], only_wrong: bool = False) -> Population:
    """Answers go missing in baseline and candidate, at random or only wrong ones; single epochs.

    Args:
        base: Outcomes 0 and 1.
        share: Of all answers of either run.
        only_wrong: Whether right answers are always there.
    """
    values, chance = [], []
    wrong = 1 - base.rates
    for pair, p in zip(base.values.T, base.chance, strict=True):
        lost = [
            each * (0.0 if value else 1 / w) if only_wrong else each
            for each, value, w in zip(share, pair, wrong, strict=True)
        ]
        for gone in product((False, True), repeat=2):
            values.append(np.where(gone, np.nan, pair))
            chance.append(p * np.prod([one if g else 1 - one for g, one in zip(gone, lost, strict=True)]))
    return Population(np.array(values).T, np.array(chance))


def unanswered(items: int, lost: int, side: int, shape: int | tuple[int, ...], seed: int) -> Sampled:
    """Unchanged runs of which one has exactly that many items without an answer; side 0 = baseline."""
    random, base = np.random.default_rng(seed), population()
    gone = base.values.copy()
    gone[side] = np.nan
    counts = [random.multinomial(each, base.chance, shape) for each in (items - lost, lost)]
    return sampled(np.hstack([base.values, gone]), counts=np.concatenate(counts, axis=-1).astype(float))


def ratings(fall: float = 0.0) -> Population:
    """Ratings from 1 to 5 around 3, which have no bounds that the gate uses."""
    shares = population(fall=fall, epochs=4)
    return Population(1 + 4 * shares.values, shares.chance)


def net_of_control(items: int, shape: int | tuple[int, ...], seed: int, fall: float, kept: float = 0.8) -> Sampled:
    """A difference of two arms on the same items: with pressure minus without.

    The baseline is right with probability p without pressure and p kept with it, p from Beta(1, 1); the candidate is
    `fall` lower with it, on average over the items.
    """
    right, weight = difficulties(UNIFORM)
    chances = np.array([right * kept, right, right * (kept - 2 * fall), right])
    outcomes = np.array(list(product((0.0, 1.0), repeat=4)))
    each = np.prod(np.where(outcomes[:, :, None] > 0, chances, 1 - chances), axis=1) @ weight
    counts = np.random.default_rng(seed).multinomial(items, each / each.sum(), shape).astype(float)
    pressed, plain = outcomes.T[[0, 2]], outcomes.T[[1, 3]]
    return sampled(pressed, plain, weights=(1.0, -1.0), counts=counts)


def in_families(
    items: int, replications: int, seed: int, fall: float, right: float = 0.0, depth: float = 1.0
) -> Sampled:
    """Families of 2 to 5 items that share their difficulty, and some of which break in the candidate.

    Args:
        items: About how many; the last family is whole.
        replications: Leading axis.
        seed: Of the draws.
        fall: Relative fall of the candidate's rate.
        right: Probability of all items; 0 = each family's from Beta(1, 1).
        depth: How much more rarely the items of a broken family are right; 1 = never, and families break with
            probability `fall`, less = more families break.
    """
    random = np.random.default_rng(seed)
    sizes = np.resize([2, 3, 4, 5], items)
    sizes = sizes[: np.searchsorted(np.cumsum(sizes), items) + 1]
    family = np.repeat(np.arange(len(sizes)), sizes)
    shape = (replications, len(sizes))
    p = np.full(shape, right) if right else random.random(shape)
    q = p * (1 - depth * (random.random(shape) < fall / depth))
    values = np.array([random.random((replications, len(family))) < each[:, family] for each in (p, q)], dtype=float)
    return sampled(values, family=family)
