"""Which parameters are free, and the constraints that fix the origin of every facet and of the thresholds."""

from dataclasses import dataclass

import numpy as np

from equipoise.judges.irt.engine.kernel import DENSE_CELLS
from equipoise.judges.irt.engine.model import Parameters
from equipoise.judges.irt.engine.ratings import Array, Codes, Mask, Ratings

DENSE_REST = 6_000  # parameters besides the eliminated facet's: the Schur complement takes 8 bytes x their square


@dataclass(frozen=True)
class Fixed:
    """What an analysis must not move.

    Attributes:
        locations: Anchored value of every element, NaN = free; one array per facet.
        thresholds: Anchored tau, NaN = free, shape (groups, steps).
        means: Group anchors: facet, codes of the group's elements, their fixed mean.
    """

    locations: tuple[Array, ...]
    thresholds: Array
    means: tuple[tuple[int, Codes, float], ...] = ()

    @classmethod
    def nothing(cls, ratings: Ratings) -> "Fixed":
        """No anchor at all."""
        return cls(
            tuple(np.full(size, np.nan) for size in ratings.sizes), np.full((ratings.groups, ratings.steps), np.nan)
        )

    @property
    def anything(self) -> bool:
        """Whether there is any anchor."""
        return bool(np.isfinite(self.thresholds).any()) or any(self.holds(f) for f in range(len(self.locations)))

    def holds(self, facet: int) -> bool:
        """Whether any anchor fixes this facet's origin."""
        return bool(np.isfinite(self.locations[facet]).any()) or any(f == facet for f, _, _ in self.means)


@dataclass(frozen=True)
class Structure:
    """The free parameters in the order of the equations: the eliminated facet, then the rest, then the thresholds.

    Attributes:
        eliminated: The largest facet: its block of the information is diagonal, so it is eliminated first.
        rest: The other facets, in order.
        floating: The facet whose mean is free; every other facet without anchors sums to zero.
        free: Per facet, which elements are estimated (they have ratings and no anchor).
        free_steps: Which thresholds are estimated, shape (groups, steps).
        free_rest: Which of the rest's parameters are solved for, shape (rest parameters,): free, and not alone under a
            constraint (the only judge, the threshold of two categories), which stays where it is.
        constraints: Columns v with v'x = 0 for every step x of the rest, shape (rest parameters, constraints).
    """

    eliminated: int
    rest: tuple[int, ...]
    floating: int
    free: tuple[Mask, ...]
    free_steps: Mask
    free_rest: Mask
    constraints: Array

    @property
    def dense(self) -> bool:
        """Whether the equations fit in memory and time as dense matrices."""
        rest = len(self.free_rest)
        return rest <= DENSE_REST and rest * len(self.free[self.eliminated]) <= DENSE_CELLS

    @property
    def recentred(self) -> bool:
        """Whether the eliminated facet floats in the equations but sums to zero in the result."""
        return bool(self.eliminated != self.floating and self.floats_in_equations)

    floats_in_equations: bool = True

    @property
    def free_parameters(self) -> int:
        """P: free parameters less constraints (the floating eliminated facet is constrained through the rest)."""
        return int(self.free[self.eliminated].sum() + self.free_rest.sum() - self.constraints.shape[1])

    def split(self, parameters: Array) -> tuple[list[Array], Array]:
        """Parameters of the rest -> one array per facet of `rest`, and thresholds (groups, steps)."""
        ends = np.cumsum([len(self.free[f]) for f in self.rest])
        *parts, steps = np.split(parameters, ends)
        return parts, steps.reshape(self.free_steps.shape)


def structure(ratings: Ratings, fixed: Fixed, floating: int = 0) -> Structure:
    """Sum to zero in every facet but one and in every scale group, except where anchors fix the origin.

    Args:
        ratings: Ratings without extreme elements.
        fixed: Anchors.
        floating: Facet whose mean is free. If it is anchored, the first facet without anchors floats.
    """
    anchored = [fixed.holds(f) for f in range(len(ratings.facets))]
    if anchored[floating] and not all(anchored):
        floating = anchored.index(False)
    # Group means are constraints of the equations that are solved, so such a facet is not the eliminated one.
    grouped = {f for f, _, _ in fixed.means}
    sizes = [0 if f in grouped else size for f, size in enumerate(ratings.sizes)]
    eliminated = int(np.argmax(sizes))
    rest = tuple(f for f in range(len(ratings.facets)) if f != eliminated)
    free = tuple((ratings.counts(f) > 0) & np.isnan(values) for f, values in enumerate(fixed.locations))
    free_steps = ratings.has_threshold & np.isnan(fixed.thresholds)
    starts = dict(zip(rest, np.cumsum([0, *(ratings.sizes[f] for f in rest)])[:-1], strict=True))
    width = sum(ratings.sizes[f] for f in rest)
    free_rest = np.concatenate([*(free[f] for f in rest), free_steps.ravel()])
    columns: list[Array] = []

    def column(first: int, places: Codes) -> None:
        if len(places) < 2:
            free_rest[first + places] = False
            return
        vector = np.zeros(width + free_steps.size)
        vector[first + places] = 1
        columns.append(vector)

    # The eliminated facet takes up every shift unless its own anchors forbid it; then the floating facet must.
    floats = not anchored[eliminated]
    for f in rest:
        if not anchored[f] and free[f].any() and (floats or f != floating):
            column(starts[f], np.flatnonzero(free[f]))
    for f, members, _ in fixed.means:
        column(starts[f], members[free[f][members]])
    for group, steps in enumerate(free_steps):
        if steps.any() and not np.isfinite(fixed.thresholds[group]).any():
            column(width + group * free_steps.shape[1], np.flatnonzero(steps))
    constraints = np.array(columns).T if columns else np.zeros((width + free_steps.size, 0))
    return Structure(eliminated, rest, floating, free, free_steps, free_rest, constraints, floats)


def recentre(parameters: Parameters, shape: Structure) -> Parameters:
    """The eliminated facet's mean handed over to the floating facet, where the result wants it there."""
    if not shape.recentred:
        return parameters
    e, f = shape.eliminated, shape.floating
    shift = float(parameters.locations[e][shape.free[e]].mean())
    locations = list(parameters.locations)
    locations[e] = np.where(shape.free[e], locations[e] - shift, locations[e])
    locations[f] = np.where(shape.free[f], locations[f] + hand_over(shape) * shift, locations[f])
    return Parameters(tuple(locations), parameters.thresholds)


def hand_over(shape: Structure) -> float:
    """Sign with which a shift of the eliminated facet enters the floating one: eta must stay the same."""
    return -1.0 if shape.eliminated == 0 or shape.floating == 0 else 1.0
