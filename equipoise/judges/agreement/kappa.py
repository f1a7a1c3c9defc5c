"""Cohen's kappa of two judges, plain and weighted.

Written here because scikit-learn and statsmodels, which have the point estimate, are no dependencies of this package.
"""

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike
from scipy.sparse import csr_array

from equipoise.harness.stats import DRAWS
from equipoise.judges.agreement.resample import (
    Array,
    Codes,
    Estimate,
    Record,
    bootstrap,
    cluster_codes,
    cluster_sums,
    estimate,
)

Weights = Literal["none", "linear", "quadratic"]
WEIGHTS: tuple[Weights, ...] = get_args(Weights)


@dataclass(frozen=True)
class Kappa(Record):
    """The kappas of two judges over the units that both rated.

    Attributes:
        judges: Their names.
        none, linear, quadratic: Kappa by weights of disagreement.
    """

    judges: tuple[str, str]
    none: Estimate
    linear: Estimate
    quadratic: Estimate


def cohen_kappa(
    first: ArrayLike, second: ArrayLike, weights: Weights = "none",
    clusters: ArrayLike | None = None, draws: int = DRAWS, seed: int = 0,
) -> Estimate:  # fmt: skip
    """Agreement of two judges beyond what their own habits would give: 1 = perfect, 0 = by chance.

    kappa = 1 - sum_u w(x_u, y_u) / n / sum_ck p_c q_k w(c, k), with p and q the shares of each value in either judge's
    votes and w = [c != k] (none), |c - k| (linear) or (c - k)^2 (quadratic). The weights are distances of the values
    themselves; on a scale of equal steps that is the usual definition by category numbers. Unlike alpha, kappa takes a
    difference in severity for a habit, so it forgives some of it. Quadratic kappa is Lin's concordance coefficient.

    Args:
        first: One judge's votes, shape (units,), NaN = missing.
        second: The other's, for the same units.
        weights: Weights of disagreement.
        clusters: Cluster of each unit (its item family); None = units are independent.
        draws: Bootstrap samples of clusters; 0 = no interval.
        seed: Seed of the bootstrap.

    Returns:
        NaN, with the reason, if no unit was rated by both or one of them gave a single value there: such a judge tells
        no unit from another, and the formula gives 0 or 0/0 whatever the other one says.

    References:
        Cohen (1960), Educational and Psychological Measurement 20, 37-46; Cohen (1968), Psychological Bulletin 70,
        213-220; Fleiss & Cohen (1973), Educational and Psychological Measurement 33, 613-619.
    """
    one, two = np.asarray(first, dtype=float), np.asarray(second, dtype=float)
    codes = cluster_codes(clusters, len(one))
    pair = KappaPair(one, two, codes)
    found = pair.read(bootstrap([pair.statistic], codes, draws, seed)[0], ("first", "second"))
    return {"none": found.none, "linear": found.linear, "quadratic": found.quadratic}[weights]


class KappaPair:
    """The kappas of two judges from sums by cluster.

    Args:
        first: Shape (units,), NaN = missing.
        second: The same for the other judge.
        clusters: Shape (units,), whole numbers from 0.
    """

    def __init__(self, first: Array, second: Array, clusters: Codes) -> None:
        both = np.isfinite(first) & np.isfinite(second)
        number = int(clusters.max(initial=-1)) + 1
        one, two, owner = first[both], second[both], clusters[both]
        self.units = len(one)
        self.domain, codes = np.unique(np.concatenate([one, two]), return_inverse=True)
        shape = (number, len(self.domain))
        self._margins = [
            csr_array((np.ones(self.units), (owner, half)), shape=shape)
            for half in (codes[: self.units], codes[self.units :])
        ]
        apart = np.zeros((len(clusters), len(WEIGHTS)))
        apart[both] = np.stack([one != two, np.abs(one - two), (one - two) ** 2], axis=1)
        self._apart = cluster_sums(apart, clusters)

    def statistic(self, weights: Array) -> Array:
        """Weights of the clusters, (rows, clusters) -> kappas, (rows, 3)."""
        counts = [np.asarray(weights @ margin) for margin in self._margins]
        total = counts[0].sum(axis=1, keepdims=True)
        centred = self.domain - self.domain.mean() if self.units else self.domain
        with np.errstate(invalid="ignore", divide="ignore"):
            p, q = counts[0] / total, counts[1] / total
            below_p, below_q = np.cumsum(p, axis=1)[:, :-1], np.cumsum(q, axis=1)[:, :-1]
            crossings = below_p * (1 - below_q) + below_q * (1 - below_p)
            expected = (
                1 - (p * q).sum(axis=1),
                crossings @ np.diff(self.domain),  # E|X - Y| of independent X and Y, gap by gap
                (p + q) @ centred**2 - 2 * (p @ centred) * (q @ centred),
            )
            kappas = 1 - weights @ self._apart / total / np.stack(expected, axis=1)
        varied = np.all([(count > 0).sum(axis=1) > 1 for count in counts], axis=0)
        return np.where(varied[:, None], kappas, np.nan)

    def read(self, values: Array, judges: tuple[str, str]) -> Kappa:
        """The estimates, from the statistic in the sample and in every draw."""
        given = [np.asarray(margin.sum(axis=0)) for margin in self._margins]
        constant = [judge for judge, counts in zip(judges, given, strict=True) if (counts > 0).sum() == 1]
        reason = f"only one value from {' and '.join(constant)}" if self.units else "no unit was rated by both"
        none, linear, quadratic = (estimate(values[:, i], self.units, reason) for i in range(len(WEIGHTS)))
        return Kappa(judges, none, linear, quadratic)
