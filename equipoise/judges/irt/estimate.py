"""One calibration: from arrays to parameters with standard errors, by joint or marginal maximum likelihood."""

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np

from equipoise.judges.irt.engine.covariance import Covariance, clustered, conditional, full
from equipoise.judges.irt.engine.marginal import marginal
from equipoise.judges.irt.engine.model import Parameters
from equipoise.judges.irt.engine.newton import TOLERANCE, Passes, Progress, Solution, newton, zero
from equipoise.judges.irt.engine.ratings import Ratings
from equipoise.judges.irt.engine.slopes import Slopes, slopes
from equipoise.judges.irt.engine.start import start
from equipoise.judges.irt.engine.structure import Fixed, Structure, recentre, structure
from equipoise.judges.irt.engine.vector import Step, each

Estimator = Literal["jml", "mml"]
_NOTICEABLE = 0.005  # P / N up to which the bias of joint maximum likelihood is not worth a correction
_UNEVEN = 0.5  # harmonic over arithmetic mean of the ratings per element, below which one factor fits none


@dataclass(frozen=True)
class Estimate:
    """Parameters and standard errors, in logits.

    Attributes:
        estimator: "jml" or "mml".
        ratings: Without extreme elements.
        shape: What was free.
        maximum: Parameters at the maximum: what every expectation is computed from.
        factor: Correction of joint estimates; 1 = none.
        parameters: `factor` times the maximum: what is reported.
        se: Full standard errors.
        se_conditional: Each location with all others held.
        se_clustered: Clustered on the response; NaN where an element has only one response, or under "mml".
        log_likelihood: Joint or marginal.
        free_parameters: P.
        iterations: Newton steps, or of the marginal search.
        largest_step: The last step, in logits.
        converged: Whether it was below the tolerance.
        sd: Standard deviation of the object's distribution ("mml").
        notes: What a reader must know, in sentences.
        solution: The equations at the maximum; None under "mml".
        clusters: The clustered covariance, before `factor`; None under "mml".
        slopes: Slopes of one facet's elements, where asked for; all errors take them as known.
    """

    estimator: Estimator
    ratings: Ratings
    shape: Structure
    maximum: Parameters
    factor: float
    se: Step
    se_conditional: Step
    se_clustered: Step
    log_likelihood: float
    free_parameters: int
    iterations: int
    largest_step: float
    converged: bool
    sd: float = float("nan")
    notes: tuple[str, ...] = ()
    solution: Solution | None = None
    clusters: Covariance | None = None
    slopes: Slopes | None = None

    @cached_property
    def parameters(self) -> Parameters:
        """What is reported."""
        return Parameters(
            tuple(self.factor * part for part in self.maximum.locations), self.factor * self.maximum.thresholds
        )


def joint(
    ratings: Ratings,
    anchored: Fixed,
    floating: int,
    passes: Passes,
    correct: bool = True,
    tolerance: float = TOLERANCE,
    progress: Progress | None = None,
    sloped: int | None = None,
) -> Estimate:
    """Joint maximum likelihood, corrected by 1 - P/N where that is more than .5 % and one factor can serve.

    JML estimates are too spread out: with L ratings per element about L / (L - 1) times in the simplest case, and
    1 / (1 - P/N) with many facets (specs/irt.md, section 5). The factor holds for designs in which the elements of a
    facet have similar numbers of ratings, and does not apply to anchored fits.
    """
    shape = structure(ratings, anchored, floating)
    own = None
    if sloped is not None:

        def maximise(held: Ratings, begin: Parameters | None) -> Parameters:
            begin = zero(held, anchored) if begin is None else begin
            return newton(held, shape, begin, passes, tolerance, progress).parameters

        ratings, own = slopes(ratings, sloped, maximise)
    solution = newton(ratings, shape, start(ratings, shape, anchored, passes), passes, tolerance, progress)
    maximum = recentre(solution.parameters, shape)
    factor, notes = _factor(ratings, shape, anchored) if correct else (1.0, ())
    if not solution.converged:
        notes += (f"not converged: the last step was {solution.largest_step:.1e} logits",)
    clusters = clustered(ratings, maximum, solution.equations, solution.information)
    return Estimate(
        estimator="jml",
        ratings=ratings,
        shape=shape,
        maximum=maximum,
        factor=factor,
        se=_scaled(full(solution.equations).standard_errors, factor),
        se_conditional=_scaled(conditional(solution.equations, solution.information.variances), factor),
        se_clustered=_scaled(clusters.standard_errors, factor),
        log_likelihood=solution.log_likelihood,
        free_parameters=shape.free_parameters - solution.nulls.shape[1],
        iterations=solution.iterations,
        largest_step=solution.largest_step,
        converged=solution.converged,
        notes=notes,
        solution=solution,
        clusters=clusters,
        slopes=own,
    )


def population(
    ratings: Ratings, anchored: Fixed, floating: int, tolerance: float, progress: Progress | None = None
) -> Estimate:
    """Marginal maximum likelihood: objects from a normal distribution, their measures posterior means."""
    found = marginal(ratings, anchored, floating, tolerance=tolerance, progress=progress)
    errors = Step(found.standard_errors, found.threshold_errors)
    unknown = each(lambda part: np.full_like(part, np.nan), errors)
    return Estimate(
        estimator="mml",
        ratings=ratings,
        shape=structure(ratings, anchored, floating),
        maximum=found.parameters,
        factor=1.0,
        se=errors,
        se_conditional=unknown,
        se_clustered=unknown,
        log_likelihood=found.log_likelihood,
        free_parameters=found.free_parameters,
        iterations=found.iterations,
        largest_step=float("nan"),
        converged=found.converged,
        sd=found.sigma,
        notes=() if found.converged else ("not converged",),
    )


def _factor(ratings: Ratings, shape: Structure, anchored: Fixed) -> tuple[float, tuple[str, ...]]:
    """The correction, and why it is not applied where it is not."""
    share = shape.free_parameters / ratings.total_weight
    held = any(anchored.holds(f) for f in range(len(ratings.facets))) or np.isfinite(anchored.thresholds).any()
    if share <= _NOTICEABLE or held:
        return 1.0, ()
    for f, facet in enumerate(ratings.facets):
        counts = ratings.counts(f)
        counts = counts[counts > 0]
        if len(counts) / (1 / counts).sum() < _UNEVEN * counts.mean():
            return 1.0, (
                f"the number of ratings differs much between elements of {facet.name}: "
                f"estimates are not corrected for the bias of JML (1 - P/N = {1 - share:.3f})",
            )
    if share >= 0.5:
        return 1.0, (f"{shape.free_parameters} parameters for {ratings.total_weight:g} ratings: too few to correct",)
    return 1 - share, ()


def _scaled(step: Step, factor: float) -> Step:
    return each(lambda part: factor * part, step)
