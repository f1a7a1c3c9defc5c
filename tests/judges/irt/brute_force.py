"""The model over all parameters at once, one row per rating and category: what sums and eliminations are held against.

With T_n(k) the vector that rating n would add to the parameters' sufficient statistics if it were k (k at its object,
-k at its other elements, -1 at its first k thresholds), log P_n(k) = T_n(k)'x - log sum_l exp T_n(l)'x. The score is
T_n(y) - E T_n and the information Cov T_n; nothing here knows of facets, groups or elimination.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd
from scipy.linalg import null_space
from scipy.special import logsumexp

from equipoise.judges.irt import fit
from equipoise.judges.irt.engine.model import Parameters
from equipoise.judges.irt.engine.newton import Passes, newton, zero
from equipoise.judges.irt.engine.ratings import read_frame
from equipoise.judges.irt.engine.structure import Fixed, recentre, structure

NAMES = "mijo"
DESIGNS = [
    # Sizes, categories, scale, weighted, seed: two, three and four facets, each the largest once. Every scale group has
    # all its categories and no element an extreme score.
    ((12, 7), 4, None, False, 3),
    ((7, 12), 4, 0, False, 26),
    ((8, 5, 4), 4, None, True, 3),
    ((5, 8, 4), 4, None, True, 3),
    ((4, 5, 8), 4, None, False, 3),
    ((8, 5, 4), 4, 0, False, 8),
    ((5, 8, 4), 4, 1, False, 8),
    ((8, 5, 4), 5, 1, True, 8),
    ((8, 5, 4), 5, 2, True, 2),
    ((5, 4, 8), 3, 2, True, 8),
    ((4, 3, 2, 5), 4, None, False, 3),
    ((4, 3, 2, 5), 4, 3, True, 7),
    ((8, 5, 4), 2, None, False, 3),
]


def design(number):
    """Arrays of one of the designs."""
    sizes, categories, scale, weighted, seed = DESIGNS[number]
    return ratings_of(table(sizes, categories, scale, weighted, seed=seed), scale)


def fitted(frame, scale=None, **options):
    """`fit` without correction, the facets found by their names."""
    names = [name for name in NAMES if name in frame.columns]
    weights = "w" if "w" in frame.columns else None
    own = "common" if scale is None else names[scale]
    return fit(frame, names[0], names[1:], scale=own, weights=weights, **{"correct": False} | options)


def maximum(ratings, fixed=None, floating=0, shape=None, **options):
    """Joint maximum likelihood: structure, solution, parameters as they are told."""
    fixed = Fixed.nothing(ratings) if fixed is None else fixed
    shape = structure(ratings, fixed, floating) if shape is None else shape
    found = newton(ratings, shape, zero(ratings, fixed), Passes(), **options)
    return shape, found, recentre(found.parameters, shape)


def anywhere(ratings, seed=0, spread=0.7):
    """Parameters that are not the maximum; +inf where there is no threshold."""
    random = np.random.default_rng(seed)
    thresholds = np.where(ratings.has_threshold, random.normal(0, spread, ratings.has_threshold.shape), np.inf)
    return Parameters(tuple(random.normal(0, spread, size) for size in ratings.sizes), thresholds)


def table(sizes=(6, 4, 3), categories=4, scale=None, weighted=False, number=None, seed=0, spread=0.7):
    """Ratings drawn from the model in a random order: columns m, i, j, …, score and, if weighted, w.

    Args:
        sizes: Elements per facet.
        categories: K of the scale; with `scale`, the second element of that facet uses two categories and the third
            K - 1 only.
        scale: Index of the facet with thresholds of its own.
        weighted: Adds a column of weights 1, 2 and 3.
        number: Ratings drawn from all cells without replacement; None = all.
        seed: Of everything.
        spread: Standard deviation of the locations, logits.
    """
    random = np.random.default_rng(seed)
    cells = np.stack([part.ravel() for part in np.meshgrid(*(np.arange(size) for size in sizes), indexing="ij")])
    cells = cells[:, random.permutation(cells.shape[1])[:number]]
    eta = sum((1 if f == 0 else -1) * random.normal(0, spread, size)[cells[f]] for f, size in enumerate(sizes))
    groups = 1 if scale is None else sizes[scale]
    tau = np.sort(random.normal(0, 0.8, (groups, categories - 1)), axis=1)
    group = np.zeros(cells.shape[1], int) if scale is None else cells[scale]
    if scale is not None:
        tau[1, 1:], tau[2 % groups, -1] = np.inf, np.inf
    logs = np.arange(categories) * eta[:, None] - np.concatenate([np.zeros((groups, 1)), tau], 1).cumsum(1)[group]
    chances = np.exp(logs - logsumexp(logs, axis=1, keepdims=True)).cumsum(axis=1)
    score = (random.random(len(eta))[:, None] > chances).sum(axis=1).clip(max=categories - 1)
    found = pd.DataFrame(dict(zip(NAMES, cells, strict=False))).assign(score=score)
    return found.assign(w=random.integers(1, 4, len(found)).astype(float)) if weighted else found


def apart(*seeds, sizes=(6, 5, 4)):
    """Designs without a common element, one under the other: labels from 0, from 10, …"""
    frames = [table(sizes, 4, seed=seed) for seed in seeds]
    return pd.concat([frame.assign(**(frame[["m", "i", "j"]] + 10 * n)) for n, frame in enumerate(frames)])


def ratings_of(frame, scale=None, **options):
    """The table as arrays."""
    names = [name for name in NAMES if name in frame.columns]
    weights = "w" if "w" in frame.columns else None
    own = "common" if scale is None else names[scale]
    return read_frame(frame, names[0], names[1:], "score", own, weights, **options)[0]


@dataclass(frozen=True)
class Whole:
    """Everything by the definition; vectors have one entry per parameter: facet by facet, then threshold by threshold.

    Attributes:
        ratings: A few hundred at most.
        statistics: T, shape (ratings, categories, parameters).
        possible: Which categories a rating may have.
    """

    ratings: object
    statistics: np.ndarray
    possible: np.ndarray

    @classmethod
    def of(cls, ratings):
        starts = np.cumsum([0, *ratings.sizes])
        steps = ratings.steps
        group = np.zeros(len(ratings), int) if ratings.scale is None else ratings.codes[ratings.scale].astype(int)
        found = np.zeros((len(ratings), steps + 1, starts[-1] + ratings.groups * steps))
        rows = np.arange(len(ratings))
        for k in range(steps + 1):
            for f, codes in enumerate(ratings.codes):
                found[rows, k, starts[f] + codes] = k if f == 0 else -k
            for step in range(k):
                found[rows, k, starts[-1] + group * steps + step] = -1
        return cls(ratings, found, np.isfinite(ratings.scores)[group])

    @property
    def weights(self):
        return np.ones(len(self.ratings)) if self.ratings.weights is None else self.ratings.weights

    @property
    def real(self):
        """Which parameters there are: not the thresholds of categories that a group does not have."""
        return np.concatenate([np.ones(sum(self.ratings.sizes), bool), self.ratings.has_threshold.ravel()])

    def place(self, facet, element=0):
        """Place of an element among the parameters; facet None = the thresholds."""
        sizes = self.ratings.sizes
        return sum(sizes[:facet]) + element if facet is not None else sum(sizes) + element

    def flat(self, locations, thresholds):
        """One vector; 0 for thresholds that do not exist."""
        steps = np.ravel(thresholds)
        return np.concatenate([*locations, np.where(self.ratings.has_threshold.ravel(), steps, 0.0)])

    def parts(self, x):
        """The vector as `Parameters`."""
        *locations, steps = np.split(np.asarray(x, float), np.cumsum(self.ratings.sizes))
        steps = np.where(self.ratings.has_threshold, steps.reshape(self.ratings.has_threshold.shape), np.inf)
        return Parameters(tuple(locations), steps)

    def logs(self, x):
        """log P of every rating's categories."""
        logit = np.where(self.possible, self.statistics @ x, -np.inf)
        return logit - logsumexp(logit, axis=1, keepdims=True)

    def log_likelihood(self, x):
        return float(self.weights @ self.logs(x)[np.arange(len(self.ratings)), self.ratings.category])

    def scores(self, x):
        """Weighted score of every rating, shape (ratings, parameters)."""
        chosen = self.statistics[np.arange(len(self.ratings)), self.ratings.category]
        expected = np.einsum("nk,nkp->np", np.exp(self.logs(x)), self.statistics)
        return self.weights[:, None] * (chosen - expected)

    def information(self, x):
        """Minus the Hessian."""
        p = np.exp(self.logs(x))
        expected = np.einsum("nk,nkp->np", p, self.statistics)
        squares = np.einsum("n,nk,nkp,nkq->pq", self.weights, p, self.statistics, self.statistics, optimize=True)
        return squares - np.einsum("n,np,nq->pq", self.weights, expected, expected, optimize=True)

    def origin(self, floating=0, held=(), means=()):
        """Constraints a'x = 0 on every move, one per row: sums of facets and of scale groups, and what is held.

        Args:
            floating: The facet whose mean is free; None = none is.
            held: Places that do not move; a facet or scale group that has one is not centred.
            means: Lists of places whose mean does not move; likewise.
        """
        rows, taken = [], set(held) | {place for part in means for place in part}
        ends = np.cumsum([0, *self.ratings.sizes])
        units = [range(first, last) for first, last in pairwise(ends)]
        thresholds = [
            [ends[-1] + g * self.ratings.steps + int(k) for k in np.flatnonzero(row)]
            for g, row in enumerate(self.ratings.has_threshold)
        ]
        for number, unit in enumerate([*units, *thresholds]):
            if number != floating and not taken & set(unit):
                rows.append(np.isin(np.arange(len(self.real)), list(unit)).astype(float))
        for part in means:
            rows.append(np.isin(np.arange(len(self.real)), list(part)).astype(float))
        fixed = [*np.flatnonzero(~self.real), *held]
        return np.vstack([*rows, np.eye(len(self.real))[fixed]])

    def covariance(self, x, origin):
        """Inverse of the information under the constraints."""
        basis = null_space(origin)
        return basis @ np.linalg.inv(basis.T @ self.information(x) @ basis) @ basis.T

    def maximum(self, origin, start=None):
        """Newton's method within the constraints."""
        x = np.zeros(len(self.real)) if start is None else np.asarray(start, float).copy()
        for _ in range(200):
            step = self.covariance(x, origin) @ self.scores(x).sum(axis=0)
            x += step * min(1.0, 1.0 / np.abs(step).max(initial=1e-300))
            if np.abs(step).max() < 1e-12:
                return x
        raise AssertionError("no maximum")

    def responses(self):
        """Number of responses behind each parameter."""
        codes, most = self.ratings.responses()
        touched = np.zeros((most, len(self.real)), bool)
        np.logical_or.at(touched, codes, (self.statistics != 0).any(axis=1))
        return touched.sum(axis=0)

    def sandwich(self, x, origin):
        """H^-1 (sum over responses of the squared sum of scores) H^-1, times sqrt(n / (n - 1)) on both sides."""
        codes, most = self.ratings.responses()
        summed = np.zeros((most, len(self.real)))
        np.add.at(summed, codes, self.scores(x))
        bread = self.covariance(x, origin)
        number = np.maximum(self.responses(), 2)
        factor = np.sqrt(number / (number - 1))
        return factor[:, None] * (bread @ summed.T @ summed @ bread) * factor
