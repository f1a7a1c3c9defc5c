"""Standard errors of everything: full (from the inverse information) and clustered on the response.

Full: var(theta_m) = 1/A_m + D_m R D_m', var(rest) = R, with D = A^-1 C and R the constrained inverse of the Schur
complement. Clustered: H^-1 (sum_c s_c s_c') H^-1, s_c the score of all ratings of one response. Judges who read the
same response share its quality, which the model's own standard error does not know.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from equipoise.judges.irt.engine.equations import Equations
from equipoise.judges.irt.engine.kernel import Information, from_above
from equipoise.judges.irt.engine.model import Parameters, moments
from equipoise.judges.irt.engine.ratings import Array, Ratings, blocks
from equipoise.judges.irt.engine.sandwich import Sandwich
from equipoise.judges.irt.engine.sparse import SparseEquations
from equipoise.judges.irt.engine.structure import Structure, hand_over
from equipoise.judges.irt.engine.vector import Step, each

_EXACT = 40_000_000  # products of scores within responses up to which the clustered covariance is summed exactly


@dataclass(frozen=True)
class Covariance:
    """A covariance of all parameters, never formed: its diagonal, and its product with any vector.

    Attributes:
        diagonal: Variances, recentred as the result is.
        raw: Variances before recentring and without `factor`.
        times: Product with a vector, before recentring and without `factor`.
        shape: What is free.
        factor: What each recentred standard error is multiplied by in the end; None = 1. It comes last, so that
            nothing depends on which facet was eliminated.
        responses: Number of responses behind each parameter, for a clustered covariance.
    """

    diagonal: Step
    raw: Step
    times: "Solver"
    shape: Structure
    factor: Step | None = None
    responses: Step | None = None

    @property
    def standard_errors(self) -> Step:
        """Square roots of the variances; 0 for what is fixed."""
        return Step(
            tuple(np.sqrt(np.maximum(part, 0)) for part in self.diagonal.locations),
            np.sqrt(np.maximum(self.diagonal.thresholds, 0)),
        )

    def contrast(self, facet: int, weights: Array) -> float:
        """Variance of sum_e weights_e b_e over one facet's elements; weights that sum to 0 need no origin.

        NaN where the variance of an element that counts is unknown (clustered, with a single response).
        """
        if np.isnan(self.diagonal.locations[facet][(weights != 0) & self.shape.free[facet]]).any():
            return float("nan")
        parts = [np.zeros(len(free)) for free in self.shape.free]
        parts[facet] = weights
        return self.form(parts, np.zeros(self.shape.free_steps.shape))

    def form(self, locations: Sequence[Array], thresholds: Array) -> float:
        """Variance of a linear form of all parameters: one array of weights per facet, and the thresholds'."""
        weights = Step(tuple(locations), thresholds)
        if self.factor is not None:
            weights = each(np.multiply, weights, self.factor)
        total = Step(tuple(np.zeros(len(free)) for free in self.shape.free), weights.thresholds * self.shape.free_steps)
        for facet, part in enumerate(weights.locations):
            total = each(np.add, total, self._raw(facet, part))
        return max(total.dot(self.times.solve(total)), 0.0)

    def block(self, facet: int) -> Array:
        """Covariance matrix of one facet's elements, shape (L, L)."""
        size = len(self.shape.free[facet])
        columns = [self.times.solve(self._raw(facet, row)).locations for row in np.eye(size)]
        matrix = np.array([part[facet] for part in columns])
        if self.shape.recentred and facet in (self.shape.eliminated, self.shape.floating):
            e = self.shape.eliminated
            mean = np.array([part[e][self.shape.free[e]].mean() for part in columns])
            matrix = matrix - mean[:, None] if facet == e else matrix + hand_over(self.shape) * mean[:, None]
        if self.factor is not None:
            matrix = matrix * self.factor.locations[facet] * self.factor.locations[facet][:, None]
        return np.where(self.shape.free[facet][:, None] & self.shape.free[facet], matrix, 0.0)

    def _raw(self, facet: int, weights: Array) -> Step:
        """The linear form of recentred parameters as one of the equations' own."""
        shape = self.shape
        parts = [np.zeros(len(free)) for free in shape.free]
        parts[facet] = np.where(shape.free[facet], weights, 0.0)
        total = float(parts[facet].sum())
        if shape.recentred and facet in (shape.eliminated, shape.floating):
            free = shape.free[shape.eliminated]
            factor = -1.0 if facet == shape.eliminated else hand_over(shape)
            parts[shape.eliminated] = parts[shape.eliminated] + factor * total * free / free.sum()
        return Step(tuple(parts), np.zeros(shape.free_steps.shape))


Solver = Equations | SparseEquations | Sandwich


def full(equations: Equations | SparseEquations) -> Covariance:
    """Inverse of the information under the constraints."""
    raw = equations.variances()
    return Covariance(_recentred(raw, equations.shape, equations), raw, equations, equations.shape)


def conditional(equations: Equations | SparseEquations, variances: tuple[Array, ...]) -> Step:
    """1 / sqrt(sum V): each location with all others held, Facets' "model S.E."; NaN for thresholds."""
    with np.errstate(divide="ignore"):
        parts = tuple(
            np.where(free & (part > 0), 1 / np.sqrt(part), 0.0)
            for free, part in zip(equations.shape.free, variances, strict=True)
        )
    return Step(parts, np.full(equations.shape.free_steps.shape, np.nan))


def clustered(
    ratings: Ratings, parameters: Parameters, equations: Equations | SparseEquations, information: Information
) -> Covariance:
    """The sandwich, with the small-sample factor n / (n - 1) of each parameter's number n of responses.

    Where summing all products of scores would cost more than the fit itself (some 4e7 products), each variance of the
    full covariance is multiplied by (sum_c s_c^2) / information of its own parameter instead.
    """
    per_response = max(len(ratings) / max(_responses_at_most(ratings), 1), 1.0)
    if isinstance(equations, Equations) and len(ratings) * per_response <= _EXACT:
        sandwich = Sandwich(ratings, parameters, equations)
        inner: Solver = sandwich
        raw, number = sandwich.variances(), sandwich.number
        scale = each(_small, number)
    else:
        meat, number = _own_squares(ratings, parameters)
        own = Step(information.variances, np.diagonal(information.steps, axis1=1, axis2=2))
        raw, inner = full(equations).raw, equations
        scale = each(lambda a, b, n: np.where(b > 0, a / np.maximum(b, 1e-300), 0) * _small(n), meat, own, number)
    found = _recentred(raw, equations.shape, inner)
    known = each(lambda value, n, factor: np.where(n == 1, np.nan, value * factor), found, number, scale)
    return Covariance(known, raw, inner, equations.shape, each(np.sqrt, scale), number)


def _small(number: Array) -> Array:
    """One response says nothing of its own spread: such a variance is told as NaN at the end, and is 1 meanwhile."""
    return np.where(number > 1, number / np.maximum(number - 1, 1), 1.0)


def _responses_at_most(ratings: Ratings) -> int:
    return min(ratings.responses(slice(0, 0))[1], len(ratings))


def _own_squares(ratings: Ratings, parameters: Parameters) -> tuple[Step, Step]:
    """Per parameter, the sum over responses of its squared score, and the number of responses.

    A facet that varies within a response (the judges) is taken to meet each of its elements once there.
    """
    most = ratings.responses(slice(0, 0))[1]
    owners = [np.full(most, -1, dtype=np.int32) for _ in ratings.facets]
    for rows in blocks(len(ratings)):
        responses, _ = ratings.responses(rows)
        for owner, codes in zip(owners, ratings.codes, strict=True):
            owner[responses] = codes[rows]
    nested = [True] * len(owners)
    total, above = np.zeros(most), np.zeros((ratings.steps, most))
    squares, met = [np.zeros(size) for size in ratings.sizes], [np.zeros(size) for size in ratings.sizes]
    by_rating = np.zeros((ratings.steps, ratings.groups))
    step = np.arange(1, ratings.steps + 1)[:, None]
    for part in moments(ratings, parameters):
        weights = 1.0 if ratings.weights is None else ratings.weights[part.rows]
        responses, _ = ratings.responses(part.rows)
        slope = ratings.slope(part.rows)
        residual = weights * part.residual * (1.0 if slope is None else slope)
        np.add.at(total, responses, residual)
        upper = from_above(part.probabilities[1:])
        for k, value in enumerate(weights * (upper - (part.observed >= step))):
            np.add.at(above[k], responses, value)
            if ratings.scale is not None:
                by_rating[k] += np.bincount(ratings.codes[ratings.scale][part.rows], value**2, ratings.groups)
        for f, codes in enumerate(ratings.codes):
            nested[f] = nested[f] and bool((owners[f][responses] == codes[part.rows]).all())
            squares[f] += np.bincount(codes[part.rows], residual**2, ratings.sizes[f])
            met[f] += np.bincount(codes[part.rows], minlength=ratings.sizes[f])
    present = owners[0] >= 0
    number = []
    for f, size in enumerate(ratings.sizes):
        if nested[f]:
            squares[f] = np.bincount(owners[f][present], total[present] ** 2, size).astype(float)
            number.append(np.bincount(owners[f][present], minlength=size).astype(float))
        else:
            number.append(met[f])
    if ratings.scale is None:
        steps, behind = (above**2).sum(axis=1)[None, :], np.full((1, ratings.steps), float(present.sum()))
    elif not nested[ratings.scale]:
        steps, behind = by_rating.T, np.repeat(met[ratings.scale][:, None], ratings.steps, axis=1)
    else:
        owner, groups = owners[ratings.scale][present], ratings.groups
        steps = np.array([np.bincount(owner, row[present] ** 2, groups) for row in above]).T
        behind = np.repeat(np.bincount(owner, minlength=groups)[:, None].astype(float), ratings.steps, axis=1)
    return Step(tuple(squares), steps), Step(tuple(number), behind)


def _recentred(raw: Step, shape: Structure, covariance: "Solver") -> Step:
    """Variances after the eliminated facet's mean went to the floating facet."""
    if not shape.recentred:
        return raw
    e, f = shape.eliminated, shape.floating
    free = shape.free[e]
    mean = [np.zeros(len(part)) for part in shape.free]
    mean[e] = free / free.sum()
    vector = Step(tuple(mean), np.zeros(shape.free_steps.shape))
    with_mean = covariance.solve(vector)
    of_mean = vector.dot(with_mean)
    parts = list(raw.locations)
    parts[e] = np.where(free, parts[e] - 2 * with_mean.locations[e] + of_mean, 0.0)
    parts[f] = np.where(shape.free[f], parts[f] + 2 * hand_over(shape) * with_mean.locations[f] + of_mean, 0.0)
    return Step(tuple(parts), raw.thresholds)
