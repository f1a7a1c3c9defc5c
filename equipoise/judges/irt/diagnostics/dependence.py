"""Whether the ratings of one response depend on each other beyond model, item and judge."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.stats import norm

from equipoise.judges.irt.diagnostics.sums import scatter
from equipoise.judges.irt.engine.model import Parameters, moments
from equipoise.judges.irt.engine.ratings import Codes, Ratings

DEPENDENT = 1.2  # chi2/df above which intervals and ranks need standard errors clustered on the response


@dataclass(frozen=True)
class Dependence:
    """Test of independence within responses.

    Attributes:
        responses: Responses with at least two ratings: only they can tell, so only they count.
        ratings: Their ratings.
        ratio: chi2/df, about 1 if the ratings of a response are independent (a little less after a fit, whose
            residuals are smaller than the errors); above 1 if they share something, below 1 if they repel each other.
        standard_error: Of the ratio if they are independent and the parameters known.
    """

    responses: int
    ratings: int
    ratio: float
    standard_error: float

    @property
    def z(self) -> float:
        """(ratio - 1) / standard error."""
        return (self.ratio - 1) / self.standard_error

    @property
    def p(self) -> float:
        """Probability of a larger ratio under independence, normal approximation (dozens of responses)."""
        return float(norm.sf(self.z))

    @property
    def dependent(self) -> bool:
        """Whether the ratio is above 1.2, whatever its p: with many responses any trace is significant."""
        return self.ratio > DEPENDENT


def dependence(ratings: Ratings, parameters: Parameters) -> Dependence:
    """chi2/df = mean over responses of (sum_c (y_c - E_c))^2 / sum_c V_c, c the ratings of the response.

    Judges who read the same response share its quality, which model, item and judge do not explain. Infit and outfit
    see nothing of it, for each rating alone is as noisy as the model says. Under independence (sum_c r)^2 / sum_c V
    has mean 1 and variance 2 + sum_c (C4 - 3 V^2) / (sum_c V)^2: that gives the standard error.

    One pass; memory grows with the number of responses. Ratings of weight w count as w equal ones in the sums, but a
    response with one weighted row has one rating.

    Returns:
        NaN if no response has two ratings.
    """
    response_of, number = _responses(ratings)
    count, residual, variance, excess = np.zeros((4, number))
    for part in moments(ratings, parameters):
        code, fourth = response_of(part.rows), part.fourth - 3 * part.variance**2
        weights = 1.0 if ratings.weights is None else ratings.weights[part.rows]
        terms = (np.ones_like(fourth), weights * part.residual, weights * part.variance, weights * fourth)
        for total, term in zip((count, residual, variance, excess), terms, strict=True):
            scatter(total, code, term)
    used = count >= 2
    if not used.any():
        return Dependence(0, 0, np.nan, np.nan)
    chi_squares = residual[used] ** 2 / variance[used]
    return Dependence(
        responses=int(used.sum()),
        ratings=int(count[used].sum()),
        ratio=float(chi_squares.mean()),
        standard_error=float(np.sqrt(np.sum(2 + excess[used] / variance[used] ** 2)) / used.sum()),
    )


def _responses(ratings: Ratings) -> tuple[Callable[[slice], Codes], int]:
    """Code of the response of some ratings, and the number of codes: never more than there are ratings."""
    _, number = ratings.responses(slice(0))
    if number > len(ratings):
        present, codes = np.unique(ratings.responses()[0], return_inverse=True)
        return codes.__getitem__, len(present)
    if ratings.response is not None:
        return ratings.response.__getitem__, number
    return lambda rows: ratings.responses(rows)[0], number
