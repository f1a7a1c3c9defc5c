"""Coverage and width of the 95 % intervals, by simulation: rates, differences, balanced accuracy, d' and c.

Every line is one cell: number of families, items per family (one, or 1 to 4), correlation within the family,
correlation between the arms of an item, population rates. Coverage is the share of simulated samples whose interval
holds the population value (for d' and c that of the population rates; `at n` holds the same after the log-linear
correction of the population counts, the value that the estimate is closest to). Peer: the percentile interval of 2,000
bootstrap samples of families, on the first 1,000 samples. `rare` is the least expected number of independent outcomes
that the interval rests on: wrong (or right) answers of an arm, and items on which the arms disagree (for sums: agree).
Below 5 to 10 of them the estimate takes so few different values that its coverage jumps with the rate, whatever the
method (Brown, Cai & DasGupta 2001, Statistical Science 16, 101-133); such cells are marked with `few`, and a coverage
outside 93-97 % with `*`.

    python benchmarks/interval_coverage.py             # all cells, six minutes of CPU time
    python benchmarks/interval_coverage.py --families 60 --replicates 20000
"""

import argparse
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import product

import numpy as np

from equipoise.harness.stats import (
    bias,
    cluster_mean,
    cluster_weights,
    combination_interval,
    discernment,
    log_linear,
    mean_interval,
    share_interval,
    share_term,
    z_term,
)

FAMILIES = (30, 60, 100, 300)
LAYOUTS = (("one", 0.0), ("1-4", 0.0), ("1-4", 0.3))
RATES = (0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 0.9, 0.95)
PAIRS = ((0.5, 0.5), (0.6, 0.4), (0.8, 0.2), (0.9, 0.1), (0.1, 0.1), (0.9, 0.5), (0.95, 0.9), (0.97, 0.05))
BETWEEN_ARMS = (0.0, 0.5, 0.8, -0.5)
REPLICATES, PEER_REPLICATES = 4000, 1000

GRADES, GRADE_SHARES = np.arange(5) / 4, np.array([0.05, 0.1, 0.15, 0.3, 0.4])
QUANTITIES = {
    "difference": ((1.0, -1.0), lambda p, q: p - q, False),
    "balanced accuracy": ((0.5, 0.5), lambda p, q: (p + q) / 2, False),
    "d'": ((1.0, -1.0), discernment, True),
    "c": ((-0.5, -0.5), bias, True),
}
"""Weights of the two arms, the same as a function of rates, whether it is one of z scores."""

FEW = 10.0
"""Fewer expected deciding outcomes than this, and an interval may be wider than it need be; below 5, too narrow."""


@dataclass(frozen=True)
class Cell:
    """One population and one way of sampling it."""

    families: int
    sizes: str
    within: float
    between: float = 0.0
    p: float = 0.5
    q: float | None = None

    @cached_property
    def counts(self) -> np.ndarray:
        """Items of each family."""
        return np.ones(self.families) if self.sizes == "one" else np.resize([1.0, 2.0, 3.0, 4.0], self.families)

    def uniforms(self, replicates: int) -> tuple[np.ndarray, np.ndarray]:
        """Two arms of uniform numbers, shape (replicates, items), with exactly the two correlations asked for.

        An item copies its family's draw with probability sqrt(within), and arm two copies arm one (reversed for a
        negative correlation) with probability |between|: so thresholds at any rate have these correlations too.
        Lunn & Davies (1998), Biometrika 85, 487-490.
        """
        seed = [self.families, len(self.sizes), int(self.within * 100), int(self.between * 100) % 997]
        generator = np.random.default_rng([*seed, int(self.p * 100), int((self.q or 0) * 100)])
        n = int(self.counts.sum())

        def arms(size: int) -> tuple[np.ndarray, np.ndarray]:
            one, two = generator.random((2, replicates, size))
            copied = generator.random((replicates, size)) < abs(self.between)
            return one, np.where(copied, one if self.between > 0 else 1 - one, two)

        own, shared = arms(n), arms(self.families)
        family = np.repeat(np.arange(self.families), self.counts.astype(int))
        copies = generator.random((replicates, n)) < np.sqrt(self.within)
        first, second = (np.where(copies, s[:, family], o) for s, o in zip(shared, own, strict=True))
        return first, second

    def sums(self, values: np.ndarray) -> np.ndarray:
        """Sum by family."""
        starts = np.concatenate([[0], np.cumsum(self.counts)[:-1]]).astype(int)
        return np.add.reduceat(values, starts, axis=1)

    def mean(self, values: np.ndarray):
        """What the harness computes from a column."""
        return cluster_mean(self.sums(values), self.counts, (values**2).sum(axis=1))

    def rare(self, sign: float) -> float:
        """Least expected number of independent outcomes that decide the interval; sign -1 for differences."""
        n, q = self.counts.sum(), self.p if self.q is None else self.q
        effective = n / (1 + self.within * ((self.counts**2).sum() / n - 1))
        least = min(self.p, 1 - self.p, q, 1 - q)
        if self.q is not None:
            same = min(self.p, q) if self.between > 0 else max(self.p + q - 1, 0)
            both = abs(self.between) * same + (1 - abs(self.between)) * self.p * q
            unequal = self.p + q - 2 * both
            least = min(least, unequal if sign < 0 else 1 - unequal)
        return round(float(effective * least), 6)


@dataclass(frozen=True)
class Result:
    """Coverage and mean width of the interval and of its peer."""

    quantity: str
    cell: Cell
    rare: float
    coverage: float
    width: float
    coverage_at_n: float = float("nan")
    peer_coverage: float = float("nan")
    peer_width: float = float("nan")

    @property
    def few(self) -> bool:
        """Whether so few outcomes decide the interval that it takes few different values."""
        return self.rare < FEW

    @property
    def line(self) -> str:
        """As text."""
        cell, q = self.cell, "" if self.cell.q is None else f"{self.cell.q:.2f}"
        note = ("few" if self.few else "") + ("" if 0.93 <= self.coverage <= 0.97 else "*")
        at_n = f"{self.coverage_at_n:7.1%}" if np.isfinite(self.coverage_at_n) else " " * 7
        return (
            f"{self.quantity:18s} {cell.families:4d} {cell.sizes:>4s} {cell.within:4.1f} {cell.between:5.1f} "
            f"{cell.p:5.2f} {q:>5s} {self.rare:6.1f} {self.coverage:7.1%} {at_n} {self.width:7.3f} "
            f"{self.peer_coverage:7.1%} {self.peer_width:7.3f} {note}"
        )


HEADER = (
    "quantity           fams size  icc  arms     p     q   rare   cover    at n   width    peer   width\n"
    "                                                                               coverage"
)


def held(bounds: tuple[np.ndarray, np.ndarray], target: float) -> tuple[float, float]:
    """Coverage of the target and mean width."""
    low, high = bounds
    return float(((low <= target) & (target <= high)).mean()), float((high - low).mean())


def rate(cell: Cell, replicates: int = REPLICATES, peer: int = 0) -> Result:
    """A single rate."""
    values = (cell.uniforms(replicates)[0] < cell.p).astype(float)
    other = held(_bootstrap(cell, [values[:peer]], lambda means: means[0]), cell.p) if peer else (np.nan, np.nan)
    own = held(share_interval(cell.mean(values)), cell.p)
    return Result("rate", cell, cell.rare(1), *own, np.nan, *other)


def pairs(cell: Cell, replicates: int = REPLICATES, peer: int = 0) -> Iterator[Result]:
    """Difference, balanced accuracy, d' and c of two arms on the same items; p and q are their rates."""
    arms = [(u < rate).astype(float) for u, rate in zip(cell.uniforms(replicates), (cell.p, cell.q), strict=True)]
    left, right = (cell.mean(values) for values in arms)
    n = float(left.items)
    corrected = [log_linear(n * rate, n) for rate in (cell.p, cell.q)]
    for name, (weights, function, on_z) in QUANTITIES.items():
        bounds = combination_interval((left, right), weights, z_term if on_z else share_term)
        target = float(function(cell.p, cell.q))
        at_n = held(bounds, float(function(*corrected)))[0] if on_z else np.nan
        other = (np.nan, np.nan)
        if peer:

            def statistic(means: list[np.ndarray], function=function, on_z=on_z) -> np.ndarray:
                return function(*(log_linear(mean * n, n) if on_z else mean for mean in means))

            other = held(_bootstrap(cell, [values[:peer] for values in arms], statistic), target)
        yield Result(name, cell, cell.rare(weights[0] * weights[1]), *held(bounds, target), at_n, *other)


def graded(cell: Cell, replicates: int = REPLICATES, peer: int = 0) -> Iterator[Result]:
    """Differences of values that are not 0 or 1: averages over four epochs, and scores without bounds (exponential)."""
    one, two = cell.uniforms(replicates)
    often = GRADE_SHARES, GRADE_SHARES[::-1]
    shares = [GRADES[np.searchsorted(np.cumsum(s)[:-1], u)] for s, u in zip(often, (one, two), strict=True)]
    by_epoch = float(GRADES @ (often[0] - often[1]))
    scores = [-np.log1p(-one), -1.5 * np.log1p(-two)]
    for name, arms, target in (("graded share", shares, by_epoch), ("score", scores, -0.5)):
        left, right = (cell.mean(values) for values in arms)
        whole = name == "score"
        bounds = mean_interval(cell.mean(arms[0] - arms[1])) if whole else combination_interval((left, right), (1, -1))
        other = (np.nan, np.nan)
        if peer:
            other = held(_bootstrap(cell, [a[:peer] for a in arms], lambda means: means[0] - means[1]), target)
        yield Result(f"difference, {name}", cell, float(cell.counts.sum()), *held(bounds, target), np.nan, *other)


def _bootstrap(
    cell: Cell, arms: list[np.ndarray], statistic: Callable[[list[np.ndarray]], np.ndarray], draws: int = 2000
) -> tuple[np.ndarray, np.ndarray]:
    """Percentile intervals of a statistic of the arms' means; the draws of families are the same for all samples."""
    weights = cluster_weights(cell.families, draws, seed=1)[1:]
    drawn = (weights @ cell.counts)[:, None]
    low, high = np.quantile(
        statistic([weights @ cell.sums(values).T / drawn for values in arms]), [0.025, 0.975], axis=0
    )
    return low, high


def study(families: tuple[int, ...], replicates: int, peer: int) -> Iterator[Result]:
    """All cells."""
    grid = list(product(families, LAYOUTS))
    for (count, layout), p in product(grid, RATES):
        yield rate(Cell(count, *layout, p=p), replicates, peer)
    for (count, layout), between in product(grid, BETWEEN_ARMS):
        yield from graded(Cell(count, *layout, between), replicates, peer)
    for (count, layout), between, (p, q) in product(grid, BETWEEN_ARMS, PAIRS):
        yield from pairs(Cell(count, *layout, between, p, q), replicates, peer)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--families", type=int, nargs="*", default=FAMILIES)
    parser.add_argument("--replicates", type=int, default=REPLICATES)
    parser.add_argument("--peer", type=int, default=PEER_REPLICATES, help="samples for the peer; 0 leaves it out")
    options = parser.parse_args()
    print(HEADER)
    results = []
    for result in study(tuple(options.families), options.replicates, options.peer):
        results.append(result)
        print(result.line, flush=True)
    print()
    for quantity in dict.fromkeys(r.quantity for r in results):
        for few in (False, True):
            there = [r for r in results if r.quantity == quantity and r.few == few]
            if there:
                print(_summary(f"{quantity}, {'few' if few else 'enough'}", there))


def _summary(title: str, results: list[Result]) -> str:
    own, other = np.array([r.coverage for r in results]), np.array([r.peer_coverage for r in results])
    inside, peers = (int(((c >= 0.93) & (c <= 0.97)).sum()) for c in (own, other))
    wider = np.mean([r.width / r.peer_width for r in results if r.peer_width])
    return (
        f"{title:32s} {len(own):4d} cells: {inside:4d} in 93-97 %, {own.min():.1%} to {own.max():.1%}; "
        f"peer {peers:4d}, {other.min():.1%} to {other.max():.1%}; width {wider:.2f} of the peer's"
    )


if __name__ == "__main__":
    main()
