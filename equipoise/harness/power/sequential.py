"""Looking early: boundaries that keep the error of all looks together, and what a plan with them costs."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import brentq
from scipy.special import ndtr, ndtri

from equipoise.errors import InputError

Array = NDArray[np.float64]

NODES = 400
FARTHEST = 10.0
"""Beyond this many standard errors nothing is integrated."""


def spent(fraction: float, alpha: float) -> float:
    """One-sided error spent by an information fraction t: 2 - 2 Phi(z_{1-alpha/2} / sqrt(t)), O'Brien-Fleming type.

    References:
        Lan & DeMets (1983), Biometrika 70, 659-663.
    """
    return float(2 * ndtr(ndtri(alpha / 2) / np.sqrt(fraction)))


def boundaries(fractions: Sequence[float], alpha: float, limits: int = 1) -> Array:
    """Values of z that a test statistic has to reach at each look, so that all looks together err with alpha / limits.

    By recursive numerical integration of the statistic's distribution over what has not stopped (Gauss-Legendre).

    Args:
        fractions: Information at each look, rising, in (0, 1]; the last one is 1.
        alpha: One-sided.
        limits: Hypotheses that share alpha; each look spends the same share of it for every one of them.

    Raises:
        InputError: Fractions that do not rise to 1.

    References:
        Armitage, McPherson & Rowe (1969), JRSS A 132, 235-244; Jennison & Turnbull (2000), Group Sequential Methods,
        chapters 7 and 19.
    """
    steps = _checked(fractions)
    found: list[float] = []
    total = np.array([spent(t, alpha) / limits for t in steps])
    process = _Process(0.0)
    for t, due in zip(steps, np.diff(total, prepend=0.0), strict=True):
        process.advance(t)
        bound = brentq(lambda z, due=due: process.above(z) - due, -FARTHEST, 4 * FARTHEST, xtol=1e-10)
        process.stop(-np.inf, bound)
        found.append(float(bound))
    return np.array(found)


def crossings(
    fractions: Sequence[float], upper: ArrayLike, lower: ArrayLike, drift: float = 0.0
) -> tuple[Array, Array]:
    """Chance to stop at each look, above and below.

    Args:
        fractions: Information at each look, rising to 1.
        upper: z at or above which a look stops.
        lower: z at or below which it stops; -infinity = never.
        drift: Expected z at full information.

    Returns:
        Two arrays, one value per look.
    """
    process = _Process(drift)
    above, below = [], []
    ends = (np.broadcast_to(np.asarray(each, dtype=float), len(fractions)) for each in (upper, lower))
    for t, high, low in zip(_checked(fractions), *ends, strict=True):
        process.advance(t)
        above.append(process.above(high))
        below.append(process.below(low))
        process.stop(low, high)
    return np.array(above), np.array(below)


class _Process:
    """Brownian motion with drift, observed at looks and stopped at boundaries; positions are z sqrt(t)."""

    def __init__(self, drift: float) -> None:
        self.drift, self.t, self.step = drift, 0.0, 0.0
        self.nodes, self.mass = np.zeros(1), np.ones(1)

    def advance(self, t: float) -> None:
        self.step, self.t = t - self.t, t

    def above(self, z: float) -> float:
        """Chance to be at or above z now, not stopped before."""
        return float(self.mass @ ndtr((self.nodes + self.drift * self.step - z * np.sqrt(self.t)) / np.sqrt(self.step)))

    def below(self, z: float) -> float:
        """Chance to be at or below z now, not stopped before."""
        return float(self.mass @ ndtr((z * np.sqrt(self.t) - self.nodes - self.drift * self.step) / np.sqrt(self.step)))

    def stop(self, low: float, high: float) -> None:
        """Keep what lies between."""
        centre, root = self.drift * self.t, np.sqrt(self.t)
        ends = max(low * root, centre - FARTHEST * root), min(high * root, centre + FARTHEST * root)
        if ends[0] >= ends[1]:
            self.nodes, self.mass = np.zeros(1), np.zeros(1)
            return
        x, weights = _rule()
        nodes = (ends[0] + ends[1]) / 2 + (ends[1] - ends[0]) / 2 * x
        moved = (nodes[:, None] - self.nodes - self.drift * self.step) / np.sqrt(self.step)
        density = np.exp(-(moved**2) / 2) @ self.mass / np.sqrt(2 * np.pi * self.step)
        self.nodes, self.mass = nodes, density * weights * (ends[1] - ends[0]) / 2


@cache
def _rule() -> tuple[Array, Array]:
    return np.polynomial.legendre.leggauss(NODES)


@dataclass(frozen=True)
class Look:
    """One look of a sequential plan.

    Attributes:
        fraction: Share of the planned items that are in.
        alpha: The policy's `alpha` to use at this look, for GO and, shared by all limits, for NO-GO.
        go, no_go: Chance that an unchanged model has its GO by this look, and one with the drop its NO-GO.
    """

    fraction: float
    alpha: float
    go: float
    no_go: float


@dataclass(frozen=True)
class Sequential:
    """A plan with several looks.

    Attributes:
        looks: In order.
        inflation: Factor on the items of a plan with one look, for the same power.
        expected_unchanged, expected_dropped: Mean share of the (inflated) items that are used.
    """

    looks: tuple[Look, ...]
    inflation: float
    expected_unchanged: float
    expected_dropped: float


def sequential(
    looks: int, alpha: float, go: Sequence[float], no_go: float, limits: int, seed: int = 0, paths: int = 20_000
) -> Sequential:
    """Plan equally spaced looks: GO as soon as every comparison passes, NO-GO as soon as one limit is breached.

    A look spends for each of the limits the same share of alpha, so that a single `alpha` in the policy serves both:
    NO-GO is protected over limits and looks (Bonferroni, Lan-DeMets), a GO over looks.

    Args:
        looks: How many, 1 or more.
        alpha: One-sided.
        go: Chance of every comparison to pass at the full number of items, if nothing changed.
        no_go: Chance that the comparison that shows a drop least breaches its limit, if it has dropped.
        limits: That can be breached.
        seed: Of the simulated paths.
        paths: How many.
    """
    fractions = [(place + 1) / looks for place in range(looks)]
    refuse = boundaries(fractions, alpha, limits)
    alphas = limits * ndtr(-refuse)
    accept = -ndtri(alphas)
    chances = np.clip(go, 1e-6, 1 - 1e-6)
    drifts = ndtri(1 - alpha) + ndtri(chances)
    weakest = int(np.argmin(drifts))
    inflation = _inflation(fractions, accept, float(drifts[weakest]), float(chances[weakest]))
    dropped = drifts.copy()
    dropped[weakest] = -(ndtri(1 - alpha / limits) + ndtri(np.clip(no_go, 1e-6, 1 - 1e-6)))
    runs = [
        _paths(np.sqrt(inflation) * each, fractions, accept, refuse, np.random.default_rng(seed), paths)
        for each in (drifts, dropped)
    ]
    found = tuple(
        Look(t, float(level), float(passed), float(breached))
        for t, level, passed, breached in zip(fractions, alphas, runs[0][0], runs[1][1], strict=True)
    )
    return Sequential(found, inflation, runs[0][2], runs[1][2])


def _inflation(fractions: Sequence[float], accept: Array, drift: float, power: float) -> float:
    """How many times the items, so that looking early costs no power."""

    def short(factor: float) -> float:
        above, _ = crossings(fractions, accept, -np.inf, drift * np.sqrt(factor))
        return float(above.sum()) - power

    return float(brentq(short, 0.5, 4.0)) if drift > 0.1 and short(4.0) > 0 else 1.0


def _paths(
    drifts: Array, fractions: Sequence[float], accept: Array, refuse: Array, rng: np.random.Generator, paths: int
) -> tuple[Array, Array, float]:
    """Share of the paths with GO by each look, with NO-GO by each look, and the mean fraction at the stop."""
    t = np.array(fractions)
    position, before = np.zeros((paths, len(drifts))), 0.0
    verdict, stopped = np.zeros(paths), np.ones(paths)
    passed, breached = [], []
    for place, now in enumerate(t):
        step = now - before
        position += drifts * step + np.sqrt(step) * rng.standard_normal(position.shape)
        z = position / np.sqrt(now)
        going = verdict == 0
        found = np.where((z <= -refuse[place]).any(axis=1), -1, np.where((z >= accept[place]).all(axis=1), 1, 0))
        verdict = np.where(going, found, verdict)
        stopped = np.where(going & (found != 0), now, stopped)
        passed.append(float((verdict == 1).mean()))
        breached.append(float((verdict == -1).mean()))
        before = now
    return np.array(passed), np.array(breached), float(stopped.mean())


def _checked(fractions: Sequence[float]) -> list[float]:
    steps = list(fractions)
    if not steps or steps[0] <= 0 or abs(steps[-1] - 1) > 1e-12 or any(b <= a for a, b in pairwise(steps)):
        raise InputError(f"expected information fractions that rise to 1, found {steps}", field="fractions")
    return steps
