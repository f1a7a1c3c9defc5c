"""The many-facet Rasch model: its parameters, and what it expects of each rating, chunk by chunk."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from equipoise.judges.irt.engine.ratings import Array, Codes, Ratings, blocks

CHUNK = 1 << 15  # ratings at a time: the temporaries of 5 categories stay within a core's cache
LIMIT = 15.0  # logits: no location is let beyond, so that products of exponentials stay finite
_SAFE = 690.0  # exp of more than this is not a number


@dataclass(frozen=True)
class Parameters:
    """Locations of every element and thresholds of every scale group, in logits.

    Attributes:
        locations: One array per facet; the object's counts plus, all others' minus.
        thresholds: tau, shape (groups, steps); +inf where a group has no such category.
    """

    locations: tuple[Array, ...]
    thresholds: Array

    @cached_property
    def signed(self) -> tuple[Array, ...]:
        """What each element adds to eta."""
        return tuple(part if i == 0 else -part for i, part in enumerate(self.locations))


def eta(ratings: Ratings, parameters: Parameters, rows: slice) -> Array:
    """Logit of each rating before thresholds: b_object minus the locations of all other facets, times its slope."""
    first, *others = zip(parameters.signed, ratings.codes, strict=True)
    total = first[0][first[1][rows]]
    for values, codes in others:
        total += values[codes[rows]]
    slope = ratings.slope(rows)
    return total if slope is None else total * slope


class Expectation:
    """P(Y = k) of every rating, chunk by chunk; made once per set of parameters.

    log P_k / P_{k-1} = eta - tau_k gives P_k proportional to w_k z^k, z = exp(eta), w_k = exp(-sum_{l<=k} tau_l). The
    exponentials are taken of the elements, not of the ratings: z is a product of gathered numbers. Where such a
    product could leave the range of a double (extreme parameters with many categories), or where eta has a slope, the
    sums are taken in logs (`in_logs`).
    """

    def __init__(self, ratings: Ratings, parameters: Parameters) -> None:
        self.ratings, self.parameters = ratings, parameters
        tau = parameters.thresholds
        reach = sum(float(np.abs(part).max(initial=0)) for part in parameters.locations)
        finite = np.where(np.isfinite(tau), tau, 0.0)
        reach = reach * ratings.steps + float(np.abs(finite).sum(axis=1).max(initial=0))
        self.in_logs = reach > _SAFE or ratings.slopes is not None
        self._exponentials = [np.exp(part) for part in parameters.signed]
        self._ratios = np.exp(-tau)  # 0 where there is no category
        self._cumulated = np.concatenate([np.zeros((len(tau), 1)), np.cumsum(tau, axis=1)], axis=1)

    def odds(self, rows: slice) -> tuple[Array, Array]:
        """Unnormalised probabilities, shape (categories, rows), and 1 / their sum over categories, shape (rows,)."""
        ratings = self.ratings
        group: Codes | None = None if ratings.scale is None else ratings.codes[ratings.scale][rows]
        if self.in_logs:
            return self._logs(rows, group)
        first, *others = zip(self._exponentials, ratings.codes, strict=True)
        z = first[0].take(first[1][rows])
        for values, codes in others:
            z *= values.take(codes[rows])
        odds = np.empty((ratings.steps + 1, len(z)))
        odds[0] = 1
        for k in range(ratings.steps):
            np.multiply(odds[k], z, out=odds[k + 1])
            odds[k + 1] *= self._ratios[0, k] if group is None else self._ratios[:, k].take(group)
        return odds, 1 / odds.sum(axis=0)

    def _logs(self, rows: slice, group: Codes | None) -> tuple[Array, Array]:
        logit = eta(self.ratings, self.parameters, rows)
        cumulated = self._cumulated[0][:, None] if group is None else self._cumulated[group].T
        logs = np.arange(self.ratings.steps + 1.0)[:, None] * logit - cumulated
        odds = np.exp(logs - logs.max(axis=0))
        return odds, 1 / odds.sum(axis=0)


@dataclass(frozen=True)
class Moments:
    """What the model says of some ratings; arrays have one entry per rating.

    Attributes:
        rows: Which ratings.
        probabilities: P_k, shape (categories, rows).
        expected: E = sum k P_k.
        variance: V = sum (k - E)^2 P_k.
        fourth: C4 = sum (k - E)^4 P_k.
        observed: y.
    """

    rows: slice
    probabilities: Array
    expected: Array
    variance: Array
    fourth: Array
    observed: Array

    @property
    def residual(self) -> Array:
        """Observed less expected, y - E."""
        return self.observed - self.expected


def moments(ratings: Ratings, parameters: Parameters) -> Iterator[Moments]:
    """Expectation, variance and fourth central moment of every rating, in chunks, in order."""
    model = Expectation(ratings, parameters)
    k = np.arange(ratings.steps + 1.0)
    for rows in blocks(len(ratings), CHUNK):
        odds, inverse = model.odds(rows)
        odds *= inverse
        expected = k @ odds
        squared = (k[:, None] - expected) ** 2
        variance = (squared * odds).sum(axis=0)
        fourth = (squared**2 * odds).sum(axis=0)
        yield Moments(rows, odds, expected, variance, fourth, ratings.category[rows].astype(float))
