"""A vector over all parameters, and the sign with which each facet enters a rating."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from equipoise.judges.irt.engine.kernel import Gradient
from equipoise.judges.irt.engine.ratings import Array


@dataclass(frozen=True)
class Step:
    """A vector over all parameters: one array per facet, and thresholds (groups, steps)."""

    locations: tuple[Array, ...]
    thresholds: Array

    @property
    def largest(self) -> float:
        """Largest absolute entry."""
        return max(float(np.abs(part).max(initial=0)) for part in (*self.locations, self.thresholds))

    def dot(self, other: "Step") -> float:
        """Inner product."""
        locations = sum(float(x @ y) for x, y in zip(self.locations, other.locations, strict=True))
        return locations + float((self.thresholds * other.thresholds).sum())


def each(function: Callable[..., Array], *steps: Step) -> Step:
    """A function of the entries of one or more vectors, entry by entry."""
    return Step(
        tuple(function(*parts) for parts in zip(*(step.locations for step in steps), strict=True)),
        function(*(step.thresholds for step in steps)),
    )


def sign(facet: int) -> float:
    """Sign of a facet in eta: plus for the object, minus for all others."""
    return 1.0 if facet == 0 else -1.0


def score(gradient: Gradient) -> Step:
    """Derivatives of the log-likelihood by every parameter."""
    return Step(tuple(sign(f) * part for f, part in enumerate(gradient.residuals)), gradient.thresholds)
